"""Move rules from a file of candidates to a file of accepted ones, one at a time. Each step is saved at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...schemas.errors import RuleError
from ..atomic_files import whole_file
from .draft import add_rules, read_rules
from .rule_text import read_rule_text

if TYPE_CHECKING:
    from pathlib import Path

    from ...rules.ruleset.model import PhraseRule


class Review:
    """The review of a file of candidates. Raises `RuleError` for a file that is not a rule file."""

    def __init__(self, candidates: Path, accepted: Path) -> None:
        text = read_rules(candidates)
        if not text.strip():
            raise RuleError("no rules to review", where=str(candidates), hint="name a file of `copydesk mine`")
        if candidates.resolve() == accepted.resolve():
            raise RuleError(
                "accepted rules cannot go into the same file", where=str(accepted), hint="name another --into"
            )
        content = read_rule_text(candidates, text)
        if any(line.strip() and not line.startswith("#") for line in content.head.split("\n")):
            what = "the file has lists or hosts above its rules, which are lost when a rule moves to another file"
            raise RuleError(what, where=str(candidates), hint="write them into the rules")
        self._candidates, self._accepted, self._head = candidates, accepted, content.head
        self._left = {rule.id: block for rule, block in content.rules}
        self.rules: list[PhraseRule] = [rule for rule, _ in content.rules]

    @property
    def left(self) -> int:
        """Number of rules without a decision."""
        return len(self._left)

    def text_of(self, rule_id: str) -> str:
        """Return a rule as it is written in the file."""
        return self._left[rule_id]

    def accept(self, rule_id: str, text: str) -> list[str]:
        """Move a rule, as this text has it, to the accepted ones. Return what is wrong with its examples, if anything.

        Raises `RuleError` for a text that is no rule.
        """
        tried = add_rules(text, self._accepted)
        if not tried.success:
            return [*tried.failures, *tried.explosions]
        self.drop(rule_id)
        return []

    def drop(self, rule_id: str) -> None:
        """Delete a rule from the candidates."""
        del self._left[rule_id]
        with whole_file(self._candidates) as file:
            file.write(self._head + "".join(self._left.values()))
