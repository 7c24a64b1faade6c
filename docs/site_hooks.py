"""Hooks of MkDocs: pages from outside docs/, links to files of the repository, and a navigation that is complete.

The Markdown of docs/ is read on the site and in the repository. So links are those of the repository, and the site
changes the ones that lead out of docs/. A link to a file that does not exist is a warning, which ends a strict build.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
DOCS = "docs"
# Pages of the site whose files stand elsewhere: their path in the repository, and on the site.
ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "rules/phrases/README.md": "patterns.md",
}
GENERATED = ("rules", "checks")  # folders whose pages are listed as they are found
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(#[\w-]*)?(?=\))")
FENCE = re.compile(r"^(```.*?^```|(?:    .*\n)+)", re.DOTALL | re.MULTILINE)
log = logging.getLogger("mkdocs.hooks.copydesk")


def on_config(config: Any) -> Any:
    """Put the real pages into the navigation: those from elsewhere, and all of the generated folders."""
    for section in config.nav:
        for title, entry in section.items():
            section[title] = _list_folder(entry) if isinstance(entry, str) else _replace_paths(entry)
    named = set(_walk(config.nav))
    rest = sorted(path.name for path in Path(config.docs_dir).glob("*.md") if path.name not in named)
    if rest:
        config.nav.append({"More": rest})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages whose files are outside docs/."""
    for path, name in ELSEWHERE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Make the links of a page those of the site."""
    places = {name: path for path, name in ELSEWHERE.items()}
    source = places.get(page.file.src_uri, f"{DOCS}/{page.file.src_uri}")
    parts = FENCE.split(markdown)

    def change(match: re.Match[str]) -> str:
        return _site_link(match, source, page.file.src_uri, config.extra["repository"])

    return "".join(part if index % 2 else LINK.sub(change, part) for index, part in enumerate(parts))


def _site_link(match: re.Match[str], source: str, page: str, repository: str) -> str:
    target, anchor = match[1], match[2] or ""
    path = normpath(f"{source}/../{target}")
    if path in ELSEWHERE:
        return relpath(ELSEWHERE[path], f"{page}/..") + anchor
    if path.startswith(f"{DOCS}/"):
        return relpath(path.removeprefix(f"{DOCS}/"), f"{page}/..") + anchor
    if not (ROOT / path).exists():
        log.warning("%s: the link to %s leads to no file", source, target)
    return f"{repository}/{path}{anchor}"


def _list_folder(folder: str) -> list[Any]:
    names = sorted(path.name for path in (ROOT / DOCS / folder).glob("*.md"))
    names.sort(key=lambda name: name != "index.md")
    return [folder + name for name in names]


def _replace_paths(entries: list[Any]) -> list[Any]:
    return [
        {title: ELSEWHERE.get(path, path) for title, path in entry.items()} if isinstance(entry, dict) else entry
        for entry in entries
    ]


def _walk(nav: Any) -> Any:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for entry in nav.values():
            yield from _walk(entry)
    else:
        for entry in nav:
            yield from _walk(entry)
