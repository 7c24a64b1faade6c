"""Shared by the attacks on readers: clean one file, and see what became of it."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def clean(copydesk_command, tmp_path):
    """Clean one file, and return its articles and its quarantine; the command has no traceback."""

    def run(content: bytes | pa.Table, name: str, *options: str) -> tuple[list[dict], list[dict]]:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif path.suffix == ".parquet":
            pq.write_table(content, path)
        else:
            with pa.ipc.new_file(str(path), content.schema) as writer:
                writer.write_table(content)
        out = tmp_path / "out"
        ran = copydesk_command("clean", path, "--out", out, "-q", "--overwrite", "--suite", "none", *options)
        assert ran.code in (0, 1), ran.err
        articles = pq.read_table(out / "articles.parquet").to_pylist()
        entries = [json.loads(line) for line in (out / "quarantine.jsonl").read_bytes().splitlines()]
        return [{**article, "extra": json.loads(article["extra"])} for article in articles], entries

    return run


@pytest.fixture
def refused(copydesk_command, tmp_path):
    """Clean one file that cannot be read; return the single line that says so."""

    def run(content: bytes, name: str, *options: str) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        ran = copydesk_command("clean", path, "--out", tmp_path / "out", *options)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
        assert str(path) in ran.err
        return ran.err

    return run


@pytest.fixture
def reasons():
    """Return a function that lists the first reason of each entry of a quarantine."""

    def first_reasons(entries: list[dict]) -> list[str]:
        return [entry["reasons"][0]["check"] for entry in entries]

    return first_reasons
