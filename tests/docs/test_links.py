"""Links between pages lead to files and headings that exist, and the figures of README stand on the pages it links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("rules/**/*.md"), *ROOT.glob("examples/*/README.md")]
)
CODE = re.compile(r"^```.*?^```|^    .*$|`[^`\n]+`(?!\])", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)|(?:src|srcset)=\"([^\"]+)\"")


def slug(heading: str) -> str:
    """Return the anchor that a heading gets on the site and in the repository.

    >>> slug("## comments/form-de")
    'commentsform-de'
    """
    words = re.sub(r"[`*]|\[([^\]]+)\]\([^)]*\)", r"\1", heading.lstrip("# ").strip().lower())
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {slug(line) for line in text.splitlines() if line.startswith("#")}


def broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for target, anchor, source in LINK.findall(CODE.sub("", text)):
        path = (page.parent / (target or source)).resolve() if target or source else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(f"{target or source}#{anchor}".rstrip("#"))
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    assert broken_links(page, page.read_text("utf-8")) == []


def test_broken_links_are_found():
    text = '[a](nowhere.md) [b](gate.md#nothing) [c](gate.md#limits) `[d](code.md)` <img src="no.png"> [e](https://x.example)'
    assert broken_links(ROOT / "docs" / "x.md", text) == ["nowhere.md", "gate.md#nothing", "no.png"]


def section(name: str) -> str:
    return (ROOT / "README.md").read_text("utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0].replace("&nbsp;", " ")


def test_the_quality_that_readme_claims_was_measured():
    measured = (ROOT / "docs" / "gate.md").read_text("utf-8")
    pairs = re.findall(r"(\.\d{3})(?:, | and )(\.\d{3})", section("How good, how fast"))
    assert len(pairs) >= 7
    assert [pair for pair in pairs if f"{pair[0]}, {pair[1]}" not in measured] == []


def test_the_speed_that_readme_claims_was_measured():
    measured = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    table = section("How good, how fast").split("| MB/s |")[1]
    speeds = re.findall(r"\| \**(\d+\.\d)\** \|", table)
    rows = measured.split("## Comparison with other tools")[1].split("\n## ")[0]
    there = {
        f"{float(cell):.1f}" for row in re.findall(r"^\| .+", rows, re.MULTILINE)[2:] for cell in row.split(" | ")[4:5]
    }
    assert len(speeds) == 7
    assert set(speeds) <= there
    assert re.search(r"Measured on (\S+)", measured)[1] in section("How good, how fast")
