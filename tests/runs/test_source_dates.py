"""The order of day and month: learned from the dates of a file, named by the user, or open."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest


@pytest.fixture
def dump(tmp_path, article):
    """Write records with these dates to a file: pairs of a date and a host."""

    def write(*dates: tuple[str, str]):
        path = tmp_path / "dump.jsonl"
        records = [
            {
                "id": str(i),
                "title": f"Quay {i}",
                "text": f"{article} Day {i}.",
                "date": date,
                "url": f"https://{host}/{i}",
            }
            for i, (date, host) in enumerate(dates)
        ]
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        return path

    return write


@pytest.fixture
def dates(copydesk_command, tmp_path):
    """Clean a file; return the day, the assumptions and the date flags of each record."""

    def clean(path, *options, name: str = "out"):
        out = tmp_path / name
        assert copydesk_command("clean", path, "--out", out, "-q", *options).code == 0
        return [
            (
                row["date_published"] and row["date_published"].strftime("%m-%d %H"),
                [item["how"] for item in row["provenance"]["assumed"] if item["field"].startswith("date")],
                [flag["check"] for flag in row["flags"] if flag["check"].startswith("date/")],
            )
            for row in pq.read_table(out / "articles.parquet").to_pylist()
        ]

    return clean


LEARNED = ["the order of day and month in other dates of the source"]


def test_the_order_is_learned_from_the_file(dump, dates):
    path = dump(("03/04/2019", "lantern.example"), ("21/02/2019", "lantern.example"))
    one = dates(path)
    assert one == [("04-03 00", LEARNED, ["date/assumed"]), ("02-21 00", [], [])]
    assert dates(path, "--workers", "2", name="two") == one


def test_each_host_has_an_order_of_its_own(dump, dates):
    path = dump(
        ("03/04/2019", "lantern.example"), ("21/02/2019", "lantern.example"),
        ("03/04/2019", "ostwick.example"), ("02/21/2019", "ostwick.example"),
        ("03/04/2019", "elsewhere.example"),
    )  # fmt: skip
    assert [day for day, *_ in dates(path)] == ["04-03 00", "02-21 00", "03-04 00", "02-21 00", None]


def test_what_nothing_decides_is_flagged_and_kept(dump, dates, tmp_path):
    path = dump(("03/04/2019", "lantern.example"))
    assert dates(path) == [(None, [], ["date/ambiguous"])]
    (row,) = pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()
    assert json.loads(row["extra"]) == {"date": "03/04/2019"}


def test_the_user_decides(dump, dates, tmp_path, monkeypatch):
    path = dump(("03/04/2019 10:15", "lantern.example"), ("21/02/2019", "lantern.example"))
    assert dates(path, "--month-first", name="a")[0] == ("03-04 10", [], ["date/no-time-zone"])
    assert dates(path, "--day-first", "--timezone", "Europe/Berlin", name="b")[0] == ("04-03 08", [], [])
    (tmp_path / "copydesk.toml").write_text(
        '[per-source-timezone]\n"lantern.*" = "America/New_York"\n[per-source-date-order]\n"*.jsonl" = "month-first"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert dates(path, name="c")[0] == ("03-04 15", [], [])


def test_an_unknown_zone_is_refused_in_one_line(copydesk_command, dump, tmp_path):
    path = dump(("2024-03-05", "lantern.example"))
    ran = copydesk_command("clean", path, "--out", tmp_path / "out", "--timezone", "Mars/Lenn")
    assert ran.code == 2
    assert "unknown time zone 'Mars/Lenn'" in ran.err
