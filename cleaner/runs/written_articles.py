"""The articles and edits that a run wrote, read again: each article with its own edits."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pyarrow as pa

from ...schemas.edits import Edit, undo_edits
from ...schemas.errors import InputError, RestoreError
from ..readers.batches import MAX_RECORD, LongLine, read_line_chunks
from ..readers.source import Source, opened
from .run_files import EDITS, SUMMARY, read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Key = tuple[Any, ...]
PLACE = ("file", "line", "byte_offset")
"""Columns of edits that older versions did not write. With the id, they say which article an edit belongs to."""
_HINT = "name a directory that `copydesk clean` wrote"
_AGAIN = "the output is damaged; clean the inputs again"
_LONGEST = 4 * MAX_RECORD  # bytes of a line: an article holds more than its raw record


class RawText(msgspec.Struct):
    """Facts that prove that a restored text is the raw text."""

    sha256: str
    encoding: str = "utf-8"


class Origin(msgspec.Struct):
    """Where a record came from."""

    reader: str
    file: str | None = None
    line: int | None = None
    byte_offset: int | None = None
    text_field: str = "body"


class ArticlePlace(msgspec.Struct):
    """The id of an article and the place of its record."""

    id: str
    provenance: Origin


class WrittenArticle(ArticlePlace):
    """The fields of an article that its raw text is restored from."""

    body: str
    raw: RawText
    headline: str | None = None


AnyArticle = TypeVar("AnyArticle", bound=ArticlePlace)


class OwnEdits(msgspec.Struct):
    """The edits of one article. `title_field` is the input field of its headline, None if the output lacks it."""

    body: list[Edit]
    headline: list[Edit]
    title_field: str | None = None
    is_title_sure: bool = True
    """False if the edits of the headline may be those of another article with the same id."""

    def restore_body(self, article: WrittenArticle) -> str:
        """Return the raw text of an article. Raises `RestoreError` if it is not the text that was read."""
        text = _undo(article.body, self.body, article)
        if not _is_raw(text, article):
            raise RestoreError("the restored text is not the one that was read", where=article.id, hint=_AGAIN)
        return text

    def restore_headline(self, article: WrittenArticle) -> str:
        """Return the raw headline of an article. Raises `RestoreError` if the edits do not fit it."""
        return _undo(article.headline or "", self.headline, article)


def read_articles(out: Path) -> Iterator[WrittenArticle]:
    """Read the articles of a run, in each of the formats that they are written in.

    Raises `InputError` if there are none, if they are damaged, or if the summary counts more or fewer.
    """
    expected = _accepted_of_summary(out)
    count = 0
    for article in _read_articles(out, WrittenArticle):
        count += 1
        yield article
    if expected is not None and count != expected:
        what = f"it has {count:,} articles, but {SUMMARY} counts {expected:,}"
        raise InputError(what, where=str(out), hint=_AGAIN)


def _read_articles(out: Path, model: type[AnyArticle]) -> Iterator[AnyArticle]:
    path = out / "articles.parquet"
    if path.exists():
        with _naming_damage(path):
            for table in read_parts(path, list(model.__struct_fields__)):
                for row in table.to_pylist():
                    yield msgspec.convert(row, model)
        return
    path = next((out / name for name in ("articles.jsonl", "articles.jsonl.zst") if (out / name).exists()), path)
    if not path.exists():
        raise InputError("no articles in it", where=str(out), hint=_HINT)
    decoder = msgspec.json.Decoder(model)
    with _naming_damage(path), opened(Source(path, path.name, "jsonl")) as file:
        for chunk in read_line_chunks(file, _LONGEST):
            if isinstance(chunk, LongLine):
                raise ValueError(f"a line of more than {_LONGEST:,} bytes")
            for line in chunk.split(b"\n"):
                if line:
                    yield decoder.decode(line)


def _accepted_of_summary(out: Path) -> int | None:
    """Return how many articles the summary of a run counts, None if it has no summary."""
    path = out / SUMMARY
    if not path.exists():
        return None
    with _naming_damage(path):
        records = json.loads(path.read_bytes())["records"]
        return int(records["accepted"])


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Raise `InputError`, with the path, for everything that damaged data raises."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException, msgspec.MsgspecError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read ({reason})", where=str(path), hint=_AGAIN) from None


class EditReader:
    """The edits of a run, read along with its articles: they are in the same order.

    Articles may share an id. Edits say by `PLACE` whose they are. In outputs of older versions, and of records without
    a place, the hash of the raw text tells which edits of the body are those of an article.
    """

    def __init__(self, out: Path) -> None:
        path = out / EDITS
        if not path.exists():
            raise InputError(f"no {EDITS} in it", where=str(out), hint=_HINT)
        self._out, self._path = out, path
        self._names: tuple[str, ...] = ("id",)
        self._rows = self._read()
        self._next = next(self._rows, None)
        self._waiting: list[dict[str, Any]] = []

    def _read(self) -> Iterator[dict[str, Any]]:
        with _naming_damage(self._path):
            for table in read_parts(self._path):
                self._names = ("id", *(name for name in PLACE if name in table.column_names))
                for row in table.to_pylist():
                    row["edit"] = Edit(**{name: row[name] for name in Edit.model_fields})
                    row["key"] = tuple(row[name] for name in self._names)
                    yield row

    def pair(self) -> Iterator[tuple[WrittenArticle, OwnEdits]]:
        """Yield each article with its own edits. Raises `RestoreError` if edits are left over."""
        shared = self._find_shared_keys()
        for article in read_articles(self._out):
            key = self._key_of(article)
            yield article, self._take_some(key, article) if hash(key) in shared else self._take_all(key)
        if self._waiting or self._next is not None:
            raise RestoreError("it has edits of articles that are missing", where=str(self._path), hint=_AGAIN)

    def _find_shared_keys(self) -> set[int]:
        """Return the hashes of the keys that several articles have."""
        hashes: set[int] = set()
        shared: set[int] = set()
        for article in _read_articles(self._out, ArticlePlace):
            key = hash(self._key_of(article))
            (shared if key in hashes else hashes).add(key)
        return shared

    def _key_of(self, article: ArticlePlace) -> Key:
        """Return what the edits of an article have in common."""
        origin = article.provenance
        values = {"id": article.id, "file": origin.file, "line": origin.line, "byte_offset": origin.byte_offset}
        return tuple(values[name] for name in self._names)

    def _take_all(self, key: Key) -> OwnEdits:
        """Return the edits with this key, which one article has."""
        rows = []
        while self._next is not None and self._next["key"] == key:
            rows.append(self._advance())
        return _own_edits(rows)

    def _take_some(self, key: Key, article: WrittenArticle) -> OwnEdits:
        """Return the edits of one of several articles with this key.

        The edits of an article are sorted by field and offset, so the first one that goes back belongs to a later
        article. Of those before it, as many edits of the body are taken as lead to the raw text.
        """
        if self._waiting and self._waiting[0]["key"] != key:
            return OwnEdits([], [])
        rows = self._waiting
        while self._next is not None and self._next["key"] == key and (not rows or _follows(self._next, rows[-1])):
            rows.append(self._advance())
        in_body = [row["edit"] for row in rows if row["field"] == "body"]
        for count in range(len(in_body), -1, -1):
            if _restores(article, in_body[:count]):
                taken = rows if count == len(in_body) else rows[:count]
                self._waiting = rows[len(taken) :]
                return msgspec.structs.replace(_own_edits(taken), is_title_sure=False)
        raise RestoreError("no edits lead to the text that was read", where=article.id, hint=_AGAIN)

    def _advance(self) -> dict[str, Any]:
        row, self._next = self._next, next(self._rows, None)
        assert row is not None
        return row


def _own_edits(rows: list[dict[str, Any]]) -> OwnEdits:
    body = [row["edit"] for row in rows if row["field"] == "body"]
    headline = [row["edit"] for row in rows if row["field"] == "headline"]
    titles = [row.get("input_field") for row in rows if row["field"] == "headline"]
    return OwnEdits(body, headline, titles[0] if titles else None)


def _follows(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether an edit may be one of the same article as the edit before it."""
    return (row["field"], row["start"]) >= (other["field"], other["end"])


def _restores(article: WrittenArticle, edits: list[Edit]) -> bool:
    try:
        return _is_raw(undo_edits(article.body, edits), article)
    except RestoreError:
        return False


def _undo(text: str, edits: list[Edit], article: WrittenArticle) -> str:
    try:
        return undo_edits(text, edits)
    except RestoreError as error:
        raise RestoreError(error.what, where=article.id, hint=_AGAIN) from None


def _is_raw(text: str, article: WrittenArticle) -> bool:
    return hashlib.sha256(text.encode()).hexdigest() == article.raw.sha256
