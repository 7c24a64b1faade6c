"""Hostile commands: every option and argument of every command with values that make no sense.

None may end in a traceback, in an unexpected error, or without a word. The test finds the commands in the command line,
so it also tries options that are new.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from copydesk.cleaner.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_UTF_8 = os.fsdecode(b"n\xff.jsonl")
BINARY = bytes(range(256)) * 8
VALUES = [
    *(
        "",
        "x" * 300,
        "x" * 5000,
        "\udcff",
        "-1",
        "0",
        "1e999",
        "nan",
        "99999999999999999999999",
        "🦊",
        "a\nb",
        "[",
        "*",
    ),
    *("=", "a=b", "body=\udcff", "%s%n", "hex", "rot13", "idna", "undefined", "utf-16", "://", "sqlite:///::"),
]
PATHS = [
    *("folder", "empty", "binary", "binary.toml", "binary.json", "binary.parquet", "binary.gz", "deep.json"),
    *("deep.toml", "list.json", "null.json", "number.json", "text.json", "tool.toml", "surrogate.json", "loop", "gone"),
    *("a.txt/x", "gone/x/y", "folder/new", NOT_UTF_8, "x" * 300, "/dev/null", "sqlite:///binary.db::t"),
    "sqlite:///gone.db",
]
# A sound call of each command. The first word after the command is the one that hostile paths replace.
CALLS = {
    "clean": ["a.jsonl", "--out", "out"],
    "inspect": ["a.jsonl"],
    "convert": ["a.jsonl", "--to", "jsonl"],
    "validate": ["a.jsonl", "--verdict-by", "flags"],
    "check": ["a.jsonl", "--no-cache"],
    "baseline create": ["a.jsonl"],
    "baseline prune": ["a.jsonl"],
    "baseline show": [],
    "explain": ["a.txt"],
    "diff": ["run", "--rule", "navigation"],
    "undo": ["run", "--rule", "navigation"],
    "review": ["gone"],
    "decisions": [],
    "report": ["run"],
    "restore": ["run", "--to", "raw"],
    "quarantine list": ["run"],
    "quarantine show": ["run", "1"],
    "quarantine export": ["run", "--to", "rejected"],
    "quarantine retry": ["run", "--out", "again"],
    "mine": ["a.jsonl", "--out", "candidates.toml"],
    "describe": ["a.jsonl"],
    "bench": ["gone"],
    "rules list": [],
    "rules show": ["comments/form"],
    "rules test": [],
    "rules new": ["house/app", "--removes", "Get the Lantern app", "--keeps", "Get the Lantern app, he said."],
    "rules review": ["candidates.toml"],
    "rules lock": [],
    "rules diff": ["copydesk.lock", "copydesk.lock", "--on", "a.jsonl"],
    "rules stats": ["run"],
    "checks list": [],
    "checks show": ["body/empty"],
    "checks test": ["checks.toml"],
    "suite list": [],
    "suite show": ["article"],
    "suite checks": [],
    "suite export": ["article"],
    "suite new": ["--from", "described.json", "suite.toml"],
    "plugins": [],
    "schema": [],
    "doctor": [],
    "completion": ["bash"],
    "help": [],
}


OPTIONS = {
    ("clean",): ["--out", "out"],
    ("convert",): ["--to", "csv"],
    ("restore",): ["--to", "raw"],
    ("diff",): ["--rule", "navigation"],
    ("undo",): ["--rule", "navigation"],
    ("bench",): ["--runs", "1", "--workers", "1"],
    ("suite", "new"): ["--from", "described.json"],
    ("rules", "diff"): ["--on", "a.jsonl"],
}


def find_commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from find_commands(command, (*above, name))
        elif command is not None:
            yield (*above, name), command


def hostile_commands() -> list[list[str]]:
    values = itertools.cycle([*VALUES, *PATHS])
    found = []
    for name, command in find_commands(cli):
        call = CALLS[" ".join(name)]
        for param in command.params:
            if isinstance(param, click.Argument):
                found += [[*name, *OPTIONS.get(name, ()), "--", path] for path in PATHS]
                found += [[*name, *call[1:], "--", value] for value in itertools.islice(values, 4)]
            elif not param.is_flag:
                found += [[*name, *call, param.opts[0], value] for value in itertools.islice(values, 2)]
    return found


COMMANDS = hostile_commands()


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    """A folder for what commands write: the results of a run, a lock and a profile."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def hostile_folder(tmp_path, monkeypatch, article, results, copydesk_command):
    monkeypatch.chdir(results)
    if not (results / "run").exists():
        record = {"id": "1", "title": "A key", "text": f"{article}\n\nScroll to Top"}
        (results / "a.jsonl").write_text(f"{json.dumps(record)}\n{{bad\n", "utf-8")
        (results / "a.txt").write_text(article, "utf-8")
        for words in (["clean", "a.jsonl", "--out", "run", "-q"], ["rules", "lock"]):
            assert copydesk_command(*words).code in (0, 1)
        assert copydesk_command("describe", "a.jsonl", "--out", "described.json").code == 0
    folder = tmp_path / "folder"
    shutil.copytree(results, folder)
    for name in ("", ".toml", ".json", ".parquet", ".gz", ".db"):
        (folder / f"binary{name}").write_bytes(BINARY)
    contents = {
        "empty": "",
        "deep.json": "[" * 20_000,
        "deep.toml": f"x = {'[' * 20_000}",
        "list.json": "[1, 2]",
        "null.json": "null",
        "number.json": "1" * 6_000,
        "text.json": '"x"',
        "tool.toml": "tool = 5\n",
        "surrogate.json": '{"version": 1, "findings": "\\ud800"}',
        NOT_UTF_8: json.dumps({"id": "1", "title": "A key", "text": article}),
    }
    for name, content in contents.items():
        (folder / name).write_text(content, "utf-8")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    monkeypatch.chdir(folder)
    # the parts of `bench` run in this process, which is faster
    monkeypatch.setattr("copydesk.cleaner.bench.report.apart", lambda function, *words, cores: function(*words))
    return folder


def test_there_is_a_call_for_every_command():
    assert CALLS.keys() == {" ".join(name) for name, _ in find_commands(cli)}
    assert len(COMMANDS) > 300


@pytest.mark.usefixtures("hostile_folder")
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: ascii(" ".join(word[:20] for word in words)))
def test_a_hostile_command_ends_in_plain_words(words, copydesk_command):
    ran = copydesk_command(*words)
    assert ran.code in (0, 1, 2), ran.err
    assert "Traceback" not in ran.err
    assert "in copydesk itself" not in ran.err
    assert ran.code != 2 or ran.err.strip()
    assert not Path("~").exists()
