"""A loop as one writes it first: one alternation of phrases, asked of each line, by `re` or by `regex`.

The phrases are the third argument, a JSON file; the module is the fourth.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from layout import each, run

phrases, module = json.loads(Path(sys.argv[3]).read_text("utf-8")), import_module(sys.argv[4])
knows = module.compile("|".join(f"(?:{phrase})" for phrase in phrases)).fullmatch


def clean(text: str) -> str:
    """Return the lines that are none of the phrases."""
    return "\n".join(line for line in text.split("\n") if not knows(line.strip().lower()))


run(each(clean), "regex" if sys.argv[4] == "regex" else None)
