"""Inputs found as sources: files, folders with links, tables, and names of any bytes."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers.discovery import find_sources, list_files, name_inputs, warn_of_passed_over
from copydesk.schemas.errors import InputError, SettingError


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Make files below a folder `in`, from their paths, and work beside it."""
    monkeypatch.chdir(tmp_path)

    def make(*paths: str) -> None:
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"It rained in {path}.", "utf-8")

    return make


def names(*inputs: str) -> list[str]:
    return [source.name for source in find_sources(list(inputs))]


def test_files_of_a_folder_in_the_order_of_their_names(tree):
    tree(
        "in/b.txt", "in/a/z.txt", "in/a/.hidden.txt", "in/.git/x.txt", "in/c.log", "in/_delta_log/0.json", "in/a.jsonl"
    )
    assert names("in") == ["a/z.txt", "a.jsonl", "b.txt"]
    assert [source.kind for source in find_sources(["in"])] == ["text", "jsonl", "text"]


def test_documents_of_a_data_set_are_no_articles_of_it(tree, caplog):
    tree("in/a.md", "in/README.md", "in/docs/License.md", "in/readme-to-me.md")
    sources = find_sources(["in"])
    assert [source.name for source in sources] == ["a.md", "readme-to-me.md"]
    warn_of_passed_over(["in"], sources)
    assert "2 documents of the data not read: in/README.md, in/docs/License.md" in caplog.text
    assert names("in/README.md") == ["README.md"]


def test_a_source_has_what_its_file_has(tree):
    tree("in/lang=en/day=__HIVE_DEFAULT_PARTITION__/a.txt")
    [source] = find_sources(["in"])
    assert source.size == os.path.getsize("in/lang=en/day=__HIVE_DEFAULT_PARTITION__/a.txt")
    assert source.partition == (("lang", "en"), ("day", None))
    assert source.label == "in/lang=en/day=__HIVE_DEFAULT_PARTITION__/a.txt"


def test_equal_names_become_whole_paths(tree):
    tree("in/x/a.txt", "in/y/a.txt")
    assert names("in/x", "in/y") == ["in/x/a.txt", "in/y/a.txt"]
    with pytest.raises(InputError, match="named twice"):
        find_sources(["in/x", "in/x"])


def test_many_equal_names_take_no_longer(tree):
    tree(*(f"in/{folder}/{n}.txt" for folder in "ab" for n in range(1500)))
    assert len(set(names("in/a", "in/b"))) == 3000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "no such file or folder"),
        ("in/a.txt/b", "no such file or folder"),
        ("nul\0byte", "no such file or folder"),
        ("x" * 5000, "cannot be read .*; check the path"),
        ("loop.txt", "cannot be read .*; check the path"),
        ("mysql://host/news::articles", "mysql:// is not read"),
        ("sqlite:///caf\udce9.db::articles", "not UTF-8"),
        ("in", "no article in this folder"),
    ],
)
def test_what_cannot_be_found_is_one_error(name, message, tree):
    tree("in/a.log")
    os.symlink("loop.txt", "loop.txt")
    with pytest.raises(InputError, match=message) as error:
        find_sources([name])
    assert "\n" not in str(error.value)


def test_an_unknown_format_is_refused():
    with pytest.raises(SettingError, match="unknown format 'yaml'"):
        find_sources(["-"], "yaml")


def test_links_to_files_and_folders_are_followed(tree):
    tree("in/a.txt", "else/b.txt", "else/deep/c.txt")
    os.symlink("../else", "in/link")
    os.symlink("../else/b.txt", "in/d.txt")
    assert names("in") == ["a.txt", "d.txt", "link/b.txt", "link/deep/c.txt"]


def test_a_folder_is_read_once_however_many_links_lead_to_it(tree):
    tree("in/z/a.txt", "else/b.txt")
    os.symlink("z", "in/a")
    os.symlink("../else", "in/b")
    os.symlink("../else", "in/c")
    assert names("in") == ["b/b.txt", "z/a.txt"]


