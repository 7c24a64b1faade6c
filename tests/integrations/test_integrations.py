"""copydesk as a step of other tools, each run by the real package."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest

from copydesk.integrations.documents import DocumentCleaner

PROSE = (
    "The council of Ostwick voted on Tuesday to close the old swimming pool on Quay Road, which has leaked for years. "
    "Repairs would cost more than the town can pay, the mayor said, and the club has to look for another place."
)
JUNK = f"{PROSE}\n\nLeave a Comment\n\nScroll to Top"
STUB = "404 Page not found"
DOC = Path(__file__).parent.parent.parent / "docs" / "integrations.md"


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch):
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")


def test_documents_are_cleaned_in_their_order():
    cleaner = DocumentCleaner()
    first, second = cleaner.clean([(STUB, {}), (JUNK, {"text": "a field of that name", "n": object()})])
    assert "page/error" in first.errors
    assert (second.text, second.cut) == (PROSE, len(JUNK) - len(PROSE))
    assert second.metadata["copydesk_cut"] == second.cut
    assert "copydesk_errors" not in second.metadata


def test_metadata_are_the_fields_of_a_record():
    headline = "Ostwick closes its pool"
    (cleaned,) = DocumentCleaner().clean([(f"{headline}\n\n{JUNK}", {"title": headline})])
    assert cleaned.text == PROSE


def test_no_documents():
    assert DocumentCleaner().clean([]) == []


def test_a_missing_text_is_rejected():
    (cleaned,) = DocumentCleaner().clean([(None, {})])
    assert "body/empty" in cleaned.errors


def test_a_cleaner_can_be_pickled():
    cleaner = DocumentCleaner(profile="rules")
    cleaner.clean([(JUNK, {})])
    assert pickle.loads(pickle.dumps(cleaner)).clean([(JUNK, {})])[0].text == PROSE


def test_scrapy():
    import scrapy
    from scrapy.exceptions import DropItem
    from scrapy.utils.misc import build_from_crawler
    from scrapy.utils.test import get_crawler

    from copydesk.integrations.scrapy import CleaningPipeline

    class Page(scrapy.Item):
        title = scrapy.Field()
        text = scrapy.Field()
        url = scrapy.Field()

    crawler = get_crawler(settings_dict={"COPYDESK": {"profile": "rules"}})
    pipeline = build_from_crawler(CleaningPipeline, crawler)
    item = Page(title="Pool&nbsp;closes", text=JUNK, url="https://lenn.example/a")
    assert pipeline.process_item(item) is item
    assert dict(item) == {"title": "Pool closes", "text": PROSE, "url": "https://lenn.example/a"}
    assert pipeline.process_item({"content": JUNK, "n": 3}) == {"content": PROSE, "n": 3}
    with pytest.raises(DropItem, match="page/error"):
        pipeline.process_item({"text": STUB})
    counts = crawler.stats.get_stats()
    assert (counts["copydesk/cleaned"], counts["copydesk/dropped"], counts["copydesk/error/page/error"]) == (2, 1, 1)


@pytest.mark.sockets
def test_datatrove(tmp_path):
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.writers import JsonlWriter

    from copydesk.integrations.datatrove import CleaningStep

    documents = [Document(text=JUNK, id="a", metadata={"url": "https://lenn.example/a"}), Document(text=STUB, id="b")]
    excluded = JsonlWriter(str(tmp_path / "excluded"), compression=None)
    step = CleaningStep(excluded, profile="rules")
    kept = JsonlWriter(str(tmp_path / "kept"), compression=None)
    stats = LocalPipelineExecutor([documents, step, kept], logging_dir=str(tmp_path / "logs")).run()
    (clean,) = map(json.loads, (tmp_path / "kept" / "00000.jsonl").read_text("utf-8").splitlines())
    (rejected,) = map(json.loads, (tmp_path / "excluded" / "00000.jsonl").read_text("utf-8").splitlines())
    assert (clean["id"], clean["text"], clean["metadata"]["url"]) == ("a", PROSE, "https://lenn.example/a")
    assert (rejected["id"], rejected["text"]) == ("b", STUB)
    assert "page/error" in rejected["metadata"]["copydesk_errors"]
    (total,) = (part.stats["characters_cut"].total for part in stats.stats if part.name.endswith("copydesk"))
    assert total == len(JUNK) - len(PROSE)


def test_langchain():
    from langchain_core.documents import Document

    from copydesk.integrations.langchain import CleaningTransformer

    documents = [Document(JUNK, metadata={"source": "a.txt"}), Document(STUB, metadata={"source": "b.txt"})]
    (clean,) = CleaningTransformer().transform_documents(documents)
    assert (clean.page_content, clean.metadata["source"]) == (PROSE, "a.txt")
    assert documents[0].page_content == JUNK
    _, rejected = CleaningTransformer(keep_rejected=True).transform_documents(documents)
    assert rejected.page_content == STUB
    assert "page/error" in rejected.metadata["copydesk_errors"]


def test_llama_index():
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.schema import TextNode

    from copydesk.integrations.llama_index import CleaningTransformation

    step = CleaningTransformation(settings={"profile": "rules"})
    nodes = [TextNode(text=JUNK, metadata={"file_name": "a.txt"}), TextNode(text=STUB)]
    (clean,) = IngestionPipeline(transformations=[step], disable_cache=True).run(nodes=nodes)
    assert (clean.text, clean.metadata["file_name"]) == (PROSE, "a.txt")
    kept = CleaningTransformation(keep_rejected=True)([TextNode(text=STUB)])
    assert "page/error" in kept[0].metadata["copydesk_errors"]


def test_haystack():
    from haystack import Document, Pipeline

    from copydesk.integrations.haystack import CleaningComponent

    pipeline = Pipeline()
    pipeline.add_component("clean", CleaningComponent.from_dict(CleaningComponent({"profile": "rules"}).to_dict()))
    found = pipeline.run({"clean": {"documents": [Document(content=JUNK, meta={"n": 1}), Document(content=STUB)]}})
    assert [document.content for document in found["clean"]["documents"]] == [PROSE]
    assert found["clean"]["documents"][0].meta["n"] == 1
    assert "page/error" in found["clean"]["rejected"][0].meta["copydesk_errors"]


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("LangChain", lambda names: names["clean"][0].page_content),
        ("LlamaIndex", lambda names: names["nodes"][0].text),
        ("Haystack", lambda names: names["outputs"]["clean"]["documents"][0].content),
    ],
)
def test_the_examples_of_the_docs_run(section, text):
    part = DOC.read_text("utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", part, re.DOTALL):
        exec(compile(block, section, "exec"), names)
    assert text(names) == "It rained all day in Ostwick."
