"""Settings and suites from a stranger name no file outside their folder, and settings above you are announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.cleaner.settings import load_settings
from copydesk.schemas.errors import SettingError

RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")
SUITE = 'extends = "minimal"\n'


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    """A project with an article; outside of it lie a rule and a suite."""
    folder = tmp_path / "project"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "a.txt").write_text(article, "utf-8")
    (tmp_path / "house.toml").write_text(RULE, "utf-8")
    (tmp_path / "suite.toml").write_text(SUITE, "utf-8")
    (tmp_path / "suite").write_text(SUITE, "utf-8")
    (folder / "suite.toml").write_text(SUITE, "utf-8")
    (folder / "house.toml").write_text(RULE, "utf-8")
    (folder / "link.toml").symlink_to(tmp_path / "house.toml")
    (folder / "linked").symlink_to(tmp_path)
    monkeypatch.chdir(folder)
    return folder


OUTSIDE = ["../house.toml", "deep/../../house.toml", "{above}/house.toml", "link.toml", "linked/house.toml", "..",
           "../..", "/", "linked", "a\\u0000b.toml", "//etc/passwd"]  # fmt: skip


@pytest.mark.parametrize("file", ["copydesk.toml", "pyproject.toml"])
@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("key", ["rules", "suite"])
def test_paths_that_leave_the_folder_are_refused(key, name, file, project, copydesk_command):
    name = name.format(above=project.parent)
    value = f'["house.toml", "{name}"]' if key == "rules" else f'"{name}"'
    if key == "suite" and name == "linked":
        value = '"linked/suite"'
    table = "[tool.copydesk]\n" if file == "pyproject.toml" else ""
    (project / file).write_text(f'{table}profile = "rules"\n{key} = {value}\n', "utf-8")
    for words in (["check", "a.txt"], ["rules", "list"] if key == "rules" else ["validate", "a.txt"]):
        ran = copydesk_command(*words)
        assert ran.code == 2
        assert f"{file}:{3 if table else 2}: {key}: " in ran.err
        assert "lies outside the folder of the settings" in ran.err
        assert ran.err.endswith(f"name it on the command line with --{key}\n")
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize(("key", "name"), [("rules", "../house.toml"), ("suite", "../suite.toml")])
def test_the_command_line_may_name_them(key, name, project, copydesk_command):
    (project / "copydesk.toml").write_text(f"{key} = {[name] if key == 'rules' else repr(name)}\n", "utf-8")
    assert copydesk_command("check", "a.txt", f"--{key}", name, "--fail-on", "error").code == 0
    with pytest.raises(SettingError, match="lies outside"):
        load_settings().cleaner()


def test_paths_inside_the_folder_work_from_below(project, copydesk_command, monkeypatch):
    (project / "copydesk.toml").write_text('rules = ["deep/../house.toml"]\nsuite = "./suite.toml"\n', "utf-8")
    monkeypatch.chdir(project / "deep" / "deeper")
    assert copydesk_command("check", "../../a.txt", "--fail-on", "error").code == 0


@pytest.mark.parametrize("name", ["../suite.toml", "{above}/suite.toml", "linked/suite.toml", "linked/suite", ".."])
def test_suites_extend_only_suites_of_their_folder(name, project, copydesk_command):
    (project / "deep" / "mine.toml").write_text(f'extends = "{name.format(above=project.parent)}"\n', "utf-8")
    (project / "deep" / "linked").symlink_to(project.parent)
    ran = copydesk_command("validate", "a.txt", "--suite", "deep/mine.toml", "--verdict-by", "flags")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "mine.toml:1: extends: " in ran.err
    assert "lies outside the folder of the suite" in ran.err


def test_a_suite_may_extend_one_below_that_extends_one_above(project, copydesk_command):
    (project / "mine.toml").write_text('extends = "deep/other.toml"\n', "utf-8")
    (project / "deep" / "other.toml").write_text('extends = "../suite.toml"\n', "utf-8")
    assert copydesk_command("validate", "a.txt", "--suite", "mine.toml", "--verdict-by", "flags").code == 0


@pytest.mark.parametrize("file", ["copydesk.toml", "pyproject.toml"])
@pytest.mark.parametrize("words", [["check"], ["check", "-q"], ["validate", "--verdict-by", "flags"], ["explain"]])
def test_settings_above_the_working_directory_are_announced_once(words, file, project, copydesk_command, monkeypatch):
    table = "[tool.copydesk]\n" if file == "pyproject.toml" else ""
    (project / file).write_text(f'{table}profile = "rules"\nsuite = "minimal"\n', "utf-8")
    line = f"copydesk: settings from {project / file}\n"
    command, *options = words
    assert line not in copydesk_command(command, "a.txt", *options).err
    monkeypatch.chdir(project / "deep" / "deeper")
    assert copydesk_command(command, "../../a.txt", *options).err.count(line) == (0 if "-q" in options else 1)
    for options in (["--isolated"], ["--config", f"../../{file}"], ["--show-settings"]):
        assert line not in copydesk_command("check", "../../a.txt", *options).err


@pytest.mark.parametrize("rules", ["rules", "rules/evil.py", "."])
def test_python_files_beside_rules_do_not_run(rules, project, copydesk_command):
    (project / "rules").mkdir()
    for folder in (project, project / "rules"):
        for name in ("evil.py", "conftest.py", "__init__.py"):
            (folder / name).write_text(f"open({str(project / 'ran')!r}, 'w')\n", "utf-8")
    (project / "rules" / "house.toml").write_text(RULE, "utf-8")
    (project / "copydesk.toml").write_text(f'rules = ["{rules}"]\n', "utf-8")
    for words in (["check", "a.txt"], ["rules", "test", "rules"], ["validate", "a.txt", "--verdict-by", "flags"]):
        copydesk_command(*words)
    assert not (project / "ran").exists()
