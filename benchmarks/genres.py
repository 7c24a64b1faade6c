"""Texts that should lose nothing, by genre: python benchmarks/genres.py [--texts 400] [--profile article] [--show 5].

The texts are invented, in six languages, and have no boilerplate at all. So every word that is gone is a false cut. The
table has, for each genre, the share of words that were lost and the share of texts that lost any, and the languages
with the largest loss. Nothing is learned from these texts.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from genre_words import LANGUAGES, Words
from pages import tokens

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory

Lines = list[str]
BATCH = 200  # texts that are cleaned at a time


def sentence(rng: random.Random, words: Words) -> str:
    """Return a sentence of three parts."""
    return words.join.join(rng.choice(part) for part in (words.who, words.did, words.why)) + words.stop


def paragraph(rng: random.Random, words: Words, least: int = 2, most: int = 5) -> str:
    """Return some sentences."""
    return words.join.join(sentence(rng, words) for _ in range(rng.randint(least, most)))


def news(rng: random.Random, words: Words) -> Lines:
    """Write paragraphs, one of them direct speech."""
    lines = [paragraph(rng, words) for _ in range(rng.randint(4, 9))]
    return [*lines, f"“{sentence(rng, words)}”", paragraph(rng, words)]


def blog(rng: random.Random, words: Words) -> Lines:
    """Write short paragraphs and a heading."""
    lines = [paragraph(rng, words, 1, 3) for _ in range(rng.randint(5, 10))]
    lines.insert(rng.randint(1, 3), rng.choice(words.items))
    return lines


def recipe(rng: random.Random, words: Words) -> Lines:
    """Write servings, ingredients and steps, with a paragraph before."""
    serves, time, ingredients, method = words.recipe
    foods = rng.sample(words.foods, min(len(words.foods), rng.randint(5, 9)))
    steps = rng.sample(words.steps, rng.randint(3, len(words.steps)))
    numbered = rng.random() < 0.5
    head = [paragraph(rng, words), serves.format(rng.randint(2, 8)), time.format(rng.randint(10, 90)), ingredients]
    return [*head, *foods, method, *(f"{k}. {step}" if numbered else step for k, step in enumerate(steps, 1))]


def forum(rng: random.Random, words: Words) -> Lines:
    """Write posts below the names of their writers."""
    posts = rng.randint(3, 7)
    return [line for _ in range(posts) for line in (f"{rng.choice(words.names)}:", paragraph(rng, words, 1, 4))]


def live_blog(rng: random.Random, words: Words) -> Lines:
    """Write entries under the time of day."""
    write = rng.choice(["{:02}:{:02}", "{}.{:02}", "{:02}h{:02}", "{:02}:{:02} CET", "{}:{:02} –"])
    minutes = sorted(rng.sample(range(360, 1380), rng.randint(4, 9)), reverse=True)
    inline = write.endswith("–")
    lines: Lines = [paragraph(rng, words, 1, 2)]
    for minute in minutes:
        stamp, text = write.format(*divmod(minute, 60)), paragraph(rng, words, 1, 2)
        lines += [f"{stamp} {text}"] if inline else [stamp, text]
    return lines


def interview(rng: random.Random, words: Words) -> Lines:
    """Write questions and answers, short and long."""
    lines = [paragraph(rng, words)]
    for question in rng.sample(words.questions, 5):
        lines += [question, rng.choice([rng.choice(words.answers), paragraph(rng, words, 1, 3)])]
    return lines


def poem(rng: random.Random, words: Words) -> Lines:
    """Write verses, some of them with the words of buttons."""
    return [rng.choice(words.items), *rng.sample(words.verse, len(words.verse)), *rng.sample(words.verse, 3)]


def listing(rng: random.Random, words: Words) -> Lines:
    """Write items with bullets or numbers between two paragraphs."""
    mark = rng.choice(["- ", "• ", "", "{}. "])
    items = rng.sample(words.items, min(len(words.items), rng.randint(4, 8)))
    return [paragraph(rng, words), *(mark.format(k) + item for k, item in enumerate(items, 1)), paragraph(rng, words)]


def table(rng: random.Random, words: Words) -> Lines:
    """Write rows with strokes or tabs between two paragraphs."""
    joint = rng.choice([" | ", "\t", "  "])
    rows = [joint.join([place, str(rng.randint(3, 90)), f"{rng.random() * 9:.1f}"]) for place in words.places]
    return [paragraph(rng, words), *rows, paragraph(rng, words)]


def documentation(rng: random.Random, words: Words) -> Lines:
    """Write sentences between names, values and commands."""
    lines: Lines = []
    for term in rng.sample(words.terms, len(words.terms)):
        lines += [term, paragraph(rng, words, 1, 2)]
    return [*lines, "$ ferry --list", "OK: 3"]


def results(rng: random.Random, words: Words) -> Lines:
    """Write votes and goals by place, with a sentence before and behind."""
    heading, seats, turnout = words.votes
    lines = [sentence(rng, words), heading]
    for place in rng.sample(words.places, 3):
        of_place = [f"{name} {seats.format('Ind', rng.randint(300, 2000))}" for name in rng.sample(words.names, 3)]
        lines += [place, *of_place, turnout.format(rng.randint(30, 70))]
    games = []
    for _ in range(3):
        home, guest = rng.sample(words.places, 2)
        games.append(f"{home} – {guest} {rng.randint(0, 5)}:{rng.randint(0, 5)}")
    return [*lines, *games, paragraph(rng, words)]


GENRES: dict[str, Callable[[random.Random, Words], Lines]] = {
    "news": news,
    "blog": blog,
    "recipe": recipe,
    "forum": forum,
    "live blog": live_blog,
    "interview": interview,
    "poem": poem,
    "list": listing,
    "table": table,
    "documentation": documentation,
    "results": results,
}
JOINTS = ("\n", "\n\n")


def make_texts(genre: str, number: int) -> list[tuple[str, str]]:
    """Return some texts of a genre with their languages, the same ones each time."""
    texts = []
    for seed in range(number):
        rng = random.Random(f"{genre} {seed}")
        language = [*LANGUAGES][seed % len(LANGUAGES)]
        texts.append((language, rng.choice(JOINTS).join(GENRES[genre](rng, LANGUAGES[language]))))
    return texts


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--profile", default="article")
    parser.add_argument("--weights", type=Path, help="other weights for the gate")
    parser.add_argument("--show", type=int, default=0, help="cuts of each genre to print")
    options = parser.parse_args()
    kernel = Kernel(load_ruleset(profile=options.profile), cache_directory(), options.weights)
    print("| genre | words lost | texts that lost any | most in |\n|---|--:|--:|---|")
    for genre in GENRES:
        texts = make_texts(genre, options.texts)
        words = lost = touched = 0
        of_language: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        cuts: Counter[tuple[str, str]] = Counter()
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            cleaned = kernel.clean(pa.array([text for _, text in batch], pa.large_string()))
            for edit in cleaned.edits.to_pylist():
                cuts[edit["rule"], batch[edit["row"]][1][edit["start"] : edit["end"]].strip()] += 1
            for (language, text), body in zip(batch, cleaned.texts.to_pylist(), strict=True):
                before = Counter(tokens(text))
                gone = (before - Counter(tokens(body))).total()
                words, lost, touched = words + before.total(), lost + gone, touched + (gone > 0)
                of_language[language][0] += gone
                of_language[language][1] += before.total()
        worst = sorted(((100 * a / b, name) for name, (a, b) in of_language.items() if a), reverse=True)[:2]
        most = ", ".join(f"{name} {share:.2f} %" for share, name in worst)
        print(f"| {genre} | {100 * lost / words:.2f} % | {100 * touched / len(texts):.1f} % | {most} |", flush=True)
        for (rule, cut), count in cuts.most_common(options.show):
            print(f"    {count} {rule}: {cut[:90]!r}")


if __name__ == "__main__":
    main()
