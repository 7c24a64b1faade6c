"""Precision and recall of the checks that tell pages from articles, on the labelled sets in tests/data/labelled.

    python benchmarks/page_checks.py [--misses] [--bench DIR]

`pages-shape` was at hand when the patterns were written, `pages-test` was not: its figures are the honest ones.
Precision is counted against the articles, hard negatives on the same subjects; beside it stand pages of other kinds
that a check flagged, which are no articles either. With `--bench`, the articles' own gold texts of a benchmark folder
go through the suite, and those that it rejects are listed by check.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from pages import read_lines

from copydesk.cleaner.records.loader import Place
from copydesk.cleaner.validate.validator import Validator

LABELLED = Path(__file__).parent.parent / "tests" / "data" / "labelled"
CHECK_OF = {"error-page": "page/error"}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="show the pages that their check did not flag")
    parser.add_argument("--bench", type=Path, help="also put the gold texts of this folder through the suite")
    options = parser.parse_args()
    validator = Validator("article")
    for half in ("shape", "test"):
        print_half(half, validator, misses=options.misses)
    if options.bench:
        print_gold(options.bench, validator)


def print_half(half: str, validator: Validator, *, misses: bool) -> None:
    """Print precision and recall of each check on one labelled set."""
    path = LABELLED / f"pages-{half}.jsonl"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [{"text": record["text"], "id": record["id"]} for record in records]
    checked = validator.judge(validator.loader.from_rows(rows, Place()))
    kinds = Counter(record["kind"] for record in records)
    print(f"\npages-{half}: {len(records)} records, {kinds['article']} of them articles")
    print(f"{'kind':16} {'recall':>14} {'precision':>10} {'articles':>9} {'other kinds':>12}")
    for kind in kinds:
        if kind == "article":
            continue
        flags = checked.flags[CHECK_OF.get(kind, f"page/{kind}")]
        found = Counter(record["kind"] for record, flag in zip(records, flags, strict=True) if flag)
        right, wrong = found[kind], found["article"]
        others = sum(found.values()) - right - wrong
        precision = f"{right / (right + wrong):.3f}" if right + wrong else "–"
        print(
            f"{kind:16} {right / kinds[kind]:>7.3f} ({right:>2}/{kinds[kind]}) {precision:>9} {wrong:>9} {others:>12}"
        )
        if misses:
            for record, flag in zip(records, flags, strict=True):
                if record["kind"] == kind and not flag:
                    print(f"    {record['id']}: {record['text'][:100]!r}")
    rejected = ~checked.accepted
    articles = [rejected[row] for row, record in enumerate(records) if record["kind"] == "article"]
    print(f"articles rejected at severity error: {sum(articles)} of {len(articles)}")


def print_gold(bench: Path, validator: Validator) -> None:
    """Print how many gold texts the suite rejects, and which."""
    pages = [page for page in read_lines(bench / "pages.jsonl.zst") if page["gold"]]
    rejected: list[tuple[str, str]] = []
    for start in range(0, len(pages), 500):
        part = pages[start : start + 500]
        rows = [{"text": page["gold"], "id": page["id"]} for page in part]
        checked = validator.judge(validator.loader.from_rows(rows, Place()))
        for row, page in enumerate(part):
            reasons = [reason.check for reason in checked.reasons.of_row(row) if reason.severity == "error"]
            rejected += [(check, page["id"]) for check in reasons]
    print(f"\ngold texts: {len(pages)}, rejected at severity error: {len({name for _, name in rejected})}")
    for check, name in sorted(rejected):
        print(f"  {check:22} {name}")


if __name__ == "__main__":
    main()
