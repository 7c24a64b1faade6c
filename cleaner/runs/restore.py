"""The way back: raw texts from a run's articles and edits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ...schemas.edits import Edit, undo_edits
from ...schemas.errors import InputError, OutputError, RestoreError
from ..readers.compression import unpacked_name
from .run_files import read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator


def restore_run(out: Path, to: Path) -> int:
    """Write the raw texts of a run's accepted articles below `to`; give their number.

    A text file comes back under its name, byte for byte; one that was packed, under its name without the suffix of
    the packing. Records come back as JSON Lines, `NAME.jsonl` for an input file NAME, each with `id`, the field that
    held the text and, where it was cut, the headline.

    Raises `RestoreError` if a text does not have the SHA-256 that was noted when it was read.
    """
    edits = _EditsInOrder(out)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise OutputError("the directory is not empty", where=str(to), hint="give another --to")
    count = 0
    for article in _articles(out):
        found = edits.take(article["id"])
        text = undo_edits(article["body"], [edit for edit in found if edit.field == "body"])
        if hashlib.sha256(text.encode()).hexdigest() != article["raw"]["sha256"]:
            raise RestoreError("the restored text is not the one that was read", where=article["id"])
        _write(article, text, [edit for edit in found if edit.field == "headline"], to)
        count += 1
    return count


def count_quarantined(out: Path) -> int:
    """Count the records that a run turned away."""
    try:
        with (out / "quarantine.jsonl").open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _write(article: dict[str, Any], text: str, title_edits: list[Edit], to: Path) -> None:
    provenance = article["provenance"]
    path = to / _safe(provenance["file"] or "records")
    path.parent.mkdir(parents=True, exist_ok=True)
    if provenance["reader"] == "text":
        unpacked_name(path).write_bytes(text.encode(article["raw"]["encoding"]))
        return
    path = path if path.suffix == ".jsonl" else path.with_name(f"{path.name}.jsonl")
    record = {"id": article["id"], provenance["text_field"]: text}
    if title_edits:
        record["headline"] = undo_edits(article["headline"] or "", title_edits)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _safe(name: str) -> Path:
    """Give a path that cannot lead out of the directory that it is put in."""
    return Path(*[part for part in PurePosixPath(name).parts if part not in ("..", "/")])


class _EditsInOrder:
    """The edits of a run, read along with its articles, which stand in the same order."""

    def __init__(self, out: Path) -> None:
        path = out / "edits.parquet"
        if not path.exists():
            raise InputError(
                "no edits.parquet in it", where=str(out), hint="give a directory that `copydesk clean` wrote"
            )
        self._rows = self._read(path)
        self._next = next(self._rows, None)

    @staticmethod
    def _read(path: Path) -> Iterator[dict[str, Any]]:
        for table in read_parts(path):
            yield from table.to_pylist()

    def take(self, article: str) -> list[Edit]:
        """Give the edits of the next article.

        Articles may share an id: the edits of a field begin anew, at a lower offset, with the next of them.
        """
        found: list[Edit] = []
        while self._next is not None and self._next["id"] == article:
            row = dict(self._next)
            del row["id"]
            edit = Edit(**row)
            if found and (edit.field, edit.start) < (found[-1].field, found[-1].end):
                break
            found.append(edit)
            self._next = next(self._rows, None)
        return found


def _articles(out: Path) -> Iterator[dict[str, Any]]:
    """Read a run's articles, in whichever format they were written."""
    parquet = out / "articles.parquet"
    if parquet.exists():
        for table in read_parts(parquet, ["id", "headline", "body", "raw", "provenance"]):
            yield from table.to_pylist()
        return
    for name in ("articles.jsonl", "articles.jsonl.zst"):
        path = out / name
        if path.exists():
            from ..readers.source import Source, opened

            with opened(Source(path, name, "jsonl")) as file:
                yield from map(json.loads, file.read().splitlines())
            return
    raise InputError("no articles in it", where=str(out), hint="give the directory that `copydesk clean` wrote")
