"""Every promise in docs/guarantees.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_promise_names_a_test_that_exists():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 20
    for row in rows:
        references = REFERENCE.findall(row.split(" | ")[1])
        assert references, row
        for path, name in references:
            assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8"), f"{path}::{name}"


def test_every_promise_of_security_leads_to_a_section_of_guarantees():
    security = (ROOT / "SECURITY.md").read_text("utf-8")
    promises = re.split(r"^- ", security.split("## What copydesk promises\n")[1].split("\n\n[")[0], flags=re.MULTILINE)[
        1:
    ]
    sections = {f"#{line[3:].lower().replace(' ', '-')}" for line in PAGE.splitlines() if line.startswith("## ")}
    assert len(promises) > 5
    for promise in promises:
        links = re.findall(r"\[Proof\]\(docs/guarantees\.md(#[\w-]+)\)", promise)
        assert links, promise
        assert sections.issuperset(links), promise
