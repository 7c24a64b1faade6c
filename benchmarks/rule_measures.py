"""How right each rule is on pages with labelled lines: python benchmarks/rule_measures.py --bench DIR [--write].

Runs the declared rules, unsafe ones too, over the dumps that have labels, and counts for each rule the lines that it
cuts: how many, on how many hosts, how many characters, and which part of them the gold text does not have. Lines
labelled K, P, M or U are wrong to cut (but U, lines that repeat a kept one, are what rules of repetition are for);
H and S, headlines and captions that a gold text may leave out, are counted apart and neither right nor wrong. `--write`
puts the figures into rules/measures.json, from where `copydesk rules show` and docs/rules take them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from pages import read_lines

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.ruleset.ruleset import EDGES, load_ruleset
from copydesk.schemas.cache.store import cache_directory

DUMPS = ("get_text", "trafilatura_recall")
WRONG, ASIDE = "KPMU", "HS"
BATCH = 400  # pages


def count_lines(bench: Path) -> dict[str, dict[str, Any]]:
    """Count, for each rule, the labels of the lines that it cuts, the characters, and the hosts."""
    hosts = {page["id"]: page["host"] for page in read_lines(bench / "pages.jsonl.zst")}
    kernel = Kernel(load_ruleset(profile="rules", unsafe=True), cache_directory())
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"labels": Counter(), "characters": 0, "hosts": set()})
    for dump in DUMPS:
        labels = {row["id"]: row["labels"] for row in read_lines(bench / "labels" / f"{dump}.jsonl.zst")}
        pages = [row for row in read_lines(bench / "dumps" / f"{dump}.jsonl.zst") if row["id"] in labels]
        for at in range(0, len(pages), BATCH):
            batch = pages[at : at + BATCH]
            edits = kernel.clean(pa.array([page["text"] for page in batch], pa.large_string())).edits
            for edit in edits.select(["row", "rule", "start", "end"]).to_pylist():
                if edit["rule"] == EDGES:
                    continue
                page = batch[edit["row"]]
                mine = found[edit["rule"]]
                cut = page["text"][edit["start"] : edit["end"]]
                first = page["text"].count("\n", 0, edit["start"] + len(cut) - len(cut.lstrip("\n")))
                cut_labels = labels[page["id"]][first : first + cut.strip("\n").count("\n") + 1]
                mine["labels"].update(cut_labels.replace("-", ""))
                mine["characters"] += len(cut)
                mine["hosts"].add(hosts[page["id"]])
    return found


def measure(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the figures of each rule: lines, hosts, characters, precision and what was kept aside."""
    measures = {}
    for rule_id, mine in sorted(found.items()):
        counts: Counter[str] = mine["labels"]
        wrong = sum(counts[label] for label in WRONG if not (label == "U" and rule_id.startswith("repetition/")))
        aside = sum(counts[label] for label in ASIDE)
        judged = counts.total() - aside
        measures[rule_id] = {
            "lines": counts.total(),
            "hosts": len(mine["hosts"]),
            "characters": mine["characters"],
            "precision": round(1 - wrong / judged, 4) if judged else None,
            "aside": aside,
        }
    return measures


def main() -> None:
    """Measure, print what is below the mark, and write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--least", type=float, default=0.99, help="precision that a safe rule should have")
    options = parser.parse_args()
    measures = measure(count_lines(options.bench))
    infos = load_ruleset().infos
    for rule_id, figures in measures.items():
        low = figures["precision"] is not None and figures["precision"] < options.least and figures["lines"] >= 50
        if low and infos[rule_id].safety == "safe":
            print(json.dumps({"rule": rule_id, **figures}))
    if options.write:
        path = Path(__file__).parent.parent / "rules" / "ruleset" / "measures.json"
        path.write_text(json.dumps(measures, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
