"""The names that known dumps use for the fields of an article.

Sources: trafilatura, newspaper4k, news-please, fundus, WXR, RSS and Atom, JSON Feed, schema.org JSON-LD, ninjs and
plain text corpora. The best name comes first.
"""

from __future__ import annotations

from .errors import nearest

_COMPARED = 200  # names that are compared with all that a text has, which takes long
ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "identifier", "guid", "uri", "post_id", "fingerprint", "_id"),
    "url": ("url", "link", "href", "requested_url", "source_url", "warc_target_uri"),
    "canonical_url": ("canonical_url", "canonical_link", "canonical", "mainEntityOfPage", "responded_url"),
    "source_name": ("source_name", "publisher", "sitename", "site_name", "meta_site_name"),
    "source_domain": ("source_domain", "hostname", "domain", "host"),
    "headline": ("headline", "title", "title_page", "title_rss"),
    "alt_headlines": ("alt_headlines", "alternativeHeadline", "alternative_headline"),
    "description": ("description", "excerpt", "abstract", "summary", "meta_description"),
    "body": (
        "body", "text", "content", "maintext", "article_body", "articleBody", "plaintext", "main_text",
        "full_text", "fulltext", "raw_text", "raw_content", "body_text", "content_text", "article", "article_text",
        "story",
    ),
    "authors": ("authors", "author", "byline", "creator", "dc:creator"),
    "date_published": (
        "date_published", "datePublished", "date_publish", "publish_date", "publishing_date", "published_at",
        "published", "pubDate", "pub_date", "publication_date", "post_date_gmt", "date", "firstCreated",
    ),
    "date_modified": ("date_modified", "dateModified", "date_modify", "modified", "updated", "versionCreated"),
    "date_retrieved": ("date_retrieved", "date_download", "crawl_date", "filedate", "fetched_at", "retrieved"),
    "language": ("language", "lang", "inLanguage", "meta_lang"),
    "section": ("section", "articleSection", "category", "categories"),
    "keywords": ("keywords", "tags", "topics", "meta_keywords"),
    "dateline": ("dateline",),
    "location": ("location", "locationCreated", "located"),
    "images": ("images", "image", "image_url", "top_image", "meta_img"),
    "license": ("license", "licence"),
    "rights": ("rights", "copyright", "copyrightHolder", "copyrightNotice", "usageTerms"),
    "free_access": ("free_access", "isAccessibleForFree"),
    "content_type": ("content_type", "pagetype", "page_type", "post_type", "@type"),
    "status": ("status", "pubStatus", "creativeWorkStatus"),
    "comments": ("comments",),
}  # fmt: skip


def rename_fields(names: list[str], mapping: dict[str, str] | None = None) -> dict[str, str]:
    """Return `{input name: field}` for the names that fill a field; each field is filled once.

    `mapping` is the user's own `{field: input name}`. It overrides the aliases.

    >>> rename_fields(["title", "maintext", "views"])
    {'title': 'headline', 'maintext': 'body'}
    """
    chosen = {name: field for field, name in (mapping or {}).items()}
    present = set(names) - set(chosen)
    for field, aliases in ALIASES.items():
        if field in chosen.values():
            continue
        best = next((alias for alias in aliases if alias in present), None)
        if best is not None:
            chosen[best] = field
            present.discard(best)
    return {name: chosen[name] for name in names if name in chosen}


def guess_text_field(names: list[str]) -> str | None:
    """Guess which name is that of the text, for an error message."""
    for name in map(str, names):
        if any(word in name.lower() for word in ("text", "body", "content", "article", "story")):
            return name
    for name in map(str, names[:_COMPARED]):
        if nearest(name.lower(), ALIASES["body"]):
            return name
    return None
