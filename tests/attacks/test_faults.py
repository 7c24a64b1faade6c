"""A disk that fails at any write, sync, rename or other call of a run: nothing is lost, nothing is doubled.

Each call to the system is made to fail in turn. `COPYDESK_TEST_PROFILE=thorough` lets every single one fail, else some.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.runs import output_directory, work_directory
from copydesk.cleaner.runs.clean_run import clean_files
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest
from copydesk.rules.ruleset.loader import load_file
from copydesk.rules.ruleset.ruleset import Ruleset
from copydesk.schemas.errors import CopydeskError

STEP = 1 if os.environ.get("COPYDESK_TEST_PROFILE") == "thorough" else 7
HOUSE = Path(__file__).parent.parent / "data" / "house.toml"
CALLS = ("open", "mkdir", "listdir", "read", "write", "ftruncate", "fsync", "replace", "unlink")


class Disk:
    """The calls of the system that a run makes; the one with the number `fails_at` fails."""

    def __init__(self, fails_at: int = 0, code: int = errno.EIO, calls: tuple[str, ...] = CALLS) -> None:
        self.count = 0
        self._fails_at, self._code = fails_at, code
        wrapped = {name: self._wrap(getattr(os, name)) for name in calls}
        self.os = SimpleNamespace(**{**vars(os), **wrapped})

    def _wrap(self, call):
        def counted(*args, **kwargs):
            self.count += 1
            if self.count != self._fails_at:
                return call(*args, **kwargs)
            if call is os.write and len(args[1]) > 1:  # as much as fits, before the error
                os.write(args[0], args[1][: len(args[1]) // 2])
            raise OSError(self._code, os.strerror(self._code))

        return counted


@pytest.fixture
def use(monkeypatch):
    """Let runs use a disk."""

    def use(disk: Disk) -> Disk:
        monkeypatch.setattr(work_directory, "os", disk.os)
        monkeypatch.setattr(output_directory, "os", disk.os)
        return disk

    return use


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    """A cleaner of one rule, which is quick."""
    return Cleaner(Ruleset((load_file(HOUSE),)))


@pytest.fixture
def dump(jsonl, article, small_pieces):
    lantern = f"{article}\n\nThe Lowmoor Lantern, lit since 1888"
    return jsonl(*({"id": f"{n % 25}", "text": f"{n} {lantern}"} if n % 7 else b"{" for n in range(36)))


def request(dump: Path, out: Path, **options: object) -> RunRequest:
    return RunRequest(RunInputs.find([str(dump)]), out, **options)


@pytest.fixture
def attempt(dump, cleaner, tmp_path):
    """Try a run; return the message of its error, None if it succeeds."""

    def attempt(number: int, **options: object) -> str | None:
        try:
            totals = clean_files(request(dump, tmp_path / f"out{number}", **options), cleaner)
        except CopydeskError as error:
            return str(error)
        assert totals.read == totals.accepted + totals.quarantined == 36
        return None

    return attempt


def run_again(attempt, number, tmp_path, **options):
    """Resume a run if that is possible, else start it again; check that nothing is left beside its results."""
    manifest = tmp_path / f".out{number}.partial" / "manifest.json"
    options = {"resume": True} if manifest.exists() else {"overwrite": True, **options}
    assert attempt(number, **options) is None
    assert not manifest.parent.exists()


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_any_call_fails(code, attempt, use, read_run, tmp_path):
    whole = use(Disk())
    assert attempt(0) is None
    expected = read_run(tmp_path / "out0")
    assert whole.count > 80
    failed = kept = 0
    for number in range(1, whole.count + 1, STEP):
        use(Disk(number, code))
        message = attempt(number)
        use(Disk())
        if message is not None:
            failed += 1
            kept += "--resume continues from there" in message
            assert "\n" not in message, number
            assert os.strerror(code) in message, number
            run_again(attempt, number, tmp_path)
        assert read_run(tmp_path / f"out{number}") == expected, number
    print(f"{whole.count} calls, {failed} runs failed, {kept} of them were resumed")
    assert failed > 0.8 * (whole.count // STEP)
    assert kept > 0.5 * failed


def test_earlier_results_stay_until_the_new_ones_are_complete(attempt, use, read_run, dump, cleaner, tmp_path):
    clean_files(request(dump, tmp_path / "earlier", to="jsonl"), cleaner)
    earlier = read_run(tmp_path / "earlier")
    whole = use(Disk(calls=("replace", "fsync")))
    assert attempt(0) is None
    for number in range(1, whole.count + 1):
        use(Disk())
        clean_files(request(dump, tmp_path / f"out{number}", to="jsonl"), cleaner)
        use(Disk(number, calls=("replace", "fsync")))
        assert attempt(number, overwrite=True) is not None
        partial = tmp_path / f".out{number}.partial"
        if not (partial / "complete").exists():
            assert read_run(tmp_path / f"out{number}") == earlier, number
        use(Disk())
        run_again(attempt, number, tmp_path)
        assert read_run(tmp_path / f"out{number}") == read_run(tmp_path / "out0"), number


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_resumed_run_fails_as_well(code, attempt, use, read_run, tmp_path):
    """First at one call, then again and again at later ones."""
    use(Disk())
    assert attempt(0) is None
    expected = read_run(tmp_path / "out0")
    use(Disk(60, code))
    assert attempt(1) is not None
    number = 5
    while True:
        disk = use(Disk(number, code))
        message = attempt(1, resume=True)
        if message is None:
            break
        assert os.strerror(code) in message, message
        assert (tmp_path / ".out1.partial" / "manifest.json").exists(), message
        number += max(STEP, 5)
    assert disk.count > 30
    assert read_run(tmp_path / "out1") == expected


def test_files_are_on_the_disk_before_they_get_their_names(attempt, use, tmp_path):
    """Otherwise a machine that loses its power could have the names, and nothing in the files."""
    events: list[str] = []
    disk = Disk()
    names: dict[int, str] = {}
    open_file, fsync, replace = disk.os.open, disk.os.fsync, disk.os.replace

    def opened(name, *args, **kwargs):
        handle = open_file(name, *args, **kwargs)
        names[handle] = os.path.basename(name)
        return handle

    disk.os.open = opened
    disk.os.fsync = lambda handle: (fsync(handle), events.append(f"sync {names[handle]}"))
    disk.os.replace = lambda name, new, **handles: (replace(name, new, **handles), events.append(f"name {new}"))
    use(disk)
    assert attempt(1) is None
    for name in ("articles.parquet", "edits.parquet", "quarantine.jsonl"):
        assert events.index(f"sync {name}") < events.index("sync complete.writing") < events.index(f"name {name}")
    assert events.index("sync summary.json.writing") < events.index("name summary.json")
    assert events[-1] == "sync out1"
