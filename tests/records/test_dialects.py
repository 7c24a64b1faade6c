"""Records of each dialect, as its tool writes them: each field lands where it belongs, and nothing is lost."""

from __future__ import annotations

import json
import random

import pyarrow as pa
import pytest

from copydesk.cleaner.records.loader import Loader, Place
from copydesk.schemas.dialects.catalogue import load_dialects, recognise

COUNT = 200
URL = "https://www.lenn.example/news/{i}"
FIELDS = {
    "id": "lenn-{i}",
    "url": URL,
    "canonical_url": "https://lenn.example/canonical/{i}",
    "source_name": "Lenn Courier {i}",
    "source_domain": "lenn{i}.example",
    "headline": "Ferry {i} runs aground at Lenn",
    "description": "Ferry {i} waited for the tide.",
    "body": "Ferry {i} ran aground at Lenn.\n\nNobody was hurt.",
    "authors": "Ada Qu{letters}",
    "date_published": "2024-03-05T10:00:{s:02}+00:00",
    "date_modified": "2024-03-06T11:00:{s:02}+00:00",
    "date_retrieved": "2024-03-07T12:00:{s:02}+00:00",
    "language": "en",
    "section": "Harbour {i}",
    "keywords": "ferry{i}",
    "location": "Lenn {i}",
    "images": "https://lenn.example/image/{i}.jpg",
    "license": "CC BY {i}.0",
    "rights": "Lenn Press {i}",
    "content_type": "article",
    "status": "usable",
    "comments": "A comment {i}.",
}
# `$field` is the value of a field of the article; other texts are values that belong under `extra`.
SHAPES: dict[str, dict] = {
    "trafilatura": {
        "title": "$headline", "author": "$authors", "hostname": "$source_domain", "date": "$date_published",
        "fingerprint": "f00{i}", "id": "$id", "license": "$license", "comments": "$comments", "raw_text": "raw {i}",
        "text": "$body", "language": "$language", "image": "$images", "pagetype": "$content_type",
        "filedate": "$date_retrieved", "source": "$url", "source-hostname": "$source_name", "excerpt": "$description",
        "categories": "$section", "tags": "$keywords",
    },
    "newspaper4k": {
        "url": "$url", "read_more_link": "", "language": "$language", "title": "$headline", "top_image": "$images",
        "meta_img": "$images", "images": ["$images"], "movies": ["https://lenn.example/film/{i}"],
        "keywords": ["$keywords"], "meta_keywords": ["$keywords"], "tags": None, "authors": ["$authors"],
        "publish_date": "$date_published", "summary": "short {i}", "meta_description": "$description",
        "meta_lang": "en", "meta_favicon": "/favicon.ico", "meta_site_name": "$source_name",
        "canonical_link": "$canonical_url", "text": "$body",
    },
    "news-please": {
        "authors": ["$authors"], "date_download": "$date_retrieved", "date_modify": "$date_modified",
        "date_publish": "$date_published", "description": "$description", "filename": "$id", "image_url": "$images",
        "language": "$language", "localpath": "/data/{i}.html", "maintext": "$body", "source_domain": "$source_domain",
        "text": None, "title": "$headline", "title_page": None, "title_rss": None, "url": "$url",
    },
    "fundus": {
        "title": "$headline", "authors": ["$authors"], "publishing_date": "$date_published", "topics": ["$keywords"],
        "free_access": True, "publisher": "$source_name", "lang": "$language",
        "body": {
            "summary": ["$description"],
            "sections": [{"headline": [], "paragraphs": ["Ferry {i} ran aground at Lenn.", "Nobody was hurt."]}],
        },
        "html": {"requested_url": "$url", "responded_url": "$canonical_url", "crawl_date": "$date_retrieved"},
    },
    "goose3": {
        "meta": {
            "description": "$description", "lang": "$language", "keywords": "$keywords", "favicon": "/i{i}.ico",
            "canonical": "$canonical_url", "encoding": "utf-8",
        },
        "image": {"url": "$images", "width": 640, "height": 480, "type": "image"}, "domain": "$source_domain",
        "title": "$headline", "cleaned_text": "$body", "tags": [], "tweets": ["tweet {i}"], "movies": [],
        "links": ["https://lenn.example/link/{i}"], "authors": ["$authors"], "publish_date": "$date_published",
        "opengraph": {"site_name": "$source_name", "url": "$url", "locale": "en"},
    },
    "readability": {
        "title": "$headline", "byline": "$authors", "dir": "ltr", "lang": "$language", "content": "<p>html {i}</p>",
        "textContent": "$body", "length": 4711, "excerpt": "$description", "siteName": "$source_name",
        "publishedTime": "$date_published",
    },
    "feedparser": {
        "id": "$id", "guidislink": False, "link": "$url", "title": "$headline", "summary": "$description",
        "links": [{"rel": "alternate", "type": "text/html", "href": URL}], "author": "$authors",
        "title_detail": {"type": "text/plain", "language": "$language", "base": "https://b{i}.example/"},
        "summary_detail": {"type": "text/html", "language": None, "base": ""}, "authors": [{"name": "$authors"}],
        "content": [{"type": "text/html", "language": None, "value": "$body"}], "published": "$date_published",
        "published_parsed": [2024, 3, 5, 10, 0, 0, 1, 65, 0], "updated": "$date_modified",
        "tags": [{"term": "$keywords", "scheme": None, "label": None}], "rights": "$rights",
        "media_content": [{"url": "$images", "medium": "image"}],
    },
    "newsapi": {
        "source": {"id": "paper-{i}", "name": "$source_name"}, "author": "$authors", "title": "$headline",
        "description": "$description", "url": "$url", "urlToImage": "$images", "publishedAt": "$date_published",
        "content": "$body",
    },
    "diffbot": {
        "diffbotUri": "$id", "pageUrl": "$url", "resolvedPageUrl": "$canonical_url", "siteName": "$source_name",
        "title": "$headline", "summary": "$description", "text": "$body", "html": "<p>html {i}</p>",
        "author": "$authors", "authors": [{"name": "$authors", "link": "https://lenn.example/by/{i}"}],
        "date": "$date_published", "estimatedDate": "2024-03-05T10:00:00+00:00", "humanLanguage": "$language",
        "categories": [{"name": "$section", "score": 0.9}], "tags": [{"label": "$keywords", "score": 0.5}],
        "images": [{"url": "$images", "primary": True}], "type": "$content_type", "sentiment": 0.25,
    },
    "schemaorg": {
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": "urn:{i}", "identifier": "$id", "url": "$url",
        "mainEntityOfPage": {"@type": "WebPage", "@id": "$canonical_url"}, "headline": "$headline",
        "description": "$description", "articleBody": "$body", "author": [{"@type": "Person", "name": "$authors"}],
        "datePublished": "$date_published", "dateModified": "$date_modified", "inLanguage": "$language",
        "articleSection": "$section", "keywords": "$keywords", "image": {"@type": "ImageObject", "url": "$images"},
        "publisher": {"@type": "Organization", "name": "$source_name", "logo": {"url": "https://l.example/{i}.png"}},
        "license": "$license", "copyrightHolder": {"@type": "Organization", "name": "$rights"},
        "isAccessibleForFree": True, "creativeWorkStatus": "$status", "wordCount": 8,
        "locationCreated": {"@type": "Place", "name": "$location"},
    },
    "ninjs": {
        "uri": "$id", "type": "text", "profile": "$content_type", "language": "$language",
        "versionCreated": "$date_modified", "firstCreated": "$date_published", "pubStatus": "$status", "urgency": 4,
        "headlines": [{"role": "main", "value": "$headline"}], "descriptions": [{"role": "s", "value": "$description"}],
        "bodies": [{"role": "main", "contentType": "text/plain", "charcount": 9, "value": "$body"}],
        "people": [{"rel": "author", "name": "$authors"}], "infoSources": [{"name": "$source_name"}],
        "genres": [{"name": "$section"}], "subjects": [{"name": "$keywords"}], "places": [{"name": "$location"}],
        "usageTerms": "$rights", "associations": [{"href": "https://lenn.example/asset/{i}"}],
    },
    "wxr": {
        "title": "$headline", "link": "$url", "pubDate": "2024-03-05T10:00:00+00:00", "dc:creator": "$authors",
        "guid": "https://lenn.example/?p={i}", "description": "", "content:encoded": "$body",
        "excerpt:encoded": "$description", "wp:post_id": "$id", "wp:post_date": "2024-03-05T10:00:00+00:00",
        "wp:post_date_gmt": "$date_published", "wp:post_modified_gmt": "$date_modified", "wp:status": "$status",
        "wp:post_type": "$content_type", "category": "$section", "post_tag": ["$keywords"], "wp:post_name": "slug-{i}",
        "wp:attachment_url": "$images", "wp:postmeta": [{"wp:meta_key": "k", "wp:meta_value": "v{i}"}],
    },
    "rss": {
        "title": "$headline", "link": "$url", "guid": {"#text": "$id", "@isPermaLink": "false"},
        "description": "$description", "content:encoded": "$body", "dc:creator": "$authors",
        "pubDate": "$date_published", "category": ["$keywords"],
        "source": {"@url": "https://lenn.example/rss/{i}", "#text": "$source_name"},
        "media:content": {"url": "$images", "medium": "image"},
    },
    "atom": {
        "id": "$id", "title": {"#text": "$headline", "@type": "html"}, "link": {"@href": "$url", "@rel": "alternate"},
        "updated": "$date_modified", "published": "$date_published", "author": {"name": "$authors"},
        "content": {"#text": "$body", "@type": "html"}, "summary": "$description", "rights": "$rights",
        "category": [{"@term": "$keywords"}],
    },
    "jsonfeed": {
        "id": "$id", "url": "$url", "external_url": "https://elsewhere.example/{i}", "title": "$headline",
        "content_text": "$body", "content_html": "<p>html {i}</p>", "summary": "$description", "image": "$images",
        "date_published": "$date_published", "date_modified": "$date_modified", "tags": ["$keywords"],
        "authors": [{"name": "$authors", "avatar": "https://lenn.example/face/{i}"}], "language": "$language",
    },
    "cc_news": {
        "domain": "$source_domain", "date": "$date_published", "description": "$description", "image_url": "$images",
        "text": "$body", "title": "$headline", "url": "$url",
    },
    "cnn_dailymail": {"article": "$body", "highlights": "$description", "id": "$id"},
    "oscar": {
        "content": "$body",
        "warc_headers": {
            "warc-record-id": "$id", "warc-target-uri": "$url", "warc-date": "$date_retrieved", "content-length": 123,
            "warc-type": "conversion", "warc-block-digest": "sha1:{i}",
        },
        "metadata": {"identification": {"label": "$language", "prob": 0.75}, "quality_warnings": ["tiny {i}"]},
    },
    "fineweb": {
        "text": "$body", "id": "$id", "dump": "CC-MAIN-{i}", "url": "$url", "date": "$date_retrieved",
        "file_path": "s3://crawl/{i}.gz", "language": "$language", "language_score": 0.99, "token_count": 10,
    },
}  # fmt: skip
TYPES = {"NewsArticle", "WebPage", "Person", "Organization", "Place", "ImageObject"}  # of JSON-LD
OPTIONAL = {"body", "headline", "url"}  # the other fields are empty in some of the records


