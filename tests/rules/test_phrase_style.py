"""How the phrase files are written: short patterns, lists that are used, a row in the README for each language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copydesk.rules.ruleset.loader import PHRASES
from copydesk.schemas.cache.toml_files import tomllib

LONGEST = 160  # characters of a pattern that a person can still read
FILES = sorted(PHRASES.rglob("*.toml"))
SOURCE = Path(__file__).parent.parent.parent / "rules" / "phrases"


def patterns_of(content):
    """Yield (place, pattern) for each pattern of a parsed file."""
    for name, entries in content.get("lists", {}).items():
        yield from ((f"list {name}", pattern) for pattern in entries)
    for rule in content["rule"]:
        for key in ("match", "unless"):
            yield from ((f"{rule['id']} {key}", pattern) for pattern in rule.get(key, []))


@pytest.fixture(params=FILES, ids=lambda path: path.relative_to(PHRASES).with_suffix("").as_posix())
def content(request):
    return tomllib.loads(request.param.read_text("utf-8"))


def test_no_pattern_is_too_long_to_read(content):
    assert [(place, len(p)) for place, p in patterns_of(content) if len(p) > LONGEST] == []


def test_every_list_is_used(content):
    used = {name for _, pattern in patterns_of(content) for name in re.findall(r"\{([a-z]\w*)\}", pattern)}
    assert content.get("lists", {}).keys() <= used


def test_no_rule_says_a_pattern_twice(content):
    for rule in content["rule"]:
        for key in ("match", "unless"):
            assert len(set(rule.get(key, []))) == len(rule.get(key, [])), f"{rule['id']} {key}"


def test_the_readme_describes_each_folder():
    rows = re.findall(r"^\| `(\w[\w-]*)` \|", (SOURCE / "README.md").read_text("utf-8"), re.MULTILINE)
    assert rows == sorted(path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__")


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name != "any"], ids=lambda path: "/".join(path.parts[-2:])
)
def test_a_rule_is_in_the_folder_of_its_language(path):
    rules = tomllib.loads(path.read_text("utf-8"))["rule"]
    assert {tuple(rule["languages"]) for rule in rules} == {(path.parent.name,)}
