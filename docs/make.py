"""Make the pages under docs/ that come from the code: python docs/make.py [--check].

`--check` writes nothing and ends with 1 if a page is not what it should be.
"""

from __future__ import annotations

import sys
from pathlib import Path

from copydesk.cleaner.cli.command_pages import render_command_page
from copydesk.cleaner.rule_tools.check_pages import render_check_pages
from copydesk.cleaner.rule_tools.config_page import render_reference, render_schema
from copydesk.cleaner.rule_tools.file_pages import render_file_page
from copydesk.cleaner.rule_tools.rule_pages import render_catalogue
from copydesk.rules.ruleset.ruleset import load_ruleset

DOCS = Path(__file__).parent
ROOMS = ("rules", "checks")  # folders in which every page is made here


def main() -> int:
    """Write the pages, or check them."""
    pages = {f"rules/{name}": page for name, page in render_catalogue(load_ruleset(plugins=False)).items()}
    pages |= {f"checks/{name}": page for name, page in render_check_pages().items()}
    pages |= {"configuration.md": render_reference(), "config.schema.json": render_schema()}
    pages |= {"commands.md": render_command_page(), "files.md": render_file_page()}
    paths = {path.relative_to(DOCS).as_posix(): path for room in ROOMS for path in DOCS.glob(f"{room}/*.md")}
    paths |= {name: DOCS / name for name in pages}
    there = {name: path.read_text("utf-8") for name, path in paths.items() if path.exists()}
    stale = sorted(name for name in paths if pages.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/{name} is stale: run `python docs/make.py`")
        return 1 if stale else 0
    for room in ROOMS:
        (DOCS / room).mkdir(exist_ok=True)
    for name in stale:
        if name in pages:
            paths[name].write_text(pages[name], "utf-8")
        else:
            paths[name].unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
