"""Paragraphs around the examples of rules in Python, which are whole texts."""

from __future__ import annotations

OPENING = (
    "The ferry from Ostwick left the quay an hour late on Monday, because the harbour master could not find the key to "
    "the chain that had been laid across the basin during the storm."
)
MIDDLE = (
    "By noon the fishermen had gathered on the pier, and a woman who has mended nets there for thirty years told them "
    "that her grandfather had once waited four days for the same key."
)
CLOSING = (
    "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound with its lamps "
    "lit and two hundred passengers on deck who sang until the far shore came into view."
)
