"""Make the pages under docs/ that come from the code: python docs/make.py [--check].

`--check` writes nothing and ends with 1 if a page is not what it should be.
"""

from __future__ import annotations

import sys
from pathlib import Path

from copydesk.cleaner.catalogue import render_catalogue
from copydesk.rules.ruleset import load_ruleset

RULES = Path(__file__).parent / "rules"


def main() -> int:
    """Write the pages, or check them."""
    pages = render_catalogue(load_ruleset())
    there = {path.name: path.read_text("utf-8") for path in RULES.glob("*.md")}
    stale = sorted(name for name in pages.keys() | there.keys() if pages.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/rules/{name} is stale: run `python docs/make.py`")
        return 1 if stale else 0
    RULES.mkdir(exist_ok=True)
    for name in stale:
        if name in pages:
            (RULES / name).write_text(pages[name], "utf-8")
        else:
            (RULES / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
