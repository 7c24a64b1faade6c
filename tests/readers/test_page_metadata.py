"""The fields of an article from the markup of its page."""

from __future__ import annotations

import json
import time

import pytest

from copydesk.cleaner.readers.page_metadata import read_metadata


def page(head: str = "", body: str = "", language: str = ' lang="en-GB"') -> str:
    return f"<!DOCTYPE html><html{language}><head>{head}</head><body>{body}</body></html>"


def json_ld(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


ARTICLE = {
    "@context": "https://schema.org",
    "@type": ["NewsArticle", "Thing"],
    "headline": "Rain &amp; snow",
    "alternativeHeadline": "Wet week",
    "description": "It rained.",
    "author": [{"@type": "Person", "name": "Petra Quill", "url": "https://lowmoor.example/quill"}, "Sam Vane"],
    "datePublished": "2024-03-05T10:00:00+01:00",
    "dateModified": "2024-03-06",
    "inLanguage": "cy",
    "articleSection": ["Weather", "Moor"],
    "keywords": ["rain", "snow"],
    "publisher": {"@type": "Organization", "name": "The Lantern"},
    "image": {"@type": "ImageObject", "url": "/a.jpg", "caption": "Rain", "creditText": "Sam Vane"},
    "isAccessibleForFree": "False",
    "license": "https://lowmoor.example/licence",
    "copyrightHolder": {"name": "Lantern Ltd"},
    "dateline": "LENN",
    "contentLocation": {"name": "Ostwick"},
    "mainEntityOfPage": {"@id": "https://lowmoor.example/rain"},
}
CANONICAL = '<link rel="canonical" href="https://lowmoor.example/rain">'


def test_json_ld_of_an_article():
    fields = read_metadata(page(CANONICAL + json_ld(ARTICLE)))
    del fields["extra"]
    assert fields == {
        "url": "https://lowmoor.example/rain",
        "canonical_url": "https://lowmoor.example/rain",
        "source_name": "The Lantern",
        "headline": "Rain & snow",
        "alt_headlines": ["Wet week"],
        "description": "It rained.",
        "authors": [{"name": "Petra Quill", "url": "https://lowmoor.example/quill"}, {"name": "Sam Vane"}],
        "date_published": "2024-03-05T10:00:00+01:00",
        "date_modified": "2024-03-06",
        "language": "en-GB",
        "section": "Weather",
        "keywords": ["rain", "snow"],
        "dateline": "LENN",
        "location": "Ostwick",
        "images": [{"url": "https://lowmoor.example/a.jpg", "caption": "Rain", "credit": "Sam Vane"}],
        "license": "https://lowmoor.example/licence",
        "rights": "Lantern Ltd",
        "free_access": False,
        "content_type": "NewsArticle",
    }


def test_it_says_where_each_field_was_found():
    extra = read_metadata(page("<title>Rain | Lantern</title>" + json_ld(ARTICLE)))["extra"]
    assert extra["title_tag"] == "Rain | Lantern"
    assert extra["found_in"]["headline"] == "json-ld"
    assert extra["found_in"]["language"] == "html lang"


TAGS = """<title>Rain &amp; snow - The Lantern</title>
<meta property="og:site_name" content="The Lantern"><meta property="og:title" content="Rain &amp; snow | The Lantern">
<meta property="og:url" content="https://lowmoor.example/rain"><meta property="og:type" content="article">
<meta name="Description" content="It rained."><meta name="author" content="Petra Quill">
<meta property="article:author" content="https://lowmoor.example/quill">
<meta property="article:published_time" content="2024-03-05T09:00:00Z">
<meta property="article:modified_time" content="2024-03-06T09:00:00Z">
<meta property="article:section" content="Weather"><meta property="article:tag" content="rain">
<meta property="article:tag" content="snow"><meta property="og:image" content="//lowmoor.example/a.jpg">
<meta property="og:image:alt" content="Rain"><meta property="article:content_tier" content="free">
<meta name="copyright" content="Lantern Ltd"><link rel="license" href="https://lowmoor.example/licence">"""


def test_tags_of_articles_and_pages():
    fields = read_metadata(page(TAGS))
    del fields["extra"]
    assert fields == {
        "url": "https://lowmoor.example/rain",
        "canonical_url": "https://lowmoor.example/rain",
        "source_name": "The Lantern",
        "headline": "Rain & snow",
        "description": "It rained.",
        "authors": ["Petra Quill"],
        "date_published": "2024-03-05T09:00:00Z",
        "date_modified": "2024-03-06T09:00:00Z",
        "language": "en-GB",
        "section": "Weather",
        "keywords": ["rain", "snow"],
        "images": [{"url": "https://lowmoor.example/a.jpg", "caption": "Rain"}],
        "license": "https://lowmoor.example/licence",
        "rights": "Lantern Ltd",
        "free_access": True,
        "content_type": "article",
    }


def test_microdata_and_times():
    body = """<article itemscope itemtype="https://schema.org/Article"><h1 itemprop="headline">Rain <i>and</i> snow</h1>
    <span itemprop="author" itemscope><a href="/q"><span itemprop="name">Petra Quill</span></a></span>
    <time itemprop="datePublished" datetime="2024-03-05T10:00:00Z">5 March</time>
    <meta itemprop="dateModified" content="2024-03-06"></article>"""
    fields = read_metadata(page(body=body))
    assert fields["headline"] == "Rain and snow"
    assert fields["authors"] == ["Petra Quill"]
    assert (fields["date_published"], fields["date_modified"]) == ("2024-03-05T10:00:00Z", "2024-03-06")


def test_times_count_if_their_class_says_what_they_are_and_they_agree():
    one = '<time class="entry-date published" datetime="2024-03-05">'
    assert read_metadata(page(body=one + '<time datetime="2020-01-01">'))["date_published"] == "2024-03-05"
    other = '<time class="published" datetime="2024-02-01">'
    assert "date_published" not in read_metadata(page(body=one + other))


def test_of_several_articles_the_one_of_the_page_counts():
    others = [{"@type": "NewsArticle", "headline": "Fog", "url": "https://lowmoor.example/fog"}]
    here = {"@type": "NewsArticle", "headline": "Rain", "url": "http://www.lowmoor.example/rain/#top"}
    assert read_metadata(page(CANONICAL + json_ld({"@graph": [*others, here]})))["headline"] == "Rain"
    by_title = page('<meta property="og:title" content="RAIN!">' + json_ld([*others, {**here, "url": None}]))
    assert read_metadata(by_title)["headline"] == "Rain"
    fields = read_metadata(page("<title>Moor</title>" + json_ld([*others, {**here, "url": None}])))
    assert fields["headline"] == "Moor"
    assert "content_type" not in fields


def test_references_within_a_graph_are_followed():
    graph = [
        {"@type": "Person", "@id": "#quill", "name": "Petra Quill"},
        {"@type": "NewsArticle", "headline": "Rain", "author": {"@id": "#quill"}},
        {"@type": "WebSite", "name": "Lantern"},
    ]
    assert read_metadata(page(json_ld({"@graph": graph})))["authors"] == [{"name": "Petra Quill"}]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("<h1>Rain floods the moor</h1>", "Rain floods the moor"),
        ("<h1>The Lantern</h1><h1>Rain floods the moor</h1>", "Rain floods the moor"),
        ("<h1>The Lantern</h1>", "Rain floods the moor for days"),
        ("<h1></h1>", "Rain floods the moor for days"),
    ],
)
def test_a_heading_wins_over_a_title_that_is_like_it(heading, expected):
    tags = (
        '<meta property="og:site_name" content="The Lantern"><title>Rain floods the moor for days · The Lantern</title>'
    )
    assert read_metadata(page(tags, heading))["headline"] == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Rain | lowmoor.example", "Rain"),
        ("Rain - www.lowmoor.example", "Rain"),
        ("The Lantern: Rain", "The Lantern: Rain"),
        ("Rain - and snow", "Rain - and snow"),
        ("Rain-soaked", "Rain-soaked"),
    ],
)
def test_the_site_goes_from_titles(title, expected):
    assert read_metadata(page(f"<title>{title}</title>"))["headline"] == expected


