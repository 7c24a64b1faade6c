"""Folders that `save_to_disk` of Hugging Face's datasets writes."""

from __future__ import annotations

import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches

datasets = pytest.importorskip("datasets", reason="it saves the data sets")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def rows(article):
    return {"title": [f"Key {n}" for n in range(50)], "text": [f"{article} Number {n}." for n in range(50)]}


def test_shards_of_a_data_set(rows, tmp_path):
    datasets.Dataset.from_dict(rows).save_to_disk(str(tmp_path / "set"), num_shards=3)
    sources = find_sources([str(tmp_path / "set")])
    assert [source.kind for source in sources] == ["arrow"] * 3
    texts = [text for batch in read_batches(sources) for text in batch.table.column("text").to_pylist()]
    assert texts == rows["text"]


def test_splits_of_a_data_set(rows, tmp_path, copydesk_command):
    whole = datasets.Dataset.from_dict(rows)
    splits = datasets.DatasetDict({"train": whole.select(range(40)), "test": whole.select(range(40, 50))})
    splits.save_to_disk(str(tmp_path / "sets"))
    names = [source.name for source in find_sources([str(tmp_path / "sets")])]
    assert names == ["test/data-00000-of-00001.arrow", "train/data-00000-of-00001.arrow"]
    assert copydesk_command("clean", tmp_path / "sets", "--out", tmp_path / "out", "-q").code == 0
