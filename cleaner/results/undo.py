"""Cuts of a run taken back: its folder is rewritten, and nothing is lost."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ...schemas.article import Article
from ...schemas.edits import Edit, undo_edits
from ...schemas.errors import InputError, InternalError, OutputError, RestoreError
from ..readers.batches import LongLine, read_line_chunks
from ..readers.source import Source, opened
from ..runs.output_directory import OutputDirectory
from ..runs.parquet_splice import SplicedFile
from ..runs.row_groups import RowGroup, find_articles_file, naming_damage, row_groups
from ..runs.run_files import ARTICLES, EDITS, SUMMARY, encode_articles
from ..runs.summary import encode_summary
from ..runs.written_articles import key_names, rows_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .folder import RunFolder
    from .recleaned import CleanedAgain, Row, SecondCleaning

_BATCH = 512  # records that are cleaned again at once
_LONGEST = 1 << 28
Key = tuple[Any, ...]


@dataclass
class Undone:
    """What an undo has changed, summed over all records."""

    records: int = 0
    rejected: int = 0
    """Records that a later run would turn away."""
    characters: int = 0
    """Characters by which the texts became longer."""
    edits: Counter[str] = field(default_factory=Counter)
    """By rule, how many edits there are more."""
    cut: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)

    def add(self, cleaned: CleanedAgain, old: list[Row]) -> None:
        """Add a record. Raises `RestoreError` if its raw text is not what it was."""
        body = [edit for edit in cleaned.edits if edit["field"] == "body"]
        raw = undo_edits(cleaned.article["body"], [Edit(**{n: e[n] for n in Edit.model_fields}) for e in body])
        if hashlib.sha256(raw.encode()).hexdigest() != cleaned.article["raw"]["sha256"]:
            raise RestoreError("the raw text would be lost", where=cleaned.article["id"], hint="please report this")
        self.records += 1
        self.rejected += cleaned.rejected
        self.characters += len(cleaned.article["body"]) - len(cleaned.before["body"])
        for sign, edits in ((-1, old), (1, cleaned.edits)):
            for edit in edits:
                self.edits[edit["rule"]] += sign
                self.cut[edit["rule"]] += sign * (edit["end"] - edit["start"])
        for sign, article in ((-1, cleaned.before), (1, cleaned.article)):
            for flag in article["flags"]:
                self.checks[flag["check"]] += sign


def undo_cuts(folder: RunFolder, ids: set[str], cleaning: SecondCleaning) -> Undone | None:
    """Clean the records with some ids again, and rewrite the folder; all of it, or nothing.

    Return None, and change nothing, if other rules cut the lines now: see `SecondCleaning.retaken`.

    Raises `RestoreError` if the run had other rules, and `OutputError` if the folder cannot be rewritten.
    """
    path = find_articles_file(folder.path)
    if path.is_dir() or (folder.path / EDITS).is_dir():
        raise OutputError("Spark wrote it in parts", where=str(folder.path), hint="clean the inputs again")
    if any("later run" in warning for warning in folder.warnings):
        raise OutputError("a later run into it is not complete", where=str(folder.path), hint="complete it first")
    directory = OutputDirectory(folder.path, overwrite=True)
    try:
        rewriter = _Rewriter(folder, directory.work, ids, cleaning)
        undone = rewriter.rewrite(path)
        if cleaning.retaken:
            directory.discard()
            return None
        summary = rewriter.summarise(undone)
        with directory.files.open(SUMMARY) as file:
            file.write(encode_summary(summary))
        directory.commit([path.name, EDITS, SUMMARY])
    except BaseException:
        directory.discard()
        raise
    return undone


class _Rewriter:
    """Writes the files of a folder anew into another one."""

    def __init__(self, folder: RunFolder, work: Path, ids: set[str], cleaning: SecondCleaning) -> None:
        self._folder, self._work, self._ids, self._cleaning = folder, work, ids, cleaning
        self._undone = Undone()
        self._accepted = 0

    def rewrite(self, path: Path) -> Undone:
        """Write edits and articles, one group after the other."""
        articles = self._find_articles(path)
        with naming_damage(self._folder.path), _rewriting(self._folder.path / EDITS, self._work, EDITS_FILE) as file:
            replaced = self._rewrite_edits(articles, file)
            if path.name == ARTICLES:
                self._rewrite_parquet(path, replaced)
            else:
                self._rewrite_lines(path, replaced)
            for _ in replaced:
                raise InputError("articles and edits do not fit", where=str(self._folder.path), hint="clean again")
        return self._undone

    def _find_articles(self, path: Path) -> Iterator[Row]:
        """Yield the articles to clean again."""
        if path.name == ARTICLES:
            for group in row_groups(path):
                yield from group.rows(None, rows_with(group.ids, self._ids))
            return
        for line in _lines(path):
            if msgspec.json.decode(line, type=_Id).id in self._ids:
                row = Article.model_validate_json(line).model_dump()
                yield {**row, "extra": json.dumps(row["extra"], ensure_ascii=False)}

    def _rewrite_edits(self, articles: Iterator[Row], file: SplicedFile) -> Iterator[Row]:
        """Write the edits, and yield the new articles in the order of the run."""
        names: tuple[str, ...] = ("id",)
        for number, group in enumerate(row_groups(self._folder.path / EDITS)):
            names = key_names(group)
            chosen = rows_with(group.ids, self._ids)
            if not chosen:
                _keep(file, number, group, EDITS_FILE)
                continue
            table = _read(group).cast(EDITS_FILE)
            own: dict[Key, list[Row]] = {}
            first: dict[Key, int] = {}
            for at, row in zip(chosen, table.take(pa.array(chosen, pa.int64())).to_pylist(), strict=True):
                key = tuple(row[name] for name in names)
                own.setdefault(key, []).append(row)
                first.setdefault(key, at)
            new: list[tuple[int, Row]] = []
            missing = set(own)
            for cleaned in self._clean(articles, own, names, missing):
                new += [(first[_key(cleaned.article, names)], edit) for edit in cleaned.edits]
                yield cleaned.article
            file.add(_replace(table, chosen, new))

    def _clean(
        self, articles: Iterator[Row], own: dict[Key, list[Row]], names: tuple[str, ...], missing: set[Key]
    ) -> Iterator[CleanedAgain]:
        """Clean the articles of a group of edits again."""
        if not missing:
            return
        rows = []
        for article in articles:
            rows.append(article)
            missing.discard(_key(article, names))
            if not missing:
                break
        if any(_key(row, names) not in own for row in rows) or len(rows) != len(own):
            what = "records share an id and a place, or edits are missing"
            raise RestoreError(what, where=str(self._folder.path), hint="clean the inputs again")
        for _, of_reader in itertools.groupby(rows, key=lambda row: row["provenance"]["reader"]):
            pending = list(of_reader)
            for at in range(0, len(pending), _BATCH):
                batch = pending[at : at + _BATCH]
                edits = [own[_key(row, names)] for row in batch]
                for cleaned, old in zip(self._cleaning.clean(batch, edits), edits, strict=True):
                    self._undone.add(cleaned, old)
                    yield cleaned

    def _rewrite_parquet(self, path: Path, replaced: Iterator[Row]) -> None:
        with _rewriting(path, self._work, ARTICLE) as file:
            for number, group in enumerate(row_groups(path)):
                self._accepted += group.size
                rows = rows_with(group.ids, self._ids)
                if not rows:
                    _keep(file, number, group, ARTICLE)
                    continue
                new = [(row, next(replaced)) for row in rows]
                file.add(_replace(_read(group).cast(ARTICLE), rows, new))

    def _rewrite_lines(self, path: Path, replaced: Iterator[Row]) -> None:
        form = path.name.partition(".")[2]
        with (self._work / path.name).open("wb") as file:
            for line in _lines(path):
                self._accepted += 1
                data = line + b"\n"
                if msgspec.json.decode(line, type=_Id).id in self._ids:
                    [data] = encode_articles(pa.Table.from_pylist([next(replaced)], ARTICLE), "jsonl")["articles.jsonl"]
                file.write(_compressed(data) if form == "jsonl.zst" else data)

    def summarise(self, undone: Undone) -> dict[str, Any]:
        """Return the new summary. Raises `InternalError` if a record or a character was lost."""
        summary: dict[str, Any] = json.loads(json.dumps(self._folder.summary))
        try:
            records, characters = summary["records"], summary["characters"]
            characters["out"] += undone.characters
            characters["removed"] -= undone.characters
            parts = characters["out"] + characters["removed"] + characters["quarantined"]
            sound = records["accepted"] == self._accepted and characters["in"] == parts
        except (KeyError, TypeError):
            hint = "clean the inputs again"
            raise InputError("not the summary of a run", where=str(self._folder.path / SUMMARY), hint=hint) from None
        if not sound or records["read"] != records["accepted"] + records["quarantined"]:
            raise InternalError("the sums do not hold after the undo", where=str(self._folder.path), hint="report this")
        for rule, count in undone.edits.items():
            entry = summary["edits"].setdefault(rule, {"count": 0, "characters": 0})
            entry["count"] += count
            entry["characters"] += undone.cut[rule]
        summary["edits"] = {rule: entry for rule, entry in sorted(summary["edits"].items()) if entry["count"]}
        for check, count in undone.checks.items():
            summary["checks"][check] = summary["checks"].get(check, 0) + count
        summary["checks"] = {check: count for check, count in sorted(summary["checks"].items()) if count}
        return summary


class _Id(msgspec.Struct):
    id: str


def _key(article: Row, names: tuple[str, ...]) -> Key:
    values = {"id": article["id"], **article["provenance"]}
    return itemgetter(*names)(values) if len(names) > 1 else (values["id"],)


@contextmanager
def _rewriting(source: Path, work: Path, schema: pa.Schema) -> Iterator[SplicedFile]:
    """Open a file of the same name in `work`, to write the row groups of `source` into it."""
    with source.open("rb") as old, (work / source.name).open("wb") as new:
        file = SplicedFile(new, old, schema)
        yield file
        file.finish()


def _keep(file: SplicedFile, number: int, group: RowGroup, schema: pa.Schema) -> None:
    """Write a row group that stays as it is."""
    if file.can_copy:
        file.copy(number)
    else:
        file.add(_read(group).cast(schema))


def _read(group: RowGroup) -> pa.Table:
    return pa.table({name: group.column(name) for name in group.names})


def _replace(table: pa.Table, gone: list[int], new: list[tuple[int, Row]]) -> pa.Table:
    """Return a table without some rows, and with new ones in their places, given by the row they come before."""
    if not gone and not new:
        return table
    kept = sorted(set(range(table.num_rows)).difference(gone))
    rows = pa.Table.from_pylist([row for _, row in new], table.schema)
    both = pa.concat_tables([table.take(pa.array(kept, pa.int64())), rows])
    places = [(row, 0, at) for at, row in enumerate(kept)]
    places += [(row, 1, len(kept) + at) for at, (row, _) in enumerate(new)]
    return both.take(pa.array([at for _, _, at in sorted(places)], pa.int64())).combine_chunks()


def _lines(path: Path) -> Iterator[bytes]:
    with opened(Source(path, path.name, "jsonl")) as file:
        for chunk in read_line_chunks(file, _LONGEST):
            if isinstance(chunk, LongLine):
                raise InputError("a line that is too long", where=str(path), hint="clean the inputs again")
            yield from filter(None, chunk.split(b"\n"))


def _compressed(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=3).compress(data)
