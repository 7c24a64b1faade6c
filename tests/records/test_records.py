"""Records: one definition, derived schemas, and the library's ways in."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import copydesk
from copydesk.schemas.arrow import ARTICLE, EDIT, EDITS_FILE, arrow_schema, arrow_type
from copydesk.schemas.article import CONVERTERS, DERIVED, Article, RawArticle
from copydesk.schemas.edits import Edit
from copydesk.schemas.errors import SettingError
from copydesk.schemas.field_aliases import ALIASES


def test_the_arrow_schemas_are_those_of_the_models():
    for schema, model in ((ARTICLE, Article), (EDIT, Edit)):
        assert schema == arrow_schema(model)
        assert schema.names == list(model.model_fields)
        for name, info in model.model_fields.items():
            assert schema.field(name).type == arrow_type(info.annotation)
            assert schema.field(name).nullable == (type(None) in get_args(info.annotation))
    assert EDITS_FILE.names == ["id", *EDIT.names, "input_field", "fills", "file", "line", "byte_offset"]


def test_every_field_that_is_read_has_aliases_and_a_place():
    assert list(CONVERTERS) == list(ALIASES)
    assert set(CONVERTERS) <= set(Article.model_fields)
    assert set(RawArticle.model_fields) == set(CONVERTERS) | {"extra"}
    assert DERIVED.isdisjoint(CONVERTERS)


def test_a_type_without_an_arrow_type_is_refused():
    with pytest.raises(TypeError, match="no Arrow type"):
        arrow_type(complex)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(max_size=20),
    st.sampled_from(
        ["https://ostwick.example/a", "2024-05-01", "May 4, 2024 10:15", "en-GB", "true", "A; B", "//x", "1700000000"]
    ),
    st.lists(st.text(max_size=8), max_size=3),
    st.dictionaries(st.sampled_from(["name", "url", "caption"]), st.text(max_size=8), max_size=2),
)
# names, not paths such as `paragraphs[]`
names = [name for aliases in ALIASES.values() for name in aliases if "[" not in name]
records = st.dictionaries(st.sampled_from(names), values, max_size=8)


@given(st.lists(st.tuples(records, st.text(max_size=60)), min_size=1, max_size=4))
def test_every_row_that_comes_out_is_valid(rows):
    cleaner = copydesk.Cleaner(suite="none")
    for record, text in rows:
        whole = {**record, "body": text}
        cleaned = cleaner.clean(whole)
        Article.model_validate(cleaned.article.model_dump())
        field = cleaned.article.provenance.text_field  # another field has the text if the body is blank
        assert cleaned.restore() == (text if field == "body" else str(whole.get(field, text)))


def test_every_accepted_row_of_a_run_is_valid(copydesk_command, seeds, tmp_path):
    assert copydesk_command("clean", seeds, "--out", tmp_path / "out", "-q").code == 0
    table = pq.read_table(tmp_path / "out" / "articles.parquet")
    assert table.schema.equals(ARTICLE)
    assert [Article.model_validate(row).id for row in table.to_pylist()] == table["id"].to_pylist()
    edits = pq.read_table(tmp_path / "out" / "edits.parquet")
    assert edits.schema.equals(EDITS_FILE)
    for row in edits.select(EDIT.names).to_pylist():
        Edit.model_validate(row)


def test_a_raw_record_loads_before_it_is_judged():
    raw = RawArticle.model_validate({"maintext": "It rained.", "url": "//nowhere", "views": 3, "date": "no date"})
    assert raw.body == "It rained."
    assert (raw.url, raw.date_published) == (None, None)
    assert raw.extra == {"url": "//nowhere", "views": 3, "date": "no date"}


@pytest.fixture
def table(article) -> pa.Table:
    return pa.table({"title": ["A key, a chain and a ferry", None], "text": [f"{article}\n\nScroll to Top", None]})


def expected(cleaned: pa.Table, article: str) -> None:
    assert cleaned["body"].to_pylist() == [article, ""]
    assert cleaned["headline"].to_pylist() == ["A key, a chain and a ferry", None]
    assert [edit["rule"] for edit in cleaned["edits"][0].as_py()] == ["navigation/top"]
    assert [reason["check"] for reason in cleaned["reasons"][1].as_py()] == ["body/empty", "headline/missing"]


def test_clean_table_takes_anything_with_an_arrow_stream(table, article):
    cleaner = copydesk.Cleaner()
    expected(cleaner.clean_table(table), article)
    expected(cleaner.clean_table(pa.RecordBatchReader.from_batches(table.schema, table.to_batches())), article)
    expected(cleaner.clean_table(iter([table.slice(0, 1), table.slice(1)])), article)


def test_clean_table_takes_frames_of_polars(table, article):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    cleaned = copydesk.Cleaner().clean_table(polars.from_arrow(table))
    expected(cleaned, article)
    assert polars.from_arrow(cleaned)["body"].to_list() == [article, ""]


def test_clean_table_takes_frames_of_pandas(table, article):
    expected(copydesk.Cleaner().clean_table(table.to_pandas()), article)


def test_clean_batches_streams(table, article):
    batches = (table for _ in range(3))
    cleaned = list(copydesk.clean_batches(batches))
    assert len(cleaned) == 3
    for part in cleaned:
        expected(part, article)


@pytest.mark.parametrize("wrong", ["text", 17, {"text": "x"}, None])
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(SettingError, match="Arrow stream"):
        copydesk.Cleaner().clean_table(wrong)


def test_a_record_can_be_a_mapping_or_a_text(article):
    text = f"{article}\n\nScroll to Top"
    assert copydesk.clean(text).article.body == copydesk.clean({"content": text}).article.body == article
    with pytest.raises(SettingError, match="a text or a mapping"):
        copydesk.clean(3)


def test_rules_can_be_one_file_or_several(tmp_path, article):
    path = tmp_path / "house.toml"
    path.write_text(
        '[[rule]]\nid = "house/tagline"\nsummary = "Tagline of the house"\nmatch = ["lit since 1888"]\n'
        'removes = ["Lit since 1888"]\nkeeps = ["Lit since 1888, it was put out."]\nsince = "1"\n'
    )
    for rules in (path, str(path), [path], [str(path)]):
        assert copydesk.Cleaner(rules).clean(f"{article}\n\nLit since 1888").article.body == article


def test_check_gives_findings_of_rules_and_checks(article):
    found = copydesk.check({"text": f"{article}\n\nScroll to Top", "date": "2900-01-01"})
    assert [reason.check for reason in found] == ["navigation/top", "headline/missing", "date/future"]


def test_times_keep_their_precision():
    article = copydesk.clean({"text": "It rained.", "date": "2024-05-01T10:15:00"}).article
    assert article.date_published == dt.datetime(2024, 5, 1, 10, 15, tzinfo=dt.timezone.utc)
    assert article.date_published_precision == "second-naive"
