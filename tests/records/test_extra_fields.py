"""Input fields without a place in the article: kept under `extra`, whatever their names, and never taken for ours."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.cleaner.records.extra_fields import encode_json
from copydesk.cleaner.records.loader import Loader
from copydesk.schemas.article import DERIVED, Article, RawArticle, is_article, merge_extra

# Fields of ours as a scraped record may have them: of any type, or with the values that a forger would choose.
FOREIGN = {
    "raw": {"sha256": "0" * 64, "encoding": "utf-8"},
    "flags": ["hot", "new"],
    "profile": "the lady of the lake",
    "sections": [{"heading": "Sport"}],
    "provenance": {"file": "stolen.jsonl", "line": 1, "byte_offset": 0, "reader": "jsonl", "text_field": "body"},
    "word_count": 1_000_000,
    "edits": [{"rule": "x", "start": 0, "end": 4}],
    "schema_version": "7",
    "body_format": "html",
    "date_published_precision": "century",
}


@pytest.fixture
def clean(copydesk_command, tmp_path):
    """Clean a file and return its articles, with `extra` decoded."""

    def run(path) -> list[dict]:
        out = tmp_path / f"out-{path.name}"
        ran = copydesk_command("clean", path, "--out", out, "-q", "--suite", "none")
        assert ran.code == 0, ran.err
        rows = pq.read_table(out / "articles.parquet").to_pylist()
        return [{**row, "extra": json.loads(row["extra"])} for row in rows]

    return run


def test_the_examples_have_every_derived_field():
    assert FOREIGN.keys() >= DERIVED


@pytest.mark.parametrize("form", ["jsonl", "json", "parquet"])
@pytest.mark.parametrize("names", [*([name] for name in FOREIGN), list(FOREIGN)], ids=lambda names: names[0])
def test_fields_named_like_ours_are_kept_and_change_nothing(names, form, clean, tmp_path):
    fields = {name: FOREIGN[name] for name in names}
    record = {"text": "It rained.", **fields}
    path = tmp_path / f"dump.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist([record]), path)
    else:
        path.write_text(json.dumps(record if form == "jsonl" else [record]), "utf-8")
    [article] = clean(path)
    assert article["extra"] == fields
    (tmp_path / "plain.jsonl").write_text('{"text": "It rained."}', "utf-8")
    [plain] = clean(tmp_path / "plain.jsonl")
    place = {
        "file": f"dump.{form}",
        "line": 1,
        "byte_offset": {"jsonl": 0, "json": 1, "parquet": None}[form],
        "reader": form,
    }
    for name in DERIVED:
        expected = plain[name]
        if name == "provenance":
            expected = {**expected, **place}
        assert article[name] == expected, name


def test_cells_of_csv_named_like_ours_are_kept(clean, tmp_path):
    (tmp_path / "dump.csv").write_text("text,raw,word_count,extra\nIt rained.,meat,9,x\n", "utf-8")
    [article] = clean(tmp_path / "dump.csv")
    assert article["extra"] == {"raw": "meat", "word_count": "9", "extra": "x"}


@pytest.mark.parametrize(
    ("record", "extra"),
    [
        ({"foo": 1, "extra": {"foo": 2, "bar": 3}}, {"foo": 1, "extra": {"foo": 2, "bar": 3}}),
        ({"foo": 1, "extra": {"bar": 3}}, {"foo": 1, "bar": 3}),
        ({"extra": {"extra": {"extra": 1}}}, {"extra": {"extra": 1}}),
        ({"extra": {"text": "not this", "id": 7}}, {"text": "not this", "id": 7}),
        ({"date": "soon", "extra": {"date": "later"}}, {"date": "soon", "extra": {"date": "later"}}),
        ({"extra": [1, 2]}, {"extra": [1, 2]}),
        ({"extra": 0}, {"extra": 0}),
        ({"extra": False}, {"extra": False}),
        ({"extra": "no object"}, {"extra": "no object"}),
        ({"extra": '{"bar": [3]}'}, {"bar": [3]}),
        ({"extra": "[3]"}, {"extra": "[3]"}),
        ({"extra": f'{{"bar": {"9" * 5000}}}'}, {"extra": f'{{"bar": {"9" * 5000}}}'}),
        ({"extra": None}, {}),
        ({"extra": ""}, {}),
        ({"extra": {}}, {}),
    ],
)
@pytest.mark.parametrize("way", ["library", "model", "jsonl", "parquet"])
def test_a_field_extra_is_merged_if_nothing_is_lost(way, record, extra, clean, tmp_path):
    whole = {"text": "It rained.", **record}
    if way == "library":
        assert copydesk.clean(whole).article.extra == extra
    elif way == "model":
        assert RawArticle.model_validate(whole).extra == extra
    elif way == "jsonl":
        (tmp_path / "dump.jsonl").write_text(json.dumps(whole), "utf-8")
        assert clean(tmp_path / "dump.jsonl")[0]["extra"] == extra
    else:
        table = pa.Table.from_pylist([whole])
        if any(pa.types.is_struct(field.type) and not field.type.num_fields for field in table.schema):
            pytest.skip("Parquet has no empty structs")
        pq.write_table(table, tmp_path / "dump.parquet")
        assert clean(tmp_path / "dump.parquet")[0]["extra"] == extra


@pytest.mark.parametrize("way", ["library", "jsonl", "parquet"])
def test_articles_of_ours_are_cleaned_anew_without_their_derived_fields(way, clean, tmp_path):
    first = copydesk.clean({"text": "It rained.\n\nScroll to Top", "views": 3, "raw": "meat"}).article
    record = first.model_dump(mode="json")
    assert is_article(record)
    if way == "library":
        second = copydesk.clean(record).article.model_dump(mode="json")
    elif way == "jsonl":
        (tmp_path / "dump.jsonl").write_text(json.dumps(record), "utf-8")
        [second] = clean(tmp_path / "dump.jsonl")
    else:
        (tmp_path / "dump.jsonl").write_text('{"text": "It rained.", "views": 3, "raw": "meat"}', "utf-8")
        clean(tmp_path / "dump.jsonl")
        [second] = clean(tmp_path / "out-dump.jsonl" / "articles.parquet")
    assert second["extra"] == {"views": 3, "raw": "meat"}
    assert second["body"] == "It rained."
    assert second["provenance"]["text_field"] == "body"


@pytest.mark.parametrize("name", sorted({"raw", "provenance", "schema_version", "word_count", "profile", "flags"}))
def test_a_record_that_is_only_like_an_article_of_ours_keeps_all(name):
    record = copydesk.clean("It rained.").article.model_dump(mode="json")
    extra = copydesk.clean({**record, name: ["another"] if name == "profile" else "another"}).article.extra
    assert "another" in extra[name]
    assert extra.keys() == DERIVED


def test_every_derived_field_is_dropped_from_an_article_of_ours():
    article = copydesk.clean("It rained.").article
    assert RawArticle.model_validate(article.model_dump()).extra == {}
    assert set(Article.model_fields) - {"extra"} >= DERIVED


def test_what_json_cannot_hold_becomes_text():
    cycle: list = []
    cycle.append(cycle)
    value = {
        "long": 10**5000,
        "big": 2**70,
        "half": "caf\udce9",
        "caf\udce9": 1,
        "bytes": b"ab",
        "set": {1},
        "cycle": cycle,
    }
    found = json.loads(encode_json(value))
    assert int(found["long"], 16) == 10**5000
    assert (found["big"], found["half"], found["caf\\udce9"], found["bytes"]) == (2**70, "caf\\udce9", 1, "YWI=")
    assert found["set"] == [1]
    assert found["cycle"][0][0][0]


def test_merging_leaves_its_arguments_as_they_are():
    fields, value = {"foo": 1}, {"bar": 2}
    merge_extra(fields, value)
    assert (fields, value) == ({"foo": 1}, {"bar": 2})


def test_records_with_thousands_of_names_are_not_remembered():
    from copydesk.schemas import field_plan

    before = field_plan._plan_few.cache_info().currsize
    fields = Loader().fields([f"column {n}" for n in range(20_000)] + ["text"])
    assert fields == {"text": "body"}
    assert field_plan._plan_few.cache_info().currsize == before
