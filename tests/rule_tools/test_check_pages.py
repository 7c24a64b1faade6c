"""The generated pages of the checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copydesk.cleaner.rule_tools.check_pages import MAX_TEXT, render_check_pages
from copydesk.schemas.checks.registry import load_builtin_checks

DOCS = Path(__file__).parent.parent.parent / "docs" / "checks"


@pytest.fixture(scope="module")
def pages():
    return render_check_pages()


def test_every_check_has_a_heading_and_a_row_that_links_to_it(pages):
    headings = [found for page in pages.values() for found in re.findall(r"^## (.*)", page, re.MULTILINE)]
    assert sorted(headings) == sorted(load_builtin_checks())
    rows = re.findall(r"^\| \[(.*?)\]\((.*?)\.md#(.*?)\)", pages["index.md"], re.MULTILINE)
    assert sorted(check_id for check_id, _, _ in rows) == sorted(headings)
    for check_id, family, anchor in rows:
        assert check_id.startswith(f"{family}/")
        assert anchor == check_id.replace("/", "")


def test_a_page_tells_all_about_a_check(pages):
    section = re.search(r"## corpus/words\n.*?(?=\n## )", pages["corpus.md"], re.DOTALL)[0]
    for line in (
        "- message: the body has fewer than 50 or more than 100,000 words",
        "- what to do: leave the record out of a training set",
        "- fields: `body`",
        "- severity: error",
        "- suites: `training` (error)",
        "- parameter `least`: 50",
        "- source: Gopher (Rae et al. 2021), appendix A.1",
        "Fails:",
        "Passes:",
    ):
        assert line in section.splitlines()
    assert "and an earlier profile" in pages["set.md"]
    assert (
        '- parameter `share`: {"headline": 0.5, "date_published": 0.5, "url": 0.9}, {"headline": 0.0' in pages["set.md"]
    )


def test_examples_are_short_and_visible(pages):
    for page in pages.values():
        assert all(char.isprintable() or char == "\n" for char in page)
        assert max(map(len, page.splitlines())) < MAX_TEXT + 500
    assert re.search(r"… \(\d{3},\d{3} characters\)", pages["body.md"])


def test_the_committed_pages_are_current(pages):
    if not DOCS.is_dir():
        pytest.skip("no docs beside the tests")
    assert {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md")} == pages
