"""Compare what is lifted from texts with the metadata of their pages.

    python benchmarks/lifts.py [--bench DIR] [--dumps readability,resiliparse] [--show 50]

Each text of a dump goes in without any other field. For headline, authors and date of publication, the script prints
how often the lifted value is that of the page, and some of the others, to be read: a page often states two of them.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from pages import read_lines

import copydesk
from copydesk.cleaner.readers.page_markup import read_markup
from copydesk.cleaner.readers.page_metadata import find_fields
from copydesk.schemas.values.dates import moment

FIELDS = ("headline", "authors", "date_published")
DUMPS = "newspaper4k,readability,resiliparse,trafilatura_recall"


def main() -> None:
    """Compare the dumps, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=Path("bench"))
    parser.add_argument("--dumps", default=DUMPS)
    parser.add_argument("--show", type=int, default=0, help="differences to print for each field")
    options = parser.parse_args()
    files = sorted(options.bench.glob("html*.jsonl.zst"))
    pages = {page["id"]: find_fields(read_markup(page["html"])) for file in files for page in read_lines(file)}
    counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
    others: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    cleaner = copydesk.Cleaner(suite="none")
    for dump in options.dumps.split(","):
        records = list(read_lines(options.bench / "dumps" / f"{dump}.jsonl.zst"))
        texts = pa.table({name: [record[name] for record in records] for name in ("id", "text")})
        for article in cleaner.clean_table(texts).to_pylist():
            page = pages.get(article["id"], {})
            for field in FIELDS:
                lifted, own = article[field], page.get(field)
                if lifted and own:
                    is_same = compare(field, lifted, own)
                    counts[field, dump].append(is_same)
                    if not is_same:
                        others[field].add((article["id"], str(lifted)[:100], str(own)[:100]))
    for (field, dump), results in sorted(counts.items()):
        print(f"{field:15} {dump:20} {sum(results)}/{len(results)} as the page says")
    for field, found in others.items():
        for one in random.Random(5).sample(sorted(found), min(options.show, len(found))):
            print(field, *one, sep=" | ")


def compare(field: str, lifted: Any, own: Any) -> bool:
    """Return whether a lifted value is that of the page: a name or most words in common, or the same day."""
    if field == "date_published":
        try:
            return abs((lifted - moment(own).time).total_seconds()) < 36 * 3600
        except ValueError:  # the page has none that can be read
            return False
    lifted_words, own_words = words_of(str(lifted)), words_of(str(own))
    if field == "authors":
        return bool(words_of(" ".join(one["name"] for one in lifted)) & own_words)
    return len(lifted_words & own_words) >= 0.6 * min(len(lifted_words), len(own_words))


def words_of(text: str) -> set[str]:
    """Return the words of a text, folded."""
    return set(re.findall(r"\w{2,}", text.casefold()))


if __name__ == "__main__":
    main()
