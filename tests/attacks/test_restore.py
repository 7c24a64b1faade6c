"""`restore` and `quarantine export` write below their folder only, and each record gets back what is its own."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from copydesk.cleaner.atomic_files import _lock_folder
from copydesk.cleaner.process import python_command
from copydesk.cleaner.runs.output_names import OutputNames

HOSTILE = [
    "/abs/a.txt", "//abs/a.txt", "///a.txt", "..", ".", "/", "//", "../a.txt", "a/../../b.txt", "a/../../../../b.txt",
    "./../a.txt", "..//..//a.txt", "C:\\x.txt", "C:x.txt", "c:/x.txt", "\\\\host\\share\\x.txt", "..\\..\\x.txt",
    "//host/share/x.txt", "a\0b.txt", "a\nb.txt", "\x1b[31m.txt", "\x9b.txt", "CON", "con.txt", "aux.tar.gz",
    "NUL .txt", "COM1.txt", "lpt9", "COM¹", "dot.", "dots...", "space ", "a./b.txt", "a /b.txt", "x" * 300 + ".txt",
    "ü" * 200 + ".txt", "x" * 250 + ".txt.gz", "d/" * 2500 + "a.txt", "y" * 5000, "a.b" * 200, "names.jsonl",
    "~/a.txt", "$HOME/a.txt", "-rf", ".gz", "..gz", "...gz", "\ud800.txt", " ", "",
]  # fmt: skip
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³")}


def assert_is_safe(path: PurePosixPath) -> None:
    assert not path.is_absolute()
    assert len(os.fsencode(str(path))) <= 1000
    for part in path.parts:
        assert part not in ("", ".", "..")
        assert len(os.fsencode(part)) <= 255
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in part)
        assert "\\" not in part
        assert not re.match("[A-Za-z]:", part)
        assert part[-1] not in ". "
        assert part.partition(".")[0].rstrip(" ").casefold() not in DEVICES


def write_run(out: Path, records: list[tuple[str, str]], reader: str = "jsonl", **more: object) -> None:
    """Write the output of a run with these (file, text) records, none of them cut."""
    import hashlib

    from copydesk.schemas.arrow import EDITS_FILE

    out.mkdir()
    pq.write_table(EDITS_FILE.empty_table(), out / "edits.parquet")
    with (out / "articles.jsonl").open("w", encoding="utf-8") as file:
        for number, (name, text) in enumerate(records):
            raw = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "encoding": "utf-8"}
            origin = {"file": name, "line": number + 1, "byte_offset": 0, "reader": reader, "text_field": "text"}
            file.write(json.dumps({"id": f"{number}", "body": text, "raw": raw, "provenance": origin, **more}) + "\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case_blind", [False, True])
@pytest.mark.parametrize("suffix", ["", ".jsonl"])
def test_hostile_names_become_safe_ones(case_blind, suffix):
    names = OutputNames(case_blind=case_blind)
    paths = [names.choose(name, suffix) for name in HOSTILE * 2]
    for path in paths:
        assert_is_safe(path)
        assert str(path).endswith(suffix)
    assert len({str(path).casefold() if case_blind else path for path in paths}) == len(paths)


@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("aA./\\:~ \0é\u0301ßs1"), max_size=12),
            st.text(max_size=20),
            st.lists(st.sampled_from(["a", "A", "..", ".", "", "a.txt", "con", "C:"]), max_size=5).map("/".join),
        ),
        max_size=12,
    ),
    st.booleans(),
    st.sampled_from(["", ".jsonl"]),
)
def test_any_names_become_safe_paths_of_their_own(wanted, case_blind, suffix):
    names = OutputNames(case_blind=case_blind)
    paths = [names.choose(name, suffix) for name in wanted]
    keys = [str(path).casefold() if case_blind else str(path) for path in paths]
    assert len(set(keys)) == len(keys)
    folders = {key.rpartition("/")[0] for key in keys}
    assert not folders & set(keys)  # no file is in the way of a folder
    for path in paths:
        assert_is_safe(path)


@pytest.mark.parametrize("reader", ["jsonl", "text"])
def test_restore_stays_in_its_folder(reader, copydesk_command, tmp_path):
    usable = [name for name in HOSTILE if "\ud800" not in name and name != "names.jsonl"]
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim.txt").write_bytes(b"mine")
    files = [*usable, f"/{outside}/victim.txt", f"{outside}/victim.txt", "../outside/victim.txt", "/../outside/new.txt"]
    write_run(tmp_path / "out", [(name, f"text {number}") for number, name in enumerate(files)], reader)
    before = contents(tmp_path)
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    assert f"restored {len(files)} records" in ran.err
    after = contents(tmp_path)
    assert {name: data for name, data in after.items() if not name.startswith("back/")} == before
    written = contents(tmp_path / "back")
    listed = {entry["path"]: entry["name"] for entry in map(json.loads, written["names.jsonl"].splitlines())}
    expected = {f"text {number}": name for number, name in enumerate(files)}
    texts = 0
    for path, data in written.items():
        if path != "names.jsonl":
            for line in data.decode().splitlines():
                text = line if reader == "text" else json.loads(line)["text"]
                assert expected[text] == listed.get(path, expected[text])
                texts += 1
    assert texts == len(files)


def test_inputs_that_are_named_by_two_slashes_are_left_alone(copydesk_command, tmp_path, article):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "dump.jsonl").write_text(json.dumps({"id": folder, "text": article}) + "\n", "utf-8")
    inputs = [f"/{tmp_path}/{folder}/dump.jsonl" for folder in ("one", "two")]
    assert copydesk_command("clean", *inputs, "--out", tmp_path / "out", "--suite", "none", "-q").code == 0
    before = contents(tmp_path)
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    back = contents(tmp_path / "back")
    assert {name: data for name, data in contents(tmp_path).items() if not name.startswith("back/")} == before
    assert sorted(json.loads(data)["id"] for name, data in back.items() if name != "names.jsonl") == ["one", "two"]
    assert sum(line.startswith("renamed: ") for line in ran.err.splitlines()) == 2


def quarantine_entry(name: str, raw: str) -> str:
    entry = {"id": raw, "file": name, "line": 1, "byte_offset": 0, "raw": raw, "raw_encoding": "utf-8"}
    reason = {"check": "body/too-short", "severity": "error", "field": "body", "message": "the body is short"}
    return json.dumps({**entry, "record": {"text": raw}, "reasons": [reason]}) + "\n"


@pytest.mark.parametrize("ending", ["", ".txt", ".jsonl", ".csv", ".tsv", ".parquet", ".arrow"])
def test_export_stays_in_its_folder(ending, copydesk_command, tmp_path):
    (tmp_path / "out").mkdir()
    names = [f"{name}{ending}" for name in HOSTILE if "\ud800" not in name]
    lines = [quarantine_entry(name, f"text {number}") for number, name in enumerate(names)]
    (tmp_path / "out" / "quarantine.jsonl").write_text("".join(lines), "utf-8")
    before = contents(tmp_path)
    ran = copydesk_command("quarantine", "export", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    assert {name: data for name, data in contents(tmp_path).items() if not name.startswith("back/")} == before
    written = contents(tmp_path / "back")
    assert len(written) == len(set(names)) + 1
    for path in written:
        assert_is_safe(PurePosixPath(path))


def test_export_follows_no_link_and_replaces_nothing(copydesk_command, tmp_path):
    (tmp_path / "out").mkdir()
    lines = [quarantine_entry(name, "{}") for name in ("ok.jsonl", "sub/a.jsonl")]
    (tmp_path / "out" / "quarantine.jsonl").write_text("".join(lines), "utf-8")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jsonl").write_bytes(b"mine")
    for number, plant in enumerate([
        lambda back: (back / "sub").symlink_to(outside),
        lambda back: (back / "sub").write_bytes(b"a file"),
        lambda back: (back / "ok.jsonl").symlink_to(outside / "a.jsonl"),
        lambda back: (back / "ok.jsonl").symlink_to(outside / "new.jsonl"),
        lambda back: (back / "ok.jsonl").mkdir(),
        lambda back: ((back / "sub").mkdir(), (back / "sub" / "a.jsonl").hardlink_to(outside / "a.jsonl")),
    ]):  # fmt: skip
        back = tmp_path / f"back{number}"
        back.mkdir()
        plant(back)
        before, listed = contents(tmp_path), sorted(back.rglob("*"))
        ran = copydesk_command("quarantine", "export", tmp_path / "out", "--to", back)
        assert (ran.code, len(ran.err.splitlines())) == (2, 1)
        assert contents(tmp_path) == before
        assert sorted(back.rglob("*")) == listed
    shared = tmp_path / "shared"
    (shared / "sub").mkdir(parents=True)
    (shared / "sub" / "other.txt").write_bytes(b"other")
    assert copydesk_command("quarantine", "export", tmp_path / "out", "--to", shared).code == 0
    assert sorted(contents(shared)) == ["ok.jsonl", "sub/a.jsonl", "sub/other.txt"]


def test_rows_that_fit_no_table_are_exported_as_lines(copydesk_command, tmp_path):
    (tmp_path / "out").mkdir()
    entries = [json.loads(quarantine_entry("a.parquet", "r")) for _ in range(2)]
    entries[1]["record"] = {"text": 5}
    lines = [json.dumps(entry) + "\n" for entry in entries]
    (tmp_path / "out" / "quarantine.jsonl").write_text("".join(lines), "utf-8")
    assert copydesk_command("quarantine", "export", tmp_path / "out", "--to", tmp_path / "back").code == 0
    assert list(contents(tmp_path / "back")) == ["a.parquet.jsonl"]


def test_files_that_share_a_name_stay_apart(copydesk_command, tmp_path, article, monkeypatch):
    texts = {name: f"{article} {number}\n\nScroll to Top".encode() for number, name in enumerate("abcd")}
    (tmp_path / "w" / "x").mkdir(parents=True)
    (tmp_path / "x").mkdir()
    (tmp_path / "w" / "a.txt").write_bytes(texts["a"])
    (tmp_path / "w" / "a.txt.gz").write_bytes(gzip.compress(texts["b"]))
    (tmp_path / "w" / "x" / "n.txt").write_bytes(texts["c"])
    (tmp_path / "x" / "n.txt").write_bytes(texts["d"])
    monkeypatch.chdir(tmp_path / "w")
    ran = copydesk_command("clean", "a.txt", "a.txt.gz", "x/n.txt", "../x/n.txt", "--out", tmp_path / "out", "-q")
    assert ran.code == 0, ran.err
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert "restored 4 records" in ran.err
    back = contents(tmp_path / "back")
    listed = {entry["name"]: entry["path"] for entry in map(json.loads, back.pop("names.jsonl").splitlines())}
    assert sorted(back.values()) == sorted(texts.values())
    assert (back["a.txt"], back[listed["a.txt.gz"]]) == (texts["a"], texts["b"])
    assert (back["x/n.txt"], back[listed["../x/n.txt"]]) == (texts["c"], texts["d"])


# Records in which ids, texts and headlines are alike, but cut differently.
def alike(article: str) -> list[dict[str, str]]:
    top = "\n\nScroll to Top"
    return [
        {"id": "x", "title": "A key", "text": f"{article} 1"},
        {"id": "x", "title": " A key", "text": f"{article} 2"},
        {"id": "x ", "title": "A key  \t", "text": f"{article} 3{top}"},
        {"id": "y", "title": "A key", "text": f"Menu\n{article} 4"},
        {"id": "x", "title": "A key", "text": f"{article} 5"},
        {"id": " x", "title": "\nA key", "text": f"{article} 6\n\n{article} 7{top}{top}"},
        {"id": "y", "title": "  A key", "text": f"{article} 4{top}"},
    ]


def assert_own(restored: list[dict[str, str]], records: list[dict[str, str]], text: str, title: str) -> None:
    assert [row[text] for row in restored] == [record[text] for record in records]
    for row, record in zip(restored, records, strict=True):
        assert row["id"] == record["id"].strip()
        assert row.get(title, record[title].strip()) == record[title]
        assert (title in row) == (record[title] != record[title].strip())


def rename(record: dict[str, str], text: str, title: str) -> dict[str, str]:
    return {"id": record["id"], title: record["title"], text: record["text"]}


@pytest.mark.parametrize(
    ("text", "title", "options"),
    [("text", "title", []), ("headline", "subject", ["--map", "body=headline", "--map", "headline=subject"]),
     ("body", "headline", []), ("lede", "raw", ["--map", "body=lede", "--map", "headline=raw"])],
)  # fmt: skip
@pytest.mark.parametrize("to", ["parquet", "jsonl", "jsonl.zst"])
def test_records_with_one_id_get_their_own_texts(to, text, title, options, copydesk_command, tmp_path, article):
    records = [rename(record, text, title) for record in alike(article)]
    (tmp_path / "in").mkdir()
    for name, part in (("a", records[:3]), ("b", records[3:])):
        lines = [json.dumps(record) + "\n" for record in part]
        (tmp_path / "in" / f"{name}.jsonl").write_text("".join(lines), "utf-8")
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "in" / "c.parquet")
    (tmp_path / "in" / "d.json").write_text(json.dumps(records), "utf-8")
    words = ["--out", tmp_path / "out", "--suite", "none", "--to", to, "-q", *options]
    ran = copydesk_command("clean", tmp_path / "in", *words)
    assert ran.code == 0, ran.err
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    assert ran.err == f"restored 21 records to {tmp_path / 'back'}\n"
    for name, part in {"a.jsonl": records[:3], "b.jsonl": records[3:], "c.parquet.jsonl": records,
                       "d.json.jsonl": records}.items():  # fmt: skip
        restored = [json.loads(line) for line in (tmp_path / "back" / name).read_text("utf-8").splitlines()]
        assert_own(restored, part, text, title)


@pytest.mark.parametrize("to", ["parquet", "jsonl"])
def test_outputs_of_older_versions_are_restored(to, copydesk_command, tmp_path, article, jsonl):
    records = alike(article)
    path = jsonl(*records, {"id": "alone", "title": " A key", "text": f"{article} 8"})
    words = ["--out", tmp_path / "out", "--suite", "none", "--to", to, "-q"]
    assert copydesk_command("clean", path, *words).code == 0
    edits = tmp_path / "out" / "edits.parquet"
    pq.write_table(pq.read_table(edits).drop_columns(["input_field", "file", "line", "byte_offset"]), edits)
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    assert "headlines not restored: records share an id" in ran.err
    restored = [json.loads(line) for line in (tmp_path / "back" / "dump.jsonl").read_text("utf-8").splitlines()]
    assert [row["text"] for row in restored[:-1]] == [record["text"] for record in records]
    assert not any("headline" in row for row in restored[:-1])
    assert restored[-1] == {"id": "alone", "text": f"{article} 8", "headline": " A key"}


@pytest.fixture
def run(copydesk_command, tmp_path, article, jsonl):
    """Write the output of a run, and return a function that tries to restore it and finds nothing written."""
    path = jsonl(*({"id": f"{i}", "title": " A key", "text": f"{article} {i}\n\nScroll to Top"} for i in range(4)))

    def clean(to: str) -> Path:
        assert copydesk_command("clean", path, "--out", tmp_path / "out", "--to", to, "-q", "--suite", "none").code == 0
        return tmp_path / "out"

    return clean


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def drop_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def change_edits(out: Path, change) -> None:
    rows = pq.read_table(out / "edits.parquet").to_pylist()
    pq.write_table(pa.Table.from_pylist(change(rows)), out / "edits.parquet")


def set_in_article(out: Path, **fields: object) -> None:
    first, *others = (out / "articles.jsonl").read_bytes().splitlines()
    lines = [json.dumps({**json.loads(first), **fields}).encode(), *others]
    (out / "articles.jsonl").write_bytes(b"\n".join(lines))


def set_in_edits(out: Path, **values: object) -> None:
    change_edits(out, lambda rows: [{**row, **values} for row in rows])


DAMAGE = {
    "cut articles": ("parquet", lambda out: cut(out / "articles.parquet")),
    "cut edits": ("parquet", lambda out: cut(out / "edits.parquet")),
    "empty edits": ("parquet", lambda out: (out / "edits.parquet").write_bytes(b"")),
    "no edits": ("parquet", lambda out: (out / "edits.parquet").unlink()),
    "no articles": ("parquet", lambda out: (out / "articles.parquet").unlink()),
    "other articles": ("parquet", lambda out: pq.write_table(pa.table({"a": [1]}), out / "articles.parquet")),
    "other edits": ("parquet", lambda out: pq.write_table(pa.table({"a": [1]}), out / "edits.parquet")),
    "an edit less": ("parquet", lambda out: change_edits(out, lambda rows: rows[1:])),
    "edits without articles": ("parquet", lambda out: change_edits(out, lambda rows: [*rows, {**rows[-1], "id": "z"}])),
    "edits elsewhere": ("jsonl", lambda out: set_in_edits(out, start=9**9)),
    "edits before the text": ("jsonl", lambda out: set_in_edits(out, start=-1)),
    "edits of another text": ("jsonl", lambda out: set_in_edits(out, before="x")),
    "cut lines": ("jsonl", lambda out: cut(out / "articles.jsonl")),
    "a line less": ("jsonl", lambda out: drop_line(out / "articles.jsonl")),
    "cut frames": ("jsonl.zst", lambda out: cut(out / "articles.jsonl.zst")),
    "no JSON": ("jsonl", lambda out: (out / "articles.jsonl").write_bytes(b"[" * 100_000)),
    "not UTF-8": ("jsonl", lambda out: (out / "articles.jsonl").write_bytes(b'{"id": "\xff"}\n')),
    "an odd id": ("jsonl", lambda out: set_in_article(out, id=5)),
    "no hash": ("jsonl", lambda out: set_in_article(out, raw=None)),
    "another hash": ("jsonl", lambda out: set_in_article(out, raw={"sha256": "0" * 64, "encoding": "utf-8"})),
    "another text": ("jsonl", lambda out: set_in_article(out, body="It rained.")),
    "another headline": ("jsonl", lambda out: set_in_article(out, headline=None, body=5)),
    "a cut summary": ("parquet", lambda out: cut(out / "summary.json")),
    "a summary of something else": ("parquet", lambda out: (out / "summary.json").write_bytes(b"[]")),
    "edits in subfolders": ("parquet", lambda out: ((out / "edits.parquet").unlink(),
                                                    (out / "edits.parquet" / "a=1").mkdir(parents=True))),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_output_is_one_line_and_writes_nothing(damage, run, copydesk_command, tmp_path):
    to, do_damage = DAMAGE[damage]
    out = run(to)
    do_damage(out)
    before = contents(tmp_path)
    ran = copydesk_command("restore", out, "--to", tmp_path / "new" / "back")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1), ran.err
    assert contents(tmp_path) == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("encoding", ["hex", "rot13", "idna", "no-such", "a\0b", "ascii", "undefined"])
def test_an_encoding_that_cannot_be_used_is_one_line(encoding, copydesk_command, tmp_path):
    write_run(tmp_path / "out", [("a.txt", "Café ..")], "text")
    set_in_article(tmp_path / "out", raw={**json.loads((tmp_path / "out" / "articles.jsonl").read_bytes())["raw"],
                                          "encoding": encoding})  # fmt: skip
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1), ran.err
    assert not (tmp_path / "back").exists()


def test_restore_into_a_folder_that_is_not_empty(run, copydesk_command, tmp_path):
    out = run("parquet")
    victim = tmp_path / "victim.jsonl"
    victim.write_bytes(b"mine")
    for plant in (lambda path: path.symlink_to(victim), lambda path: path.write_bytes(b"mine"), os.mkdir):
        back = tmp_path / "back"
        back.mkdir()
        plant(back / "dump.jsonl")
        ran = copydesk_command("restore", out, "--to", back)
        assert (ran.code, "not empty" in ran.err) == (2, True)
        assert victim.read_bytes() == b"mine"
        shutil.rmtree(back)
    (tmp_path / "real").mkdir()
    back.symlink_to("real")
    assert copydesk_command("restore", out, "--to", back).code == 0
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["dump.jsonl"]
    assert copydesk_command("restore", out, "--to", victim).code == 2


def test_a_full_disk_leaves_nothing(run, copydesk_command, tmp_path, monkeypatch):
    out = run("parquet")
    renamed = os.rename

    def fail(source: object, target: object) -> None:
        renamed(source, target)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("copydesk.cleaner.atomic_files.os.rename", fail)
    (tmp_path / "back").mkdir()
    ran = copydesk_command("restore", out, "--to", tmp_path / "back")
    assert (ran.code, "No space left on device" in ran.err, len(ran.err.splitlines())) == (2, True, 1)
    assert len(list((tmp_path / "back").iterdir())) <= 1


FILE_NAMES = st.one_of(
    st.text(st.sampled_from("aAé\u0301 .:\\~*?\x01\x1b\x7f\u202e-"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), max_size=12),
    st.sampled_from(["con", "NUL.x", "C:", "..", "names", "records", "x" * 240, "a.jsonl", "a.txt"]),
).map(lambda name: f"f{name}"[:60])
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["Scroll to Top", "Leave a Comment", "Menu", "It rained all day.", "\ufeff", "\r", "\r\n", "\0",
                         " ", "\u2028", "caf&eacute;", "â€œoddâ€\x9d", "<p>It rained.</p>", "\U0001f327"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ),
    max_size=8,
).map("\n".join)  # fmt: skip
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["x", "x ", " x", "y", "X", "\u2028", "é", "e\u0301", "0", "../x"]), "body": TEXTS},
        optional={"subject": st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(" {}\t".format)},
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=int(os.environ.get("COPYDESK_FUZZ_RUNS", "12")), phases=[Phase.reuse, Phase.generate])
@given(
    st.dictionaries(FILE_NAMES, st.tuples(TEXTS, st.sampled_from(["utf-8", "utf-16"]), st.booleans()), max_size=3),
    st.dictionaries(FILE_NAMES, RECORDS, min_size=1, max_size=3),
    st.sampled_from(["parquet", "jsonl", "jsonl.zst"]),
    st.sampled_from(["text", "text", "headline", "raw", "id2"]),
)
def test_whatever_is_cleaned_is_restored(copydesk_command, tmp_path_factory, texts, dumps, to, text_field):
    folder = tmp_path_factory.mktemp("fuzz")
    data, out, back = (folder / name for name in ("in", "out", "back"))
    data.mkdir()
    expected: dict[str, object] = {}
    for name, (text, encoding, is_packed) in texts.items() if text_field == "text" else ():  # the field of text files
        raw = text.encode(encoding)
        file = f"{name}.txt.gz" if is_packed else f"{name}.txt"
        (data / file).write_bytes(gzip.compress(raw) if is_packed else raw)
        expected[file] = raw
    for name, records in dumps.items():
        renamed = [{text_field if key == "body" else key: value for key, value in row.items()} for row in records]
        (data / f"{name}.jsonl").write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in renamed))
        expected[f"{name}.jsonl"] = renamed
    fields = ["--map", f"body={text_field}", "--map", "headline=subject"]
    assert copydesk_command("clean", data, "--out", out, "--to", to, "-q", "--suite", "none", *fields).code in (0, 1)
    rejected = [json.loads(line) for line in (out / "quarantine.jsonl").read_bytes().splitlines()]
    ran = copydesk_command("restore", out, "--to", back)
    assert ran.code == 0, ran.err
    names = [json.loads(line) for line in contents(back).get("names.jsonl", b"").splitlines()]
    paths = {entry["name"]: entry["path"] for entry in names}
    for file, content in expected.items():
        lines = [entry["line"] for entry in rejected if entry["file"] == file]
        path = back / paths.get(file, file.removesuffix(".gz"))
        if isinstance(content, bytes):
            assert lines or path.read_bytes() == content
            continue
        accepted = [row for number, row in enumerate(content, 1) if number not in lines]
        restored = [json.loads(line) for line in path.read_bytes().splitlines()] if accepted else []
        for row, record in zip(restored, accepted, strict=True):
            assert row[text_field] == record[text_field]
            assert row.get("subject", record.get("subject")) == record.get("subject")
    shutil.rmtree(folder)


def test_what_a_killed_restore_has_left_is_removed_by_the_next_one(tmp_path, copydesk_command):
    write_run(tmp_path / "out", [("a.jsonl", "It rained.")])
    code = (
        "import os; from pathlib import Path; from copydesk.cleaner.runs import restore; "
        "restore._RawWriter.write = lambda *_: os._exit(9); "
        f"restore.restore_run(Path({str(tmp_path / 'out')!r}), Path({str(tmp_path / 'to')!r}))"
    )
    assert subprocess.run(python_command(code), check=False).returncode == 9
    [left] = (tmp_path / "to").iterdir()
    assert left.name.startswith(".copydesk-")
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "to").code == 0
    assert [*contents(tmp_path / "to")] == ["a.jsonl"]


@pytest.mark.parametrize("kind", ["at work", "named by the user", "link", "open to all"])
def test_what_is_no_leftover_stays(kind, tmp_path, copydesk_command):
    write_run(tmp_path / "out", [("a.jsonl", "It rained.")])
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "other" / "mine.txt").touch()
    (tmp_path / "to").mkdir()
    place = tmp_path / "to" / (".copydesk-notes" if kind == "named by the user" else ".copydesk-abcd_123")
    place.symlink_to("../other") if kind == "link" else (tmp_path / "other").rename(place)
    if kind == "open to all":
        place.chmod(0o777)
    lock = _lock_folder(place) if kind == "at work" else None
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "to")
    assert (ran.code, "the directory is not empty" in ran.err) == (2, True)
    assert (place / "mine.txt").exists()
    if lock is not None:
        os.close(lock)
        assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "to").code == 0
