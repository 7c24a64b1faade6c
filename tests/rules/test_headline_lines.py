"""Lines that may be headlines, and those that are not."""

from __future__ import annotations

import pytest

from copydesk.rules.code.headline_lines import looks_like_headline


@pytest.mark.parametrize(
    "line",
    [
        "Skip to content Skip to sidebar Skip to footer",
        "« Color of the harbour | Main | Flowers at the quay »",
        "LifePeopleMusicTV and FilmFashion and StyleFootball",
    ],
)
def test_lines_of_menus_are_no_headlines(line):
    assert not looks_like_headline(line)


@pytest.mark.parametrize(
    "line", ["McDonald’s opens at the quay", "Harbour | Quay closed until April", "Skip to my ferry"]
)
def test_headlines_stay(line):
    assert looks_like_headline(line)


@pytest.mark.parametrize(
    "line",
    [
        "Above: the night bus at the pier",
        "Ina Brod (left) will drive the night bus",
        "渡轮周二停靠在码头 (通讯员 林宇 摄)",
        "Ina Brod, the mayor: “No more night buses”",
        "Home » Town » Night bus",
        "All topics: Town » Harbour » Boats",
        "By Ina Brod on October 24, 2012 in Harbour",
        "By Ina Maria Brod, Senior Staff Navigator, Project of Harbours, Boats and Ferries of the Northern Coast",
        "LENN— From Tuesday's Lowmoor Mail",
        "LENN, 5 March – Northpress",
        "Click for the full results of the regatta",
        "Join the harbour list and get a free map",
        "Name: Table of the tides",
    ],
)
def test_captions_labels_and_calls_are_no_headlines(line):
    assert not looks_like_headline(line)


@pytest.mark.parametrize(
    "line",
    [
        "Council: no money for the mole",
        "Lenn's mayor: 'No more buses'",
        "Left turn for the harbour",
        "NASA – a history",
    ],
)
def test_headlines_with_colons_and_dashes_stay(line):
    assert looks_like_headline(line)
