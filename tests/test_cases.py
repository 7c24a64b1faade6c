"""Whole documents before and after cleaning, as data: tests/cases/<family>.yaml.

Each file is a list of cases with these keys:

name            what the case shows
before, after   the raw text and the clean one
comment         why, where the name does not say it
rule            the id of a rule that must change the text, or several
title           the record's own headline
headline        the headline that must come out; null for none
headline_edits  the edits of the headline: rule, before, after
profile         `rules` if it is left out
host_documents  documents of the host, to learn site templates from
each            values to put in the place of {each}: one case for each
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import copydesk
from copydesk.schemas.edits import undo_edits

FOLDER = Path(__file__).parent / "cases"
HOST = "lantern.example"
ANY = object()
FORMS = {"flow"}  # files that are about a form of text, not about a family of rules


@dataclass(frozen=True)
class Document:
    """A case, with the family that its file is named after."""

    family: str
    name: str
    before: str
    after: str
    comment: str = ""
    rule: str | list[str] = ()
    title: str | None = None
    headline: Any = ANY
    headline_edits: list[list[str]] | None = None
    profile: str = "rules"
    host_documents: list[str] = field(default_factory=list)

    @property
    def record(self) -> dict[str, str]:
        record = {"text": self.before} | ({"headline": self.title} if self.title is not None else {})
        return record | ({"source_domain": HOST} if self.host_documents else {})


def read_cases(path: Path) -> list[Document]:
    cases = []
    for entry in yaml.safe_load(path.read_text("utf-8")):
        values = entry.pop("each", [None])
        for value in values:
            filled = entry
            if value is not None:
                filled = {k: v.replace("{each}", value) if isinstance(v, str) else v for k, v in entry.items()}
                filled["name"] += f": {value}".replace("\n", " ")
            cases.append(Document(path.stem, **filled))
    return cases


CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in read_cases(path)]


@cache
def cleaner(profile: str, documents: tuple[str, ...] = ()) -> copydesk.Cleaner:
    records = [{"text": text, "source_domain": HOST} for text in documents]
    templates = copydesk.learn_templates(records) if documents else None
    return copydesk.Cleaner(profile=profile, suite="none", templates=templates)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}: {case.name}")
def test_a_document_is_cleaned(case):
    cleaned = cleaner(case.profile, tuple(case.host_documents)).clean(case.record)
    assert cleaned.article.body == case.after
    wanted = {case.rule} if isinstance(case.rule, str) else set(case.rule)
    assert wanted <= {edit.rule for edit in cleaned.edits}
    if case.before == case.after:
        assert [edit for edit in cleaned.edits if edit.field == "body"] == []
    if case.headline is not ANY:
        assert (cleaned.article.headline, cleaned.article.alt_headlines) == (case.headline, [])
    if case.headline_edits is not None:
        edits = [edit for edit in cleaned.edits if edit.field == "headline"]
        assert [[edit.rule, edit.before, edit.after] for edit in edits] == case.headline_edits
        assert undo_edits(cleaned.article.headline, edits) == case.title


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}: {case.name}")
def test_a_document_comes_back_and_stays_clean(case):
    cleaned = cleaner(case.profile, tuple(case.host_documents)).clean(case.record)
    assert cleaned.restore() == case.before
    again = cleaner(case.profile, tuple(case.host_documents)).clean({**case.record, "text": case.after})
    assert [edit for edit in again.edits if edit.field == "body"] == []


@pytest.mark.parametrize("profile", sorted({case.profile for case in CASES}))
def test_the_command_cleans_the_same_documents(profile, copydesk_command, jsonl, tmp_path):
    cases = {str(at): case for at, case in enumerate(CASES) if case.profile == profile and not case.host_documents}
    path = jsonl(*({"id": number, **case.record} for number, case in cases.items()))
    options = ("--profile", profile, "--suite", "none", "--to", "jsonl", "-q")
    assert copydesk_command("clean", path, "--out", tmp_path / "out", *options).code == 0
    articles = [json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text("utf-8").splitlines()]
    assert {article["id"]: article["body"] for article in articles} == {n: case.after for n, case in cases.items()}


def test_every_family_has_a_document():
    families = {info.family for info in copydesk.load_ruleset(plugins=False).infos.values()}
    assert {case.family for case in CASES} == families | FORMS
    mentioned = {rule for case in CASES for rule in ([case.rule] if isinstance(case.rule, str) else case.rule)}
    assert families <= {rule.partition("/")[0] for rule in mentioned}
