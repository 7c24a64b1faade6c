"""The way back: raw texts from a run's articles and edits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..schemas.edits import Edit, undo_edits
from ..schemas.errors import InputError, OutputError, RestoreError


def restore_run(out: Path, to: Path) -> int:
    """Write the raw texts of a run's accepted articles below `to`; give their number.

    A text file comes back under its name, byte for byte. Records come back as one JSON Lines file for each input
    file, with `id`, the field that held the text and, where it was cut, the headline.

    Raises `RestoreError` if a text does not have the SHA-256 that was noted when it was read.
    """
    edits = _edits_by_id(out)
    if to.exists() and any(to.iterdir()):
        raise OutputError("the directory is not empty", where=str(to), do="give another --to")
    count = 0
    for article in _articles(out):
        found = edits.get(article["id"], [])
        text = undo_edits(article["body"], [edit for edit in found if edit.field == "body"])
        if hashlib.sha256(text.encode()).hexdigest() != article["raw"]["sha256"]:
            raise RestoreError("the restored text is not the one that was read", where=article["id"])
        _write(article, text, [edit for edit in found if edit.field == "headline"], to)
        count += 1
    return count


def _write(article: dict[str, Any], text: str, title_edits: list[Edit], to: Path) -> None:
    provenance = article["provenance"]
    path = to / _safe(provenance["file"] or "records")
    if provenance["reader"] == "text":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(article["raw"]["encoding"]))
        return
    path = path.with_name(f"{path.name.split('.')[0]}.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"id": article["id"], provenance["text_field"]: text}
    if title_edits:
        record["headline"] = undo_edits(article["headline"] or "", title_edits)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _safe(name: str) -> Path:
    """Give a path that cannot lead out of the directory that it is put in."""
    return Path(*[part for part in PurePosixPath(name).parts if part not in ("..", "/")])


def _edits_by_id(out: Path) -> dict[str, list[Edit]]:
    path = out / "edits.parquet"
    if not path.exists():
        raise InputError(
            "no edits.parquet in it", where=str(out), do="give the directory that `copydesk clean` wrote"
        )
    found: dict[str, list[Edit]] = {}
    for row in pq.read_table(path).to_pylist():
        found.setdefault(row.pop("id"), []).append(Edit(**row))
    return found


def _articles(out: Path) -> Iterator[dict[str, Any]]:
    """Read a run's articles, in whichever format they were written."""
    parquet = out / "articles.parquet"
    if parquet.exists():
        with pq.ParquetFile(parquet) as file:
            for batch in file.iter_batches(columns=["id", "headline", "body", "raw", "provenance"]):
                yield from pa.Table.from_batches([batch]).to_pylist()
        return
    for name in ("articles.jsonl", "articles.jsonl.zst"):
        path = out / name
        if path.exists():
            from .inputs import Source, opened

            with opened(Source(path, name, "jsonl")) as (file, _):
                yield from map(json.loads, file.read().splitlines())
            return
    raise InputError("no articles in it", where=str(out), do="give the directory that `copydesk clean` wrote")
