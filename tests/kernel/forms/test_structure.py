"""Structure is content: live blogs, results, verse, recipes and interviews stay, as lines and as one line."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

import copydesk

NAMES = ["Derya Kaplan", "Tom Asher", "Ina Brod", "Bo Renk", "Petra Quill", "Nils Lind", "Mara Tindall", "Jo Venn"]
PLACES = ["Mill ward", "Harbour ward", "Upper Lowmoor", "Ostwick North", "The Quays", "Old Town"]
EVENTS = [
    "The harbour master has spoken to reporters and said that the quay stays shut overnight.",
    "Two trees have come down on the mill road, and nobody was hurt.",
    "Trains between Lowmoor and Ostwick are not running until further notice.",
    "Schools are closed today, the council says, and parents have been told by telephone.",
    "The storm reached the coast a little before six and is moving east.",
    "About two hundred people wait on the platform, and there is one bus.",
]
LINES = [
    "Share the bread, the salt, the chair,",
    "share the window and the stair.",
    "Comments from the crows above,",
    "print of boot and print of glove.",
    "Follow me, the river said.",
    "Subscribe to nothing. Share the bread.",
    "The mill has ground the last of light,",
    "and what we read, we read by night.",
]
FOODS = ["500g strong flour", "1 tsp salt", "7g dried yeast", "300ml warm water", "2 onions", "A little oil", "3 eggs"]
STEPS = [
    "Mix the flour and the salt.",
    "Add the yeast and the water, and knead for ten minutes.",
    "Leave to rise for an hour.",
    "Bake at 220C until it sounds hollow.",
    "Fry the onions until they are soft.",
]
QUESTIONS = ["Why stop now?", "Is that all?", "What will you miss?", "And the passengers?", "Did you ever turn back?"]
ANSWERS = ["My knees.", "It is two of them.", "The first boat in winter, when nobody is on it.", "Some.", "Once."]


def live_blog(rng: random.Random) -> list[str]:
    minutes = sorted(rng.sample(range(360, 1200), rng.randint(4, 6)), reverse=True)
    head = rng.choice(["{}:{:02}", "{}.{:02}", "{}:{:02} GMT"])
    entries = [[head.format(*divmod(minute, 60)), rng.choice(EVENTS)] for minute in minutes]
    return [line for entry in entries for line in entry]


def results(rng: random.Random) -> list[str]:
    lines = ["Council election: results by ward"]
    for place in rng.sample(PLACES, 3):
        lines += [place, *(f"{name} (Ind) {rng.randint(300, 2000):,}" for name in rng.sample(NAMES, 3))]
        lines.append(f"Turnout {rng.randint(30, 70)} per cent")
    return [*lines, f"{rng.choice(NAMES)} holds the seat. In Harbour ward there will be a recount on Friday."]


def verse(rng: random.Random) -> list[str]:
    return ["The River", *rng.sample(LINES, len(LINES))]


def recipe(rng: random.Random) -> list[str]:
    lines = [
        "Bread in winter",
        f"Serves {rng.randint(2, 8)}",
        f"Prep time: {rng.randint(10, 50)} minutes",
        "Ingredients",
    ]
    steps = rng.sample(STEPS, 4)
    return [*lines, *rng.sample(FOODS, 5), "Method", *(f"{k}. {step}" for k, step in enumerate(steps, 1))]


def interview(rng: random.Random) -> list[str]:
    pairs = zip(rng.sample(QUESTIONS, 5), rng.sample(ANSWERS, 5), strict=True)
    lines = [line for pair in pairs for line in pair]
    return ["You have run the ferry for thirty years. Why did you begin?", "I liked the bell.", *lines]


@pytest.mark.parametrize("genre", [live_blog, results, verse, recipe, interview], ids=lambda genre: genre.__name__)
@pytest.mark.parametrize("joint", ["\n", "\n\n", " "], ids=["lines", "paragraphs", "flow"])
def test_content_stays(genre, joint):
    texts = [joint.join(genre(random.Random(seed))) for seed in range(40)]
    table = copydesk.Cleaner(suite="none").clean_table(pa.table({"text": texts}))
    assert table.column("body").to_pylist() == texts
