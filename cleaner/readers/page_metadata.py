"""The fields of an article, found in the markup of its page: JSON-LD, Open Graph, meta tags, microdata, title.

What a page says most exactly wins: JSON-LD of its article, then tags for articles, then tags of the page. A value is
only taken from where it is said of the article: of several articles in JSON-LD, the one whose address or headline is
that of the page.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .page_markup import PageMarkup, read_markup
from .xml_values import plain_text, without_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review)$")
_NO_ARTICLE = frozenset(("JobPosting", "AggregateReview", "ClaimReview", "Review"))
_SEPARATOR = r"\s+[|\-–—·•:»«~]+\s+"
_HOST_NAME = r"[\w-]+(?:\.[\w-]+)?\.[a-z]{2,12}"
_ADDRESS = re.compile(r"^\s*(?:https?:)?//|^\s*(?:www|m)\.\S+$|@\S+\.\w+$", re.IGNORECASE)
_PUBLISHED = re.compile(r"\bpublish|\bentry-date\b|\bposted\b|\bpubdate\b|\bpost-date\b")
_UPDATED = re.compile(r"\bupdated\b|\bmodified\b")
_AUTHOR_TAGS = (
    "author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
    "citation_author", "article:author_name",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_][\w'’]*|\d+|[\u3040-\u30ff\u4e00-\u9fff]")
_SHORT_KEY = 4  # letters and digits; so short a part of a host can be any word
_ALIKE = 0.6  # share of words
_FOUND_IN = "found_in"


def read_metadata(page: str, address: str = "") -> dict[str, Any]:
    """Return the fields of the article of a page, as records of copydesk have them.

    `address` is that of the page, if it is known. `found_in`, under `extra`, names where each field was found.
    """
    return find_fields(read_markup(page), address)


def find_fields(markup: PageMarkup, address: str = "") -> dict[str, Any]:
    """Return the fields of an article from what its page says of itself."""
    page = _Page(markup, address)
    found = {name: next(_first(places(page)), ("", None)) for name, places in _FIELDS.items()}
    fields = {name: value for name, (_, value) in found.items()}
    fields["headline"] = page.without_site(fields["headline"] or "") or None
    others = [title for _, one in _headlines(page) if (title := page.without_site(one)) not in ("", fields["headline"])]
    fields["alt_headlines"] = list(dict.fromkeys([*page.texts("alternativeHeadline"), *others]))
    extra = {
        "title_tag": markup.title,
        _FOUND_IN: {name: place for name, (place, value) in found.items() if value not in (None, "", [])},
    }
    return {**without_empty(fields), "extra": without_empty(extra)}


Found = tuple[str, Any]


def _first(places: Iterable[Found]) -> Iterator[Found]:
    return ((place, value) for place, value in places if value not in (None, "", []))


class _Page:
    """What a page says of itself, with the object of JSON-LD that is its article."""

    def __init__(self, markup: PageMarkup, address: str) -> None:
        self.markup = markup
        base = address or markup.saved_from
        canonical = next(iter(markup.links.get("canonical", [])), "") or self.meta("og:url")
        self.canonical = _absolute(canonical, base)
        self.address = base or self.canonical
        self.node = self._choose_node()
        self._by_id = {str(node["@id"]): node for node in markup.nodes if "@id" in node and len(node) > 1}
        self.site = self.meta("og:site_name") or self._name(self.value("publisher")) or self.meta("application-name")

    def meta(self, *names: str) -> str:
        """Return the first text of the tags of these names."""
        return next((text for name in names for text in self.markup.metas.get(name, []) if text), "")

    def metas(self, *names: str) -> list[str]:
        """Return all texts of the first of these names that has any."""
        return next((texts for name in names if (texts := self.markup.metas.get(name))), [])

    def value(self, name: str) -> Any:
        """Return a value of the article's JSON-LD; one that only refers to another object is that object."""
        return self._resolve(self.node.get(name))

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolve(one) for one in value]
        if isinstance(value, dict) and set(value) <= {"@id", "@type"}:
            return self._by_id.get(str(value.get("@id")), value)
        return value

    def text(self, name: str) -> str:
        """Return a text of the article's JSON-LD, that of an object being its name."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """Return the texts of the article's JSON-LD."""
        value = self.value(name)
        return [text for one in (value if isinstance(value, list) else [value]) if (text := self._name(one))]

    def _name(self, value: Any) -> str:
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, dict):
            value = value.get("name") or value.get("@value") or ""
        return plain_text(html.unescape(value)) if isinstance(value, str) else ""

    def _choose_node(self) -> dict[str, Any]:
        """Return the object of the article; an empty one if the page has none, or several and none is told."""
        nodes = [node for node in self.markup.nodes if any(map(_is_article, _types(node)))]
        if len(nodes) > 1:
            titles = {_key(one) for one in (self.meta("og:title"), *self.markup.headings, self.markup.title) if one}
            of_address = [node for node in nodes if self._is_here(node)]
            of_title = [node for node in nodes if _key(self._name(node.get("headline") or node.get("name"))) in titles]
            nodes = of_address or of_title
        return {key: value for node in reversed(nodes) for key, value in node.items() if value not in (None, "", [])}

    def _is_here(self, node: dict[str, Any]) -> bool:
        """Return whether an object says that it is of the address of the page."""
        named = (node.get("url"), node.get("mainEntityOfPage"), node.get("@id"))
        addresses = [one.get("@id") or one.get("url") if isinstance(one, dict) else one for one in named]
        here = {_bare(one) for one in (self.canonical, self.address) if one}
        return any(isinstance(one, str) and _bare(one) in here for one in addresses)

    def without_site(self, title: str) -> str:
        """Return a title without the name of the site at its end or beginning."""
        named = filter(self.is_name_of_site, self.markup.headings)
        names = [re.escape(name) for name in (self.site, *_host_names(self.address), *named) if name]
        name = "|".join([*names, _HOST_NAME])
        title = re.sub(rf"{_SEPARATOR}(?:{name})\s*$|^\s*(?:{name})(?:{_SEPARATOR}|:\s+)", "", title, flags=re.I)
        return title.strip()

    def is_name_of_site(self, heading: str) -> bool:
        """Return whether a heading is the name of the site, or a part of its host: "Lowmoor Notes" of lowmoornotes."""
        key = _key(heading)
        hosts = _host_names(self.address or self.canonical)
        return key == _key(self.site) or (len(key) > _SHORT_KEY and any(key in host.split(".") for host in hosts))

    def is_site(self, name: str) -> bool:
        """Return whether a name is that of the site or its publisher, or has the host in it."""
        sites = {_key(one) for one in (self.site, self._name(self.value("publisher"))) if one}
        return _key(name) in sites or any(host in name.lower() for host in _host_names(self.address))

    def people(self) -> list[dict[str, str]]:
        """Return the authors of the article's JSON-LD."""
        value = self.value("author") or self.value("creator")
        people = []
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and isinstance(one.get("name"), list):
                people += [{"name": self._name(name)} for name in one["name"]]
                continue
            link = one.get("url") if isinstance(one, dict) else None
            person = {"name": self._name(one), "url": link if isinstance(link, str) else ""}
            people.append(without_empty(person))
        return [person for person in people if _is_name(person.get("name", ""))]

    def pictures(self) -> list[dict[str, str]]:
        """Return the images of the article's JSON-LD."""
        value = self.value("image")
        pictures = []
        for one in value if isinstance(value, list) else [value]:
            facts = one if isinstance(one, dict) else {"url": one}
            link = facts.get("url") or facts.get("contentUrl") or facts.get("@id")
            link = link[0] if isinstance(link, list) and link else link
            credit = facts.get("creditText") or facts.get("copyrightNotice")
            if isinstance(link, str) and (link := _absolute(link, self.address)):
                parts = {"url": link, "caption": self._name(facts.get("caption")), "credit": self._name(credit)}
                pictures.append(without_empty(parts))
        return pictures

    def time(self, pattern: re.Pattern[str]) -> str:
        """Return the date of the `<time>` elements whose class says what it is, if they agree."""
        dates = {date for date, kind in self.markup.times if pattern.search(kind)}
        return dates.pop() if len(dates) == 1 else ""


