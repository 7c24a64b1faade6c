"""Interrupted runs whose files are damaged: resumed to the same bytes, or refused in one line. No count is ever wrong.

`COPYDESK_TEST_PROFILE=thorough` tries thousands of damages.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.runs import checkpoints
from copydesk.cleaner.runs.clean_run import clean_files
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest
from copydesk.cleaner.runs.work_directory import Directory
from copydesk.rules.ruleset.loader import load_file
from copydesk.rules.ruleset.ruleset import Ruleset
from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from copydesk.cleaner.runs.totals import Totals

TRIES = 2000 if os.environ.get("COPYDESK_TEST_PROFILE") == "thorough" else 60
HOUSE = Path(__file__).parent.parent / "data" / "house.toml"


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    """A cleaner of one rule, which is quick."""
    return Cleaner(Ruleset((load_file(HOUSE),)))


@pytest.fixture
def dump(jsonl, article):
    lantern = f"{article}\n\nThe Lowmoor Lantern, lit since 1888"
    return jsonl(*({"id": f"{n % 40}", "text": f"{n} {lantern}"} if n % 7 else b"{" for n in range(60)))


def request(dump: Path, out: Path, **options: object) -> RunRequest:
    return RunRequest(RunInputs.find([str(dump)]), out, to="jsonl", **options)


@pytest.fixture
def expected(small_pieces, dump, cleaner, read_run, tmp_path):
    clean_files(request(dump, tmp_path / "whole"), cleaner)
    return read_run(tmp_path / "whole")


def stop_after_pieces(monkeypatch, request, cleaner):
    """Interrupt a run after some pieces."""
    add = checkpoints.Checkpoints.add

    def add_and_stop(self, *args):
        add(self, *args)
        if self.count == 6:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Checkpoints, "add", add_and_stop)
        with pytest.raises(KeyboardInterrupt):
            clean_files(request, cleaner)


def stop_while_files_are_moved(monkeypatch, request, cleaner):
    """Interrupt a run when some of its files are in their place."""
    move = Directory.move

    def move_and_stop(self, name, target):
        move(self, name, target)
        if name == "edits.parquet":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "move", move_and_stop)
        with pytest.raises(KeyboardInterrupt):
            clean_files(request, cleaner)


def flip(rng, data):
    if not data:
        return b"\0"
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def cut(rng, data):
    return data[: rng.randrange(len(data) + 1)]


def cut_middle(rng, data):
    start, stop = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[stop:]


def repeat_line(rng, data):
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at:]])


def drop_line(rng, data):
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join([*lines[:at], *lines[at + 1 :]])


def swap_lines(rng, data):
    lines = data.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def append_line(rng, data):
    return data + rng.choice([b"\n", b"{}\n", b"0" * 40 + b"\n", rng.randbytes(30)])


def raise_number(rng, data):
    """Change a count, as no accident does."""
    at = [index for index, byte in enumerate(data) if chr(byte).isdigit()]
    if not at:
        return data + b"1"
    index = rng.choice(at)
    return data[:index] + str((data[index] - 48 + rng.randrange(1, 10)) % 10).encode() + data[index + 1 :]


def empty(_rng, _data):
    return b""


DAMAGES = [flip, flip, cut, cut_middle, repeat_line, drop_line, swap_lines, append_line, raise_number, empty]


def try_to_resume(dump, out, cleaner) -> tuple[Totals | None, str]:
    """Return the counts of a run, or the message of its error."""
    try:
        return clean_files(request(dump, out, resume=True), cleaner), ""
    except CopydeskError as error:
        return None, str(error)


@pytest.mark.parametrize("stop", [stop_after_pieces, stop_while_files_are_moved])
def test_damage_leads_to_no_wrong_count(stop, dump, cleaner, expected, read_run, monkeypatch, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL, "copydesk")
    folder = tmp_path / "run"
    folder.mkdir()
    stop(monkeypatch, request(dump, folder / "out"), cleaner)
    shutil.copytree(folder, tmp_path / "kept")
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    outcomes: Counter[str] = Counter()
    for seed in range(TRIES):
        rng = random.Random(seed)
        for name in rng.sample(files, rng.choice([1, 1, 1, 2])):
            damage = rng.choice(DAMAGES)
            (folder / name).write_bytes(damage(rng, (folder / name).read_bytes()))
        totals, message = try_to_resume(dump, folder / "out", cleaner)
        outcomes["resumed" if totals else "refused"] += 1
        if totals:
            assert read_run(folder / "out") == expected, seed
            records = expected["summary.json"]["records"]
            assert (totals.read, totals.accepted, totals.quarantined) == tuple(records.values()), seed
        else:
            assert "leave out --resume" in message, seed
            assert "\n" not in message, seed
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "kept", folder)
    print(stop.__name__, dict(outcomes))
    assert outcomes["resumed"] > TRIES // 4
    assert outcomes["refused"] > 0


@pytest.fixture
def interrupted(monkeypatch, dump, cleaner, expected, tmp_path):
    """Return the work directory of an interrupted run of 6 pieces."""
    stop_after_pieces(monkeypatch, request(dump, tmp_path / "out"), cleaner)
    return tmp_path / ".out.partial"


@pytest.fixture
def resume(dump, cleaner, tmp_path, read_run, expected):
    """Resume the run and compare its files; return how many pieces were done again."""

    def run() -> int:
        pieces = []
        clean_files(request(dump, tmp_path / "out", resume=True), cleaner, progress=pieces.append)
        assert read_run(tmp_path / "out") == expected
        return len(pieces)

    return run


def test_a_damaged_line_costs_the_pieces_from_there_on(interrupted, resume, caplog):
    lines = (interrupted / "journal").read_bytes().splitlines(keepends=True)
    assert len(lines) == 6
    lines[4] = lines[4].replace(b'"read":', b'"rEad":', 1)
    (interrupted / "journal").write_bytes(b"".join(lines))
    pieces = resume()
    assert caplog.messages == [f"{interrupted}: damaged; 4 pieces kept, 2 done again"]
    assert pieces > 2


def test_without_a_sound_line_the_run_starts_again(interrupted, resume):
    for path in interrupted.iterdir():
        if path.name not in ("manifest.json", "lock"):
            path.write_bytes(b"damaged")
    assert resume() > 6


def test_files_that_are_gone_are_made_again(interrupted, resume):
    for path in interrupted.iterdir():
        if path.name not in ("manifest.json", "lock"):
            path.unlink()
    assert resume() > 6


def test_a_journal_of_another_run_does_not_fit(interrupted, resume, dump, cleaner, tmp_path, monkeypatch):
    stop_after_pieces(monkeypatch, request(dump, tmp_path / "other"), cleaner)
    shutil.copyfile(tmp_path / ".other.partial" / "journal", interrupted / "journal")
    assert resume() > 6


def test_what_is_behind_the_last_line_is_cut_off(interrupted, resume, caplog):
    for name in ("journal", "articles.jsonl", "seen"):
        with (interrupted / name).open("ab") as file:
            file.write(b"a piece that was under way")
    assert 0 < resume() < 20
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["now", "settings", "inputs", "format", "checksum"])
def test_a_manifest_that_was_edited_is_refused(name, interrupted, resume):
    values = json.loads((interrupted / "manifest.json").read_bytes())
    values[name] = {"now": "2001-01-01T00:00:00+00:00", "settings": {}, "inputs": []}.get(name, "other")
    (interrupted / "manifest.json").write_text(json.dumps(values), "utf-8")
    with pytest.raises(CopydeskError, match="manifest of the interrupted run cannot be used"):
        resume()
