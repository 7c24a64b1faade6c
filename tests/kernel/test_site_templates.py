"""Site templates: lines that recur on documents of a host are learned, and cut only with what was learned."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.runs.checkpoints import Interrupted
from copydesk.cleaner.runs.clean_run import clean_files
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest

TAIL = "Quayside daily, read by gulls\nWritten in the old pilot house"


@pytest.fixture
def records():
    """Return eight articles of one host between the same lines, and one of another host that quotes them."""
    prose = [
        f"The ferry number {number} left the quay of Ostwick an hour late, because nobody had the key to the chain "
        f"that lay across the basin, and {number} passengers had to be told so by a man who had only just come himself."
        for number in range(9)
    ]
    site = [{"url": f"https://www.quay.example/{n}", "text": f"{text}\n{TAIL}"} for n, text in enumerate(prose[:8])]
    return [*site, {"url": "https://other.example/1", "text": f"{prose[8]}\n{TAIL}"}]


def bodies(cleaner, records):
    return [cleaner.clean(record).article.body for record in records]


def test_lines_of_a_site_are_cut_with_how_often_they_stand(records):
    templates = copydesk.learn_templates(records)
    cleaner = copydesk.Cleaner(profile="rules", suite="none", templates=templates)
    cleaned = cleaner.clean(records[0])
    assert cleaned.article.body == records[0]["text"].removesuffix(f"\n{TAIL}")
    edits = [(edit.rule, edit.detail) for edit in cleaned.edits]
    assert edits == [("site-templates/recurring-line", "on 8 of 8 documents of the host")] * 2
    assert cleaned.restore() == records[0]["text"]
    again = cleaner.clean({"url": records[0]["url"], "text": cleaned.article.body})
    assert again.edits == []


def test_other_hosts_and_runs_without_a_table_keep_them(records):
    templates = copydesk.learn_templates(records)
    cleaner = copydesk.Cleaner(profile="rules", suite="none", templates=templates)
    assert cleaner.clean(records[8]).article.body == records[8]["text"]
    assert cleaner.clean(records[0]["text"]).article.body == records[0]["text"]
    plain = copydesk.Cleaner(profile="rules", suite="none")
    assert bodies(plain, records) == [record["text"] for record in records]


def test_few_documents_and_rare_lines_teach_nothing(records):
    assert len(copydesk.learn_templates(records[:4])) == 0
    rare = [{**record, "text": record["text"].removesuffix(f"\n{TAIL}")} for record in records[:8]]
    assert len(copydesk.learn_templates([*records[:5], *rare])) == 0
    assert len(copydesk.learn_templates(records[:5])) == 2


def test_a_table_is_the_same_however_it_is_learned(records):
    templates = copydesk.learn_templates(records)
    assert copydesk.learn_templates(reversed(records)).digest == templates.digest
    assert copydesk.learn_templates(pa.Table.from_pylist(records)).digest == templates.digest


def test_a_text_of_such_lines_alone_stays(records):
    templates = copydesk.learn_templates(records)
    cleaner = copydesk.Cleaner(profile="rules", suite="none", templates=templates)
    assert cleaner.clean({**records[0], "text": TAIL}).article.body == TAIL


def test_the_command_reads_its_input_twice(copydesk_command, jsonl, tmp_path, records):
    path, out = jsonl(*records), tmp_path / "out"
    ran = copydesk_command("clean", path, "--templates", "--out", out, "--suite", "none", "--to", "jsonl")
    assert ran.code == 0, ran.err
    articles = [json.loads(line) for line in (out / "articles.jsonl").read_text("utf-8").splitlines()]
    assert [TAIL in article["body"] for article in articles] == [False] * 8 + [True]
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["templates"]["lines"] == 2
    assert summary["edits"]["site-templates/recurring-line"]["count"] == 16
    copydesk_command("restore", out, "--to", tmp_path / "raw")
    raw = [json.loads(line)["text"] for line in (tmp_path / "raw" / path.name).read_text("utf-8").splitlines()]
    assert raw == [record["text"] for record in records]


def test_standard_input_is_refused(copydesk_command, tmp_path):
    ran = copydesk_command("clean", "-", "--templates", "--out", tmp_path / "out", stdin=b"{}\n")
    assert ran.code == 2
    assert "standard input can be read only once" in ran.err


def test_what_gives_no_records_is_refused():
    with pytest.raises(copydesk.CopydeskError, match="no records"):
        copydesk.learn_templates("a text")


def test_neither_workers_nor_an_interruption_change_a_byte(
    copydesk_command, jsonl, small_pieces, read_run, tmp_path, records
):
    many = [{**record, "id": f"{number}-{copy}"} for copy in range(8) for number, record in enumerate(records)]
    path = jsonl(*many)
    arguments = ("clean", path, "--templates", "--suite", "none", "--profile", "rules", "-q")
    for count in (1, 2):
        assert copydesk_command(*arguments, "--workers", count, "--out", tmp_path / f"{count}").code == 0
    whole = read_run(tmp_path / "1")
    assert whole == read_run(tmp_path / "2")
    assert whole["summary.json"]["edits"]["site-templates/recurring-line"]["count"] == 16 * 8

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    learned = copydesk.learn_templates(many)
    cleaner = copydesk.Cleaner(profile="rules", suite="none", templates=learned)
    with pytest.raises(Interrupted):
        clean_files(RunRequest(RunInputs.find([str(path)]), tmp_path / "out"), cleaner, progress=stop)
    resumed = copydesk_command(*arguments, "--resume", "--out", tmp_path / "out")
    assert resumed.code == 0, resumed.err
    assert read_run(tmp_path / "out") == whole
