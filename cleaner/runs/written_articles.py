"""The articles and edits that a run wrote, read again: each article with its own edits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.edits import Edit, undo_edits
from ...schemas.errors import InputError, RestoreError
from .row_groups import AGAIN, NO_RUN, article_groups, count_accepted, naming_damage, row_groups
from .run_files import EDITS, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from .row_groups import ArticleGroup, RowGroup

Key = tuple[Any, ...]
Row = dict[str, Any]
PLACE = ("file", "line", "byte_offset")
"""Columns of edits that older versions did not write. With the id, they say which article an edit belongs to."""


class RawText(msgspec.Struct):
    """Facts that prove that a restored text is the raw text."""

    sha256: str
    encoding: str = "utf-8"
    format: str = "text"


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
AnyWritten = TypeVar("AnyWritten", bound=WrittenArticle)


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
            raise RestoreError("the restored text is not the one that was read", where=article.id, hint=AGAIN)
        return text

    def restore_headline(self, article: WrittenArticle) -> str:
        """Return the raw headline of an article. Raises `RestoreError` if the edits do not fit it."""
        return _undo(article.headline or "", self.headline, article)


def read_articles(out: Path) -> Iterator[WrittenArticle]:
    """Read the articles of a run, in each of the formats that they are written in.

    Raises `InputError` if there are none, if they are damaged, or if the summary counts more or fewer.
    """
    expected = count_accepted(out)
    count = 0
    for article in find_articles(out, WrittenArticle):
        count += 1
        yield article
    if expected is not None and count != expected:
        what = f"it has {count:,} articles, but {SUMMARY} counts {expected:,}"
        raise InputError(what, where=str(out), hint=AGAIN)


def find_articles(out: Path, model: type[AnyArticle], ids: Collection[str] | None = None) -> Iterator[AnyArticle]:
    """Read the articles of a run that have some ids, or all, with the fields of a model."""
    for group in article_groups(out):
        yield from read_group(group, model, ids)


def read_group(
    group: ArticleGroup, model: type[AnyArticle], ids: Collection[str] | None = None
) -> Iterator[AnyArticle]:
    """Yield the articles of a group that have some ids, or all, with the fields of a model."""
    if ids is None:
        yield from group.read(model)
    elif rows := rows_with(group.ids, ids):
        yield from group.read(model, rows)


def rows_with(column: pa.Array, values: Collection[str]) -> list[int]:
    """Return the positions at which a column has one of some values."""
    rows: list[int] = pc.indices_nonzero(pc.is_in(column, pa.array(sorted(values), column.type))).to_pylist()
    return rows


class EditReader:
    """The edits of a run, read along with its articles: they are in the same order.

    Articles may share an id. Edits say by `PLACE` whose they are. In outputs of older versions, and of records without
    a place, the hash of the raw text tells which edits of the body are those of an article.
    """

    def __init__(self, out: Path) -> None:
        path = out / EDITS
        if not path.exists():
            raise InputError(f"no {EDITS} in it", where=str(out), hint=NO_RUN)
        self._out, self._path = out, path

    def pair(self, ids: Collection[str] | None = None) -> Iterator[tuple[WrittenArticle, OwnEdits]]:
        """Yield each article, or those with some ids, with its own edits.

        Raises `RestoreError` if edits are left over.
        """
        articles = read_articles(self._out) if ids is None else find_articles(self._out, WrittenArticle, ids)
        yield from self.pair_with(articles, ids)

    def pair_with(
        self, articles: Iterable[AnyWritten], ids: Collection[str] | None = None
    ) -> Iterator[tuple[AnyWritten, OwnEdits]]:
        """Yield each of some articles, which are all of a run or all with some ids, with its own edits."""
        with naming_damage(self._path):
            groups = row_groups(self._path)
            rows = (row for group in groups for row in read_edit_rows(group, ids))
            names = self._key_names()
            places = list(find_articles(self._out, ArticlePlace, ids)) if ids is not None else None
            pairing = Pairing(rows, names, places or find_articles(self._out, ArticlePlace), self._path)
            yield from pairing.pair(articles)

    def _key_names(self) -> tuple[str, ...]:
        return next((key_names(group) for group in row_groups(self._path)), ("id",))


def key_names(group: RowGroup) -> tuple[str, ...]:
    """Return the columns of edits that say which article an edit belongs to."""
    return ("id", *(name for name in PLACE if name in group.names))


def key_of(article: ArticlePlace, names: tuple[str, ...]) -> Key:
    """Return what the edits of an article have in common: its values for the columns of `key_names`."""
    origin = article.provenance
    values = {"id": article.id, "file": origin.file, "line": origin.line, "byte_offset": origin.byte_offset}
    return tuple(values[name] for name in names)


def read_edit_rows(group: RowGroup, ids: Collection[str] | None = None) -> Iterator[Row]:
    """Yield the edits of a row group, those of the articles with some ids, or all."""
    names = key_names(group)
    few = None if ids is None else sorted(ids)
    if few is not None and not group.may_hold("id", few):
        return
    chosen = None if few is None else rows_with(group.ids, few)
    if chosen == []:
        return
    for row in group.rows(None, chosen):
        row["edit"] = Edit(**{name: row[name] for name in Edit.model_fields})
        row["key"] = tuple(row[name] for name in names)
        yield row


class Pairing:
    """Pairs articles with their edits, both in the order of the run.

    `rows` are what `read_edit_rows` yields, `names` the columns of their key, `places` those of all these articles.
    """

    def __init__(self, rows: Iterator[Row], names: tuple[str, ...], places: Iterable[ArticlePlace], path: Path) -> None:
        self._rows, self._names, self._path = rows, names, path
        self._next = next(rows, None)
        self._waiting: list[Row] = []
        self._shared = self._find_shared_keys(places)

    def pair(self, articles: Iterable[AnyWritten]) -> Iterator[tuple[AnyWritten, OwnEdits]]:
        """Yield each article with its own edits. Raises `RestoreError` if edits are left over."""
        for article in articles:
            key = key_of(article, self._names)
            yield article, self._take_some(key, article) if hash(key) in self._shared else self._take_all(key)
        if self._waiting or self._next is not None:
            raise RestoreError("it has edits of articles that are missing", where=str(self._path), hint=AGAIN)

    def _find_shared_keys(self, places: Iterable[ArticlePlace]) -> set[int]:
        """Return the hashes of the keys that several articles have."""
        hashes: set[int] = set()
        shared: set[int] = set()
        for article in places:
            key = hash(key_of(article, self._names))
            (shared if key in hashes else hashes).add(key)
        return shared

    def _take_all(self, key: Key) -> OwnEdits:
        """Return the edits with this key, which one article has."""
        rows = []
        while self._next is not None and self._next["key"] == key:
            rows.append(self._advance())
        return own_edits(rows)

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
                return msgspec.structs.replace(own_edits(taken), is_title_sure=False)
        raise RestoreError("no edits lead to the text that was read", where=article.id, hint=AGAIN)

    def _advance(self) -> Row:
        row, self._next = self._next, next(self._rows, None)
        assert row is not None
        return row


def own_edits(rows: list[Row]) -> OwnEdits:
    """Return the rows of `read_edit_rows` that belong to one article."""
    body = [row["edit"] for row in rows if row["field"] == "body"]
    headline = [row["edit"] for row in rows if row["field"] == "headline"]
    titles = [row.get("input_field") for row in rows if row["field"] == "headline"]
    return OwnEdits(body, headline, titles[0] if titles else None)


def _follows(row: Row, other: Row) -> bool:
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
        raise RestoreError(error.what, where=article.id, hint=AGAIN) from None


def _is_raw(text: str, article: WrittenArticle) -> bool:
    return hashlib.sha256(text.encode()).hexdigest() == article.raw.sha256
