"""Write a new rule from examples: it is drafted, tested in the full ruleset, and only then written to its file."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.patterns.alphabet import DECORATION, flatten
from ...rules.ruleset.loader import parse_rules
from ...schemas.errors import RuleError
from ..api import Cleaner
from ..atomic_files import whole_file
from .examples import Tried, embed, run_examples

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_MONTH = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"
)
_DAY = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_VARIABLE = re.compile(rf"[0-9]+(?:[.,:][0-9]+)*|\b({_MONTH})\b|\b{_DAY}\b")


@dataclass(frozen=True)
class Draft:
    """A rule that is not written yet."""

    id: str
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    summary: str = ""
    where: str = "anywhere"
    languages: tuple[str, ...] = ("*",)
    since: str = "1"
    hosts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    general: bool = False
    """Whether patterns of its own are as `general_pattern_for` makes them."""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The literal and the wider pattern of each line for which they differ."""
        pairs = [(pattern_for(line), general_pattern_for(line)) for line in self.removes]
        return [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]

    def render(self) -> str:
        """Return the rule as TOML, with a pattern for each line that it removes if it has none of its own."""
        make = general_pattern_for if self.general else pattern_for
        patterns = self.patterns or dict.fromkeys(map(make, self.removes))
        return "\n".join(
            [
                "[[rule]]",
                f"id = {_quote(self.id)}",
                f"summary = {_quote(self.summary or f'Line that reads {self.removes[0]}')}",
                f"where = {_quote(self.where)}",
                f"match = {_list(patterns)}",
                *([f"unless = {_list(self.unless)}"] if self.unless else []),
                f"languages = {_list(self.languages)}",
                *([f"hosts = {_list(self.hosts)}"] if self.hosts else []),
                f"removes = {_list(self.removes)}",
                f"keeps = {_list(self.keeps)}",
                f"since = {_quote(self.since)}",
                "",
            ]
        )


def pattern_for(line: str) -> str:
    r"""Return a pattern that matches a line in any case, typography and decoration. Raises `RuleError`.

    >>> pattern_for("• Get the app (it’s free)")
    "get the app \\(it's free"
    """
    core = flatten(line.strip(DECORATION))
    if not core or "\n" in core:
        raise RuleError(f"{line!r} is not a line with words", hint="pass one line for the rule to remove")
    return _SPECIAL.sub(r"\\\g<0>", core)


def general_pattern_for(line: str) -> str:
    r"""Return a wider pattern than `pattern_for` does: any numbers, months and days of the week in their places.

    >>> general_pattern_for("Read 1,204 more comments")
    'read [0-9.,:]+ more comments'
    """
    core = flatten(line.strip(DECORATION))
    parts, at = [], 0
    for match in _VARIABLE.finditer(core):
        wider = "[0-9.,:]+" if match[0][0].isdigit() else _MONTH if match[1] else _DAY
        parts += [_SPECIAL.sub(r"\\\g<0>", core[at : match.start()]), wider]
        at = match.end()
    return "".join([*parts, _SPECIAL.sub(r"\\\g<0>", core[at:])]) if parts else pattern_for(line)


def write_draft(draft: Draft, path: Path) -> Tried:
    """Add a rule to a file; see `add_rules`."""
    return add_rules(draft.render(), path)


def add_rules(rules: str, path: Path) -> Tried:
    """Add rules to a file, or create the file, if all examples of the file hold. Return what was tried.

    Raises `RuleError` for a rule that is not valid, for an id that is taken, and for a file that is not a rule file.
    """
    before = read_rules(path)
    text = f"{before.rstrip()}\n\n{rules}".lstrip()
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, path.name)
        trial.write_text(text, "utf-8")
        try:
            tried = run_examples([trial])
        except RuleError as error:
            where, what = (part.replace(str(trial), str(path)) for part in (error.where, error.what))
            raise RuleError(what, where=where, hint=error.hint) from None
    if tried.success:
        with whole_file(path) as file:
            file.write(text)
    return tried


def read_rules(path: Path) -> str:
    """Return the text of a rule file, empty if there is none yet. Raises `RuleError` for another kind of file."""
    if not path.is_file():
        return ""
    try:
        data = path.read_bytes()
        text = data.decode()
        if text.strip():
            parse_rules(path, path.name, data)
        return text
    except UnicodeDecodeError:
        raise RuleError("not a text in UTF-8", where=str(path), hint="name another file with --out") from None
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror})", where=str(path), hint="name another file") from None
    except RuleError as error:
        where = error.where or str(path)
        raise RuleError(error.what, where=where, hint="correct the rule file, or name another file") from None


def find_known_lines(draft: Draft) -> dict[str, str]:
    """Return the lines of a draft that built-in rules already remove, each with the rule that does."""
    cleaner = Cleaner(suite="none")
    rules = {}
    for line in draft.removes:
        for edit in cleaner.clean(embed(line, draft.where)).edits:
            if line in edit.before:
                rules[line] = edit.rule
    return rules


def _quote(text: str) -> str:
    """Return a TOML string, without escapes if possible."""
    if "'" not in text and text.isprintable():
        return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[str]) -> str:
    quoted = [_quote(value) for value in values]
    return f"[{quoted[0]}]" if len(quoted) == 1 else "\n".join(["[", *(f"    {value}," for value in quoted), "]"])
