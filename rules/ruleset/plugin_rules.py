r"""Rules that are functions of plugins: one text in, spans to cut out.

    from copydesk.plugins import rule

    @rule(
        "lantern/stamp",
        summary="Stamp of the archive at the end of a line",
        removes=["Seen by the keeper (stamp 4711)"],
        keeps=["The keeper saw stamp 4711 and put it back."],
        since="1.0",
    )
    def find_stamps(text):
        return [match.span() for match in re.finditer(r"^.*\(stamp \d+\)$", text, re.MULTILINE)]

The function is given the text as the rules that are data leave it, and gives half-open spans of code points, which may
not overlap. Line ends between lines that stay are kept; a line of which nothing is left goes with its own. Then all
rules are asked again, until none has anything more to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from ...schemas.errors import RuleError
from ...schemas.messages import describe_invalid_value
from .model import Example, RuleInfo

if TYPE_CHECKING:
    from ...schemas.severity import Severity

Span = tuple[int, int]
FindSpans = Callable[[str], Iterable[Span]]


@dataclass(frozen=True)
class FunctionRule:
    """A rule with the function that finds what it cuts; it can be called as the function can."""

    info: RuleInfo
    find: FindSpans

    def __call__(self, text: str) -> Iterable[Span]:
        """Give the spans of a text that the rule would cut."""
        return self.find(text)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle where it stands: each process imports the plugin itself."""
        return _named, (self.find.__module__, self.find.__qualname__)


def _named(module: str, name: str) -> Any:
    return reduce(getattr, name.split("."), import_module(module))


def rule(
    rule_id: str,
    *,
    summary: str,
    removes: Sequence[Example],
    keeps: Sequence[Example],
    since: str,
    why: str = "",
    languages: Sequence[str] = ("*",),
    safety: Literal["safe", "unsafe"] = "safe",
    severity: Severity = "warning",
    seen: str = "",
    aliases: Sequence[str] = (),
) -> Callable[[FindSpans], FunctionRule]:
    """Declare a function as a rule; the arguments are the keys of a rule in TOML.

    Its examples are lines, which are tried inside prose, or documents (`Case`). Raises `RuleError` for a declaration
    that makes no sense.
    """
    try:
        info = RuleInfo(
            id=rule_id,
            summary=summary,
            why=why,
            languages=list(languages),
            safety=safety,
            severity=severity,
            removes=list(removes),
            keeps=list(keeps),
            since=since,
            seen=seen,
            aliases=list(aliases),
        )
    except ValidationError as error:
        first = error.errors()[0]
        what, hint = describe_invalid_value(first, str(first["loc"][0]) if first["loc"] else "")
        raise RuleError(f"rule {rule_id!r}: {what}", hint=hint) from None

    def declare(function: FindSpans) -> FunctionRule:
        return FunctionRule(info, function)

    return declare