def _headlines(page: _Page) -> Iterator[Found]:
    """Yield the headlines of a page. The one that readers see wins, if other places tell that it is the headline."""
    headings = [one for one in page.markup.headings if not page.is_name_of_site(one)]
    items = page.markup.items.get("headline", [])
    told = [page.text("headline"), page.meta("og:title"), page.without_site(page.markup.title)]
    yield "json-ld", page.text("headline")
    yield "microdata", items[0] if len(set(items)) == 1 else ""
    yield "h1", _choose_heading(headings, list(filter(None, told)))
    yield "og:title", plain_text(page.meta("og:title"))
    yield "twitter:title", plain_text(page.meta("twitter:title", "parsely-title", "sailthru.title", "dc.title"))
    yield "h1", headings[0] if len(headings) == 1 else ""
    yield "title", page.markup.title


def _choose_heading(headings: list[str], titles: list[str]) -> str:
    """Return the heading that has most words of a title, if it has many of them and no other has as many."""
    scored = (
        sorted(((max(_likeness(one, title) for title in titles), one) for one in set(headings)), reverse=True)
        if titles
        else []
    )
    if not scored or scored[0][0] < _ALIKE or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return ""
    return scored[0][1]


def _likeness(one: str, other: str) -> float:
    """Return the share of words that two titles have in common."""
    first, second = (set(_WORD.findall(text.lower())) for text in (one, other))
    return len(first & second) / max(min(len(first), len(second)), 1) if len(first) > 1 else float(first == second)


def _descriptions(page: _Page) -> Iterator[Found]:
    yield "json-ld", page.text("description") or page.text("abstract")
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        yield name, plain_text(page.meta(name))


def _authors(page: _Page) -> Iterator[Found]:
    yield "json-ld", page.people()
    for name in _AUTHOR_TAGS:
        yield name, [text for text in map(plain_text, page.metas(name)) if _is_name(text) and not page.is_site(text)]
    items = page.markup.items.get("author", [])
    yield "microdata", [text for text in dict.fromkeys(items) if _is_name(text)]
    links = list(dict.fromkeys(filter(_is_name, page.markup.authors)))
    yield "rel=author", links if len(links) == 1 else []


