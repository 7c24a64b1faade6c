"""The line of a key in TOML, and the cache of parsed files."""

from __future__ import annotations

import pytest

from copydesk.schemas.cache import toml_files
from copydesk.schemas.cache.store import VARIABLE
from copydesk.schemas.cache.toml_files import line_of_key, parse_own

TEXT = """\
# id, and "body/short" in a comment
profile = "page"  # not id = 3
'odd key' = 1
limits = { least = 1, "most" = 2 }

[checks]
"body/short" = "error"
[tool.copydesk.severity]
all = "info"

[[rule]]
id = "a/b"
match = ['x']
[[ tool.copydesk.rule ]] # the second
  id="a/c"
  [rule.cases]
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("profile",), 2),
        (("odd key",), 3),
        (("least",), 4),
        (("most",), 4),
        (("body/short",), 7),
        (("checks",), 6),
        (("severity",), 8),
        (("severity", "nowhere"), 8),
        (("id",), 12),
        (("a/c",), 15),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_key_is_found_on_its_line(keys, line):
    assert line_of_key(TEXT, *keys) == line


@pytest.mark.parametrize(
    ("keys", "index", "line"),
    [
        (("id",), 0, 12),
        (("id",), 1, 15),
        (("match",), 1, 14),
        (("cases",), 1, 16),
        ((), 1, 14),
        ((), 2, 1),
        (("profile",), 2, 2),
    ],
)
def test_a_key_is_found_in_its_table(keys, index, line):
    assert line_of_key(TEXT, *keys, table="rule", index=index) == line


def test_lines_are_counted_by_line_feeds_alone():
    assert line_of_key('a = "\u2028\x0b"\nb = 1', "b") == 2


def test_files_of_the_package_are_parsed_once(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    files = [b"a = 1", b"[b]\nc = ['d']"]
    parsed = [{"a": 1}, {"b": {"c": ["d"]}}]
    assert parse_own(files) == parsed
    monkeypatch.setattr(toml_files, "tomllib", None)
    assert parse_own(files) == parsed
