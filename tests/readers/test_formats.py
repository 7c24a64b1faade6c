"""Kinds of input through the command: each read as it is, with the place of each record, and its faults told."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

PACKERS = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.fixture
def clean(copydesk_command, tmp_path):
    def run(*args: object, stdin: bytes = b""):
        return copydesk_command("clean", *args, "--out", tmp_path / "out", "-q", "--suite", "none", stdin=stdin)

    return run


@pytest.fixture
def articles(tmp_path):
    """Return the articles of the run."""
    return lambda: pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()


@pytest.fixture
def lines(articles):
    """Return the line and the body of each article of the run."""
    return lambda: [(row["provenance"]["line"], row["body"]) for row in articles()]


def one_line(ran, *said: object) -> None:
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    for words in said:
        assert str(words) in ran.err


def table(count: int = 3) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(count)], "text": [f"It rained for {n} days." for n in range(count)]})


def write_arrow(found: pa.Table, path, *, stream: bool = False, rows: int = 2) -> None:
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(path, found.schema) as writer:
        writer.write_table(found, max_chunksize=rows)


# Columns


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
@pytest.mark.parametrize("way", ["named", "unnamed", "standard input", "packed"])
def test_arrow(way, stream, clean, articles, tmp_path):
    path = tmp_path / ("dump" if way == "unnamed" else "dump.arrow")
    write_arrow(table(5000), path, stream=stream, rows=3000)
    if way == "packed":
        packed = tmp_path / "dump.arrow.zst"
        packed.write_bytes(PACKERS["zst"](path.read_bytes()))
        path = packed
    ran = clean("-", stdin=path.read_bytes()) if way == "standard input" else clean(path)
    assert ran.code == 0, ran.err
    rows = articles()
    assert [row["body"] for row in rows] == table(5000)["text"].to_pylist()
    assert [row["provenance"]["line"] for row in rows] == list(range(1, 5001))
    assert rows[0]["provenance"]["reader"] == "arrow"


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather(compression, clean, lines, tmp_path):
    from pyarrow import feather

    feather.write_feather(table(2), str(tmp_path / "dump.feather"), compression=compression)
    assert clean(tmp_path / "dump.feather").code == 0
    assert lines() == [(1, "It rained for 0 days."), (2, "It rained for 1 days.")]


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
def test_arrow_that_ends_too_early(stream, clean, tmp_path):
    path = tmp_path / "dump.arrow"
    write_arrow(table(5000), path, stream=stream, rows=1000)
    path.write_bytes(path.read_bytes()[:-1500])
    one_line(clean(path, "--strict-inputs"), path, "not sound Arrow data", "write it again")
    assert not (tmp_path / "out").exists()


def test_stream_of_which_some_was_read(clean, tmp_path):
    path = tmp_path / "dump.arrow"
    write_arrow(table(5000), path, stream=True, rows=1000)
    path.write_bytes(path.read_bytes()[:-1500])
    one_line(clean(path, "--strict-inputs"), "after 4,000 rows")


def test_row_groups_of_parquet(clean, lines, tmp_path):
    pq.write_table(table(5000), tmp_path / "dump.parquet", row_group_size=700)
    assert clean(tmp_path / "dump.parquet").code == 0
    assert lines() == list(enumerate(table(5000)["text"].to_pylist(), 1))


@pytest.mark.parametrize("keep", [0.5, 0.99], ids=["half", "without its footer"])
def test_parquet_that_is_cut_off(keep, clean, tmp_path):
    path = tmp_path / "dump.parquet"
    pq.write_table(table(1000), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    one_line(clean(path), path, "not a sound Parquet file", "write it again")
    assert not (tmp_path / "out").exists()


def test_parquet_with_a_damaged_page(clean, tmp_path):
    path = tmp_path / "dump.parquet"
    pq.write_table(table(4000), path, row_group_size=1000, compression="zstd")
    content = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(3).column(1).data_page_offset
    content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)
    one_line(clean(path, "--strict-inputs"), path, "after 3,000 rows")
    assert not (tmp_path / "out").exists()


def test_folders_of_partitions(clean, articles, tmp_path):
    for source, day in (("bbc", "date=2024-01-01"), ("a%20b", "date=__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "dump" / f"source={source}" / day
        folder.mkdir(parents=True)
        pq.write_table(table(1), folder / "part-0.parquet")
    assert clean(tmp_path / "dump").code == 0
    found = [(row["date_published"], row["source_name"]) for row in articles()]
    assert [(date and date.isoformat(), source) for date, source in found] == [
        (None, "a b"),
        ("2024-01-01T00:00:00+00:00", "bbc"),
    ]


def test_partitions_above_the_folder_that_is_named_and_of_lines(clean, articles, tmp_path):
    folder = tmp_path / "language=en" / "section=Home"
    folder.mkdir(parents=True)
    (folder / "part.jsonl").write_text('{"text": "It rained."}\n{"text": "It snowed.", "section": "World"}\n', "utf-8")
    assert clean(folder).code == 0
    assert [(row["language"], row["section"]) for row in articles()] == [("en", "Home"), ("en", "World")]


def test_columns_of_one_name(clean, articles, tmp_path):
    found = pa.table([["It rained."], ["Again."], ["x"]], names=["text", "text", ""])
    write_arrow(found, tmp_path / "dump.arrow")
    assert clean(tmp_path / "dump.arrow").code == 0
    [row] = articles()
    assert (row["body"], json.loads(row["extra"])) == ("It rained.", {"text_2": "Again.", "column_3": "x"})


def test_text_in_a_column_that_is_no_utf8_is_set_aside(clean, lines, quarantine, tmp_path):
    raw = pa.array([b"It rained.", b"caf\xe9", b"It snowed."], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    write_arrow(pa.table({"text": column}), tmp_path / "dump.arrow", rows=3)
    assert clean(tmp_path / "dump.arrow").code == 1
    assert lines() == [(1, "It rained."), (3, "It snowed.")]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw"], entry["raw_encoding"]) == (2, "Y2Fm6Q==", "base64")
    assert entry["reasons"][0]["check"] == "input/encoding"


def test_values_that_python_has_no_type_for(clean, articles, tmp_path):
    found = pa.table(
        {
            "text": ["It rained."],
            "date": pa.array([1704067200123456789], pa.timestamp("ns")),
            "due": pa.array([2**30], pa.int32()).cast(pa.date32()),
            "took": pa.array([1001], pa.duration("ns")),
            "extra": ["no object"],
        }
    )
    pq.write_table(found, tmp_path / "dump.parquet")
    assert clean(tmp_path / "dump.parquet").code == 0
    [row] = articles()
    assert row["date_published"].isoformat() == "2024-01-01T00:00:00.123456+00:00"
    extra = json.loads(row["extra"])
    assert sorted(extra) == ["due", "extra", "took"]
    assert extra["extra"] == "no object"


def test_columns_that_hold_json(clean, articles, tmp_path):
    kind = {b"ARROW:extension:name": b"arrow.json", b"ARROW:extension:metadata": b""}
    authors = pa.field("authors", pa.string(), metadata=kind)
    schema = pa.schema([pa.field("text", pa.string()), authors, pa.field("tree", pa.string(), metadata=kind)])
    found = pa.table([["It rained."], ['[{"name": "A. Holt"}]'], ['{"a": [1]}']], schema=schema)
    write_arrow(found, tmp_path / "dump.arrow")
    assert clean(tmp_path / "dump.arrow").code == 0
    [row] = articles()
    assert [author["name"] for author in row["authors"]] == ["A. Holt"]
    assert json.loads(row["extra"]) == {"tree": {"a": [1]}}


# Delimited text


@pytest.fixture
def csv(tmp_path):
    def write(*rows: str, name: str = "dump.csv", encoding: str = "utf-8", end: str = "\n"):
        path = tmp_path / name
        path.write_bytes("".join(f"{row}{end}" for row in rows).encode(encoding))
        return path

    return write


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", ["dump.csv", "dump.tsv", "dump.csv.gz", "dump.tsv.zst", "dump", "-"])
def test_rows_and_their_physical_lines(name, end, delimiter, clean, articles, csv, tmp_path):
    rows = ['text,"title",id', f'"It rained,{end}{end}and then; it ""snowed""\t.",A key,1', "", "It rained.,,2"]
    rows = [row.replace(",", delimiter) for row in rows]
    path = csv(*rows, name=name, end=end)
    if path.suffix in (".gz", ".zst"):
        path.write_bytes(PACKERS[path.suffix[1:]](path.read_bytes()))
    ran = clean("-", stdin=path.read_bytes()) if name == "-" else clean(path)
    assert ran.code == 0, ran.err
    first, second = articles()
    inner = "," if delimiter == "," else delimiter
    assert first["body"] == f'It rained{inner}{end}{end}and then; it "snowed"\t.'
    assert (first["id"], first["headline"], second["id"], second["headline"]) == ("1", "A key", "2", None)
    assert [row["provenance"]["line"] for row in (first, second)] == [2, 6]
    assert first["provenance"]["byte_offset"] == len(rows[0] + end)
    assert first["provenance"]["reader"] == "csv"


def test_quoted_line_ends_come_back(clean, copydesk_command, csv, tmp_path):
    csv("text", '"It rained.\r\n\r\nScroll to Top"')
    assert clean(tmp_path / "dump.csv").code == 0
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back").code == 0
    [row] = (tmp_path / "back" / "dump.csv.jsonl").read_text("utf-8").splitlines()
    assert json.loads(row)["text"] == "It rained.\r\n\r\nScroll to Top"


BAD_ROWS = {
    "too short": ("2", "input/ragged-row", "in the row: 1, in the header: 2"),
    "too long": ("2,It rained.,", "input/ragged-row", "in the row: 3, in the header: 2"),
    "quote in quotes": ('2,"He said "no", and left."', "input/bad-quotes", "expected after"),
    "open quote": ('2,"It rained.', "input/bad-quotes", "expected after"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_bad_row_is_set_aside_and_the_rest_goes_on(what, clean, lines, quarantine, csv, tmp_path):
    raw, check, message = BAD_ROWS[what]
    path = csv("id,text", '1,"It\nrained."', raw, '3,"It snowed."', "4,It froze.")
    assert clean(path).code == 1
    assert lines() == [(2, "It\nrained."), (5, "It snowed."), (6, "It froze.")]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["file"], entry["line"], entry["byte_offset"]) == ("dump.csv", 4, len('id,text\n1,"It\nrained."\n'))
    assert (entry["raw"], [reason["check"] for reason in entry["reasons"]]) == (raw, [check])
    assert message in entry["reasons"][0]["message"]


def test_quote_that_is_open_at_the_end(clean, lines, quarantine, csv, tmp_path):
    assert clean(csv("id,text", "1,It rained.", '2,"It snowed.', "3,It froze.")).code == 1
    assert lines() == [(2, "It rained."), (4, "It froze.")]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw"]) == (3, '2,"It snowed.')
    assert "never closed" in entry["reasons"][0]["message"]


def test_row_that_was_read_but_turned_away_is_kept_as_it_was(copydesk_command, quarantine, csv, tmp_path):
    copydesk_command("clean", csv("text;id", '"";"1"'), "--out", tmp_path / "out", "-q")
    [entry] = quarantine(tmp_path / "out")
    assert (entry["raw"], entry["record"]) == ('"";"1"', {"text": "", "id": "1"})


def test_backslashes_before_quotes(clean, lines, csv):
    path = csv("id,text", r'1,"He said \"no\", and left."', r'2,"It \"rained\", in C:\new\\."', "3,It froze.")
    assert clean(path).code == 0
    assert lines() == [(2, 'He said "no", and left.'), (3, r'It "rained", in C:\new\\.'), (4, "It froze.")]


def test_backslashes_that_escape_nothing(clean, lines, csv):
    assert clean(csv("id,text", r'1,"In C:\new, it ""rained""."')).code == 0
    assert lines() == [(2, r'In C:\new, it "rained".')]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings_of_rows(encoding, clean, lines, csv):
    option = ("--encoding", "latin-1") if encoding == "latin-1" else ()
    assert clean(csv("text,id", '"Am\nCafé",1', encoding=encoding), *option).code == 0
    assert lines() == [(2, "Am\nCafé")]


def test_bytes_in_a_row_that_are_no_text(clean, lines, quarantine, csv, tmp_path):
    assert clean(csv("id,text", "1,café", "2,It froze.", encoding="latin-1")).code == 1
    assert lines() == [(3, "It froze.")]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw_encoding"]) == (2, "base64")
    assert "byte 0xe9 in field 2" in entry["reasons"][0]["message"]


def test_rows_across_blocks(clean, lines, csv, monkeypatch):
    from copydesk.cleaner.readers import batches as sources
    from copydesk.cleaner.readers.formats import delimited

    assert delimited.read_line_chunks is sources.read_line_chunks  # loaded before the size of chunks is changed
    monkeypatch.setattr(sources, "BATCH_BYTES", 50)
    text = "It rained.\n" * 20
    path = csv("id,text", *(f'{n},"{text}{n}"' for n in range(9)), '9,"open', *(f"{n},{n}" for n in range(10, 40)))
    assert clean(path).code == 1
    assert lines() == [
        *((2 + 21 * n, f"{text}{n}") for n in range(9)),
        *((182 + n, str(n)) for n in range(10, 40)),
    ]


def test_field_that_is_larger_than_python_allows(clean, lines, csv):
    import csv as standard

    before = standard.field_size_limit()
    text = "It rained all day. " * 400_000
    assert clean(csv("id,text", f'1,"{text}."')).code == 0
    same = lines() == [(2, f"{text}.")]
    assert same
    assert standard.field_size_limit() == before


def test_header_that_cannot_be_read(clean, csv):
    path = csv('id,"te"xt', "1,It rained.")
    one_line(clean(path), path, "the header cannot be read", "name the columns")


def test_header_that_names_no_text(clean, csv):
    path = csv("nr;kopfzeile;sondertext", "1;Rain;It rained.")
    one_line(clean(path), path, "nr, kopfzeile, sondertext", "--map body=sondertext")


def test_header_alone(clean, csv):
    one_line(clean(csv("id,text")), "no record in it")


# JSON documents


@pytest.mark.parametrize("way", ["dump.json", "dump.json.gz", "dump", "-"])
@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "indented"])
def test_array_of_objects(indent, way, clean, articles, tmp_path):
    records = [{"id": "1", "text": 'It rained [{"\\"}].'}, {"id": "2", "text": "It snowed.", "tags": [["a"], {}]}]
    content = json.dumps(records, indent=indent).encode()
    (tmp_path / way).write_bytes(PACKERS["gz"](content) if way.endswith("gz") else content)
    ran = clean("-", stdin=content) if way == "-" else clean(tmp_path / way)
    assert ran.code == 0, ran.err
    first, second = articles()
    assert (first["body"], second["body"]) == (records[0]["text"], records[1]["text"])
    assert first["provenance"]["line"] == (2 if indent else 1)
    assert second["provenance"]["line"] == (6 if indent else 1)
    assert second["provenance"]["byte_offset"] == content.rindex(b'{"id"' if not indent else b'{\n    "id"')
    assert first["provenance"]["reader"] == "json"


@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "indented"])
@pytest.mark.parametrize("count", [1, 2], ids=["one", "several"])
def test_objects_without_an_array(count, indent, clean, lines, tmp_path):
    (tmp_path / "dump.json").write_text("\n".join([json.dumps({"text": "It rained."}, indent=indent)] * count), "utf-8")
    assert clean(tmp_path / "dump.json").code == 0
    assert [body for _, body in lines()] == ["It rained."] * count


def test_bad_value_in_an_array_is_set_aside(clean, lines, quarantine, tmp_path):
    content = b'[{"text": "It rained."},\n{"text": nonsense},\n17, {"text": "caf\xe9"},\n {"text": "It snowed."} ]'
    (tmp_path / "dump.json").write_bytes(content)
    assert clean(tmp_path / "dump.json").code == 1
    assert lines() == [(1, "It rained."), (4, "It snowed.")]
    found = [(e["line"], e["byte_offset"], e["reasons"][0]["check"]) for e in quarantine(tmp_path / "out")]
    assert found == [
        (2, content.index(b"{", 2), "input/not-json"),
        (3, content.index(b"17"), "input/not-object"),
        (3, content.index(b'{"text": "caf'), "input/encoding"),
    ]


@pytest.mark.parametrize("cut", [b'{"text": "It', b"", b'{"te', b"{"], ids=["text", "between", "name", "bracket"])
def test_array_that_ends_too_early(cut, clean, tmp_path):
    (tmp_path / "dump.json").write_bytes(b'[{"text": "It rained."},\n' + cut)
    one_line(
        clean(tmp_path / "dump.json", "--strict-inputs"),
        "does not end (1 record before it)",
        "check that the file is complete",
    )
    assert not (tmp_path / "out").exists()


def test_documents_across_blocks(clean, lines, tmp_path, monkeypatch):
    from copydesk.cleaner.readers import batches

    monkeypatch.setattr(batches, "BATCH_BYTES", 7)
    records = [{"text": f'It "rained" \\ {n} days.'} for n in range(50)]
    (tmp_path / "dump.json").write_text(json.dumps(records, indent=1), "utf-8")
    assert clean(tmp_path / "dump.json").code == 0
    assert lines() == [(2 + 3 * n, record["text"]) for n, record in enumerate(records)]


def test_text_that_begins_with_a_bracket_is_a_text(clean, lines):
    assert clean("-", stdin=b"[Editor's note] It rained.").code == 0
    assert lines() == [(None, "[Editor's note] It rained.")]


# Files and folders


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_files_are_known_by_their_first_bytes(packer, clean, lines, tmp_path):
    for name, content in (("a.jsonl", b'{"text": "It rained."}'), ("b", b'{"text": "It snowed."}'), ("c.txt", b"Fog.")):
        (tmp_path / name).write_bytes(PACKERS[packer](content))
    assert clean(tmp_path / "a.jsonl", tmp_path / "b", tmp_path / "c.txt").code == 0
    assert [body for _, body in lines()] == ["It rained.", "It snowed.", "Fog."]


@pytest.mark.parametrize("sizes", [(1, 2400), (1000, 2400), (1800, 2400), (1000, 6500), (1, 1800, 1, 2400, 1, 1)])
def test_records_come_out_in_the_order_of_their_files(sizes, clean, articles, tmp_path):
    (tmp_path / "in").mkdir()
    for number, size in enumerate(sizes):
        lines = [json.dumps({"id": f"{number}-{line}", "text": f"{line} {'It rained. ' * 90}"}) for line in range(size)]
        (tmp_path / "in" / f"{number}.jsonl").write_text("\n".join(lines), "utf-8")
    assert clean(tmp_path / "in").code == 0
    expected = [f"{number}-{line}" for number, size in enumerate(sizes) for line in range(size)]
    same = [article["id"] for article in articles()] == expected
    assert same


def test_every_known_ending_is_found_in_a_folder(clean, lines, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(table(1), folder / "a.parquet")
    write_arrow(table(1), folder / "b.arrow")
    (folder / "c.csv.gz").write_bytes(PACKERS["gz"](b"id,text\n3,It rained for 0 days.\n"))
    (folder / "d.json").write_text('{"text": "It rained for 0 days."}', "utf-8")
    (folder / "e.log").write_text("no known ending", "utf-8")
    assert clean(folder).code == 0
    assert lines() == [(1, "It rained for 0 days."), (1, "It rained for 0 days."), (2, "It rained for 0 days."),
                       (1, "It rained for 0 days.")]  # fmt: skip


@pytest.mark.parametrize("command", [["clean", "--out", "out"], ["validate", "--out", "out"], ["describe"]])
def test_what_is_not_read_in_a_folder_is_named(command, copydesk_command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "a.bib", "b/c.BIB", "b/d.log.gz", "LICENSE", "_SUCCESS", ".hidden", "_temporary/e.xml"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text("It rained.", "utf-8")
    name, *options = command
    ran = copydesk_command(name, "in", *options, *(["--no-progress"] if name == "clean" else []))
    told = [line for line in ran.err.splitlines() if "not read" in line]
    assert told == [
        "copydesk: 4 files not read, of no known format: 2 with .bib, 1 with no ending, 1 with .log; "
        "to read a file all the same, name the file itself"
    ]


def test_nothing_is_said_of_a_folder_that_is_read_whole(copydesk_command, tmp_path, article):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(article, "utf-8")
    ran = copydesk_command("clean", tmp_path / "in", "--out", tmp_path / "out", "-q")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("out", ["in", "in/out", "."])
def test_results_among_the_inputs_are_refused(out, copydesk_command, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("It rained.", "utf-8")
    ran = copydesk_command("clean", tmp_path / "in", "--out", tmp_path / out, "--overwrite")
    one_line(ran, "inside", tmp_path / "in", "use an --out apart from the inputs")
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.txt"]


def test_hidden_files_and_folders_are_not_read(clean, lines, tmp_path):
    for name in (".a.txt", ".git/b.txt", "c/.d/e.jsonl", "c/_delta_log/0.json", "c/f.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"It rained in {name}", "utf-8")
    assert clean(tmp_path / "in").code == 0
    assert lines() == [(None, "It rained in c/f.txt")]


def test_hidden_folder_that_is_named_is_read(clean, lines, tmp_path):
    (tmp_path / ".in").mkdir()
    (tmp_path / ".in" / "a.txt").write_text("It rained.", "utf-8")
    assert clean(tmp_path / ".in").code == 0
    assert lines() == [(None, "It rained.")]


@pytest.mark.parametrize("name", ["dump.csv", "dump.json", "dump.arrow"])
def test_they_are_validated_and_profiled(name, copydesk_command, quarantine, tmp_path):
    path = tmp_path / name
    if name == "dump.arrow":
        write_arrow(table(1), path)
    else:
        path.write_text("text\nIt rained.\n" if name == "dump.csv" else '[{"text": "It rained."}]', "utf-8")
    ran = copydesk_command("validate", path, "--verdict-by", "flags", "--out", tmp_path / "out")
    assert ran.code == 1, ran.err
    [entry] = quarantine(tmp_path / "out")
    assert entry["file"] == name
    assert json.loads(copydesk_command("describe", path).out)["records"] == 1
    one_line(copydesk_command("validate", path, "--verdict-by", "flags", "--out", tmp_path, "--overwrite"), "inside")


@pytest.mark.parametrize("command", ["check", "explain"])
@pytest.mark.parametrize("name", ["dump.csv", "dump.json", "dump.arrow"])
def test_every_command_reads_them(name, command, copydesk_command, tmp_path):
    path = tmp_path / name
    if name == "dump.arrow":
        write_arrow(pa.table({"text": ["It rained.\n\nScroll to Top"]}), path)
    else:
        path.write_text('text\n"It rained.\n\nScroll to Top"\n' if name == "dump.csv" else
                        '[{"text": "It rained.\\n\\nScroll to Top"}]', "utf-8")  # fmt: skip
    ran = copydesk_command(command, path)
    assert "navigation/top" in ran.out, ran.err
    assert "dump" in ran.out


# Many small files


def test_small_files_are_cleaned_together(copydesk_command, tmp_path, article, monkeypatch, read_run):
    from copydesk.cleaner.runs import judge as judging
    from copydesk.cleaner.runs import processor as processing

    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(4):
        record = json.dumps({"id": f"{n % 3}", "title": "T", "text": f"{article}\n\nScroll to Top {n}"})
        (folder / f"a{n}.jsonl").write_text(f"{record}\n{{\n", "utf-8")
        (folder / f"b{n}.csv").write_text(f"id,body\nc{n},{'It rained. ' * 30}\nragged\n", "utf-8")
        (folder / f"c{n}.txt").write_text(article, "utf-8")
    pq.write_table(table(), folder / "d.parquet")
    join_small = judging.join_small

    def run(join, out):
        """Return what a run leaves, and how many batches there were."""
        counts = [0]

        def counted(batches):
            for batch in join(batches):
                counts[0] += 1
                yield batch

        for module in (judging, processing):
            monkeypatch.setattr(module, "join_small", counted)
        assert copydesk_command("clean", folder, "--out", out, "-q").code == 1
        found = copydesk_command("check", folder, "--format", "jsonl", "--no-cache")
        return read_run(out), found, counts[0] / 2

    *together, few = run(join_small, tmp_path / "together")
    *alone, many = run(iter, tmp_path / "alone")
    assert together == alone
    assert (few, many) == (4, 10)


def test_a_small_file_without_a_text_is_named(clean, tmp_path, article):
    for name, field in (("a", "text"), ("b", "lore"), ("c", "text")):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({field: article}), "utf-8")
    paths = [tmp_path / f"{name}.jsonl" for name in "abc"]
    one_line(clean(*paths, "--strict-inputs"), tmp_path / "b.jsonl", "lore", "--map")


# What else a file may be


@pytest.mark.parametrize("way", ["mark", "option", "packed", "standard input", "no name", "pieces"])
def test_lines_in_utf_16(way, clean, articles, tmp_path, request):
    records = "".join(f'{{"id": "{n}", "text": "Café ਊ {n}. {"It rained. " * 200}"}}\r\n' for n in range(9))
    encoding = "utf-16-be" if way == "option" else "utf-16"
    content = records.encode(encoding)
    path = tmp_path / ("dump" if way == "no name" else "dump.jsonl.gz" if way == "packed" else "dump.jsonl")
    path.write_bytes(gzip.compress(content) if way == "packed" else content)
    if way == "pieces":
        request.getfixturevalue("small_pieces")
    options = ("--encoding", encoding) if way == "option" else ()
    ran = clean("-", stdin=content) if way == "standard input" else clean(path, *options)
    assert ran.code == 0, ran.err
    found = [(row["provenance"]["line"], row["id"], row["body"][:9]) for row in articles()]
    assert found == [(n + 1, str(n), f"Café ਊ {n}.") for n in range(9)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 and more", "ZIP archive"),
        (b"%PDF-1.4 and more", "PDF"),
    ],
)
def test_what_is_known_to_be_no_text_is_named(content, said, clean, tmp_path):
    path = tmp_path / "dump.jsonl.other"
    path.write_bytes(content)
    one_line(clean(path), path, said, "give" if said in ("ZIP archive", "PDF") else "unpack it")
    one_line(clean("-", stdin=content), "standard input", said)
    assert not (tmp_path / "out").exists()


def test_a_file_without_one_record_that_can_be_read(clean, quarantine, tmp_path):
    (tmp_path / "dump.jsonl").write_bytes(b"{\n")
    assert clean(tmp_path / "dump.jsonl").code == 1
    assert len(quarantine(tmp_path / "out")) == 1
