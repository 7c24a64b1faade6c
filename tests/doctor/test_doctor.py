"""`copydesk doctor`: what it finds in order, what it finds broken, and what it says to do."""

from __future__ import annotations

import json
import os
import tempfile
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from copydesk.cleaner.doctor import checkup, packages
from copydesk.cleaner.doctor.packages import EXTRAS, examine_extras, examine_packages
from copydesk.cleaner.doctor.places import examine_cache, examine_temporary_folder
from copydesk.schemas.cache.store import cache_directory


@pytest.fixture
def diagnoses(copydesk_command, tmp_path, monkeypatch):
    """Run the doctor in an empty folder; return the exit code and the diagnoses by area and name."""
    monkeypatch.chdir(tmp_path)

    def run():
        ran = copydesk_command("doctor", "--format", "json")
        document = json.loads(ran.out)
        assert document["ok"] == (ran.code == 0)
        return ran.code, {(each["area"], each["name"]): each for each in document["diagnoses"]}

    return run


def test_a_sound_installation_is_well(diagnoses):
    code, by_name = diagnoses()
    assert code == 0
    assert by_name["trial", "clean"]["state"] == "ok"
    assert by_name["packages", "pyarrow"]["text"] == metadata.version("pyarrow")
    assert by_name["cache", "rules"]["state"] == "ok"
    assert all(each["remedy"] for each in by_name.values() if each["state"] != "ok")


def test_every_extra_has_a_use():
    assert set(metadata.metadata("copydesk").get_all("Provides-Extra")) <= EXTRAS.keys()


def test_the_text_names_each_package_once(copydesk_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = copydesk_command("doctor")
    assert ran.code == 0
    assert ran.out.count("pyarrow ") == 1
    assert ran.out.splitlines()[-1] in ("all is well", "works, with 1 warning", "works, with 2 warnings")


def test_a_plain_kernel_is_noted(diagnoses, monkeypatch):
    monkeypatch.setattr(checkup, "_examine_trial", lambda: ())
    monkeypatch.setenv("COPYDESK_KERNEL", "plain")
    code, by_name = diagnoses()
    loops = by_name["kernel", "loops"]
    assert (code, loops["state"], loops["text"]) == (0, "note", "plain, because COPYDESK_KERNEL is set")


def test_missing_and_old_packages_are_broken():
    needs = [Requirement("no-such-package-of-copydesk>=1"), Requirement("click>=999"), Requirement("regex")]
    missing, old, good = examine_packages(needs)
    assert (missing.state, missing.text) == ("broken", "not installed")
    assert missing.remedy == 'pip install "no-such-package-of-copydesk>=1"'
    assert (old.state, old.text.endswith("is installed, >=999 is needed")) == ("broken", True)
    assert good.state == "ok"


def test_a_missing_extra_names_its_use_and_its_command():
    needs = [
        Requirement('no-such-package-of-copydesk>=1; extra == "warc"'),
        Requirement('click>=999; extra == "excel"'),
    ]
    excel, warc = examine_extras(needs)
    assert (warc.state, warc.text) == ("note", "not installed: reads web archives (WARC)")
    assert warc.remedy == 'pip install "copydesk[warc]"'
    assert (excel.state, ">=999 is needed" in excel.text) == ("warning", True)


def test_spark_without_java_is_a_warning(monkeypatch):
    monkeypatch.setattr(packages.shutil, "which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    [spark] = examine_extras([Requirement('click; extra == "spark"')])
    assert (spark.state, "no Java" in spark.text) == ("warning", True)


def test_broken_settings_are_broken(diagnoses, tmp_path, monkeypatch):
    monkeypatch.setattr(checkup, "_examine_trial", lambda: ())
    (tmp_path / "copydesk.toml").write_text('profle = "page"\n', "utf-8")
    code, by_name = diagnoses()
    assert (code, by_name["settings", "settings"]["state"]) == (1, "broken")
    assert "copydesk.toml:1" in by_name["settings", "settings"]["text"]


def test_an_area_that_fails_is_broken_and_the_others_go_on(diagnoses, monkeypatch):
    def fail():
        raise ImportError("libhs.so: cannot open shared object file")

    monkeypatch.setattr(checkup, "_examine_trial", fail)
    code, by_name = diagnoses()
    assert (code, by_name["trial", "trial"]["text"]) == (
        1,
        "ImportError: libhs.so: cannot open shared object file",
    )
    assert by_name["places", "temporary files"]["state"] == "ok"


def test_a_cache_that_others_can_write_is_a_warning(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("COPYDESK_CACHE_DIR", str(folder))
    [found] = examine_cache()
    assert (found.state, "is not used: " in found.text, "COPYDESK_CACHE_DIR" in found.remedy) == ("warning", True, True)


def test_cache_files_that_nobody_sealed_are_counted(tmp_path, monkeypatch):
    monkeypatch.setenv("COPYDESK_CACHE_DIR", str(tmp_path / "cache"))
    list(examine_cache())
    (cache_directory() / f"{'0' * 64}.patterns").write_bytes(b"copydesk-cache-2\n" + b"x" * 100)
    by_name = {each.name: each for each in examine_cache()}
    assert "1 of them damaged or not sealed by you" in by_name["others"].text
    assert by_name["rules"].state == "warning"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a file system of POSIX")
def test_a_folder_for_temporary_files_that_is_gone_is_broken(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    [found] = examine_temporary_folder()
    assert (found.state, "TMPDIR" in found.remedy) == ("broken", True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_the_shell(copydesk_command, shell):
    ran = copydesk_command("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_COPYDESK_COMPLETE={shell}_complete" in ran.out


def test_completion_names_commands_and_options(copydesk_command, monkeypatch):
    monkeypatch.setenv("_COPYDESK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "copydesk cl")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert copydesk_command().out.split() == ["plain,clean"]
    monkeypatch.setenv("COMP_WORDS", "copydesk clean --prof")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert copydesk_command().out.split() == ["plain,--profile"]
