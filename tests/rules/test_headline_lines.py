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
