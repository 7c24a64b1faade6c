"""Compare what is lifted from texts with what their pages say of themselves.

    python benchmarks/lifts.py [--bench DIR] [--dumps readability,resiliparse] [--show 50]

Each text of a dump goes in without any other field. For headline, authors and date of publication, the script prints
the table of docs/values.md. Each lifted value counts once for each dump, as one of these:

- stated: the page says the same in its metadata, its title or its first-level headings (dates: the same day);
- shown: the page has the headline as a heading of another level; it has the date in a `<time>`, or as its change;
- other: the page says something else.

Pages that say nothing of the field are not counted, nor those that only name their site, a house or an agency in its
place, or the time of a day. Precision is the share of `stated` in all three; recall is that of `stated` in the texts
that have the value in their first lines. `--show` prints the others, to be read.
"""

from __future__ import annotations

import argparse
import html
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pages import read_lines

import copydesk
from copydesk.cleaner.readers.page_markup import PageMarkup, read_markup
from copydesk.cleaner.readers.page_metadata import find_fields
from copydesk.schemas.values.authors import authors as read_authors
from copydesk.schemas.values.dates import moment

FIELDS = ("headline", "authors", "date_published")
DUMPS = "newspaper4k,readability,resiliparse,trafilatura_recall"
BEGINNING = 1500  # characters of a text in which its value is looked for
HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.IGNORECASE | re.DOTALL)
NEAR = timedelta(hours=36)  # two dates of the same day, in any zones


@dataclass
class Page:
    """What a page says of itself."""

    stated: dict[str, list[Any]] = field(default_factory=dict)
    shown: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class Count:
    """The lifted values of a field, and the texts that have a value to lift."""

    found: Counter[str] = field(default_factory=Counter)
    there: int = 0
    lifted: int = 0
    others: set[tuple[str, ...]] = field(default_factory=set)


def main() -> None:
    """Compare the dumps, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=Path("bench"))
    parser.add_argument("--dumps", default=DUMPS)
    parser.add_argument("--show", type=int, default=0, help="differences to print for each field")
    options = parser.parse_args()
    files = sorted(options.bench.glob("html*.jsonl.zst"))
    pages = {page["id"]: read_page(page["html"]) for file in files for page in read_lines(file)}
    counts = {name: Count() for name in FIELDS}
    for dump in options.dumps.split(","):
        count_dump(options.bench / "dumps" / f"{dump}.jsonl.zst", pages, counts)
    print("| field | stated | shown | other | precision | recall |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, count in counts.items():
        stated, shown, other = (count.found[kind] for kind in ("stated", "shown", "other"))
        precision, recall = stated / max(stated + shown + other, 1), count.lifted / max(count.there, 1)
        print(f"| {name} | {stated} | {shown} | {other} | {precision:.3f} | {recall:.2f} |")
    for name, count in counts.items():
        for one in random.Random(5).sample(sorted(count.others), min(options.show, len(count.others))):
            print(name, *one, sep=" | ")


def read_page(source: str) -> Page:
    """Return what a page says of itself."""
    markup = read_markup(source)
    fields = find_fields(markup)
    headings = [" ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split()) for _, text in HEADING.findall(source)]
    titles = [fields.get("headline"), markup.title, *markup.headings, *fields.get("alt_headlines", [])]
    site = words_of(str(fields.get("source_name") or ""))
    stated = {
        "headline": [title for title in titles if title and words_of(title) - site],
        "authors": people_of(fields.get("authors"), site),
        "date_published": days_of([fields.get("date_published")]),
    }
    shown = {"headline": headings, "date_published": days_of([fields.get("date_modified"), *times_of(markup)])}
    return Page(stated, shown)


def people_of(value: Any, site: set[str]) -> list[str]:
    """Return the people that a page names as its authors; none if they are the site, a house or an agency."""
    try:
        people = read_authors(value) if value else []
    except ValueError:
        return []
    names = [str(one["name"]) for one in people if one["role"] not in ("agency", "organisation")]
    return [name for name in names if words_of(name) - site and len(name.split()) > 1 and "." not in name.rstrip(".")]


def times_of(markup: PageMarkup) -> list[str]:
    """Return the dates of the `<time>` elements of a page."""
    return [date for date, _ in markup.times]


def days_of(values: list[Any]) -> list[datetime]:
    """Return the dates that can be read and have a year."""
    days = []
    for value in values:
        try:
            read = moment(value) if value and re.search(r"\d{4}|\d\d$", str(value)) else None
        except ValueError:
            continue
        if read is not None:
            days.append(read.time)
    return days


def count_dump(path: Path, pages: dict[str, Page], counts: dict[str, Count]) -> None:
    """Clean the texts of a dump without their other fields, and count what is lifted."""
    records = [record for record in read_lines(path) if record["id"] in pages]
    texts = pa.table({name: [record[name] for record in records] for name in ("id", "text")})
    beginnings = {record["id"]: record["text"][:BEGINNING] for record in records}
    for article in copydesk.Cleaner(suite="none").clean_table(texts).to_pylist():
        page = pages[article["id"]]
        for name, count in counts.items():
            stated = page.stated.get(name)
            if not stated:
                continue
            is_there = any(has(name, beginnings[article["id"]], one) for one in stated)
            count.there += is_there
            if not article[name]:
                continue
            kind = judge(name, article[name], page)
            count.found[kind] += 1
            count.lifted += is_there and kind == "stated"
            if kind != "stated":
                count.others.add((kind, article["id"], str(article[name])[:120], str(stated[0])[:100]))


def judge(name: str, lifted: Any, page: Page) -> str:
    """Return how a lifted value compares with the page."""
    if any(same(name, lifted, one) for one in page.stated[name]):
        return "stated"
    return "shown" if any(same(name, lifted, one) for one in page.shown.get(name, [])) else "other"


def same(name: str, lifted: Any, own: Any) -> bool:
    """Return whether a value is the lifted one: the same day, a name in common, or nearly the same words."""
    if name == "date_published":
        return abs(lifted - own) < NEAR
    own_words = words_of(own)
    if name == "authors":
        return any(words_of(one["name"]) & own_words for one in lifted)
    words = words_of(lifted)
    common = len(words & own_words)
    is_part = common >= 0.8 * len(words) and len(own_words) > 1
    return is_part or common >= 0.6 * len(words | own_words)


def has(name: str, beginning: str, own: Any) -> bool:
    """Return whether a text has the value of its page in a short line: its words, or the day and year of a date."""
    lines = [line for line in beginning.split("\n") if 0 < len(line.strip()) <= 200]
    if name == "date_published":
        wanted = [rf"(?<!\d){own.year}(?!\d)", rf"(?<!\d)0?{own.day}(?!\d)"]
        return any(all(re.search(pattern, line) for pattern in wanted) for line in lines)
    words = words_of(own)
    return any(words and words <= words_of(line) for line in lines)


def words_of(text: str) -> set[str]:
    """Return the words of a text, folded; soft hyphens are no part of them."""
    return set(re.findall(r"\w+", html.unescape(text).replace("\xad", "").casefold()))


if __name__ == "__main__":
    main()
