"""Bad input through the command: what it is, what becomes of it, and that nothing else is harmed."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import re

import pyarrow.parquet as pq
import pytest
import zstandard


@pytest.fixture
def clean(copydesk_command, tmp_path):
    def run(*args: object, stdin: bytes = b""):
        return copydesk_command("clean", *args, "--out", tmp_path / "out", "-q", stdin=stdin)

    return run


@pytest.fixture
def bodies(tmp_path):
    return lambda: pq.read_table(tmp_path / "out" / "articles.parquet")["body"].to_pylist()


def one_line(ran, *said: object) -> None:
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    for words in said:
        assert str(words) in ran.err


def test_path_that_does_not_exist(clean, tmp_path):
    one_line(clean(tmp_path / "nowhere"), tmp_path / "nowhere", "no such file", "name a folder")
    assert not (tmp_path / "out").exists()


def test_directory_with_the_name_of_a_file(clean, tmp_path):
    (tmp_path / "x.txt").mkdir()
    one_line(clean(tmp_path / "x.txt"), tmp_path / "x.txt", "should hold")


def test_dangling_link(clean, tmp_path):
    link = tmp_path / "x.txt"
    try:
        link.symlink_to(tmp_path / "gone.txt")
    except OSError:
        pytest.skip(reason="links cannot be made here")
    one_line(clean(link), link)


def test_file_without_permission(clean, tmp_path, article):
    path = tmp_path / "x.txt"
    path.write_text(article, "utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip(reason="this user can read everything")
    one_line(clean(path), path, "cannot be read", "permissions")


def test_folder_that_cannot_be_listed_inside_another(clean, monkeypatch, tmp_path, article):
    (tmp_path / "in" / "locked").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text(article, "utf-8")
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    one_line(clean(tmp_path / "in"), tmp_path / "in" / "locked", "cannot be listed", "permissions")


def test_empty_folder(clean, tmp_path):
    (tmp_path / "in").mkdir()
    one_line(clean(tmp_path / "in"), tmp_path / "in", "no article", ".arrow, ", ".csv")


@pytest.mark.parametrize("command", ["clean", "check", "explain"])
def test_zero_records(command, copydesk_command, jsonl, tmp_path):
    out = ("--out", tmp_path / "out") if command == "clean" else ()
    one_line(copydesk_command(command, jsonl(end=b""), *out), "dump.jsonl", "no record")
    assert not (tmp_path / "out").exists()


def test_zero_records_where_that_is_allowed(clean, bodies, jsonl):
    assert clean(jsonl(end=b""), "--allow-empty").code == 0
    assert bodies() == []


BAD_LINES = {
    "not JSON": (b'{"text": nonsense}', "input/not-json"),
    "a list": (b'["text"]', "input/not-object"),
    "a number": (b"17", "input/not-object"),
    "null": (b"null", "input/not-object"),
    "nested deeply": (b'{"text": "x", "y": ' + b"[" * 400 + b"]" * 400 + b"}", "input/not-json"),
    "nested far too deeply": (b'{"text": "x", "y": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "input/not-json"),
    "half a surrogate pair": (b'{"text": "\\ud83d"}', "input/lone-surrogate"),
}


@pytest.mark.parametrize("what", BAD_LINES)
def test_bad_line_is_set_aside_and_the_rest_goes_on(what, clean, bodies, quarantine, jsonl, tmp_path, article):
    raw, check = BAD_LINES[what]
    first = json.dumps({"text": article}).encode()
    assert clean(jsonl(first, raw, {"text": article, "id": "last"})).code == 1
    assert bodies() == [article, article]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["file"], entry["line"], entry["byte_offset"]) == ("dump.jsonl", 2, len(first) + 1)
    assert (entry["raw"], entry["raw_encoding"], entry["record"]) == (raw.decode(), "utf-8", None)
    assert [reason["check"] for reason in entry["reasons"]] == [check]


def test_line_cut_off_at_the_end_of_the_file(clean, bodies, quarantine, jsonl, tmp_path, article):
    cut = json.dumps({"text": article}).encode()[:60]
    assert clean(jsonl({"text": article}, cut, end=b"")).code == 1
    assert bodies() == [article]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw"]) == (2, cut.decode())


def test_blank_lines_are_no_records_but_count_as_lines(clean, quarantine, jsonl, tmp_path, article):
    assert clean(jsonl(b"", {"text": article}, b"  ", b"{")).code == 1
    [entry] = quarantine(tmp_path / "out")
    assert entry["line"] == 4


def test_no_text_field(clean, jsonl, tmp_path):
    ran = clean(jsonl({"headline": "A key", "sondertext": "It rained.", "views": 3}))
    one_line(ran, "dump.jsonl", "headline, sondertext, views", "--map body=sondertext")
    assert not (tmp_path / "out").exists()


def test_map_names_the_text_field(clean, bodies, jsonl, article):
    assert clean(jsonl({"sondertext": article, "text": "teaser"}), "--map", "body=sondertext").code == 0
    assert bodies() == [article]


def test_map_to_a_second_field_that_is_not_there_is_told(clean, jsonl, article):
    ran = clean(jsonl({"words": article}), "--map", "body=words", "--map", "headline=titel")
    assert ran.code == 0
    assert "no record has the field 'titel'" in ran.err


def test_map_to_a_field_that_is_not_there(clean, jsonl, article):
    one_line(clean(jsonl({"words": article}), "--map", "body=wrds"), "words")


def test_invalid_utf8_in_a_line(clean, bodies, quarantine, jsonl, tmp_path, article):
    raw = b'{"text": "caf\xe9"}'
    assert clean(jsonl({"text": article}, raw)).code == 1
    assert bodies() == [article]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw_encoding"], entry["raw"]) == (2, "base64", "eyJ0ZXh0IjogImNhZukifQ==")
    [reason] = entry["reasons"]
    assert reason["check"] == "input/encoding"
    assert "0xe9 at offset 13" in reason["message"]


def test_invalid_utf8_in_a_text(clean, quarantine, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"It rained at the caf\xe9 all day.")
    assert clean(path).code == 1
    [entry] = quarantine(tmp_path / "out")
    assert (entry["file"], entry["byte_offset"]) == ("a.txt", 20)
    assert "0xe9 at offset 20" in entry["reasons"][0]["message"]


def test_encoding_that_is_stated(clean, bodies, copydesk_command, tmp_path, article):
    path = tmp_path / "a.txt"
    path.write_bytes(f"{article}\r\n\r\nAt the café, “nobody” knew.\r\n\r\nScroll to Top".encode("windows-1252"))
    assert clean(path, "--encoding", "windows-1252").code == 0
    assert bodies() == [f"{article}\r\n\r\nAt the café, “nobody” knew."]
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back").code == 0
    assert (tmp_path / "back" / "a.txt").read_bytes() == path.read_bytes()


def test_encoding_of_json_lines(clean, bodies, jsonl, article):
    raw = json.dumps({"text": f"{article} Café."}, ensure_ascii=False).encode("latin-1")
    assert clean(jsonl(raw), "--encoding", "latin-1").code == 0
    assert bodies() == [f"{article} Café."]


def test_record_of_50_megabytes(clean, bodies, jsonl, article):
    # no paragraph twice: what a text holds again would be cut
    count = 50_000_000 // len(article)
    text = "\n\n".join(article.replace("key", f"key {number}") for number in range(count))
    assert clean(jsonl({"text": f"{text}\n\nScroll to Top"})).code == 0
    same = bodies() == [text]
    assert same


@pytest.mark.parametrize(
    ("megabytes", "options"),
    [(50, ["--ignore", "gate", "--suite", "none"]), (8, [])],
    ids=["without what is slow", "with all"],
)
def test_line_of_50_megabytes(megabytes, options, clean, bodies, tmp_path):
    text = "It rained all day in Skarnes and nobody came. " * (megabytes * 22_000)
    (tmp_path / "a.txt").write_text(f"{text.strip()}\n\nScroll to Top\n", "utf-8")
    assert clean(tmp_path / "a.txt", *options).code == 0
    same = bodies() == [text.strip()]
    assert same


@pytest.mark.parametrize("line", ["Scroll to Top", "It rained."], ids=["known", "unknown"])
def test_a_million_lines_in_a_record(line, clean, bodies, tmp_path, article):
    text = f"{article}\n\n" + f"{line}\n" * 1_000_000 + f"\n{article}\n"
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert clean(tmp_path / "a.txt", "--suite", "none").code == 0
    # once the lines between are cut, the second article is a copy of the first
    expected = article if line == "Scroll to Top" else text.rstrip("\n")
    # compared outside the assertion: pytest would take minutes to show how two such texts differ
    same = bodies() == [expected]
    assert same


@pytest.mark.parametrize("options", [[], ["--input-format", "text"], ["--input-format", "jsonl"]])
def test_standard_input_with_nothing_in_it_has_no_record(options, clean, bodies):
    one_line(clean("-", *options), "no record in it")
    assert clean("-", *options, "--allow-empty").code == 0
    assert bodies() == []


PACKERS = {
    "jsonl": bytes,
    "jsonl.gz": gzip.compress,
    "jsonl.zst": zstandard.ZstdCompressor().compress,
    "jsonl.bz2": bz2.compress,
    "jsonl.xz": lzma.compress,
}


@pytest.mark.parametrize("ending", PACKERS)
def test_packed_lines(ending, clean, bodies, tmp_path, article):
    packed = PACKERS[ending](json.dumps({"text": f"{article}\n\nScroll to Top"}).encode())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"dump.{ending}").write_bytes(packed)
    assert clean(tmp_path / "in").code == 0
    assert bodies() == [article]


def test_packed_lines_that_end_before_their_frame_does(clean, tmp_path, article):
    packer = zstandard.ZstdCompressor().compressobj()
    content = packer.compress(json.dumps({"text": article}).encode() + b"\n")
    content += packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    (tmp_path / "dump.jsonl.zst").write_bytes(content)
    one_line(clean(tmp_path / "dump.jsonl.zst", "--strict-inputs"), "dump.jsonl.zst", "middle of a frame", "complete")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz"])
@pytest.mark.parametrize("padding", [0, 4, 1 << 18])
def test_packed_lines_in_several_frames(ending, padding, clean, bodies, tmp_path, article):
    frame = PACKERS[ending](json.dumps({"text": article}).encode() + b"\n") + bytes(padding)
    (tmp_path / f"dump.{ending}").write_bytes(frame * 3)
    assert clean(tmp_path / f"dump.{ending}", "--suite", "none").code == 0
    assert bodies() == [article] * 3


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz"])
def test_what_follows_packed_lines_is_not_lost_in_silence(ending, clean, tmp_path, article):
    path = tmp_path / f"dump.{ending}"
    path.write_bytes(PACKERS[ending](json.dumps({"text": article}).encode()) + b"It rained in the night.")
    assert clean(path, "--strict-inputs").code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz"])
def test_a_packed_file_without_a_byte_in_a_folder_is_no_empty_one(ending, clean, tmp_path, article):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.jsonl").write_text(json.dumps({"text": article}), "utf-8")
    (tmp_path / "in" / f"failed.{ending}").touch()
    one_line(clean(tmp_path / "in", "--strict-inputs"), f"failed.{ending}", "the file is empty", "complete")


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz"])
def test_packed_lines_that_are_cut_off(ending, clean, tmp_path, article):
    records = b"\n".join(json.dumps({"text": f"{n} {article}", "id": n}).encode() for n in range(200))
    path = tmp_path / f"dump.{ending}"
    path.write_bytes(PACKERS[ending](records)[:-40])
    one_line(clean(path, "--strict-inputs"), path, "bytes, unpacked", "complete")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz"])
def test_how_far_packed_lines_that_are_cut_off_can_be_read(ending, clean, tmp_path):
    content = random.Random(1).randbytes(3_000_000)  # which no packer makes much smaller
    path = tmp_path / f"dump.{ending}"
    path.write_bytes(PACKERS[ending](content)[:2_000_000])
    ran = clean(path)
    read = int(re.search(r"after ([\d,]+) bytes, unpacked", ran.err)[1].replace(",", ""))
    assert 1_500_000 < read <= 2_000_000


def test_parquet_that_is_none(clean, tmp_path):
    path = tmp_path / "dump.parquet"
    path.write_bytes(b"PAR1 and nothing of the kind")
    one_line(clean(path), path, "Parquet")


@pytest.mark.parametrize("kind", ["text", "lines"])
def test_standard_input(kind, clean, bodies, article):
    text = f"{article}\n\nScroll to Top\n"
    data = text if kind == "text" else json.dumps({"text": text}) + "\n"
    assert clean("-", stdin=data.encode()).code == 0
    assert bodies() == [article]
