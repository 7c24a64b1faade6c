"""The names that dumps use for the fields of an article, where no dialect says more (see `schemas.dialects`).

The best name comes first. Names match without case, separators and camel case, so that `publishedAt`, `Published At`
and `PUBLISHED_AT` are one name. A name can be a path into a nested record, such as `source.name`. A name with a
question mark is used only for values that fit the field well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import nearest
from .field_paths import fold_name
from .field_words import FIELD_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_COMPARED = 200  # names that are compared with all that a text has, which takes long
_BODY_LENGTH = 80  # characters of a value that can be a body
_NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "identifier", "guid", "uri", "uuid", "post_id", "article_id", "story_id", "document_id", "doc_id",
        "fingerprint", "_id", "_id.$oid", "guid.#text", "@id",
    ),
    "url": (
        "url", "link", "href", "article_url", "page_url", "web_url", "permalink", "requested_url", "source_url",
        "warc_target_uri", "original_url", "source_link", "news_url", "news_link", "post_url", "story_url",
        "article_link", "origin", "og:url", "source?", "uri?", "guid?", "id?", "@id?",
    ),
    "canonical_url": ("canonical_url", "canonical_link", "canonical", "mainEntityOfPage", "responded_url"),
    "source_name": (
        "source_name", "publisher", "publisher_name", "sitename", "site_name", "meta_site_name", "publication",
        "publication_name", "newspaper", "news_source", "news_outlet", "outlet", "media_name", "publication_title",
        "og:site_name",
        "source.name", "source.title", "publisher.name", "source?", "site?", "provider?",
    ),
    "source_domain": ("source_domain", "hostname", "domain", "host", "publisher_domain", "netloc"),
    "headline": (
        "headline", "title", "title_page", "title_rss", "heading", "article_title", "news_title", "post_title",
        "headline_text", "titel", "og:title", "web_title", "headline.main", "title.rendered",
        "title.value", "title[0].value", "title.#text",
    ),
    "alt_headlines": ("alt_headlines", "alternativeHeadline"),
    "description": (
        "description", "excerpt", "abstract", "summary", "standfirst", "teaser", "dek", "deck", "strapline", "subtitle",
        "subheadline",
        "meta_description", "article_description", "short_description", "custom_excerpt", "snippet", "lead_paragraph",
        "trail_text", "og:description",
        "excerpt.rendered",
    ),
    "body": (
        "body", "text", "content", "maintext", "article_body", "plaintext", "main_text", "full_text", "raw_text",
        "raw_content", "body_text", "content_text", "text_content", "article", "article_text", "article_content",
        "news_content", "news_text", "story", "story_text", "full_content", "clean_text", "cleaned_text",
        "main_content", "post_content", "page_content", "document", "article.body", "article.text", "article.content",
        "body.text", "body[0].value", "content.text", "content.rendered", "content[0].value", "paragraphs[]",
        "content:encoded",
        "content_html", "body_html", "article_html", "text_html", "html?", "raw_html?", "page_html?",
    ),
    "authors": (
        "authors", "author", "byline", "bylines", "creator", "dc:creator", "article_author", "author_name",
        "author_names",
        "writer", "writers", "reporter", "reporters", "journalist", "journalists", "byline.original",
    ),
    "date_published": (
        "date_published", "date_publish", "publish_date", "publishing_date", "published_at", "published",
        "published_date", "published_on", "published_time", "publish_time", "pub_date", "publication_date",
        "publication_time", "date_of_publication", "date_posted", "posted_at", "posted_on", "post_date_gmt",
        "post_date", "date_gmt", "date_utc", "published_utc", "published_gmt", "published_at_utc", "date",
        "article:published_time", "article_publish_date", "article_date", "news_date", "story_date",
        "web_publication_date",
        "first_published", "first_published_at", "release_date", "display_date", "datetime", "firstCreated",
        "date_created", "created_at", "date.published", "dates.published", "created[0].value", "timestamp?", "time?",
        "created?",
    ),
    "date_modified": (
        "date_modified", "date_modify", "modified", "updated", "modified_at", "modified_date", "modified_time",
        "updated_at", "updated_date", "update_date", "date_updated", "last_modified", "last_updated", "lastmod",
        "modified_gmt", "post_modified_gmt", "post_modified", "article:modified_time", "edited_at", "versionCreated",
        "date.modified", "date.updated", "dates.modified", "changed[0].value",
    ),
    "date_retrieved": (
        "date_retrieved", "date_download", "download_date", "downloaded_at", "date_downloaded", "crawl_date",
        "date_crawled", "crawled_at", "crawl_time", "scraped_at", "scrape_date", "date_scraped", "fetched_at",
        "fetch_date", "filedate", "retrieved_at", "retrieved", "crawled", "scraped", "fetched", "warc_date",
        "collected_at", "access_date",
    ),
    "language": (
        "language", "lang", "inLanguage", "language_code", "lang_code", "langcode", "langcode[0].value", "meta_lang",
        "locale", "og:locale",
    ),
    "section": (
        "section", "articleSection", "category", "categories", "section_name", "category_name", "article_section",
        "news_desk", "rubric", "rubrik", "ressort", "desk", "channel?",
    ),
    "keywords": (
        "keywords", "tags", "topics", "meta_keywords", "keyword", "tag", "tag_list", "subjects", "news_keywords",
        "hashtags", "article:tag", "subject", "subject_terms", "subject_tags",
    ),
    "dateline": ("dateline",),
    "location": ("location", "locationCreated", "located", "place", "city?"),
    "images": (
        "images", "image", "image_url", "image_urls", "top_image", "lead_image", "lead_image_url", "main_image",
        "featured_image", "feature_image", "url_to_image", "meta_img", "og:image", "image_link", "img_url", "img",
        "thumbnail",
        "thumbnail_url", "photo", "photos", "photo_url", "picture",
    ),
    "license": ("license", "licence", "license_url"),
    "rights": ("rights", "copyright", "copyrightHolder", "copyrightNotice", "usageTerms"),
    "free_access": ("free_access", "isAccessibleForFree", "is_free"),
    "content_type": ("content_type", "pagetype", "page_type", "post_type", "article_type", "@type", "type?"),
    "status": ("status", "pubStatus", "creativeWorkStatus", "post_status"),
    "comments": ("comments",),
}  # fmt: skip
ALIASES = {field: names + FIELD_WORDS.get(field, ()) for field, names in _NAMES.items()}
"""The names of each field, the best first: those in English, then those in other languages."""


def guess_text_field(names: Iterable[str], records: Iterable[Mapping[str, Any]] = ()) -> str | None:
    """Guess which name is that of the text, for an error message; None if none can be.

    With some records, it is a field with texts: long ones, or of several words if its name is like that of a text.
    Without, only the names are compared.
    """
    names = list(map(str, names))
    lengths = _lengths_of_texts(records)
    likely = [name for name in names if _is_like_text(name) and (lengths is None or name in lengths)]
    if lengths is not None:
        long = [name for name, length in lengths.items() if length >= _BODY_LENGTH]
        ranked = sorted(long, key=lambda name: (name not in likely, -lengths[name])) or likely
        return ranked[0] if ranked else None
    similar = (name for name in names[:_COMPARED] if nearest(name.lower(), ALIASES["body"]))
    return likely[0] if likely else next(similar, None)


def _is_like_text(name: str) -> bool:
    return any(word in fold_name(name) for word in ("text", "body", "content", "article", "story"))


def _lengths_of_texts(records: Iterable[Mapping[str, Any]]) -> dict[str, int] | None:
    """Return the greatest length of each field with texts of several words or of many signs; None without records."""
    lengths: dict[str, int] | None = None
    for record in records:
        lengths = lengths or {}
        for name, value in record.items():
            if isinstance(value, str) and (" " in value[:_BODY_LENGTH].strip() or _is_unspaced(value)):
                lengths[str(name)] = max(lengths.get(str(name), 0), len(value))
    return lengths


def _is_unspaced(value: str) -> bool:
    """Return whether a value can be a text in a script without spaces."""
    start = value[:_BODY_LENGTH]
    return len(start) > 20 and sum(sign > "\u2e80" for sign in start) > len(start) // 2
