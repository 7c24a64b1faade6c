"""Standard streams that are closed, full or left by their reader change no result of a run."""

from __future__ import annotations

import os
import subprocess

import pytest

from copydesk.cleaner.process import python_command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no such shell")


@pytest.fixture
def expected(copydesk_command, long_dump, read_run, tmp_path):
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "whole", "-q").code == 1
    return read_run(tmp_path / "whole")


# With two workers there are three processes, of which the first has the streams.
STREAMS = ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full", "2>&1 | true"]


@pytest.mark.parametrize(
    ("streams", "workers"), [*((streams, "1") for streams in STREAMS), ("<&- >&- 2>&-", "2"), ("2>&1 | true", "2")]
)
def test_results_are_the_same(streams, workers, script, long_dump, expected, read_run, tmp_path):
    if "/dev/full" in streams and not os.path.exists("/dev/full"):
        pytest.skip(reason="the system has no such device")
    command = [*script, "clean", str(long_dump), "--out", str(tmp_path / "out"), "--workers", workers, "-v"]
    # of a pipeline, the exit code of the command is that of its own part
    line = f'"$@" {streams}' if "|" not in streams else f'{{ "$@" 2>&1; echo $? > "{tmp_path}/code"; }} | true'
    done = subprocess.run(["sh", "-c", line, "sh", *command], capture_output=True, text=True, timeout=120)
    code = int((tmp_path / "code").read_text()) if "|" in streams else done.returncode
    assert code == 1, done.stderr
    assert read_run(tmp_path / "out") == expected


def test_nothing_is_printed_into_a_result(script, long_dump, tmp_path, read_run, expected):
    """The first file that is opened must not become standard error: a warning would be written into it."""
    command = [
        *script,
        "clean",
        str(long_dump),
        "--out",
        str(tmp_path / "out"),
        "--map",
        "body=text",
        "--map",
        "id=gone",
    ]
    done = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *command], timeout=120)
    assert done.returncode == 1
    for path in (tmp_path / "out").iterdir():
        assert b"no record has the field" not in path.read_bytes()


def test_data_on_a_closed_stdout_is_dropped(script, long_dump):
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *script, "check", str(long_dump)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_streams_lead_to_nowhere_in_other_processes_as_well(tmp_path):
    """Otherwise what a worker prints would get between its messages."""
    child = "import os\nopen(os.environ['SEEN'], 'a').write(os.readlink('/proc/self/fd/2') + os.linesep)"
    code = (
        "import subprocess\nfrom copydesk.cleaner.process import open_closed_streams, python_command\n"
        f"open_closed_streams()\nprint('lost')\nsubprocess.run(python_command({child!r}), check=True)"
    )
    if not os.path.exists("/proc/self/fd"):
        pytest.skip(reason="the system does not show open files")
    command = ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *python_command(code)]
    assert subprocess.run(command, env={**os.environ, "SEEN": str(tmp_path / "seen")}, timeout=60).returncode == 0
    assert (tmp_path / "seen").read_text("utf-8") == f"{os.devnull}\n"
