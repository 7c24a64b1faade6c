"""Arrow streams: the recipes of docs/arrow.md run as they stand there, and any Arrow type of text gives the same."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.cleaner.readers.arrow_streams import arrow_batches
from copydesk.schemas.errors import NoTextFieldError, SettingError

DOC = Path(__file__).parent.parent.parent / "docs" / "arrow.md"
RECIPES = {
    section.partition("\n")[0]: re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    for section in DOC.read_text("utf-8").split("\n## ")[1:]
}


@pytest.fixture
def recipe(tmp_path, article, monkeypatch):
    """Run blocks of a section of the page beside a file of three records; return the names that they define."""
    texts = [f"{article}\n\nScroll to Top", None, f"{article}\n\nIt rained."]
    ids, titles = ["a", "b", "c"], ["A key", "Nothing", "Rain"]
    pq.write_table(pa.table({"id": ids, "title": titles, "text": texts, "views": [1, 2, 3]}), tmp_path / "news.parquet")
    monkeypatch.chdir(tmp_path)

    def run(section: str, blocks: slice = slice(None)) -> dict:
        names: dict = {"__name__": "recipe"}
        for block in RECIPES[section][blocks]:
            exec(compile(block, f"{DOC.name}: {section}", "exec"), names)
        return names

    return run


@pytest.fixture
def bodies(article):
    """Return the expected clean texts."""
    return [article, "", f"{article}\n\nIt rained."]


def test_polars(recipe, bodies):
    pytest.importorskip("polars", reason="the recipe of polars needs it")
    names = recipe("polars")
    assert names["clean"]["body"].to_list() == bodies
    assert names["accepted"]["id"].to_list() == ["a", "c"]
    assert pq.read_table("clean.parquet")["body"].to_pylist() == bodies


def test_duckdb(recipe, bodies):
    pytest.importorskip("duckdb", reason="the recipe of duckdb needs it")
    found = recipe("DuckDB")["news"]
    assert found == [("a", "A key", bodies[0], 1), ("b", "Nothing", "", 0), ("c", "Rain", bodies[2], 0)]


def test_pandas(recipe, bodies):
    pytest.importorskip("pandas", reason="the recipe of pandas needs it")
    frame = recipe("pandas")["frame"]
    assert frame["text"].tolist() == bodies
    assert frame["cuts"].tolist() == [1, 0, 0]
    assert frame["views"].tolist() == [1, 2, 3]


def test_hugging_face_datasets(recipe, bodies, monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets", reason="the recipe of datasets needs it")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    clean = recipe("Hugging Face datasets")["clean"]
    assert clean["body"][:] == bodies
    assert [len(edits) for edits in clean["edits"]] == [1, 0, 0]
    assert "text" not in clean.column_names


def test_ray_gives_batches_as_pyarrow_tables(recipe, bodies):
    clean = recipe("Ray Data", slice(0, 1))["Clean"]()
    assert clean(pq.read_table("news.parquet"))["body"].to_pylist() == bodies


@pytest.mark.filterwarnings("ignore")
def test_ray(recipe, bodies):
    ray = pytest.importorskip("ray", reason="the recipe of ray needs it")
    pytest.importorskip("ray.data", reason="the recipe of ray needs its part for data")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        assert [row["body"] for row in recipe("Ray Data")["clean"]] == bodies
    finally:
        ray.shutdown()


TYPES = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.large_string()),
]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_every_type_of_text_gives_the_same(kind, article):
    texts = [f"{article}\n\nScroll to Top", None]
    chunks = pa.chunked_array([pa.array(texts).cast(kind), pa.array(texts[:1]).cast(kind)])
    table = copydesk.clean_table(pa.table({"text": chunks, "headline": chunks}))
    assert table["body"].to_pylist() == [article, "", article]
    assert [len(edits) for edits in table["edits"].to_pylist()] == [1, 0, 1]


def test_a_dictionary_of_views_as_polars_makes_them(article):
    pl = pytest.importorskip("polars", reason="the recipe of polars needs it")
    frame = pl.DataFrame({"text": [article, None, article], "section": ["a", "a", None]})
    table = copydesk.clean_table(frame.with_columns(pl.all().cast(pl.Categorical)))
    assert table["body"].to_pylist() == [article, "", article]
    assert table["section"].to_pylist() == ["a", "a", None]


def test_bytes_that_are_no_text_are_kept_and_reported():
    table = copydesk.clean_table(pa.table({"text": pa.array([b"\xff\xfe", b"It rained."])}))
    assert table["body"].to_pylist()[0] == ""
    assert any(reason["severity"] == "error" for reason in table["reasons"].to_pylist()[0])


def test_batches_are_cut_into_pieces(article):
    rows = copydesk.Cleaner(profile="rules", suite="none").clean_batches(pa.table({"text": ["It rained."] * 5000}))
    sizes = [table.num_rows for table in rows]
    assert sum(sizes) == 5000
    assert max(sizes) < 3000


def test_what_is_empty_gives_an_empty_table_of_the_same_columns():
    schema = copydesk.clean_table(pa.table({"text": ["It rained."]})).schema
    for nothing in (pa.table({"text": pa.array([], pa.string())}), [], pa.table({"text": []}).to_reader()):
        table = copydesk.clean_table(nothing)
        assert (table.num_rows, table.schema) == (0, schema)
        assert copydesk.clean_stream(nothing).read_all().schema == schema


def test_a_stream_is_read_as_it_is_asked_for(article):
    asked = []

    def batches():
        for number in range(3):
            asked.append(number)
            yield pa.record_batch({"text": [article]})

    reader = copydesk.clean_stream(batches())
    assert not asked
    assert reader.read_next_batch().num_rows == 1
    assert asked == [0]
    assert reader.read_all().num_rows == 2


def test_datasets_of_pyarrow_and_columns_of_one_name(article, tmp_path):
    pq.write_table(pa.table({"text": [article]}), tmp_path / "a.parquet")
    assert copydesk.clean_table(ds.dataset(tmp_path))["body"].to_pylist() == [article]
    twice = pa.table([pa.array([article]), pa.array(["other"])], names=["text", "text"])
    table = copydesk.clean_table(twice)
    assert (table["body"].to_pylist(), table["extra"].to_pylist()) == ([article], ['{"text_2":"other"}'])


class Lazy:
    """Something as a lazy frame."""

    def collect_batches(self):
        """Never called."""


@pytest.mark.parametrize(
    ("data", "hint"), [(Lazy(), "collect_batches"), ([{"text": "It rained."}], "from_pylist"), (3, "DuckDB relation")]
)
def test_what_gives_no_stream_is_refused_with_what_to_do(data, hint):
    with pytest.raises(SettingError, match=hint):
        list(arrow_batches(data))


def test_a_frame_that_is_no_arrow_is_refused():
    pd = pytest.importorskip("pandas", reason="the recipe of pandas needs it")
    with pytest.raises(SettingError, match="leave that column out"):
        copydesk.clean_table(pd.DataFrame({"text": ["It rained.", "It snowed."], "x": [{"a": 1}, [1]]}))


def test_a_table_without_a_text_names_the_way_to_say_where_it_is(article):
    table = pa.table({"sondertext": [article]})
    with pytest.raises(NoTextFieldError, match=re.escape("mapping={'body': 'sondertext'}")):
        copydesk.clean_table(table)
    assert copydesk.Cleaner(mapping={"body": "sondertext"}).clean_table(table)["body"].to_pylist() == [article]


def test_threads_with_a_cleaner_each_share_what_is_compiled(article):
    table = pa.table({"text": [f"{article}\n\nNumber {number}\n\nScroll to Top" for number in range(400)]})

    def clean(_: int) -> list[str]:
        bodies: list[str] = copydesk.Cleaner(profile="rules").clean_table(table).column("body").to_pylist()
        return bodies

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(clean, range(8)))
    assert all(bodies == found[0] for bodies in found)
    assert not any("Scroll" in body for body in found[0])
