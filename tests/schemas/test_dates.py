"""Dates: 400 strings in 20 languages with the instants that they stand for, in tests/data/dates.jsonl."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.schemas.errors import SettingError
from copydesk.schemas.values.date_settings import DateSettings
from copydesk.schemas.values.dates import AmbiguousDateError, Context, Moment, RelativeDateError, moment

DATA = Path(__file__).parent.parent / "data/dates.jsonl"
STRINGS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
NOON = dt.datetime(2024, 3, 10, 12, tzinfo=dt.timezone.utc)


def read(written: str, tag: str | None = None) -> tuple[str, str | None, bool]:
    """Return the time of a date or how it fails, its precision, and whether something was assumed."""
    try:
        found = moment(written, Context(language=tag))
    except AmbiguousDateError:
        return "ambiguous", None, True
    except ValueError:
        return "unreadable", None, True
    assert found is not None
    return found.time.replace(tzinfo=None).isoformat(), found.precision, bool(found.assumed)


def test_dates_in_many_languages_are_read():
    assert len(STRINGS) >= 400
    assert len({entry["language"] for entry in STRINGS}) >= 14
    wrong = []
    for entry in STRINGS:
        time, precision, _ = found = read(entry["written"], entry.get("tag"))
        if time != entry["utc"] or precision not in (None, entry["precision"]):
            wrong.append((entry["written"], found))
    assert len(wrong) <= 0.02 * len(STRINGS), wrong
    assert not [item for item in wrong if not item[1][2]], "wrong without a flag"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$date": "2024-03-05T09:15:00Z"}, "2024-03-05T09:15:00+00:00"),
        ({"$date": {"$numberLong": "1709630100000"}}, "2024-03-05T09:15:00+00:00"),
        ({"$date": 1709630100000}, "2024-03-05T09:15:00+00:00"),
        ([2024, 3, 5, 9, 15, 0, 1, 65, 0], "2024-03-05T09:15:00+00:00"),
        (["2024-03-05", "2024-03-06"], "2024-03-05T00:00:00+00:00"),
        (1709630100, "2024-03-05T09:15:00+00:00"),
        (1709630100000000000, "2024-03-05T09:15:00+00:00"),
    ],
)
def test_values_of_other_types_are_read(value, expected):
    assert moment(value).time.isoformat() == expected


@pytest.mark.parametrize("value", [True, {"a": 1}, {"$date": "soon"}, 7, b"2024-03-05", "x" * 5000])
def test_what_is_no_date_is_refused_in_one_line(value):
    with pytest.raises(ValueError, match=r"^not a date") as error:
        moment(value)
    assert len(str(error.value)) < 120


def test_an_endless_number_is_refused():
    with pytest.raises(ValueError, match=r"an integer of more than 4,000 digits"):
        moment(10**5000)


def test_the_order_comes_from_the_context_or_the_weekday():
    with pytest.raises(AmbiguousDateError, match="3/4 may be day and month"):
        moment("03/04/2019")
    assert moment("03/04/2019", Context("day-first")).time.month == 4
    assert moment("03/04/2019", Context("month-first", "other dates")).assumed == ("other dates",)
    assert moment("21/02/2019", Context("month-first", "other dates")) == moment("2019-02-21")
    assert moment("Tuesday 05/03/2024").time.day == 5


def test_relative_dates_count_from_the_time_of_retrieval():
    with pytest.raises(RelativeDateError):
        moment("il y a 2 jours")
    assert moment("il y a 2 jours", Context(base=NOON)) == Moment(
        dt.datetime(2024, 3, 8, tzinfo=dt.timezone.utc), "day", ("counted from date_retrieved",)
    )
    for written in ("3 hours ago", "vor 3 Stunden", "hace 3 horas", "3 часа назад", "3小时前", "3시간 전"):
        assert moment(written, Context(base=NOON)).time.hour == 9, written


def test_a_time_without_a_zone_gets_that_of_the_settings():
    assert moment("2024-07-05 09:15", Context(timezone="Europe/Berlin")).time.hour == 7
    assert moment("5 July 2024 09:15 GMT", Context(timezone="Europe/Berlin")).time.hour == 9
    assert moment("2024-07-05", Context(timezone="Europe/Berlin")) == moment("2024-07-05")


def test_settings_of_a_source_override_those_of_the_run():
    settings = DateSettings.of("UTC", "", {"*.example": "Europe/Berlin"}, {"lantern.example": "day-first"}, Path())
    assert settings.zone_of("lantern.example", None) == "Europe/Berlin"
    assert (settings.zone_of("ostwick.org", None), settings.order_of("ostwick.org", None)) == ("UTC", None)
    assert settings.order_of("lantern.example", None) == "day-first"
    with pytest.raises(SettingError, match="unknown time zone 'Lenn/Moor'"):
        DateSettings.of("Lenn/Moor", "", {}, {}, Path())


def test_english_dates_load_no_tables():
    code = (
        "import sys; from copydesk.schemas.values.dates import moment\n"
        "for date in ('2024-03-05', 'Tue, 5 Mar 2024 09:15:00 GMT', 'March 5, 2024', '05.03.2024 09:15'):\n"
        "    moment(date)\n"
        "assert 'dateparser' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("Mar. 5, 2024 | Updated: 9:41 p.m. ET", "2024-03-05T00:00"),
        ("2024-03-05T07:41:00Z[Europe/Berlin]", "2024-03-05T07:41"),
        ("2024-03-05T08:41+01:00[Europe/Paris]", "2024-03-05T07:41"),
        ("Veröffentlicht am 5.3.2024 | Lesedauer: 3 Minuten", "2024-03-05T00:00"),
        ("5 mar 2024 (modifica il 5 mar 2024 | 09:12)", "2024-03-05T00:00"),
        ("Mis à jour le 05/03/2024 à 07:41", "2024-03-05T07:41"),
        ("Actualizado: 05/03/2024 07:41h", "2024-03-05T07:41"),
        ("05/03/2024 07h41", "2024-03-05T07:41"),
        ("Publicado em 05/03/2024 - 07h41", "2024-03-05T07:41"),
        ("05 марта 2024 года, 07:41 (мск)", "2024-03-05T04:41"),
    ],
)
def test_what_stands_beside_a_date_helps_and_does_no_harm(written, time):
    assert moment(written).time.isoformat().startswith(time)


def test_the_language_of_a_record_decides_the_order_of_figures():
    assert moment("05/03/2024", Context(language="fr")).time.month == 3
    with pytest.raises(AmbiguousDateError):
        moment("05/03/2024", Context(language="en"))
