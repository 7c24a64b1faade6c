"""What parts two pieces of visible text once the markup between them is gone."""

from __future__ import annotations

import re

NOTHING, SPACE, CELL, LINE, PARAGRAPH = range(5)
"""From weak to strong."""
SEPARATORS = ("", " ", " | ", "\n", "\n\n")
GLUED = re.compile(r"[\w.!?,;:”’)\]][A-ZÀ-ÖØ-ÞΑ-ΩА-Я“‘(]|[.!?”]\w")
"""Two characters that stand side by side only if words were glued: "seaA", "closed.By"."""
