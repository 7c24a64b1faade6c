"""Files that do not fit: set aside with their reason, while the others are cleaned."""

from __future__ import annotations

import gzip
import json
import os
import re

import pytest


@pytest.fixture
def folder(tmp_path, article):
    """Make a folder of one good file and of files that do not fit."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    lines = [json.dumps({"id": str(n), "title": f"Key {n}", "text": f"{article} Number {n}."}) for n in range(400)]
    (folder / "a.jsonl").write_text("\n".join(lines[:3]))
    packed = gzip.compress("\n".join(lines[3:]).encode())
    (folder / "b.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "c.csv").write_text("a,b\n1,2\n")
    (folder / "d.stats.json").write_text('{"count": 5}')
    (folder / "e.parquet").write_bytes(b"PAR1 cut off")
    (folder / "f.jsonl").write_text("")
    return folder


def test_they_are_set_aside_and_counted(folder, tmp_path, copydesk_command, quarantine):
    ran = copydesk_command("clean", folder, "--out", tmp_path / "out")
    assert ran.code == 1
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    found = {misfit["file"]: misfit["check"] for misfit in summary["files"]}
    assert found == {
        "b.jsonl.gz": "input/truncated",
        "c.csv": "input/no-text-field",
        "d.stats.json": "input/no-text-field",
        "e.parquet": "input/unreadable",
    }
    records = summary["records"]
    assert records["read"] == records["accepted"] + records["quarantined"]
    assert records["accepted"] > 3, "records before the cut are kept"
    assert {entry["file"]: entry["reasons"][0]["check"] for entry in quarantine(tmp_path / "out")} == {
        **found,
        "b.jsonl.gz": "input/truncated",
    }
    assert "1 file is empty" in ran.err
    assert re.search(r"files set aside, or cut off +4\b", ran.err)
    for name in found:
        assert sum(f"{name}: " in line for line in ran.err.splitlines()) == 1


def test_the_cut_is_reported_with_its_offset(folder, tmp_path, copydesk_command, quarantine):
    copydesk_command("clean", folder / "b.jsonl.gz", "--out", tmp_path / "out", "-q")
    cut = quarantine(tmp_path / "out")[-1]
    assert cut["reasons"][0]["check"] == "input/truncated"
    accepted = json.loads((tmp_path / "out" / "summary.json").read_bytes())["records"]["accepted"]
    assert cut["byte_offset"] > accepted * 300


def test_a_row_that_may_be_cut_off_is_not_accepted(tmp_path, article, copydesk_command, quarantine):
    last = article.replace(",", "").replace("\n", " ")
    rows = "\n".join(["id,text", *(f'{n},"{article} {n}"' for n in range(5)), f"6,{last}"])
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(rows.encode())[:-8])
    copydesk_command("clean", tmp_path / "a.csv.gz", "--out", tmp_path / "out", "-q")
    reasons = [entry["reasons"][0]["check"] for entry in quarantine(tmp_path / "out")]
    assert reasons == ["input/cut-off", "input/truncated"]


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_a_resumed_run_find_the_same(workers, folder, tmp_path, copydesk_command, small_pieces, read_run):
    from copydesk.cleaner.runs import checkpoints

    expected = tmp_path / "expected"
    copydesk_command("clean", folder, "--out", expected, "-q")
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        add = checkpoints.Checkpoints.add

        def stop(self, *arguments):
            if self.count == 2:
                raise KeyboardInterrupt
            add(self, *arguments)

        patch.setattr(checkpoints.Checkpoints, "add", stop)
        assert copydesk_command("clean", folder, "--out", out, "-q").code == 130
    assert copydesk_command("clean", folder, "--out", out, "-q", "--resume", "--workers", workers).code == 1
    assert read_run(out) == read_run(expected)


@pytest.mark.parametrize("name", ["b.jsonl.gz", "c.csv", "e.parquet"])
def test_strict_inputs_end_the_run(name, folder, tmp_path, copydesk_command):
    ran = copydesk_command("clean", folder / "a.jsonl", folder / name, "--out", tmp_path / "out", "--strict-inputs")
    assert ran.code == 2
    assert name in ran.err


def test_nothing_but_such_files_is_an_error(folder, tmp_path, copydesk_command):
    ran = copydesk_command("clean", folder / "c.csv", folder / "e.parquet", "--out", tmp_path / "out")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert "c.csv: no text field found" in ran.err
    assert "1 other file cannot be read either" in ran.err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / ".out.partial").exists()


def test_files_are_excluded_by_option_and_settings(folder, tmp_path, copydesk_command, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copydesk.toml").write_text('exclude = ["*.csv", "dumps/e.*"]\n')
    excluded = ["--exclude", "*.stats.json", "--exclude", "*.csv", "--exclude", "*.gz", "--exclude", "e.parquet"]
    ran = copydesk_command("clean", "dumps", "--out", "out", *excluded)
    assert (ran.code, json.loads((tmp_path / "out" / "summary.json").read_bytes())["records"]["read"]) == (0, 3)
    names = {entry["name"] for entry in json.loads((tmp_path / "out" / "summary.json").read_bytes())["inputs"]}
    assert names == {"a.jsonl", "f.jsonl"}
    copydesk_command("clean", "dumps", "--out", "again", "-q")
    names = {entry["name"] for entry in json.loads((tmp_path / "again" / "summary.json").read_bytes())["inputs"]}
    assert names == {"a.jsonl", "b.jsonl.gz", "d.stats.json", "f.jsonl"}
    ran = copydesk_command("clean", "dumps", "--out", "none", "--exclude", "*")
    assert ran.code == 2
    assert "all files are excluded" in ran.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file_is_set_aside(folder, tmp_path, copydesk_command):
    (folder / "a2.jsonl").write_text('{"text": "It rained."}\n')
    (folder / "a2.jsonl").chmod(0)
    ran = copydesk_command("clean", folder, "--out", tmp_path / "out")
    assert "a2.jsonl: cannot be read (Permission denied)" in ran.err


def test_a_broken_link_and_an_archive_are_set_aside(folder, tmp_path, copydesk_command):
    (folder / "link.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    (folder / "archive.json").write_bytes(b"PK\x03\x04 an archive")
    copydesk_command("clean", folder, "--out", tmp_path / "out", "-q")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    found = {misfit["file"]: misfit["check"] for misfit in summary["files"]}
    assert (found["link.jsonl"], found["archive.json"]) == ("input/unreadable", "input/unsupported")


def test_output_folders_of_copydesk_are_known(folder, tmp_path, copydesk_command):
    copydesk_command("clean", folder / "a.jsonl", "--out", tmp_path / "dumps" / "old", "-q")
    ran = copydesk_command("clean", folder, "--out", tmp_path / "out")
    assert "1 output folder of copydesk not read: " in ran.err
    names = {entry["name"] for entry in json.loads((tmp_path / "out" / "summary.json").read_bytes())["inputs"]}
    assert not any("old" in name for name in names)
    ran = copydesk_command("validate", folder / "old", "--verdict-by", "flags")
    assert "passed: 3 records read" in ran.out
    ran = copydesk_command("clean", folder / "old", "--out", tmp_path / "again", "-q")
    assert ran.code == 0


def test_what_is_set_aside_is_not_exported_but_listed(folder, tmp_path, copydesk_command):
    copydesk_command("clean", folder, "--out", tmp_path / "out", "-q")
    assert copydesk_command("quarantine", "export", tmp_path / "out", "--to", tmp_path / "to").code == 0
    assert not (tmp_path / "to" / "c.csv").exists()
    assert "input/no-text-field" in copydesk_command("quarantine", "list", tmp_path / "out").out


def test_validate_sets_files_aside(folder, tmp_path, copydesk_command):
    ran = copydesk_command("validate", folder, "--verdict-by", "flags", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "input/truncated" in ran.out
    assert "input/no-text-field" in ran.out
    ran = copydesk_command("validate", folder / "c.csv", "--verdict-by", "flags")
    assert ran.code == 2
