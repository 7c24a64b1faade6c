"""How right mined rules are on sites that they were not mined from: python benchmarks/mining.py --bench DIR.

The candidates of one half of the hosts (by a hash of their name) cut the pages of the other half. A line that they cut
is right if the gold text of the page does not have it. `added` says which share of the junk lines that the catalogue
leaves (profile `rules`) the candidates cut.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path

from pages import read_lines

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.mine.miner import mine
from copydesk.cleaner.readers.discovery import find_sources

KEPT = "KPMU"  # labels of lines that the gold text has


def half_of(host: str | None, split: int) -> int:
    """Return the half of the hosts that a host belongs to. There are some ways to split them."""
    return hashlib.sha256((host or "").encode()).digest()[split] % 2


def main() -> None:
    """Mine, cut, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--dump", default="get_text", choices=["get_text", "trafilatura_recall"])
    parser.add_argument("--top", type=int, default=200)
    parser.add_argument("--split", type=int, default=1, choices=range(1, 9), help="way to split the hosts into halves")
    parser.add_argument("--show", type=int, default=0, help="wrong lines to print")
    options = parser.parse_args()
    pages = {page["id"]: page for page in read_lines(options.bench / "pages.jsonl.zst")}
    texts = {page["id"]: page["text"] for page in read_lines(options.bench / "dumps" / f"{options.dump}.jsonl.zst")}
    labels = {page["id"]: page["labels"] for page in read_lines(options.bench / "labels" / f"{options.dump}.jsonl.zst")}
    halves = {key: half_of(pages[key]["host"], options.split) for key in texts}
    with tempfile.TemporaryDirectory() as folder:
        dump, rules = Path(folder, "half.jsonl"), Path(folder, "mined.toml")
        records = ({"id": key, "url": pages[key]["url"], "text": texts[key]} for key in texts if halves[key] == 0)
        dump.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        mined = mine(find_sources([str(dump)], "auto"), top=options.top)
        rules.write_text(mined.render(), "utf-8")
        cleaners = [Cleaner(files, profile="rules", suite="none") for files in ((), rules)]
        cut, right, left = 0, 0, 0
        wrong: Counter[str] = Counter()
        others = [key for key in texts if halves[key] == 1]
        records = [{"url": pages[key]["url"], "text": texts[key]} for key in others]
        without, with_mined = (
            [Counter(c.article.body.split("\n")) for c in cleaner.clean_many(records)] for cleaner in cleaners
        )
        for key, before, after in zip(others, without, with_mined, strict=True):
            more = before - after
            for line, label in zip(texts[key].split("\n"), labels[key], strict=False):
                line = line.strip()
                left += bool(before[line]) and label not in KEPT and label != "-"
                if line and more[line]:
                    more[line] -= 1
                    cut += 1
                    right += label not in KEPT
                    wrong[line] += label in KEPT
    print(
        f"{len(mined.candidates)} candidates; {cut:,} lines cut, "
        f"precision {right / max(cut, 1):.4f}; added {right / left:.3f}"
    )
    for line, count in (+wrong).most_common(options.show):
        print(f"{count:5} {line[:100]}")


if __name__ == "__main__":
    main()
