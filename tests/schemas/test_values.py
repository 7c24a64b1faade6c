"""Languages, addresses, lists and texts: values of a dump as the article has them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import copydesk
from copydesk.schemas.values.languages import language
from copydesk.schemas.values.lists import images, labels
from copydesk.schemas.values.texts import label, text
from copydesk.schemas.values.urls import PLAIN_URL, VARIANT, canonicalize


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("eng", "en"), ("EN", "en"), ("zh-cn", "zh-CN"), ("en_US", "en-US"), ("en_US.UTF-8", "en-US"),
        ("English", "en"), ("Deutsch", "de"), ("English (UK)", "en-GB"),
        ("de-DE,de;q=0.9", "de-DE"), ("ger", "de"), ("iw", "he"),
        ("sr-latn", "sr-Latn"), ("日本語", "ja"), ("Bahasa Indonesia", "id"), (["fr", "en"], "fr"),
        ("es-419", "es-419"),
        (None, None), ("", None),
    ],
)  # fmt: skip
def test_languages_become_tags(written, tag):
    assert language(written) == tag


@pytest.mark.parametrize("written", ["und", "Lennish", "C", 5, "x" * 500, {"a": 1}])
def test_what_is_no_language_is_refused(written):
    with pytest.raises(ValueError, match=r"not a language|text expected"):
        language(written)


CANONICAL = [
    ("HTTPS://Lantern.Example:443/a?utm_source=x&id=7#top", "https://lantern.example/a?id=7"),
    ("http://lantern.example:80", "http://lantern.example/"),
    ("http://lantern.example:8080/a", "http://lantern.example:8080/a"),
    ("https://amp.lantern.example/a", "https://lantern.example/a"),
    ("https://m.lantern.example/a?amp=1", "https://lantern.example/a"),
    ("https://en.m.lenn.example/wiki/A", "https://en.lenn.example/wiki/A"),
    ("https://lantern.example/a/amp/", "https://lantern.example/a"),
    ("https://lantern.example/a.amp.html", "https://lantern.example/a.html"),
    ("https://www.google.com/amp/s/lantern.example/x", "https://lantern.example/x"),
    ("https://lantern-example.cdn.ampproject.org/c/s/lantern.example/x?usqp=mq331", "https://lantern.example/x"),
    ("https://lantern.example/a?b=2&a=1&fbclid=xyz", "https://lantern.example/a?a=1&b=2"),
    ("https://lantern.example/camp/amped", "https://lantern.example/camp/amped"),
    ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
]


@pytest.mark.parametrize(("address", "canonical"), CANONICAL)
def test_addresses_become_canonical_once(address, canonical):
    assert canonicalize(address).url == canonical
    assert canonicalize(canonical).url == canonical


def test_plain_addresses_are_canonical_without_the_library():
    addresses = pa.array(
        [address for pair in CANONICAL for address in pair] + ["https://lantern.example/2024/05/ferry-7/"]
    )
    plain = pc.and_not(pc.match_substring_regex(addresses, PLAIN_URL), pc.match_substring_regex(addresses, VARIANT))
    found = addresses.filter(plain).to_pylist()
    assert len(found) >= 8
    assert [canonicalize(address).url for address in found] == found


def test_an_address_that_cannot_be_taken_apart_has_no_canonical_form():
    assert canonicalize("https://lantern.example:99999/") is None


def test_a_record_gets_the_address_and_the_name_of_its_page():
    url = "https://M.Lantern.Example/a?utm_source=x"
    article = copydesk.clean({"text": "It rained.", "url": url}).article
    assert (article.url, article.canonical_url) == (url, "https://lantern.example/a")
    assert article.source_name == "m.lantern.example"
    assert {item.field: item.how for item in article.provenance.assumed} == {
        "canonical_url": "the form of url, without its form for phones",
        "source_name": "the host of url",
    }


def test_the_values_of_the_record_win():
    record = {
        "text": "It rained.",
        "url": "https://a.example/1#x",
        "canonical_url": "https://b.example/2",
        "publisher": "B",
    }
    article = copydesk.clean(record).article
    assert (article.canonical_url, article.source_name) == ("https://b.example/2", "B")
    assert article.provenance.assumed == []


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("a, b", ["a", "b"]), ("a, b; c", ["a, b", "c"]), ('["a", "b"]', ["a", "b"]), ("['a', 'b']", ["a", "b"]),
        ("#a #b", ["a", "b"]), ("#ferry, #quay", ["ferry", "quay"]), ("a|b", ["a", "b"]), ("a\nb", ["a", "b"]),
        (["a, b"], ["a", "b"]), (["a", "b", "a"], ["a", "b"]), ([{"term": "x"}, {"name": "y"}], ["x", "y"]),
        ("one two", ["one two"]), (None, []), ("", []),
    ],
)  # fmt: skip
def test_lists_are_read_in_any_spelling(written, terms):
    assert labels(written) == terms


def test_images_are_read_in_any_form():
    one, two = "https://a.example/1.jpg", "https://a.example/2.jpg"
    for value in (f"{one}, {two}", [one, {"src": two}], [{"contentUrl": one}, {"href": two}], f"['{one}', '{two}']"):
        assert [image["url"] for image in images(value)] == [one, two]
    assert images({"url": one, "caption": "The quay", "creditText": "B. Lind"}) == [
        {"url": one, "caption": "The quay", "credit": "B. Lind"}
    ]


def test_values_of_a_wrong_type_are_refused_with_the_real_reason():
    for convert, value, reason in (
        (text, ["a"], "text expected, list found"),
        (text, {"a": 1}, "text expected, object found"),
        (text, 10**5000, "an integer of more than 4,000 digits"),
        (label, {"a": {"b": 1}}, "text expected, an object with a found"),
    ):
        with pytest.raises(ValueError, match=reason):
            convert(value)


def test_what_does_not_fit_stays_under_extra():
    record = {
        "text": "It rained.",
        "title": ["a", ["b"]],
        "section": {"deep": {"er": 1}},
        "date": [[2024]],
        "rights": 10**5000,
    }
    cleaned = copydesk.clean(record)
    assert cleaned.article.extra.keys() >= {"section", "date", "rights"}


GERMAN = (
    "Die Fähre verließ den Kai am Montag eine Stunde zu spät, weil niemand den Schlüssel zu der Kette finden konnte, "
    "die während des Sturms quer durch das Becken gelegt worden war."
)


def test_a_record_without_a_language_gets_that_of_its_text():
    article = copydesk.clean({"text": GERMAN}).article
    (assumed,) = article.provenance.assumed
    assert (article.language, assumed.field, assumed.how) == ("de", "language", "detected")
    assert 0.9 <= assumed.score <= 1


def test_short_texts_and_unreadable_tags_stay_without_a_language():
    assert copydesk.clean({"text": "Es regnete."}).article.language is None
    assert copydesk.clean({"text": GERMAN, "lang": "Lennish"}).article.language is None
    assert copydesk.clean({"text": GERMAN, "lang": "en"}).article.language == "en"


def test_a_language_does_not_depend_on_the_batch():
    texts = [GERMAN, "It rained.", f"{GERMAN} Es regnete."] * 400
    together = copydesk.clean_table(pa.table({"text": texts}))
    alone = copydesk.clean_table(pa.table({"text": texts[:1]}))
    assert set(together["language"].to_pylist()) == {"de", None}
    assert together["provenance"][0].as_py()["assumed"] == alone["provenance"][0].as_py()["assumed"]
