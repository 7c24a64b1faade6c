"""An error that nobody expected is one line with its place, exit code 3, and a report without data."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from copydesk.cleaner.cli.error_lines import explain_error
from copydesk.cleaner.cli.fault_report import describe_command
from copydesk.cleaner.readers.batches import Batch
from copydesk.cleaner.readers.error_places import find_error_place
from copydesk.cleaner.readers.source import Source
from copydesk.cleaner.records.loader import Place
from copydesk.schemas.errors import InternalError

SECRET = "the key of the harbour master"


@pytest.fixture
def broken_kernel(monkeypatch, tmp_path):
    """Let the kernel fail on every batch, with a message that quotes data."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"\x1b[31m{SECRET}\n" * 50)

    monkeypatch.setattr("copydesk.schemas.cache.store.cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr("copydesk.cleaner.kernel.kernel.Kernel.clean", fail)


@pytest.mark.usefixtures("broken_kernel")
@pytest.mark.parametrize("command", ["check", "clean", "explain", "baseline"])
def test_an_unexpected_error_is_one_line_and_a_report(command, jsonl, article, copydesk_command, tmp_path):
    path = jsonl({"text": article, "id": SECRET})
    words = {"clean": ["clean", "--out", tmp_path / "out"], "baseline": ["baseline", "create"]}.get(command, [command])
    ran = copydesk_command(*words, path, "--select", "navigation", f"--map=headline={SECRET}")
    assert ran.code == 3
    (line,) = [line for line in ran.err.splitlines() if line.startswith("copydesk: ") and "not used" not in line]
    assert line.startswith(("copydesk: dump.jsonl: ", f"copydesk: {path}: "))
    assert "an error in copydesk itself (ZeroDivisionError: \\x1b[31m" in line
    report = Path(re.search(r"report it with (\S+)$", line)[1])
    text = report.read_text("utf-8")
    assert SECRET not in text
    assert str(path) not in text
    assert "builtins.ZeroDivisionError" in text
    assert "cleaner/api.py:" in text
    assert "--select" in text
    assert re.search(r"pyarrow \d", text)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


@pytest.mark.usefixtures("broken_kernel")
def test_a_report_that_cannot_be_written_is_left_out(jsonl, article, copydesk_command, monkeypatch, tmp_path):
    file = jsonl({"text": article}, name="a-file")
    monkeypatch.setattr("copydesk.schemas.cache.store.cache_directory", lambda: file)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere" / "\0"))
    ran = copydesk_command("check", jsonl({"text": article}), "--no-cache")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert ran.err.endswith("; please report it\n")


def test_errors_of_the_system_are_one_line(jsonl, article, copydesk_command, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(36, "File name too long", b"/x/\xff\x1b")

    monkeypatch.setattr("copydesk.cleaner.kernel.kernel.Kernel.clean", fail)
    ran = copydesk_command("check", jsonl({"text": article}), "--no-cache")
    assert ran.code == 2
    assert ran.err == ("copydesk: /x/\\udcff\\x1b: cannot be read or written (File name too long); name another file\n")


def test_too_little_memory_is_one_line(jsonl, article, copydesk_command, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("copydesk.cleaner.kernel.kernel.Kernel.clean", fail)
    ran = copydesk_command("check", jsonl({"text": article}), "--no-cache")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "not enough memory" in ran.err


def test_a_command_is_described_without_values():
    words = ["check", f"{SECRET}.jsonl", "-q", "--map", SECRET, f"--out={SECRET}", f"--{SECRET}", "--", "-x y"]
    assert describe_command(words) == "copydesk check … -q --map … --out=… … … …"


def test_an_error_of_another_process_keeps_its_stack(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("copydesk.schemas.cache.store.cache_directory", lambda: tmp_path)
    trace = (
        f'Traceback:\n  File "/x/kernel.py", line 3, in f\nKeyError: {SECRET}\n\tat java.base/Thread.run(T.java:1)\n'
    )
    assert explain_error(InternalError("Spark failed", where="a.jsonl", trace=trace)) == 3
    assert capsys.readouterr().err.startswith("copydesk: a.jsonl: an error in copydesk itself (Spark failed); please")
    (report,) = (tmp_path / "reports").iterdir()
    text = report.read_text("utf-8")
    assert '  File "/x/kernel.py", line 3, in f\n\tat java.base/Thread.run(T.java:1)\n' in text
    assert SECRET not in text


def test_an_internal_error_that_explains_itself_is_not_reported(capsys):
    assert explain_error(InternalError("a worker could not be started", hint="try --workers 1")) == 3
    assert capsys.readouterr().err == "copydesk: a worker could not be started; try --workers 1\n"


def test_the_place_is_that_of_the_innermost_input(tmp_path):
    inner = Source(tmp_path / "inner.jsonl", "inner.jsonl", "jsonl")

    def fail(source: Source) -> None:
        sources = [source, inner]
        batch = Batch(Place(file="inner.jsonl"))
        raise ValueError(len(sources), batch.size)

    with pytest.raises(ValueError, match="2") as failure:
        fail(Source(None, "stdin", "jsonl"))
    assert find_error_place(failure.value) == str(tmp_path / "inner.jsonl")
    assert find_error_place(ZeroDivisionError()) == ""
