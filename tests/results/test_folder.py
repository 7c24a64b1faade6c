"""Folders of results: records found by id, by rule and by a sample, and folders that are not as they should be."""

from __future__ import annotations

import fcntl
import json

import pytest

from copydesk.cleaner.results.folder import open_folder
from copydesk.cleaner.runs.output_directory import work_path
from copydesk.schemas.errors import InputError


def record(number: int, article: str, *, host: str = "lantern.example", junk: str = "Leave a Comment") -> dict:
    title = {"title": f"Key number {number}"}
    return {"id": f"r{number}", "url": f"https://{host}/{number}", **title, "text": f"{article} No. {number}\n\n{junk}"}


@pytest.fixture
def dump(jsonl, article):
    clean = {"id": "plain", "url": "https://lantern.example/p", "title": "A plain key", "text": article}
    return jsonl(*(record(n, article, junk=("Leave a Comment", "Scroll to Top")[n % 2]) for n in range(30)), clean)


@pytest.fixture
def out(request, dump, tmp_path, copydesk_command, small_pieces):
    path = tmp_path / "out"
    form = getattr(request, "param", "parquet")
    ran = copydesk_command("clean", dump, "--out", path, "--to", form, "-q", "--no-report")
    assert ran.code == 0, ran.err
    return path


@pytest.mark.parametrize("out", ["parquet", "jsonl", "jsonl.zst"], indirect=True)
def test_a_record_is_found_by_its_id_in_each_format(out, article):
    [found] = open_folder(out).find("r7")
    assert found.article.body == f"{article} No. 7"
    assert found.rebuild_raw() == f"{article} No. 7\n\nScroll to Top"
    assert found.host == "lantern.example"
    assert [edit.rule for edit in found.edits.body] == ["navigation/top"]
    assert [one.article.id for one in open_folder(out).read_cut(["comments"])] == [f"r{n}" for n in range(0, 30, 2)]


def test_the_nearest_ids_are_named(out):
    with pytest.raises(InputError, match=r"no record has the id 'plane'.*'plain'"):
        open_folder(out).find("plane")


def test_records_are_found_by_the_rules_that_cut_them(out):
    folder = open_folder(out)
    even = [f"r{n}" for n in range(0, 30, 2)]
    assert [one.article.id for one in folder.read_cut(["comments/form"])] == even
    assert [one.article.id for one in folder.read_cut(["comments"])] == even
    assert len(list(folder.read_cut(["comments", "navigation"]))) == 30
    assert list(folder.read_cut(["related/list"])) == []


def test_changed_records_and_samples(out):
    folder = open_folder(out)
    assert len(list(folder.read_changed())) == 30
    sample = folder.sample(5, 7)
    assert len(sample) == 5
    assert sample == folder.sample(5, 7) != folder.sample(5, 8)
    assert folder.sample(5, 7, ["comments"]) <= {f"r{n}" for n in range(0, 30, 2)}
    assert folder.sample(99, 7, changed=True) == {f"r{n}" for n in range(30)}


def test_records_that_share_an_id_have_their_own_edits(jsonl, article, tmp_path, copydesk_command):
    same = [{**record(n, article, junk=junk), "id": "x"} for n, junk in enumerate(["Leave a Comment", "Scroll to Top"])]
    copydesk_command(
        "clean", jsonl(*same), "--out", tmp_path / "out", "-q", "--no-report", "--ignore", "identity", "--ignore", "set"
    )
    found = open_folder(tmp_path / "out").find("x")
    assert [[edit.rule for edit in one.edits.body] for one in found] == [["comments/form"], ["navigation/top"]]
    [one] = open_folder(tmp_path / "out").read_cut(["navigation"])
    assert one.rebuild_raw() == same[1]["text"]


def test_folders_that_no_run_wrote(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, message in (("gone", "no such directory"), ("file", "is a file"), ("empty", "no articles in it")):
        with pytest.raises(InputError, match=message):
            open_folder(tmp_path / name)


def test_an_interrupted_run_and_one_that_is_being_written(tmp_path, dump, copydesk_command):
    out = tmp_path / "out"
    work = work_path(out)
    work.mkdir()
    (work / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="its run was interrupted; wait until it ends, or continue it"):
        open_folder(out)
    with (work / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="its run is being written"):
            open_folder(out)
    (work / "manifest.json").unlink()
    assert copydesk_command("clean", dump, "--out", out, "-q").code == 0
    work.mkdir()
    (work / "manifest.json").write_text("{}")
    assert "a later run was interrupted; these are the results of the one before" in open_folder(out).warnings[0]


def test_damaged_and_missing_files_are_one_line(out):
    (out / "summary.json").unlink()
    assert "no summary.json" in open_folder(out).warnings[0]
    edits = (out / "edits.parquet").read_bytes()
    (out / "edits.parquet").write_bytes(edits[: len(edits) // 2])
    with pytest.raises(InputError, match=r"edits\.parquet: cannot be read"):
        open_folder(out).find("r7")
    (out / "edits.parquet").unlink()
    folder = open_folder(out)
    assert "only the clean articles" in folder.warnings[0]
    with pytest.raises(InputError, match=r"no edits\.parquet in it"):
        list(folder.read_cut(["comments"]))


def test_explain_shows_records_of_a_run_without_its_input(out, dump, copydesk_command):
    whole = copydesk_command("explain", dump)
    dump.unlink()
    assert copydesk_command("explain", out).out == whole.out
    one = copydesk_command("explain", out, "--id", "r7").out
    assert "- Scroll to Top  [navigation/top, " in one
    assert one in whole.out
    found = json.loads(copydesk_command("explain", out, "--id", "r7", "--format", "json").out)
    assert found["raw_body"].endswith("Scroll to Top")
    assert found["edits"][0]["rule"] == "navigation/top"
    assert copydesk_command("explain", out, "--rule", "comments", "--sample", "2").out.count("# dump.jsonl") == 2


def test_options_of_runs_need_a_run(dump, copydesk_command):
    ran = copydesk_command("explain", dump, "--id", "r7")
    assert ran.code == 2
    assert "a folder that `clean` wrote" in ran.err


def test_diff_shows_each_place_in_context(out, article, copydesk_command):
    shown = copydesk_command("diff", out, "--rule", "navigation/top", "--limit", "1").out.splitlines()
    assert shown[0] == "# r1: dump.jsonl, line 2, lantern.example"
    assert shown[1].startswith("  … ")
    assert shown[1].endswith("No. 1")
    assert shown[2].startswith("- Scroll to Top  [navigation/top, ")
    lines = copydesk_command("diff", out, "--rule", "navigation", "--format", "json").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"r{n}" for n in range(1, 30, 2)]
    assert copydesk_command("diff", out, "--rule", "navigation", "--host", "other.example").out == ""
    assert "did you mean 'navigation'" in copydesk_command("diff", out, "--rule", "navigatio").err
