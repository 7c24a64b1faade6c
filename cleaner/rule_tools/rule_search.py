"""Rules found by family, language or text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...rules.ruleset.model import PhraseRule
from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from ...rules.ruleset.model import RuleInfo
    from ...rules.ruleset.ruleset import Ruleset


def find_rules(
    ruleset: Ruleset, *, family: str | None = None, language: str | None = None, search: str | None = None
) -> list[RuleInfo]:
    """Return the rules that fit all that is asked for, in the order of the ruleset.

    `search` is looked for without regard to case. Raises `SettingError` for a family or a language that no rule has.
    """
    infos = list(ruleset.infos.values())
    _require("family", family, {info.family for info in infos})
    _require("language", language, {tag for info in infos for tag in info.languages})
    return [
        info
        for info in infos
        if (family is None or info.family == family)
        and (language is None or language in info.languages)
        and (search is None or search.casefold() in _text_of(info))
    ]


def _require(what: str, name: str | None, names: set[str]) -> None:
    if name is not None and name not in names:
        hint = f"use one of: {', '.join(sorted(names))}"
        raise SettingError(f"no rule of the {what} {name!r}{nearest(name, sorted(names))}", hint=hint)


def _text_of(info: RuleInfo) -> str:
    patterns = [*info.match, *info.unless] if isinstance(info, PhraseRule) else []
    examples = [example if isinstance(example, str) else example.before for example in (*info.removes, *info.keeps)]
    return "\n".join([info.id, info.summary, info.why, *patterns, *examples]).casefold()
