"""Settings, suites and rule files of anybody: one clear error, in bounded time, whatever is in them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from copydesk.schemas.cache.toml_files import line_of_key, parse_toml
from copydesk.schemas.checks.suite_files import find_suite_files
from copydesk.schemas.checks.suites import find_suite
from copydesk.schemas.errors import SettingError

HOSTILE = {
    "deep lists": f"x = {'[' * 100_000}{']' * 100_000}",
    "deep tables": f"x = {'{a=' * 3_000}1{'}' * 3_000}",
    "deep keys": f"x.{'.'.join(['a'] * 5_000)} = 1",
    "rather deep": f"x = {'[' * 200}{']' * 200}",
    "long integer": f"x = {'9' * 5_000}",
    "long hexadecimal": f"x = 0x{'f' * 100_000}",
    "not text": "x = '\udcff'",
    "year 0": "x = 0000-01-01",
    "cut off": "x = '''a",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_toml_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        parse_toml(text.encode("utf-8", "surrogateescape"))


# The parser takes quadratic time for each of these keys: a minute and more.
LONG_KEYS = {
    "bare": ".".join(["a"] * 100_000) + " = 1",
    "quoted": " . ".join(['"a\\"b"', "'c.d'"] * 50_000) + " = 1",
    "header": f"[{'.'.join(['a'] * 100_000)}]",
    "in a list": f"[[{'.'.join(['a'] * 100_000)}]]",
    "in a table": f"x = {{b = 1, {'.'.join(['a'] * 100_000)} = 1}}",
}


@pytest.mark.parametrize("text", LONG_KEYS.values(), ids=LONG_KEYS)
def test_keys_of_many_parts_are_refused_before_they_are_parsed(text):
    started = time.process_time()
    with pytest.raises(ValueError, match=r"a key has more than 256 parts \(at line 3\)"):
        parse_toml(f"y = 1\n\n{text}\n".encode())
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [".".join("a" * 31) + " = 1", f"x = '{'a.' * 40}'", f'x = """\n{"1. " * 40}\n"""', "x = [" + "1.0," * 99 + "]"],
)
def test_short_keys_and_texts_with_dots_are_read(text):
    assert parse_toml(text.encode())


@pytest.mark.parametrize(
    "text", ["a" * 4_000_000, '\\"' * 2_000_000, "a." * 2_000_000, "[ " * 2_000_000, '"' * 3_000_001]
)
def test_looking_for_long_keys_takes_linear_time(text):
    started = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        parse_toml(text.encode())
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["copydesk.toml", "pyproject.toml", "suite.toml", "rules.toml"])
def test_hostile_files_are_one_line(name, text, copydesk_command, tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(article, "utf-8")
    Path(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    options = {"suite.toml": ["--suite", name], "rules.toml": ["--rules", name]}.get(name, [])
    ran = copydesk_command("check", "a.txt", *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err[:500]
    assert name in ran.err
    assert len(ran.err) < 5_000


@pytest.mark.parametrize("name", ["copydesk.toml", "pyproject.toml", "suite.toml", "rules.toml"])
def test_large_files_are_not_read(name, copydesk_command, tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(article, "utf-8")
    with Path(name).open("wb") as file:
        file.truncate(1 << 40)
    options = {"suite.toml": ["--suite", name], "rules.toml": ["--rules", name]}.get(name, [])
    ran = copydesk_command("check", "a.txt", *options)
    assert (ran.code, f"{name}: " in ran.err, "(it is larger than 8 MB)" in ran.err) == (2, True, True), ran.err


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("\ntool = 5", 2, "tool must be a table"),
        ("tool = []", 1, "tool must be a table"),
        ("[[tool]]\ncopydesk = 1", 1, "tool must be a table"),
        ("[tool]\n\ncopydesk = 'x'", 3, "copydesk must be a table"),
        ("[[tool.copydesk]]\nignore = []", 1, "copydesk must be a table"),
    ],
)
def test_a_tool_table_of_another_type(text, line, what, copydesk_command, tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(article, "utf-8")
    Path("pyproject.toml").write_text(text, "utf-8")
    ran = copydesk_command("check", "a.txt")
    assert ran.code == 2
    place = f"{tmp_path / 'pyproject.toml'}:{line}"
    assert ran.err == f"copydesk: {place}: {what}; write the settings below [tool.copydesk]\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_among_the_rules_is_not_waited_for(copydesk_command, tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(article, "utf-8")
    Path("rules").mkdir()
    house = Path(__file__).parent.parent / "data" / "house.toml"
    Path("rules/house.toml").write_text(house.read_text("utf-8"), "utf-8")
    os.mkfifo("rules/pipe.toml")
    assert copydesk_command("check", "a.txt", "--rules", "rules", "--ignore", "headline").code == 0


ALL = "'all'," * 10_001
LONG = {
    **{key: f"{key} = [{ALL}]" for key in ("select", "extend-select", "ignore", "rules")},
    "map": "[map]\n" + "".join(f'a{number} = "a"\n' for number in range(10_001)),
    "severity": "[severity]\n" + "".join(f'a{number} = "info"\n' for number in range(10_001)),
    "per-source-ignores": "[per-source-ignores]\n" + "".join(f'"a{number}" = []\n' for number in range(10_001)),
    "per-source-ignores.a": f"[per-source-ignores]\na = [{ALL}]",
    "suppressions": '[[suppressions]]\nrules = ["all"]\nrecord = "a"\nreason = "why"\n' * 10_001,
    "suppressions.rules": f'[[suppressions]]\nrules = [{ALL}]\nrecord = "a"\nreason = "why"\n',
}


@pytest.mark.parametrize(("key", "text"), LONG.items(), ids=LONG)
def test_long_lists_in_settings_are_refused(key, text, copydesk_command, folder, article):
    Path("a.txt").write_text(article, "utf-8")
    Path("copydesk.toml").write_text(text, "utf-8")
    ran = copydesk_command("check", "a.txt")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f": {key}: it has more than 10,000 entries; remove some of them" in ran.err


def test_many_suppressions_are_no_burden(copydesk_command, jsonl, folder, article):
    """Each names a record of its own; half of them match nothing."""
    path = jsonl(*({"id": f"r{number}", "text": f"{article} {number}"} for number in range(500)))
    entry = '[[suppressions]]\nrules = ["headline", "body"]\nrecord = "r{}"\nreason = "no headline"\n'
    Path("copydesk.toml").write_text("".join(map(entry.format, range(1_000))), "utf-8")
    ran = copydesk_command("check", path, "--format", "concise")
    unused = [line for line in ran.out.splitlines() if "suppression/unused" in line]
    assert len(unused) == 500
    assert unused[0].startswith(f"{folder / 'copydesk.toml'}:{500 * 4 + 1}: ")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(name: str = "a.toml") -> str:
    with pytest.raises(SettingError) as raised:
        find_suite(name)
    assert find_suite_files(Path(name))[0].name == name
    assert len(find_suite_files(Path(name))) <= 101
    return str(raised.value)


@pytest.mark.parametrize(("entry", "count"), [("article", 600_000), ("a.toml", 2_000), ("b.toml", 101)])
def test_a_million_extends_are_refused(folder, entry, count):
    Path("b.toml").write_text("[checks]\n", "utf-8")
    Path("a.toml").write_text(f"summary = 's'\nextends = [{f'{entry!r},' * count}]", "utf-8")
    assert f"a.toml:2: extends has {count:,} entries; at most 100 are allowed" in refused()


def test_too_many_sources_are_refused(folder):
    Path("a.toml").write_text("[[sources]]\nhost = 'a.example'\n" * 1_001, "utf-8")
    assert "a.toml:1: sources has 1,001 entries; at most 1,000 are allowed" in refused()


def test_long_chains_are_refused(folder):
    for number in range(5_000):
        Path(f"{number}.toml").write_text(f"extends = '{number + 1}.toml'", "utf-8")
    assert "more than 100 suites extend each other" in refused("0.toml")


@pytest.mark.parametrize("names", [["a.toml"], ["./b/../a.toml"], ["b/c.toml"], ["link.toml"]])
def test_circles_are_refused(folder, names):
    Path("b").mkdir()
    Path("b/c.toml").write_text("extends = ['../b/../b/../a.toml']", "utf-8")
    Path("a.toml").write_text(f"extends = {names}", "utf-8")
    Path("link.toml").symlink_to("a.toml")
    assert "extend each other in a circle" in refused()


def test_suites_that_share_parents_are_read_once(folder):
    """Each level names the next one twice: read again and again, they would be 2^60."""
    for level in range(30):
        for side in "ab":
            parents = [f"{level + 1}{other}.toml" for other in "ab"] if level < 29 else ["minimal"]
            source = f"[[sources]]\nhost = '{side}{level}.example'\nchecks = {{ 'body/empty' = 'info' }}\n"
            Path(f"{level}{side}.toml").write_text(f"extends = {parents}\n{source}", "utf-8")
    suite = find_suite("0a.toml")
    hosts = [override.host for override in suite.overrides]
    assert len(hosts) == len(set(hosts)) == 2 * 29 + 1
    assert hosts[-1] == "a0.example"


def test_the_last_of_several_parents_counts(folder):
    """A parent that comes again comes last, as if it was read again."""
    for name, severity in (("a", "info"), ("b", "error")):
        source = f"[[sources]]\nhost = '*'\nchecks = {{ 'body/empty' = '{severity}' }}\n"
        Path(f"{name}.toml").write_text(source, "utf-8")
    Path("again.toml").write_text("extends = ['a.toml']", "utf-8")
    Path("all.toml").write_text("extends = ['a.toml', 'b.toml', 'again.toml']", "utf-8")
    last = find_suite("all.toml").overrides[-1].entries["body/empty"]
    assert last is not None
    assert last.severity == "info"


@pytest.mark.parametrize(
    "value", ["5", "[5]", "[['a.toml']]", "{ a = 'article' }", "['\\u0000']", f"['{'x' * 5_000}']"]
)
def test_extends_of_another_type(folder, value):
    Path("a.toml").write_text(f"extends = {value}", "utf-8")
    assert len(refused()) < 5_000


def test_a_line_that_is_slow_to_search():
    text = f"x = '''\n{'[a.' * 300_000}\n{' ' * 300_000}\n{'{' * 300_000}'''\na = 1"
    assert line_of_key(text, "a") == 5


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"lengths": {"99999999": 1}}',
        '{"lengths": {"-7": 1}}',
        '{"records": -1}',
        f'{{"records": {"9" * 5_000}}}',
        '{"languages": {"en": -5}}',
        f'{{"languages": {{"en": {10**30}}}}}',
        '{"missing": {"body": 0.5}}',
        "[]",
        "\x00",
    ],
)
def test_hostile_profiles_are_one_line(content, copydesk_command, jsonl, article, tmp_path):
    (tmp_path / "p.json").write_text(content, "utf-8")
    ran = copydesk_command("validate", jsonl({"text": article}), "--against", tmp_path / "p.json")
    assert (ran.code, "not a file of `copydesk describe`" in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
