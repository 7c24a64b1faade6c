"""The score of a text against a gold text, as the benchmark counts it."""

from __future__ import annotations

from collections import Counter


def score(found: Counter[str], gold: Counter[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a bag of tokens."""
    both = (found & gold).total()
    if not both:
        return (1.0, 1.0, 1.0) if not found and not gold else (0.0, 0.0, 0.0)
    precision, recall = both / found.total(), both / gold.total()
    return precision, recall, 2 * precision * recall / (precision + recall)
