"""What finding the form of a text costs texts without markup: python benchmarks/form_share.py --bench DIR.

It cleans the outputs of three extractors in memory, without those texts that have markup, and prints the processor time
of the search for a form, its share of the time of the kernel, and the megabytes a second of both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from pages import read_lines

from copydesk.cleaner.kernel.forms.layout import find_plain_forms
from copydesk.cleaner.kernel.forms.markup import Markup
from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory

DUMPS = ("trafilatura", "trafilatura_recall", "readability")
BATCH = 400
ROUNDS = 3


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work, the least of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    options = parser.parse_args()
    ruleset = load_ruleset(profile="rules")
    kernel, markup = Kernel(ruleset, cache_directory()), Markup(ruleset.markup, ruleset.off)
    texts = [row["text"] for dump in DUMPS for row in read_lines(options.bench / "dumps" / f"{dump}.jsonl.zst")]
    batches = []
    for start in range(0, len(texts), BATCH):
        batch = pa.array(texts[start : start + BATCH], pa.large_string())
        found = markup.run(batch, None)
        marked = {*found.forms, *found.edits.column("row").to_pylist()}
        batches.append(batch.take(pa.array([row for row in range(len(batch)) if row not in marked], pa.int64())))

    def find_forms() -> None:
        for batch in batches:
            find_plain_forms(markup.run(batch, None).texts, None)

    def clean() -> None:
        for batch in batches:
            kernel.clean(batch)

    size = sum(batch.nbytes for batch in batches) / 1e6
    of_form, of_kernel = processor_seconds(find_forms), processor_seconds(clean)
    print(f"{sum(map(len, batches)):,} texts, {size:.0f} MB")
    print(f"form    {of_form:6.2f} s {size / of_form:7.0f} MB/s {of_form / of_kernel:6.1%} of the kernel")
    print(f"kernel  {of_kernel:6.2f} s {size / of_kernel:7.0f} MB/s, profile rules")


if __name__ == "__main__":
    main()
