"""The article: `RawArticle`, the record as it was scraped, and `Article`, the record as copydesk writes it.

`Article` is the single definition. Its Arrow schema (`schemas.arrow`), its JSON Schema (`copydesk schema`) and the
list of fields that readers look for come from it. Names follow schema.org/NewsArticle in snake case.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from . import field_values as values
from .field_plan import plan_fields
from .field_reader import FieldReader
from .field_wrappers import wrapped_in_records
from .severity import Severity  # pydantic needs it at run time
from .values.dates import Precision  # likewise

SCHEMA_VERSION = "1"
EXTRA = "extra"

Url = Annotated[str, Field(pattern=values.ABSOLUTE_URL, description="An absolute http(s) address.")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in lower-case hexadecimal.")]


def _object(value: Any) -> Any:
    """Return an object, read from JSON text if it is text."""
    return json.loads(value) if isinstance(value, str) else value


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    json.dumps(value)
    return value


JsonObject = Annotated[dict[str, Any], BeforeValidator(_object), AfterValidator(_plain)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Author(_Part):
    """A person or organisation that wrote the article."""

    name: str = Field(min_length=1, description="Name, as it is written.")
    url: Url | None = Field(None, description="Address of the author's own page.")
    role: str | None = Field(
        None, description="What the byline says of the author, such as a position; or agency, organisation."
    )


class Image(_Part):
    """A picture of the article."""

    url: Url | None = Field(None, description="Address of the picture.")
    caption: str | None = Field(None, description="Text below the picture.")
    credit: str | None = Field(None, description="Who made it, or has the rights.")


class Section(_Part):
    """A part of the body with its own heading."""

    heading: str | None = Field(None, description="The heading; null for what stands before the first one.")
    paragraphs: list[str] = Field([], description="The paragraphs below it.")


class RawText(_Part):
    """Facts that prove that a restored text is the raw text."""

    sha256: Sha256
    encoding: str = Field(description="Encoding of the text file; utf-8 for records.")
    format: Literal["text", "flow", "wrapped", "html", "markdown"] = Field(
        "text", description="Form of the raw text: lines of text, one long line, hard-wrapped lines, HTML, or Markdown."
    )


class Assumption(_Part):
    """What was assumed to fill a field."""

    field: str = Field(description="Field of the article.")
    how: str = Field(description="How the field was filled, in one word or a few.")
    score: float | None = Field(None, description="How sure it is, from 0 to 1, if that was measured.")


class Provenance(_Part):
    """Where the record came from, and what was assumed to read it."""

    file: str | None = Field(None, description="Path below the named input, or DATABASE::TABLE.")
    line: int | None = Field(None, ge=1, description="Physical line, from 1; the row for columnar formats.")
    byte_offset: int | None = Field(None, ge=0, description="Offset of the record in the decompressed file, in bytes.")
    warc_record_id: str | None = Field(None, description="WARC-Record-ID of the record of a web archive.")
    reader: str = Field(description="The format or database that it was read from, such as jsonl, parquet or sqlite.")
    text_field: str = Field(description="Field of the input that has the text.")
    assumed: list[Assumption] = Field([], description="What was assumed to fill fields of the record.")


class Flag(_Part):
    """A finding of a check that did not reject the record."""

    check: str = Field(description="Id of the check, family/name.")
    severity: Severity = Field(description="info or warning; an error rejects the record.")
    field: str = Field(description="Field of the article that it is about.")
    message: str = Field(description="What is wrong.")


class Article(BaseModel):
    """A clean article."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    schema_version: Literal["1"] = Field("1", description="Version of these columns.")
    id: str = Field(min_length=1, description="The input's own id, else SHA-256 of url and raw text.")
    url: Url | None = Field(None, description="Address, as it was in the input.")
    canonical_url: Url | None = Field(
        None, description="Address that the page names as its own, else a plain form of url."
    )
    source_name: str | None = Field(None, description="Name of the publisher.")
    source_domain: str | None = Field(None, description="Host of the publisher.")
    headline: str | None = Field(
        None, description="The headline, repaired; one that stood in the text is lifted from there."
    )
    alt_headlines: list[str] = Field([], description="Other headlines of the same article.")
    description: str | None = Field(None, description="Standfirst or summary.")
    body: str = Field(description="The clean text.")
    body_format: Literal["text", "markdown", "html"] = Field("text", description="Form of the clean text.")
    sections: list[Section] = Field([], description="Headings and paragraphs, of texts that had markup.")
    authors: list[Author] = Field([], description="People, agencies and organisations that wrote it.")
    date_published: AwareDatetime | None = Field(None, description="Time of publication, in UTC.")
    date_published_precision: Precision | None = Field(None, description="What of date_published was in the input.")
    date_modified: AwareDatetime | None = Field(None, description="Time of the last change, in UTC.")
    date_retrieved: AwareDatetime | None = Field(None, description="Time when the page was fetched, in UTC.")
    language: Annotated[str, Field(pattern=values.LANGUAGE_TAG)] | None = Field(None, description="BCP 47 tag.")
    section: str | None = Field(None, description="Department of the publication, such as Sport.")
    keywords: list[str] = Field([], description="Tags and keywords.")
    dateline: str | None = Field(
        None, description="Place, date and agency at the beginning of the text, which keeps them."
    )
    location: str | None = Field(None, description="Place that the article comes from.")
    images: list[Image] = Field([], description="Pictures.")
    license: str | None = Field(None, description="Licence, as its name or address.")
    rights: str | None = Field(None, description="Who has the rights.")
    free_access: bool | None = Field(None, description="Whether all of it can be read without paying.")
    content_type: str | None = Field(None, description="Kind of the record, such as post or page.")
    status: str | None = Field(None, description="Status of the record, such as publish or draft.")
    comments: str | None = Field(None, description="Comments of readers, or their address.")
    word_count: int = Field(ge=0, description="Number of words in the body, counted at white space.")
    profile: str = Field(description="Profile that the record was cleaned with.")
    raw: RawText = Field(description="Facts about the raw text.")
    provenance: Provenance = Field(description="Where the record came from, and what was assumed.")
    flags: list[Flag] = Field([], description="Findings of checks that did not reject the record.")
    extra: JsonObject = Field({}, description="Input fields that are not listed above, unchanged.")


