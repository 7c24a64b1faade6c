"""Articles as objects of other formats: NewsArticle of schema.org as JSON-LD, and ninjs 3.1 of the IPTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

Row = dict[str, Any]
_DAY_ONLY = ("year", "month", "day", "date")  # precisions of dates without a time


def _without_empty(values: Row) -> Row:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _date(row: Mapping[str, Any]) -> str | None:
    """Return the date of publication, without a time if the article has none."""
    moment: datetime | None = row["date_published"]
    if moment is None:
        return None
    length = {"year": 4, "month": 7}.get(row["date_published_precision"], 10)
    text = moment.isoformat()
    return text[:length] if row["date_published_precision"] in _DAY_ONLY else text


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def to_schemaorg(row: Mapping[str, Any]) -> Row:
    """Return an article as NewsArticle of schema.org.

    Its authors are persons, or organisations if their role says "agency"; other roles become `jobTitle`.
    """
    kind = row["content_type"]
    authors = [
        _without_empty(
            {
                "@type": "Organization" if one["role"] == "agency" else "Person",
                "name": one["name"],
                "url": one["url"],
                "jobTitle": one["role"] if one["role"] != "agency" else None,
            }
        )
        for one in row["authors"]
    ]
    images = [
        _without_empty(
            {"@type": "ImageObject", "url": one["url"], "caption": one["caption"], "creditText": one["credit"]}
        )
        for one in row["images"]
    ]
    publisher = _without_empty({"name": row["source_name"], "url": _site(row["source_domain"])})
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": kind if kind and kind.endswith("Article") else "NewsArticle",
            "identifier": row["id"],
            "url": row["url"],
            "mainEntityOfPage": row["canonical_url"],
            "headline": row["headline"],
            "alternativeHeadline": row["alt_headlines"],
            "description": row["description"],
            "articleBody": row["body"],
            "author": authors,
            "publisher": {"@type": "Organization", **publisher} if publisher else None,
            "datePublished": _date(row),
            "dateModified": _moment(row["date_modified"]),
            "inLanguage": row["language"],
            "articleSection": row["section"],
            "keywords": row["keywords"],
            "dateline": row["dateline"],
            "locationCreated": row["location"],
            "image": images,
            "license": row["license"],
            "copyrightNotice": row["rights"],
            "isAccessibleForFree": row["free_access"],
            "genre": kind if kind and not kind.endswith("Article") else None,
            "creativeWorkStatus": row["status"],
            "wordCount": row.get("word_count"),
        }
    )


def _site(domain: str | None) -> str | None:
    return f"https://{domain}" if domain else None


def to_ninjs(row: Mapping[str, Any]) -> Row:
    """Return an article as an item of ninjs 3.1. Its `uri` is the URL, or the id if there is none."""
    people = [_without_empty({"name": one["name"], "role": one["role"], "uri": one["url"]}) for one in row["authors"]]
    headlines = [("main", row["headline"]), *(("alternative", one) for one in row["alt_headlines"])]
    images = [
        _without_empty(
            {
                "name": f"image{number}",
                "uri": one["url"],
                "type": "picture",
                "descriptions": [_text("caption", one["caption"])] if one["caption"] else None,
                "copyrightNotice": one["credit"],
            }
        )
        for number, one in enumerate(row["images"], 1)
    ]
    return _without_empty(
        {
            "uri": row["url"] or row["id"],
            "standard": {
                "name": "ninjs",
                "version": "3.1",
                "schema": "https://iptc.org/std/ninjs/ninjs-schema_3.1.json",
            },
            "type": "text",
            "profile": row["content_type"],
            "altIds": [{"role": "copydesk", "value": row["id"]}],
            "language": row["language"],
            "headlines": [_text(role, text) for role, text in headlines if text],
            "descriptions": [_text("summary", row["description"])] if row["description"] else None,
            "bodies": [{**_text("main", row["body"]), "wordCount": row.get("word_count") or 0}],
            "by": ", ".join(one["name"] for one in row["authors"]),
            "people": people,
            "infoSources": [_without_empty({"name": row["source_name"]})] if row["source_name"] else None,
            "contentCreated": _date(row),
            "versionCreated": _moment(row["date_modified"]) or _date(row),
            "genres": [{"name": row["section"]}] if row["section"] else None,
            "subjects": [{"name": one} for one in row["keywords"]],
            "located": row["location"],
            "places": [{"name": row["location"]}] if row["location"] else None,
            "pubStatus": row["status"],
            "usageTerms": row["license"],
            "copyrightNotice": row["rights"],
            "associations": images,
        }
    )


def _text(role: str, value: str) -> Row:
    return {"role": role, "contentType": "text/plain", "value": value}


CONVERTERS: dict[str, Callable[[Mapping[str, Any]], Row]] = {"schemaorg": to_schemaorg, "ninjs": to_ninjs}
"""The function for each format."""
