"""How right cleaning is, on pages with gold text: python benchmarks/quality.py --bench DIR [--profile P] [--dump NAME].

For each dump it prints token precision, recall and F1 (mean over pages) before and after, the gold words lost and the
junk words removed, in percent of all. Tokens are runs of word characters, each CJK, Thai or Burmese character one of
its own, in lower case, as in the benchmark's own scorer. `text` counts the body alone; `article` counts headlines that
were lifted into their own fields, too, since lifting is not losing.

`--flow` replaces the line breaks of each text by spaces first, `--glued` by nothing. Both the break model
(`benchmarks/train_breaks.py`) and the gate have learned from all hosts; `--break-weights` takes another break model.

`--html` writes each line of a text as a paragraph of HTML first, and `--markdown` as one of Markdown: short lines
become items with links, as in the menus of pages. `--file FILE` takes texts of your own (JSON Lines with `id` and
`text`), such as what a converter makes of the pages' HTML.

`--pages` cleans the HTML of the pages instead (give `--profile page`): once with what it says about each line, and once
without. It prints the token F1 of both beside that of extractors on the same pages.

`--dump gold` takes each page's gold text as the input. `--by lang` or `--by dataset` prints the parts. Hosts are held
out by a hash of their name: `--fold 0` to `4` keeps one fifth of them, `--train` only pages marked `train: true`. The
weights that ship have learned from all fifths: to measure on hosts that the gate has not seen, train without a fifth
(`python benchmarks/train_gate.py --bench DIR --out weights.npz --folds 1 2 3 4`) and give `--weights weights.npz`.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import statistics
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pages import fold_of, read_lines, tokens
from scores import score
from whole_pages import measure_pages

from copydesk.cleaner.kernel.forms import flow
from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.breaks import model
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory

DUMPS = ("trafilatura", "trafilatura_recall", "resiliparse", "readability", "justext", "get_text", "gold")
SHORT = 40  # characters of a line that becomes a link in --html and --markdown
MARK = re.compile(r"[\\`*_\[\]<>]|^[#+\-=|~](?=\s|$|[-=|~])|^\d{1,9}(?=[.)]\s)")
PARTS = ("tP", "tR", "tF")


def clean_texts(kernel: Kernel, texts: list[str]) -> tuple[list[str], list[str]]:
    """Clean texts; return the bodies, and the bodies under their lifted headlines."""
    cleaned = kernel.clean(pa.array(texts, pa.large_string()))
    bodies = cleaned.texts.to_pylist()
    headlines = {row: "\n".join(found.headlines) for row, found in cleaned.learned.items()}
    return bodies, [f"{headlines.get(row, '')}\n{body}" for row, body in enumerate(bodies)]


def join_lines(text: str, separator: str) -> str:
    """Return a text as one line."""
    return separator.join(line.strip() for line in text.splitlines() if line.strip())


def as_html(text: str) -> str:
    """Return a text as HTML, its short lines as links."""
    lines = [html.escape(line.strip(), quote=False) for line in text.splitlines() if line.strip()]
    return "\n".join(
        f'<ul><li><a href="/{number}">{line}</a></li></ul>' if len(line) < SHORT else f"<p>{line}</p>"
        for number, line in enumerate(lines)
    )


def as_markdown(text: str) -> str:
    """Return a text as Markdown, its short lines as links."""
    lines = [MARK.sub(r"\\\g<0>", line.strip()) for line in text.splitlines() if line.strip()]
    return "\n\n".join(f"- [{line}](/{number})" if len(line) < SHORT else line for number, line in enumerate(lines))


def measure(rows: list[tuple[Counter[str], str, str, str]]) -> dict[str, Any]:
    """Sum up pages given as (gold, before, body, article)."""
    scores: dict[str, list[tuple[float, float, float]]] = {"before": [], "text": [], "article": []}
    lost = lost_article = gold_total = junk = removed = 0
    for gold, before, body, article in rows:
        bags = {"before": Counter(tokens(before)), "text": Counter(tokens(body)), "article": Counter(tokens(article))}
        for name, bag in bags.items():
            scores[name].append(score(bag, gold))
        had = (bags["before"] & gold).total()
        lost += had - (bags["text"] & gold).total()
        lost_article += had - (bags["article"] & gold).total()
        gold_total += gold.total()
        junk += (bags["before"] - gold).total()
        removed += (bags["before"] - gold).total() - (bags["text"] - gold).total()
    means = {
        name: {
            part: round(statistics.mean(column), 4)
            for part, column in zip(PARTS, zip(*found, strict=True), strict=True)
        }
        for name, found in scores.items()
    }
    return {
        "pages": len(rows),
        **means,
        "tF_gain_text": round(means["text"]["tF"] - means["before"]["tF"], 4),
        "tF_gain_article": round(means["article"]["tF"] - means["before"]["tF"], 4),
        "gold_words_lost_percent": round(100 * lost / max(gold_total, 1), 3),
        "gold_words_lost_percent_article": round(100 * lost_article / max(gold_total, 1), 3),
        "junk_words_removed_percent": round(100 * removed / max(junk, 1), 2),
    }


def form_of(options: argparse.Namespace) -> tuple[str, Callable[[str], str]]:
    """Return the form in which texts are cleaned, and the function that writes them in it."""
    forms: dict[str, Callable[[str], str]] = {
        "flow": partial(join_lines, separator=" "),
        "glued": partial(join_lines, separator=""),
        "html": as_html,
        "markdown": as_markdown,
    }
    return next(((name, write) for name, write in forms.items() if getattr(options, name)), ("lines", str))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--profile", default="article")
    parser.add_argument("--dump", action="append", choices=DUMPS)
    parser.add_argument("--by", choices=("lang", "dataset"))
    parser.add_argument("--fold", type=int, choices=range(5))
    parser.add_argument("--train", action="store_true")
    parser.add_argument(
        "--weights", type=Path, help="other weights for the gate, as benchmarks/train_gate.py makes them"
    )
    parser.add_argument("--flow", action="store_true", help="join the lines of each text by spaces")
    parser.add_argument("--glued", action="store_true", help="join the lines of each text without spaces")
    parser.add_argument("--html", action="store_true", help="write each text as HTML")
    parser.add_argument("--markdown", action="store_true", help="write each text as Markdown")
    parser.add_argument("--file", type=Path, help="texts of your own instead of a dump")
    parser.add_argument("--break-weights", type=Path, help="other weights for the break model")
    parser.add_argument(
        "--pages", action="store_true", help="clean the HTML of the pages, with its structure and without"
    )
    options = parser.parse_args()
    if options.pages:
        measure_pages(options.bench, options.profile, options.fold, options.weights, options.by)
        return
    if options.break_weights:
        model.load_break_model = lambda: model.BreakModel(options.break_weights)
        flow.load_break_model = model.load_break_model
    form, write = form_of(options)
    pages = {page["id"]: page for page in read_lines(options.bench / "pages.jsonl.zst")}
    kernel = Kernel(load_ruleset(profile=options.profile), cache_directory(), options.weights)
    for dump in [options.file.name] if options.file else options.dump or DUMPS:
        if options.file:
            inputs = [(row["id"], row["text"]) for row in map(json.loads, options.file.open(encoding="utf-8"))]
        elif dump == "gold":
            inputs = [(identity, page["gold"]) for identity, page in pages.items()]
        else:
            inputs = [(row["id"], row["text"]) for row in read_lines(options.bench / "dumps" / f"{dump}.jsonl.zst")]
        inputs = [
            (identity, text)
            for identity, text in inputs
            if (options.fold is None or fold_of(pages[identity]["host"]) == options.fold)
            and (not options.train or pages[identity]["train"])
        ]
        bodies, articles = clean_texts(kernel, [write(text) for _, text in inputs])
        parts: dict[str, list[tuple[Counter[str], str, str, str]]] = {}
        for (identity, before), body, article in zip(inputs, bodies, articles, strict=True):
            key = str(pages[identity][options.by]) if options.by else "all"
            parts.setdefault(key, []).append((Counter(tokens(pages[identity]["gold"])), before, body, article))
        for key, rows in sorted(parts.items(), key=lambda item: -len(item[1])):
            found = {"dump": dump, "profile": options.profile, "form": form, "part": key}
            print(json.dumps({**found, **measure(rows)}))


if __name__ == "__main__":
    main()
