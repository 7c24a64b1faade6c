"""The reader API: a format is one module in `formats/`, and says all that is to be known of it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers import formats, registry
from copydesk.cleaner.readers.declare import reader
from copydesk.schemas.errors import SettingError

ZINE = """
from copydesk.cleaner.readers.declare import Bad, Record, reader


def sniff(start):
    return 0.95 if start.startswith(b"issue ") else 0


@reader(name="zine", suffixes=[".zine"], shared_suffixes=[".json"], magic=[b"ZINE"], sniff=sniff, extra="zines")
def read_zine(file):
    offset = 0
    for number, line in enumerate(file, 1):
        if line == b"library\\n":
            import no_such_library
        text = line.decode(file.encoding or "utf-8").rstrip("\\n")
        yield Record({"text": text}, number, offset, line) if text else Bad(line, "blank", number, offset)
        offset += len(line)
"""


@pytest.fixture
def zine(tmp_path, monkeypatch):
    """Add a module to the folder of formats, as a new reader of copydesk would be."""
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "zine.py").write_text(ZINE, "utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(folder)])
    registry.own_readers.cache_clear()
    yield
    registry.own_readers.cache_clear()
    sys.modules.pop(f"{formats.__name__}.zine", None)


@pytest.fixture
def clean(copydesk_command, tmp_path):
    def run(*args: object, stdin: bytes = b""):
        return copydesk_command("clean", *args, "--out", tmp_path / "out", "-q", "--suite", "none", stdin=stdin)

    return run


@pytest.fixture
def provenance(tmp_path):
    """Return reader, line, offset and body of each article of the run."""

    def read() -> list[tuple[object, ...]]:
        rows = pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()
        return [(*(row["provenance"][name] for name in ("reader", "line", "byte_offset")), row["body"]) for row in rows]

    return read


CONTENT = b"It rained.\n\nIt snowed.\n"


@pytest.mark.parametrize("way", ["suffix", "packed", "folder", "magic", "sniff", "shared suffix", "option", "stdin"])
def test_a_new_format_is_one_module(way, zine, clean, provenance, quarantine, tmp_path):
    names = {"suffix": "a.zine", "packed": "a.zine.gz", "folder": "in/a.zine", "shared suffix": "a.json"}
    path = tmp_path / names.get(way, "a")
    path.parent.mkdir(exist_ok=True)
    first = {"magic": b"ZINE\n", "sniff": b"issue 7\n", "shared suffix": b"issue 7\n"}.get(way, b"")
    content = first + CONTENT
    path.write_bytes(gzip.compress(content) if way == "packed" else content)
    if way == "stdin":
        ran = clean("-", "--input-format", "zine", stdin=content)
    else:
        options = ("--input-format", "zine") if way == "option" else ()
        ran = clean(path.parent if way == "folder" else path, *options)
    assert ran.code == 1, ran.err
    lines = len(content.splitlines())
    assert provenance()[-2:] == [
        ("zine", lines - 2, len(first), "It rained."),
        ("zine", lines, len(first) + 12, "It snowed."),
    ]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw"], entry["reasons"][0]["check"]) == (lines - 1, "\n", "input/bad-record")


def test_its_name_and_suffix_are_in_messages(zine, clean, tmp_path):
    (tmp_path / "empty").mkdir()
    assert " or .zine files" in clean(tmp_path / "empty").err
    assert ", zine\n" in clean(tmp_path, "--input-format", "zyne").err


def test_a_missing_library_names_the_extra(zine, clean, tmp_path):
    (tmp_path / "a.zine").write_bytes(b"library\n")
    ran = clean(tmp_path / "a.zine")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert f"{tmp_path / 'a.zine'}: reading zine needs the package 'no_such_library'" in ran.err
    assert "zines" in ran.err


def test_a_shared_suffix_stays_with_its_owner_unless_the_content_says_otherwise(zine, clean, provenance, tmp_path):
    for name, content in (("a.json", '[{"text": "It rained."}]'), ("b.json", '{"text": "It rained."}\n')):
        (tmp_path / name).write_text(content, "utf-8")
    assert clean(tmp_path / "a.json", tmp_path / "b.json").code == 0
    assert [row[0] for row in provenance()] == ["json", "jsonl"]


@pytest.mark.parametrize("suffix", ["logbook", ".Logbook", ".log.book", "."])
def test_a_suffix_that_is_none_is_refused(suffix):
    with pytest.raises(SettingError, match="not the ending of a file name"):
        reader(suffixes=[suffix])


def test_every_module_declares_its_formats():
    modules = {path.stem for path in Path(formats.__path__[0]).glob("*.py")} - {"__init__"}
    readers = registry.own_readers()
    assert {one.read.__module__.rpartition(".")[2] for one in readers.values()} == modules
    assert all(one.name == name for name, one in readers.items())
    suffixes = [suffix for one in readers.values() for suffix in one.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    for one in readers.values():
        assert set(one.shared_suffixes) <= set(suffixes)


def test_the_page_of_inputs_has_a_row_for_every_suffix():
    page = (Path(__file__).parent.parent.parent / "docs" / "input.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `.")]
    for suffix in registry.formats_by_suffix():
        assert any(f"`{suffix}`" in row for row in rows), suffix


def loaded_by(code: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_no_format_is_imported_before_an_input_is_looked_for():
    code = (
        "import sys; sys.argv = ['copydesk', '--version']\n"
        "from copydesk.cleaner.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import copydesk.cleaner.runs.clean_run"
    )
    assert not [name for name in loaded_by(code) if name.startswith(f"{formats.__name__}.")]


def test_declarations_import_no_library_of_a_reader():
    code = "from copydesk.cleaner.readers.registry import own_readers; own_readers()"
    loaded = loaded_by(code)
    assert not loaded & {"pyarrow.parquet", "duckdb", "sqlite3", "zstandard", "dateutil.parser"}
