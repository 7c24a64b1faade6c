"""The docs as a site: `tox -e docs` builds it, and a link that leads nowhere fails the build.

The Markdown of docs/ is read in the repository as well as on the site. So its links are those of the repository, and
`change_links` makes those that lead out of docs/ links to the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath, relpath
from typing import TYPE_CHECKING

from sphinx.util import logging

import copydesk

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
DOCS = "docs"
REPOSITORY = "https://github.com/OWNER/copydesk/blob/main"
# Pages that are files elsewhere in the repository.
ELSEWHERE = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "patterns": "rules/phrases/README.md",
    "security": "SECURITY.md",
}
# The navigation. Pages that it does not name come last, below "More"; entries without a page are left out.
NAVIGATION = {
    "Start": ["Five minutes <start>", "Installation <install>", "concepts", "comparison"],
    "How to": [
        "Clean a dump <cleaning>",
        "Input formats <input>",
        "Feeds, pages, archives <formats>",
        "HTML and one-line texts <forms>",
        "training-data",
        "validation",
        "Run in CI <ci>",
        "own-rules",
        "Mine rules <mining>",
        "plugins",
        "Results and undo <results>",
        "Review cuts <review>",
        "report",
        "Arrow, polars, DuckDB <arrow>",
        "Frameworks <integrations>",
        "Spark <clusters>",
        "Checks of your own <own-checks>",
        "Great Expectations <gx-suites>",
    ],
    "Reference": [
        "rules/index",
        "checks/index",
        "commands",
        "Settings <configuration>",
        "files",
        "Fields <fields>",
        "values",
        "words",
        "patterns",
        "python",
        "api",
    ],
    "Numbers": ["The gate <gate>", "Speed <benchmarks>", "Print them again <numbers>"],
    "Project": ["guarantees", "Versions <versions>", "changelog", "security", "contributing", "licences"],
}
FOLDERS = ("rules/index", "checks/index")  # pages that list all others in their folder
CODE = re.compile(r"(^```.*?^```|^<!--.*?-->|`[^`\n]+`(?!\]))", re.DOTALL | re.MULTILINE)
FILE_NAME = re.compile(r"\[(?:docs/)?([\w/-]+\.md)\]\((?=(?:docs/|\.\./)*\1)")  # a link whose text is its file
PICTURE = re.compile(r"^!\[(.+)\]\((pictures/[\w-]+)\.png\)$", re.MULTILINE)
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(#[\w-]*)?(?=\))")

project = "copydesk"
author = "The copydesk authors"
project_copyright = "the copydesk authors; MIT licence"
release = version = copydesk.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # the pages of rules begin with a comment
exclude_patterns = ["*.py", "static"]
highlight_language = "none"
default_role = "code"
smartquotes = False  # two hyphens begin an option
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_mock_imports = ["py4j", "pyspark"]
autodoc_preserve_defaults = True
add_module_names = False
html_theme = "furo"
html_title = f"copydesk {release}"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_copy_source = False
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Sphinx) -> None:
    """Have Sphinx call the functions below."""
    app.connect("source-read", read_page)


def read_page(_app: Sphinx, page: str, source: list[str]) -> None:
    """Take the text of a page from where it stands, and make its links those of the site."""
    path = ELSEWHERE.get(page, f"{DOCS}/{page}.md")
    text = source[0] if page not in ELSEWHERE else (ROOT / path).read_text("utf-8")
    source[0] = PICTURE.sub(choose_picture, change_links(text, path, page))
    if page in FOLDERS:
        source[0] += list_pages("", ["*"])
    elif page == "index":
        named = {_page_of(entry) for entries in NAVIGATION.values() for entry in entries}
        more = sorted({file.stem for file in (ROOT / DOCS).glob("*.md")} - named - {"index"})
        there = {name: [entry for entry in entries if _has_file(entry)] for name, entries in NAVIGATION.items()}
        for caption, entries in {**there, "More": more}.items():
            source[0] += list_pages(caption, entries)


def choose_picture(match: re.Match[str]) -> str:
    """Return a picture, or several of them: for light and for dark colours, for wide windows and for phones."""
    alt, name = match.groups()
    shown = []
    for width, middle in (("wide", ""), ("phone", "-phone")):
        for colours, end in (("only-light", ""), ("only-dark", "-dark")):
            file = f"{name}{middle}{end}.png"
            if (ROOT / DOCS / file).exists():
                shown.append(f"```{{image}} {file}\n:class: {colours} {width}\n:alt: {alt}\n```")
    return "\n".join(shown) if len(shown) > 1 else match[0]


def _has_file(entry: str) -> bool:
    return (ROOT / DOCS / f"{_page_of(entry)}.md").exists()


def _page_of(entry: str) -> str:
    return entry.rpartition("<")[2].rstrip(">")


def list_pages(caption: str, entries: list[str]) -> str:
    """Return a part of the navigation; without entries, nothing."""
    lines = [":hidden:", ":glob:", f":caption: {caption}" if caption else "", "", *entries]
    return "\n```{toctree}\n" + "\n".join(lines) + "\n```\n" if entries else ""


def change_links(text: str, path: str, page: str) -> str:
    """Return a text with the links of the site, for the page of a file. Code keeps its bytes.

    >>> change_links("[all](../../SECURITY.md#rules), [this](b.md)", "docs/rules/a.md", "rules/a")
    '[all](../security.md#rules), [this](b.md)'
    """
    pages = {file: f"{name}.md" for name, file in ELSEWHERE.items()}

    def change(match: re.Match[str]) -> str:
        target = normpath(f"{path}/../{match[1]}")
        if target in pages or target.startswith(f"{DOCS}/"):
            place = pages.get(target) or target.removeprefix(f"{DOCS}/")
            return relpath(place, f"{page}/..") + (match[2] or "")
        if not (ROOT / target).exists():
            logging.getLogger(__name__).warning("the link to %s leads to no file", match[1], location=page)
        return f"{REPOSITORY}/{target}{match[2] or ''}"

    text = FILE_NAME.sub("[](", text)  # then the site writes the title of the page
    parts = CODE.split(text)
    return "".join(part if index % 2 else LINK.sub(change, part) for index, part in enumerate(parts))