def fill(shape, number: int, empty: set[str]):
    """Return a shape with the values of one record; the `empty` fields are None."""
    if isinstance(shape, dict):
        return {name: fill(value, number, empty) for name, value in shape.items()}
    if isinstance(shape, list):
        return [one for value in shape if (one := fill(value, number, empty)) is not None]
    if not isinstance(shape, str):
        return shape
    if shape.startswith("$"):
        return None if shape[1:] in empty else value_of(shape[1:], number)
    return shape.format(i=number)


def value_of(field: str, number: int) -> str:
    return FIELDS[field].format(
        i=number,
        s=number % 60,
        letters="abcdefghij"[number // 100 % 10] + "abcdefghij"[number // 10 % 10] + "abcdefghij"[number % 10],
    )


def fields_in(shape) -> set[str]:
    if isinstance(shape, (dict, list)):
        return {field for part in (shape.values() if isinstance(shape, dict) else shape) for field in fields_in(part)}
    return {shape[1:]} if isinstance(shape, str) and shape.startswith("$") else set()


def leaves(value) -> list[str]:
    if isinstance(value, (dict, list)):
        return [leaf for part in (value.values() if isinstance(value, dict) else value) for leaf in leaves(part)]
    return [str(value)] if value not in (None, "", True, False) else []


def make_records(name: str) -> list[tuple[dict, set[str]]]:
    """Return records of a dialect, each with the fields that it fills."""
    chance = random.Random(name)
    made = []
    fields = fields_in(SHAPES[name])
    for number in range(COUNT):
        empty = {field for field in sorted(fields - OPTIONAL) if chance.random() < 0.2}
        made.append((fill(SHAPES[name], number, empty), fields - empty))
    return made


def written(field: str, value) -> str:
    """Return a value of an article as the shapes write it."""
    if field == "authors":
        return value[0]["name"] if value else ""
    if field == "images":
        return value[0]["url"] if value else ""
    if isinstance(value, list):
        return value[0] if value else ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_every_dialect_has_records():
    assert SHAPES.keys() == load_dialects().keys()


@pytest.mark.parametrize("name", SHAPES)
def test_every_field_lands_where_it_belongs(name):
    made = make_records(name)
    records = Loader().from_rows([record for record, _ in made], Place())
    columns = {field: column.to_pylist() for field, column in records.columns.items()}
    for row, (record, fields) in enumerate(made):
        assert recognise(record)[0].name == name
        for field in fields:
            assert written(field, columns[field][row]) == value_of(field, row), (field, record)
    assert records.misread == {}


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_lost(name):
    made = make_records(name)
    records = Loader().from_rows([record for record, _ in made], Place())
    rows = pa.table(records.columns).to_pylist()
    for row, (record, _) in enumerate(made):
        extra = json.loads((records.extra or [b"{}"] * COUNT)[row] or b"{}")
        kept = set(leaves({field: written_all(value) for field, value in rows[row].items()})) | set(leaves(extra))
        body = rows[row]["body"]
        lost = [leaf for leaf in leaves(record) if leaf not in kept and leaf not in body]
        assert [leaf for leaf in lost if leaf not in TYPES] == []


def written_all(value):
    if isinstance(value, list):
        return [written_all(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_a_table_is_read_as_rows_are():
    for name in ("news-please", "newsapi", "fundus"):
        made = [record for record, _ in make_records(name)]
        rows, table = Loader().from_rows(made, Place()), Loader().from_table(pa.Table.from_pylist(made), Place())
        assert {k: v.to_pylist() for k, v in rows.columns.items()} == {
            k: v.to_pylist() for k, v in table.columns.items() if k in rows.columns
        }
