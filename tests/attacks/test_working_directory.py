"""Modules in the working directory are never imported: not by the command, nor by the processes that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

START = "from copydesk.cleaner.cli.entry import start; start()"
# of the standard library, of dependencies, of ours; `sitecustomize` runs when any Python starts
PLANTED = (
    *("signal", "json", "pickle", "types", "warnings", "contextlib", "gc", "struct", "socket", "subprocess", "random"),
    *("numpy", "pyarrow", "msgspec", "click", "pandas", "pyspark", "sitecustomize", "usercustomize", "runpy"),
    *("copydesk/__init__", "cleaner/__init__", "schemas/__init__", "rules/__init__", "multiprocessing/__init__"),
)


@pytest.fixture
def folder(tmp_path, article):
    """A folder with planted modules, each of which leaves a trace when it is imported, and a dump."""
    folder = tmp_path / "strange"
    for name in PLANTED:
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(tmp_path / 'trace')!r}, 'a').write({name!r} + '\\n')\n", "utf-8")
    lines = [json.dumps({"id": f"{n}", "text": f"{article}\n\nScroll to Top {n}"}) for n in range(30)]
    (folder / "dump.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def run(folder, code, *arguments, **variables):
    """Run code in the folder; check that it did not import a planted module."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"} | variables
    command = [sys.executable, "-c", f"import sys\nsys.path[:] = filter(None, sys.path)\n{code}", *arguments]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    trace = folder.parent / "trace"
    assert not trace.exists(), f"{trace.read_text()} was imported; {ran.stderr}"
    assert ran.returncode in (0, 1), ran.stderr
    return ran


def test_the_trace_shows_an_import(folder):
    subprocess.run(
        [sys.executable, "-c", "import numpy"], cwd=folder, env={**os.environ, "PYTHONSAFEPATH": ""}, check=True
    )
    assert (folder.parent / "trace").read_text() == "numpy\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["clean", "dump.jsonl", "--out", "out", "--workers", "2"],
        ["clean", "dump.jsonl", "--out", "out", "--templates", "--gx"],
        ["check", "dump.jsonl"],
        ["validate", "dump.jsonl", "--verdict-by", "flags"],
        ["bench", "dump.jsonl", "--runs", "1", "--workers", "2", "--profile", "rules"],
        ["plugins"],
        ["rules", "list"],
    ],
    ids=lambda words: " ".join(word for word in words[:1] + words[4:]),
)
def test_no_command_imports_them(folder, arguments):
    run(folder, START, *arguments)


def test_the_paths_of_the_user_still_count(folder, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.py").write_text("print('mine')\n", "utf-8")
    own = str(tmp_path / "own")
    start = "import subprocess\nfrom copydesk.cleaner.process import python_command\n"
    child = "subprocess.run(python_command('import mine, signal'), check=True)"
    assert run(folder, f"{start}sys.path[:0] = [{own!r}, '']\n{child}").stdout == "mine\n"
    assert run(folder, f"{start}{child}", PYTHONPATH=own).stdout == "mine\n"


@pytest.mark.xdist_group("spark")
def test_spark_does_not_import_them(folder, java, tmp_path):
    arguments = ["clean", "dump.jsonl", "--engine", "spark", "--master", "local[1]", "--out", "out"]
    run(
        folder,
        START,
        *arguments,
        JAVA_HOME=str(java),
        SPARK_LOCAL_IP="127.0.0.1",
        SPARK_LOCAL_DIRS=str(tmp_path / "spark"),
    )
