"""What the commands show: colours, lines that fit, groups of options, and rules by family."""

from __future__ import annotations

import io
import re

import click
import pytest

from copydesk.cleaner.cli.main import cli
from copydesk.cleaner.cli.option_groups import FIRST
from copydesk.cleaner.cli.start_page import GROUPS
from copydesk.cleaner.reports.screen import Screen

ESCAPE = "\x1b["


def commands(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(group, click.Group):
        return [(path, group)]
    context = click.Context(group)
    below = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    return [(path, group), *(each for name, one in below for each in commands(one, (*path, name)))]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Return a function that writes a line to a terminal of 40 columns, and returns what it shows."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")

    def write(*parts, **options):
        stream = Terminal()
        Screen(stream).write(*parts, **options)
        return stream.getvalue()

    return write


def test_a_line_is_wrapped_at_words_and_indented(terminal):
    text = "The ferry from Skarnes left the quay an hour late on Monday, because of a key."
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal("- ", (text, "red"), hanging=2)).splitlines()
    assert max(map(len, shown)) <= 40
    assert shown[0] == "- The ferry from Skarnes left the quay"
    assert all(line.startswith("  ") for line in shown[1:])
    assert " ".join(line.strip() for line in shown) == f"- {text}"


def test_colours_obey_the_environment(terminal, monkeypatch):
    assert ESCAPE in terminal(("cut", "red"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal(("cut", "red")) == "cut\n"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert terminal(("cut", "red")) == "cut\n"


def test_data_cannot_write_sequences_of_the_terminal(terminal):
    shown = terminal(("\x1b]0;title\x07 [red]x[/red] \u202e", "red"))
    assert "\\x1b]0;title\\x07 [red]x[/red] \\u202e" in re.sub(r"\x1b\[[0-9;]*m|\n", "", shown)
    assert "\x1b]" not in shown


@pytest.mark.parametrize("command", ["explain", "check", "validate --verdict-by flags", "rules list"])
def test_colours_are_there_when_asked_for(copydesk_command, jsonl, article, monkeypatch, command):
    monkeypatch.setenv("NO_COLOR", "1")  # the option counts more
    command = command.split()
    dump = [] if command[0] == "rules" else [jsonl({"id": "a", "text": f"{article}\n\nShare this article"})]
    plain = copydesk_command(*command, *dump)
    assert ESCAPE not in plain.out
    coloured = copydesk_command(*command, *dump, "--color")
    assert ESCAPE in coloured.out
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.out) == plain.out
    assert ESCAPE not in copydesk_command(*command, *dump, "--no-color").out


def test_the_closing_table_has_colours(copydesk_command, jsonl, article, tmp_path):
    ran = copydesk_command("clean", jsonl({"id": "a", "text": article}), "--out", tmp_path / "out", "--color")
    assert f"{ESCAPE}32m  accepted" in ran.err


def test_summaries_of_commands_fit_the_list():
    for path, command in commands(cli):
        if isinstance(command, click.Group):
            context = click.Context(command, info_name="copydesk")
            names = command.list_commands(context)
            limit = 78 - 6 - max(map(len, names))  # as click has it
            cut = [
                name for name in names if command.get_command(context, name).get_short_help_str(limit).endswith("...")
            ]
            assert cut == [], path


def test_options_of_large_commands_are_in_groups(copydesk_command):
    shown = copydesk_command("clean", "--help").out
    groups = re.findall(r"^(\w[\w ]*):$", shown, re.MULTILINE)
    assert groups == [FIRST, "Results", "Run", "Spark", "Input", "Rules and checks", "Settings", "Messages"]
    options = [option for _, one in commands(cli) if one.name == "clean" for option in one.params]
    assert all(param.opts[0] in shown for param in options if isinstance(param, click.Option) and not param.hidden)


def test_large_commands_show_five_options_first():
    for path, command in commands(cli):
        options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
        if len(options) < 12 or isinstance(command, click.Group):
            continue
        text = command.get_help(click.Context(command, info_name=path[-1]))
        first = text.partition(f"{FIRST}:\n")[2].partition("\n\n")[0]
        assert len(re.findall(r"^  -", first, re.MULTILINE)) == 5, path
        names = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)
        assert len(names) == len(set(names)), path


