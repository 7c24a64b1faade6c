"""Where copydesk is run by others: pre-commit, and the script of the GitHub action."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from copydesk.cleaner.readers.registry import own_readers

ROOT = Path(__file__).parent.parent.parent
RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def repository(tmp_path, monkeypatch, script, article):
    """A repository with an article and a rule, and `copydesk` on the path. Yield a function that runs a program."""
    commands = tmp_path / "bin"
    commands.mkdir()
    command = commands / "copydesk"
    command.write_text(f"#!/bin/sh\nexec {script[0]} {script[1]} '{script[2]}' \"$@\"\n", "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    folder = tmp_path / "repository"
    (folder / "data").mkdir(parents=True)
    (folder / "rules").mkdir()
    (folder / "data" / "a.jsonl").write_text(json.dumps({"title": "One", "text": article}), "utf-8")
    (folder / "rules" / "house.toml").write_text(RULE, "utf-8")
    monkeypatch.chdir(folder)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))},
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "HOME": str(tmp_path),
    }

    def run(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, words)), env=environment | variables, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def spoil(article):
    """Spoil the article and the rule of the repository."""

    def write() -> None:
        record = {"title": "One", "text": f"{article}\n\nScroll to Top"}
        Path("data/a.jsonl").write_text(json.dumps(record), "utf-8")
        Path("rules/house.toml").write_text(RULE.replace('removes = ["The', 'removes = ["Not the'), "utf-8")

    return write


def hooks() -> list[dict]:
    return yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def test_pre_commit_red_and_green(repository, spoil):
    # the hooks as they are declared, but run by the copydesk that is tested
    local = [{**hook, "language": "system"} for hook in hooks()]
    Path(".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": local}]}), "utf-8")
    for words in (["init", "-q"], ["add", "."]):
        assert repository("git", *words).returncode == 0
    green = repository(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert green.returncode == 0, green.stdout + green.stderr
    assert green.stdout.count("Passed") == 2
    spoil()
    red = repository(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert red.returncode == 1
    assert "data/a.jsonl:1: warning: navigation/top" in red.stdout
    assert "house/tagline: does not remove" in red.stdout


def test_the_manifest_of_hooks_is_valid(repository):
    done = repository(sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout


def action(run, **variables: str) -> subprocess.CompletedProcess[str]:
    files = {name: str(Path(name).resolve()) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    return run(ROOT / "action" / "check.sh", **files, **variables)


def test_the_action_red_and_green(repository, spoil):
    Path("GITHUB_STEP_SUMMARY").write_text("# Earlier\n", "utf-8")
    green = action(repository, COPYDESK_PATHS="data\n")
    assert (green.returncode, green.stdout) == (0, "")
    assert Path("GITHUB_OUTPUT").read_text("utf-8") == "sarif=copydesk.sarif\n"
    assert Path("GITHUB_STEP_SUMMARY").read_text("utf-8").startswith("# Earlier\n## copydesk\n")
    spoil()
    red = action(repository, COPYDESK_PATHS="\ndata/a.jsonl\n", COPYDESK_SARIF="out/x.sarif")
    assert red.returncode == 1
    assert red.stdout.startswith("::warning file=data/a.jsonl,line=1,title=navigation/top::")
    (run,) = json.loads(Path("out/x.sarif").read_text("utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["navigation/top"]
    assert "| `navigation/top` | warning | 1 |" in Path("GITHUB_STEP_SUMMARY").read_text("utf-8")


def test_the_actions_arguments_are_arguments_and_nothing_more(repository, spoil):
    spoil()
    arguments = "--fail-on=error\n--ignore=$(touch x)\n"
    ran = action(repository, COPYDESK_PATHS="data", COPYDESK_ARGUMENTS=arguments)
    assert (ran.returncode, "'$(touch x)'" in ran.stderr) == (2, True)
    assert not Path("x").exists()
    assert not Path("copydesk.sarif").exists()
    assert action(repository, COPYDESK_PATHS="data", COPYDESK_ARGUMENTS="--fail-on=error").returncode == 0
    assert action(repository, COPYDESK_PATHS="").returncode != 0


@pytest.mark.parametrize("end", ["\nother=1", "\rother=1"])
def test_the_action_adds_no_outputs_of_others(end, repository):
    ran = action(repository, COPYDESK_PATHS="data", COPYDESK_SARIF=f"x.sarif{end}")
    assert (ran.returncode, "line break" in ran.stderr) == (2, True)
    assert not Path("GITHUB_OUTPUT").exists()


def test_the_action_runs_the_script_with_its_inputs():
    declared = yaml.safe_load((ROOT / "action" / "action.yml").read_text("utf-8"))
    step = declared["runs"]["steps"][-1]
    assert step["run"] == '"$GITHUB_ACTION_PATH/check.sh"'
    assert os.access(ROOT / "action" / "check.sh", os.X_OK)
    variables = dict(step["env"])
    assert variables.pop("PYTHONSAFEPATH") == "1"
    used = {value.removeprefix("${{ inputs.").removesuffix(" }}") for value in variables.values()}
    assert used == {"paths", "arguments", "sarif"} <= set(declared["inputs"])
    assert declared["outputs"]["sarif"]["value"] == f"${{{{ steps.{step['id']}.outputs.sarif }}}}"


def test_the_hook_takes_every_ending_of_data_and_no_other():
    pattern = re.compile(next(hook["files"] for hook in hooks() if hook["id"] == "copydesk-check"))
    often_something_else = {".json", ".xml", ".md", ".markdown", ".html", ".htm", ".xhtml"}
    suffixes = {suffix for reader in own_readers().values() for suffix in reader.suffixes}
    assert {suffix for suffix in suffixes if not pattern.search(f"a{suffix}")} <= often_something_else
    assert all(pattern.search(f"data/a.jsonl{packing}") for packing in ("", ".gz", ".zst", ".bz2", ".xz"))
    assert not any(pattern.search(name) for name in ("package.json", "README.md", "a.png", "jsonl", "a.txt.py"))


def test_a_part_of_the_data_may_have_files_that_are_no_articles(copydesk_command, jsonl, article, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    dump = jsonl({"id": "a", "title": "A key", "text": article})
    ran = copydesk_command("check", dump, picture, "--partial", "--fail-on", "error")
    assert ran.code == 0
    assert f"copydesk: skipped {picture}: this is a PNG image\n" in ran.err
    assert copydesk_command("check", picture, "--partial").code == 0
    assert copydesk_command("check", dump, picture).code == 2


def test_the_example_repository_runs_as_its_workflow_says(repository):
    example = ROOT / "examples" / "checked-repository"
    Path("data/a.jsonl").unlink()
    shutil.copytree(example, Path(), dirs_exist_ok=True)
    workflow = yaml.safe_load(Path(".github/workflows/articles.yml").read_text("utf-8"))
    step = next(step for step in workflow["jobs"]["check"]["steps"] if "copydesk/action" in step.get("uses", ""))
    inputs = yaml.safe_load((ROOT / "action" / "action.yml").read_text("utf-8"))["inputs"]
    assert step["with"].keys() == inputs.keys()  # the example shows all of them
    names = {"paths": "COPYDESK_PATHS", "arguments": "COPYDESK_ARGUMENTS", "sarif": "COPYDESK_SARIF"}
    variables = {variable: step["with"][name] for name, variable in names.items()}
    green = action(repository, **variables)
    assert (green.returncode, green.stdout) == (0, "")
    assert Path(step["with"]["sarif"]).exists()
    dump = Path("data/articles.jsonl")
    dump.write_text(dump.read_text("utf-8").replace('"harbour"', '"misc"'), "utf-8")
    red = action(repository, **variables)
    assert (red.returncode, "title=house/section::we have no such section" in red.stdout) == (1, True)
    tests = repository("copydesk", "checks", "test", "house-checks.toml")
    assert (tests.returncode, tests.stderr) == (0, "3 of 3 examples hold, of 1 check\n")