def test_an_address_is_no_author():
    tags = '<meta name="author" content="https://lowmoor.example/quill"><a rel="author" href="/q">Petra Quill</a>'
    assert read_metadata(page(tags))["authors"] == ["Petra Quill"]
    two = '<a rel="author" href="/q">Petra Quill</a><a rel="author" href="/v">Sam Vane</a>'
    assert "authors" not in read_metadata(page(body=two))


@pytest.mark.parametrize("name", ["The Lantern", "the lantern", "lowmoor.example developer"])
def test_the_site_is_no_author(name):
    tags = f'{CANONICAL}<meta property="og:site_name" content="The Lantern"><meta name="author" content="{name}">'
    assert "authors" not in read_metadata(page(tags))
    assert read_metadata(page(f'{tags}<a rel="author">Sam Vane</a>'))["authors"] == ["Sam Vane"]


def test_the_address_that_is_known_and_the_one_that_a_browser_wrote():
    saved = "<!-- saved from url=(0028)https://lowmoor.example/rain -->" + page()
    assert read_metadata(saved)["url"] == "https://lowmoor.example/rain"
    fields = read_metadata(page('<link rel="canonical" href="/rain">'), "https://lowmoor.example/rain?a=1")
    assert fields["url"] == "https://lowmoor.example/rain?a=1"
    assert fields["canonical_url"] == "https://lowmoor.example/rain"


ODD = """{"@type": ["NewsArticle"], "author": 7, "image": [[]], "headline": {}, "publisher": [], "url": 7,
"keywords": {"a": 1}, "isAccessibleForFree": []}"""


@pytest.mark.parametrize(
    "script", ['{"@type": "NewsArticle", "headline": "Rain\n"', "[" * 100_000, "null", "7", '{"@type": 7}', ODD]
)
def test_odd_json_ld_is_passed_over(script):
    fields = read_metadata(page(f'<title>Moor</title><script type="application/ld+json">{script}</script>'))
    assert fields["headline"] == "Moor"


def test_wrapped_json_ld_is_read():
    for before, after in (("<!--", "-->"), ("//<![CDATA[\n", "\n//]]>"), ("<![CDATA[", "]]>")):
        script = f'{before}{{"@type": "NewsArticle", "headline": "Rain"}}{after}'
        text = page(f'<script type="application/ld+json">{script}</script>')
        assert read_metadata(text)["headline"] == "Rain"


@pytest.mark.parametrize(
    "part", ["<!--", "<", "<h1>", "<a b='", "<![CDATA[", "<?", "</", '<script type="ld+json">', "&a"]
)
def test_the_time_grows_with_the_length(part):
    begun = time.perf_counter()
    read_metadata(part * (400_000 // len(part)) + ">")
    assert time.perf_counter() - begun < 20


def test_a_heading_that_names_the_site_is_no_headline():
    page = "<title>Lowmoor Notes: The ferry is late again</title><h1>Lowmoor Notes</h1><h2>The ferry is late again</h2>"
    found = read_metadata(page, "https://lowmoornotes.blog.example/1")
    assert found["headline"] == "The ferry is late again"