@pytest.mark.parametrize("target", [".", "..", "../..", "/"])
def test_links_in_a_circle_end_and_are_named(target, tree, caplog):
    tree("top/in/deep/a.txt", "top/b.txt")
    os.symlink(target, "top/in/deep/link")
    with caplog.at_level(logging.WARNING, "copydesk"):
        sources = find_sources(["top/in"])
        warn_of_passed_over(["top/in"], sources)
    assert [source.name for source in sources] == ["deep/a.txt"]
    assert caplog.messages == ["1 link not followed, to a folder that it is in: top/in/deep/link"]


def test_folders_that_link_to_each_other(tree):
    tree("in/a/x.txt", "in/b/y.txt")
    os.symlink("../b", "in/a/to")
    os.symlink("../a", "in/b/to")
    assert names("in") == ["a/x.txt", "b/y.txt"]


def test_a_link_out_and_back_in(tree):
    tree("in/a.txt", "else/b.txt")
    os.symlink("../else", "in/out")
    os.symlink("../in", "else/back")
    assert names("in") == ["a.txt", "out/b.txt"]
    assert list_files(Path("in")).circular == []


def test_a_broken_link_to_a_file_is_an_error(tree):
    tree("in/a.txt")
    os.symlink("gone.txt", "in/b.txt")
    with pytest.raises(InputError, match=r"in/b\.txt: cannot be read"):
        find_sources(["in"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(tree, copydesk_command, article):
    tree("in/a.txt")
    for name in (b"in/caf\xe9.txt", b"in/\xff\xfe.jsonl", b"in/day=\xe9/x.csv"):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(
                {b"l": b'{"text": "It rained."}\n', b"v": b"id,text\n1,It rained.\n"}.get(name[-1:], article.encode())
            )
    with open(b"in/\xe9.\xe9", "wb"):
        pass
    ran = copydesk_command("clean", "in", "--out", "out", "--suite", "none", "--no-progress")
    assert ran.code == 0, ran.err
    assert "1 with .\\xe9" in ran.err
    rows = pq.read_table("out/articles.parquet").to_pylist()
    assert sorted(row["provenance"]["file"] for row in rows) == [
        "\\xff\\xfe.jsonl",
        "a.txt",
        "caf\\xe9.txt",
        "day=\\xe9/x.csv",
    ]
    for command in (["check", "in"], ["explain", "in"], ["describe", "in"], ["check", os.fsdecode(b"in/caf\xe9.txt")]):
        ran = copydesk_command(*command)
        assert ran.code in (0, 1), ran.err
    for name in (b"in/gone\xe9.txt", b"in/\xe9.db"):
        ran = copydesk_command("clean", os.fsdecode(name), "--out", "other")
        assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_columns_in_a_file_whose_name_is_not_utf8(suffix, tree, copydesk_command):
    import pyarrow as pa
    from pyarrow import feather

    table = pa.table({"text": ["It rained."]})
    pq.write_table(table, "a.parquet") if suffix == "parquet" else feather.write_feather(table, "a.arrow")
    os.rename(f"a.{suffix}", b"caf\xe9." + suffix.encode())
    ran = copydesk_command("clean", os.fsdecode(b"caf\xe9." + suffix.encode()), "--out", "out", "-q", "--suite", "none")
    assert ran.code == 0, ran.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_one_error(tree):
    tree("in/a.txt", "in/b/c.txt")
    for path in ("in/a.txt", "in/b"):
        os.chmod(path, 0)
        with pytest.raises(InputError, match="check its permissions"):
            find_sources(["in"])
        os.chmod(path, 0o700)


def test_nothing_is_told_of_a_folder_that_is_read_whole(tree, caplog):
    tree("in/a.txt", "in/_SUCCESS")
    warn_of_passed_over(["in"], find_sources(["in"]))
    assert caplog.messages == []


def test_inputs_in_messages():
    assert name_inputs(["a.txt", "caf\udce9.txt"]) == "a.txt, caf\\xe9.txt"
    assert "hush" not in name_inputs(["postgresql://editor:hush@host/news::articles"])