def test_help_fits_one_screen(copydesk_command):
    lines = copydesk_command("--help").out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    names = cli.list_commands(click.Context(cli))
    assert [name for name in names if not re.search(rf"\b{name}\b", "\n".join(lines))] == []


def test_every_command_is_in_a_group():
    named = [name for members in GROUPS.values() for name in members]
    assert sorted(named) == sorted(cli.list_commands(click.Context(cli)))


def test_the_command_alone_shows_how_to_start(copydesk_command):
    ran = copydesk_command()
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.splitlines()) <= 12
    assert ran.out.count("\n  copydesk ") == 3
    assert "copydesk --help" in ran.out


def test_help_lists_and_explains_commands(copydesk_command):
    listed = copydesk_command("help").out
    assert all(re.search(rf"^  {name} ", listed, re.MULTILINE) for name in cli.list_commands(click.Context(cli)))
    assert copydesk_command("help", "rules", "new").out == copydesk_command("rules", "new", "--help").out
    ran = copydesk_command("help", "rules", "lst")
    assert (ran.code, "did you mean 'list'" in ran.err) == (2, True)


def test_a_wrong_option_names_the_nearest(copydesk_command):
    ran = copydesk_command("clean", "a.jsonl", "--wrkers", "2")
    assert (ran.code, ran.err.splitlines()[-1]) == (2, "Error: No such option '--wrkers'. Did you mean '--workers'?")


def test_former_names_work_with_a_note(copydesk_command, jsonl, article):
    dump = jsonl({"id": "a", "text": article})
    for words in (("--engine", "flags"), ("--engine=flags",)):
        ran = copydesk_command("validate", dump, *words)
        assert (ran.code, ran.err) == (0, "copydesk: --engine is now called --verdict-by\n")
    ran = copydesk_command("profile", dump)
    assert (ran.code, ran.err) == (0, "copydesk: the command profile is now called describe\n")
    assert ran.out == copydesk_command("describe", dump).out


def test_rules_are_found(copydesk_command):
    ran = copydesk_command("rules", "list", "--family", "widgets", "--language", "de")
    assert {line.split("/")[0] for line in ran.out.splitlines()} == {"widgets"}
    assert copydesk_command("rules", "list", "--search", "SCROLL TO TOP").out.startswith("navigation/top")
    ran = copydesk_command("rules", "list", "--family", "widgts")
    assert (ran.code, ran.err.count("\n") <= 2) == (2, True)
    assert "did you mean 'widgets'" in ran.err
    assert copydesk_command("rules", "list", "--search", "no such text").code == 1
    ran = copydesk_command("rules", "show", "widgets")
    assert len([line for line in ran.out.splitlines() if line.startswith("widgets/")]) > 3


def test_check_counts_and_compares(copydesk_command, jsonl, article):
    dump = jsonl(*({"id": f"r{n}", "text": f"{article}\n\nDay {n}.\n\nShare this article"} for n in range(3)))
    ran = copydesk_command("check", dump, "--statistics", "--select", "sharing")
    assert (ran.code, ran.out.split()[:2]) == (1, ["3", "sharing/button"])
    assert len(ran.out.splitlines()) == 1
    ran = copydesk_command("check", dump, "--select", "sharing")
    assert "Label of a share button (id r1)" in ran.out
    ran = copydesk_command("check", dump, "--diff", "--select", "sharing")
    assert ran.code == 1
    assert ran.out.startswith(f"--- {dump.name}:1 r0 (raw)\n+++ {dump.name}:1 r0 (clean)\n@@ ")
    assert ran.out.count("\n-Share this article\n") == 3
    assert ran.err.endswith("3 records would change\n")
    ran = copydesk_command("check", dump, "--diff", "--statistics")
    assert (ran.code, "--diff does not work with" in ran.err) == (2, True)


def test_a_profile_is_a_table_with_histograms(copydesk_command, jsonl, article):
    dump = jsonl(*({"id": f"r{n}", "text": f"{article} {n}", "language": "en"} for n in range(3)))
    out = copydesk_command("describe", dump, "--format", "table").out
    assert out.startswith("3 records, ")
    assert re.search(r"^  en +3  100\.0 %  █+$", out, re.MULTILINE)