def _dates(json_ld: str, metas: tuple[str, ...], kind: re.Pattern[str]) -> Callable[[_Page], Iterator[Found]]:
    def find(page: _Page) -> Iterator[Found]:
        yield "json-ld", page.text(json_ld)
        yield metas[0], page.meta(metas[0])
        yield "microdata", next(iter(page.markup.items.get(json_ld, [])), "")
        for name in metas[1:]:
            yield name, page.meta(name)
        yield "time", page.time(kind)

    return find


def _languages(page: _Page) -> Iterator[Found]:
    yield "html lang", page.markup.language
    yield "json-ld", page.text("inLanguage")
    for name in ("content-language", "language", "dc.language", "og:locale"):
        yield name, page.meta(name)


def _sections(page: _Page) -> Iterator[Found]:
    yield "json-ld", page.text("articleSection")
    for name in ("article:section", "parsely-section", "section", "sailthru.section"):
        yield name, plain_text(page.meta(name))


def _keywords(page: _Page) -> Iterator[Found]:
    words = page.texts("keywords")
    yield "json-ld", words[0] if len(words) == 1 else words
    yield "article:tag", page.metas("article:tag")
    for name in ("news_keywords", "keywords", "parsely-tags", "sailthru.tags", "dc.subject"):
        yield name, page.meta(name)


def _images(page: _Page) -> Iterator[Found]:
    yield "json-ld", page.pictures()
    links = page.metas("og:image", "og:image:url", "twitter:image", "twitter:image:src")
    absolute = [link for one in links if (link := _absolute(one, page.address))]
    caption = page.meta("og:image:alt", "twitter:image:alt") if len(absolute) == 1 else ""
    yield "og:image", [without_empty({"url": link, "caption": caption}) for link in dict.fromkeys(absolute)]


def _free_access(page: _Page) -> Iterator[Found]:
    value = page.value("isAccessibleForFree")
    spelled = str(value).strip().lower().rpartition("/")[2]
    yield "json-ld", {"true": True, "false": False}.get(spelled)
    yield "article:content_tier", {"free": True, "locked": False}.get(page.meta("article:content_tier").lower())


_FIELDS: dict[str, Callable[[_Page], Iterable[Found]]] = {
    "url": lambda page: (("address", page.address if _is_web(page.address) else ""),),
    "canonical_url": lambda page: (("canonical", page.canonical),),
    "source_name": lambda page: (("og:site_name", page.site),),
    "headline": _headlines,
    "description": _descriptions,
    "authors": _authors,
    "date_published": _dates(
        "datePublished",
        ("article:published_time", "og:article:published_time", "article:published", "parsely-pub-date",
         "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date", "citation_publication_date",
         "pubdate", "publish-date", "publishdate", "article.published", "date"),
        _PUBLISHED,
    ),
    "date_modified": _dates(
        "dateModified",
        ("article:modified_time", "og:updated_time", "dcterms.modified", "article.updated", "lastmod", "last-modified"),
        _UPDATED,
    ),
    "language": _languages,
    "section": _sections,
    "keywords": _keywords,
    "dateline": lambda page: (("json-ld", page.text("dateline")),),
    "location": lambda page: (("json-ld", page.text("locationCreated") or page.text("contentLocation")),),
    "images": _images,
    "license": lambda page: (
        ("json-ld", page.text("license")),
        ("rel=license", next(iter(page.markup.links.get("license", [])), "")),
    ),
    "rights": lambda page: (
        ("json-ld", page.text("copyrightNotice") or page.text("copyrightHolder")),
        ("copyright", page.meta("copyright", "dc.rights", "rights")),
    ),
    "free_access": _free_access,
    "content_type": lambda page: (
        ("json-ld", next(filter(_is_article, _types(page.node)), "")),
        ("og:type", page.meta("og:type")),
    ),
}  # fmt: skip


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name.rpartition("/")[2] for name in names if isinstance(name, str)]


def _is_article(kind: str) -> bool:
    return bool(_ARTICLE.search(kind)) and kind not in _NO_ARTICLE


def _is_name(text: str) -> bool:
    """Return whether a text may be the name of an author: neither an address nor a number, and not too long."""
    return bool(text) and len(text) <= 200 and not _ADDRESS.search(text) and any(map(str.isalpha, text))


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def _absolute(address: str, base: str) -> str:
    """Return an absolute address of the web, empty if it is none."""
    try:
        whole = urljoin(base, address.strip()) if address else ""
    except ValueError:
        return ""
    return whole if _is_web(whole) else ""


def _bare(address: str) -> str:
    """Return an address without what often differs: scheme, `www.`, fragment and a slash at the end."""
    return re.sub(r"^https?://(?:www\.)?", "", address.partition("#")[0], flags=re.I).rstrip("/").lower()


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _host_names(address: str) -> list[str]:
    """Return the names by which titles call the host of an address: `lowmoor.example`."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return []
    host = host.removeprefix("www.")
    return [host, f"www.{host}"] if host else []
