"""Articles converted to forms of other programs, and back."""

from __future__ import annotations

import json

import pytest

KEPT = ("url", "canonical_url", "source_name", "headline", "description", "body", "authors", "date_published")
ALSO = ("date_modified", "language", "section", "keywords", "location", "images", "rights")


@pytest.fixture
def run(jsonl, article, tmp_path, copydesk_command):
    """Clean a record with many fields, and one with few; return the directory."""
    full = {
        "id": "7",
        "url": "https://lenn.example/7",
        "canonical_url": "https://lenn.example/seven",
        "source_name": "The Lowmoor Lantern",
        "title": "The key",
        "description": "A key is lost.",
        "text": f"{article}\n\nScroll to Top",
        "authors": ["Anna Lenn", "Bert Ost"],
        "date_published": "2024-03-05T10:00:00+01:00",
        "date_modified": "2024-03-06T10:00:00+01:00",
        "language": "en",
        "section": "Harbour",
        "keywords": ["key", "ferry"],
        "location": "Skarnes",
        "images": [{"url": "https://lenn.example/7.jpg", "caption": "The key", "credit": "B. Ost"}],
        "rights": "The Lantern",
    }
    dump = jsonl(full, {"id": "8", "text": article.replace("Skarnes", "Ostwick"), "title": "Another key"})
    assert copydesk_command("clean", dump, "--out", tmp_path / "out", "-q").code == 0
    return tmp_path / "out"


def articles(out, copydesk_command):
    ran = copydesk_command("convert", out, "--to", "jsonl")
    assert ran.code == 0
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize("to", ["schemaorg", "ninjs", "jsonl"])
def test_round_trip(to, run, tmp_path, copydesk_command):
    path = tmp_path / "converted.jsonl"
    assert copydesk_command("convert", run, "--to", to, "--out", path).code == 0
    assert copydesk_command("clean", path, "--out", tmp_path / "again", "-q").code == 0
    before, after = (articles(out, copydesk_command) for out in (run, tmp_path / "again"))
    for one, other in zip(before, after, strict=True):
        differing = {name for name in (*KEPT, *ALSO) if one[name] != other[name]}
        if to == "ninjs":  # it has one address, and no place for some facts of pictures
            differing -= {"canonical_url", "images"}
        assert {name: (one[name], other[name]) for name in differing} == {}


def test_json_ld_is_as_schema_org_has_it(run, copydesk_command):
    first = json.loads(copydesk_command("convert", run, "--to", "schemaorg").out.splitlines()[0])
    assert (first["@context"], first["@type"]) == ("https://schema.org", "NewsArticle")
    assert first["author"][0] == {"@type": "Person", "name": "Anna Lenn"}
    assert first["publisher"]["name"] == "The Lowmoor Lantern"
    assert first["datePublished"].startswith("2024-03-05T09:00:00")
    assert "articleSection" in first
    assert "license" not in first


def test_ninjs_names_its_version(run, copydesk_command):
    first = json.loads(copydesk_command("convert", run, "--to", "ninjs").out.splitlines()[0])
    assert first["standard"]["version"] == "3.1"
    assert first["bodies"][0]["role"] == "main"
    assert first["uri"] == "https://lenn.example/7"


def test_csv_and_texts(run, tmp_path, copydesk_command, article):
    ran = copydesk_command("convert", run, "--to", "csv", "--columns", "headline,provenance.line")
    assert ran.out == "headline,provenance.line\nThe key,1\nAnother key,2\n"
    assert copydesk_command("convert", run, "--to", "txt", "--out", tmp_path / "texts").code == 0
    assert (tmp_path / "texts" / "dump" / "1.txt").read_text() == article


def test_any_dump_is_converted_as_it_is(jsonl, article, copydesk_command):
    ran = copydesk_command("convert", jsonl({"maintext": f"{article}\n\nScroll to Top"}, b"{"), "--to", "jsonl")
    assert ran.code == 1
    assert json.loads(ran.out)["body"].endswith("Scroll to Top")
    assert "1 article, 1 could not be read" in ran.err