def _time(value: Any) -> datetime | None:
    moment = values.moment(value)
    return moment.time if moment else None


# The converter of each field of a scraped record, in the order of `Article`.
CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "id": values.label,
    "url": values.url,
    "canonical_url": values.url,
    "source_name": values.label,
    "source_domain": values.label,
    "headline": values.text,
    "alt_headlines": values.titles,
    "description": values.plain_label,
    "body": values.text,
    "authors": values.authors,
    "date_published": values.moment,
    "date_modified": values.moment,
    "date_retrieved": values.moment,
    "language": values.language,
    "section": values.label,
    "keywords": values.labels,
    "dateline": values.label,
    "location": values.label,
    "images": values.images,
    "license": values.label,
    "rights": values.label,
    "free_access": values.flag,
    "content_type": values.label,
    "status": values.label,
    "comments": values.label,
}


class RawArticle(BaseModel):
    """A scraped record before any check.

    Every field is optional. Fields are found under the names that known dumps use (`schemas.field_aliases`). A value
    that does not fit its field is kept unchanged under `extra`, as is every unknown field.

    >>> raw = RawArticle.model_validate({"maintext": "It rained.", "title": "Rain", "date": "2024-05-01"})
    >>> raw.body, raw.headline, raw.date_published.year
    ('It rained.', 'Rain', 2024)
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    id: str | None = None
    url: Url | None = None
    canonical_url: Url | None = None
    source_name: str | None = None
    source_domain: str | None = None
    headline: str | None = None
    alt_headlines: list[str] = []
    description: str | None = None
    body: str | None = None
    authors: list[Author] = []
    date_published: Annotated[datetime | None, BeforeValidator(_time)] = None
    date_modified: Annotated[datetime | None, BeforeValidator(_time)] = None
    date_retrieved: Annotated[datetime | None, BeforeValidator(_time)] = None
    language: str | None = None
    section: str | None = None
    keywords: list[str] = []
    dateline: str | None = None
    location: str | None = None
    images: list[Image] = []
    license: str | None = None
    rights: str | None = None
    free_access: bool | None = None
    content_type: str | None = None
    status: str | None = None
    comments: str | None = None
    extra: JsonObject = {}

    @model_validator(mode="before")
    @classmethod
    def _load(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        plan = plan_fields(tuple(data), wrapped=wrapped_in_records(tuple(data), [data]))
        read = FieldReader(plan, lambda name: [data[name]], 1, _convert).read({})
        loaded = {field: _loaded(value) for field, [value] in read.values.items() if value is not None}
        skipped = {EXTRA, *DERIVED} if is_article(data) else {EXTRA}
        extra = {name: data[name] for name in plan.others if name not in skipped}
        extra.update({name: value for _, name, value in read.extra})
        return {**loaded, EXTRA: merge_extra(extra, data.get(EXTRA))}


def _convert(field: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, ValueError]]]:
    """Convert the one value of a record; return it, or why it does not fit."""
    try:
        return [CONVERTERS[field](values[0])], []
    except ValueError as error:
        return [None], [(0, error)]


def _loaded(value: Any) -> Any:
    return value.time if isinstance(value, values.Moment) else value


# Fields of `Article` that each run computes. They are never taken from the input.
DERIVED = frozenset(Article.model_fields) - frozenset(CONVERTERS) - {"extra"}


_OLDEST_PLACE = Provenance.model_fields.keys() - {"assumed", "warc_record_id"}  # that older versions wrote


def is_article(record: Mapping[str, Any]) -> bool:
    """Return whether a record is an article as copydesk writes it. Its derived fields are computed anew.

    A scraped record with a field of the same name, such as `raw`, is not one.
    """
    raw, provenance = record.get("raw"), record.get("provenance")
    return (
        record.get("schema_version") == SCHEMA_VERSION
        and isinstance(raw, Mapping)
        and raw.keys() == RawText.model_fields.keys()
        and isinstance(provenance, Mapping)
        and _OLDEST_PLACE <= provenance.keys() <= Provenance.model_fields.keys()
        and isinstance(record.get("word_count"), int)
        and isinstance(record.get("profile"), str)
        and isinstance(record.get("flags"), list)
        and isinstance(record.get("sections"), list)
    )


def merge_extra(fields: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return the other fields of a record with those in its field `extra`: an object, or one as JSON text.

    A value that is not an object, or has a name that the record has, too, is kept whole under the name `extra`.

    >>> merge_extra({"foo": 1}, '{"bar": 2}'), merge_extra({"foo": 1}, {"foo": 2})
    ({'foo': 1, 'bar': 2}, {'foo': 1, 'extra': {'foo': 2}})
    """
    found = value
    if isinstance(value, str):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            found = value
    if isinstance(found, dict) and fields.keys().isdisjoint(found):
        return {**fields, **found}
    return fields if value is None or value == "" else {**fields, EXTRA: value}
