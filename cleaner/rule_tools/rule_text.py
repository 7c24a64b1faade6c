"""A rule file as text, cut into its rules, so that rules can be moved from one file to another as they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...rules.ruleset.loader import parse_rules
from ...schemas.errors import RuleError

if TYPE_CHECKING:
    from pathlib import Path

    from ...rules.ruleset.model import PhraseRule

_RULE = re.compile(r"^\[\[\s*rule\s*\]\]", re.MULTILINE)


@dataclass(frozen=True)
class RuleText:
    """The text of a rule file: what comes before its first rule, and each rule with its text."""

    head: str
    rules: list[tuple[PhraseRule, str]]


def read_rule_text(path: Path, text: str) -> RuleText:
    """Cut the text of a rule file into its rules.

    Raises `RuleError` for a file that is not valid, or not plainly written.
    """
    source = parse_rules(path, path.name, text.encode())
    starts = [match.start() for match in _RULE.finditer(text)]
    blocks = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    if len(blocks) != len(source.phrases):
        raise RuleError(
            "a line of a text begins with [[rule]]", where=str(path), hint="write this text in one line, with \\n"
        )
    return RuleText(text[: starts[0]], list(zip(source.phrases, blocks, strict=True)))
