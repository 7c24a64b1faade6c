"""Whole pages of HTML, cleaned with and without their structure, beside what extractors make of the same pages.

Pages for which a tool gives nothing count 0.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pages import fold_of, read_lines, tokens
from scores import score

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory

EXTRACTORS = ("trafilatura", "trafilatura_recall", "readability", "resiliparse", "justext")
BATCH = 50  # pages that are cleaned at a time
Scores = dict[str, dict[str, float]]
"""Token F1 by tool and page."""


def measure_pages(bench: Path, profile: str, fold: int | None, weights: Path | None, by: str | None) -> None:
    """Print the token F1 of all tools, mean and tenth percentile over pages."""
    pages = {page["id"]: page for page in read_lines(bench / "pages.jsonl.zst")}
    chosen = {name: page for name, page in pages.items() if fold is None or fold_of(page["host"]) == fold}
    gold = {name: Counter(tokens(page["gold"])) for name, page in chosen.items()}
    kernels = {
        "copydesk, with structure": Kernel(load_ruleset(profile=profile), cache_directory(), weights),
        "copydesk, without": Kernel(load_ruleset(profile=profile), cache_directory(), weights, structured=False),
    }
    found: Scores = {name: {} for name in kernels}
    for names, sources in _batches(bench / "html-dev.jsonl.zst", gold):
        for tool, kernel in kernels.items():
            cleaned = kernel.clean(pa.array(sources, pa.large_string()))
            for row, name in enumerate(names):
                headlines = cleaned.learned[row].headlines if row in cleaned.learned else []
                article = "\n".join([*headlines, cleaned.texts[row].as_py()])
                found[tool][name] = score(Counter(tokens(article)), gold[name])[2]
    for tool in EXTRACTORS:
        texts = {row["id"]: row["text"] for row in read_lines(bench / "dumps" / f"{tool}.jsonl.zst")}
        found[tool] = {name: score(Counter(tokens(texts[name])), gold[name])[2] for name in gold if name in texts}
    parts: dict[str, list[str]] = {}
    for name, page in chosen.items():
        parts.setdefault(str(page[by]) if by else "all", []).append(name)
    for part, names in sorted(parts.items(), key=lambda item: -len(item[1])):
        for tool, of_tool in found.items():
            same = [name for name in names if name in of_tool]
            ours = {f"tF of {kernel}, same pages": _summarize(found[kernel], same).get("tF") for kernel in kernels}
            row = {"profile": profile, "part": part, "tool": tool, **_summarize(of_tool, same)}
            print(json.dumps(row | ours if tool in EXTRACTORS else row))


def _batches(path: Path, chosen: dict[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield ids and HTML of the chosen pages, some at a time."""
    names: list[str] = []
    sources: list[str] = []
    for row in read_lines(path):
        if row["id"] in chosen:
            names.append(row["id"])
            sources.append(row["html"])
        if len(names) == BATCH:
            yield names, sources
            names, sources = [], []
    if names:
        yield names, sources


def _summarize(found: dict[str, float], names: Sequence[str]) -> dict[str, Any]:
    values = sorted(found[name] for name in names if name in found)
    if not values:
        return {"pages": 0}
    return {
        "pages": len(values),
        "tF": round(statistics.mean(values), 4),
        "tenth percentile": round(values[len(values) // 10], 3),
    }
