r"""Declare a rule that is code. The built-in rules and those of plugins are written against the same functions.

A text rule takes the text and returns the spans to cut:

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

A page rule takes a `Page` and returns the lines to cut:

    @page_rule("lantern/roll", summary="Roll call below the article", removes=..., keeps=..., since="1.0")
    def find_roll(page):
        return [Cut(line) for line, text in enumerate(page.texts) if text.startswith("Present:")]

A repair rule, which only copydesk itself has, takes the text and returns the characters to rewrite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pydantic import ValidationError

from ...schemas.errors import RuleError, nearest
from ...schemas.messages import describe_invalid_value
from ...schemas.plugins import is_ours
from .model import RuleInfo
from .page import Cut, MarkedText, Page, Replacement, RuleOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from typing_extensions import Unpack

    from ...schemas.byte_arrays import Ints, Mask
    from ...schemas.severity import Severity
    from .model import Example

_LANGUAGE = re.compile("-[a-z]{2}$")
Span = tuple[int, int]
FindSpans = Callable[[str], Iterable[Span]]
FindCuts = Callable[[Page], RuleOutcome | Iterable[Cut]]
FindReplacements = Callable[[str], list[Replacement]]
ReadMarkup = Callable[[str], MarkedText]
Sign = tuple[bytes, ...]
"""A sign of markup: for each of its places the bytes that may stand there."""


def _have_a_sign(counts: Ints) -> Mask:
    has: Mask = counts.sum(axis=1) > 0
    return has


class RuleKeys(TypedDict, total=False):
    """The keys of a rule beside its id. They mean the same as in a TOML file; see `RuleInfo` for those it must have."""

    summary: str
    removes: Sequence[Example]
    keeps: Sequence[Example]
    since: str
    why: str
    languages: Sequence[str]
    safety: Literal["safe", "unsafe"]
    severity: Severity
    seen: str
    aliases: Sequence[str]
    fills: Sequence[str]


@dataclass(frozen=True)
class CodeRule:
    """A function, and the rules whose ids its answers carry."""

    infos: tuple[RuleInfo, ...]
    find: Callable[..., Any]

    @property
    def info(self) -> RuleInfo:
        """The first of its rules, which is the only one of a text rule."""
        return self.infos[0]

    @property
    def is_built_in(self) -> bool:
        """Whether the function comes with copydesk, and so runs without a time limit."""
        return is_ours(self.find)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the name alone: each process imports the module itself."""
        return _import_rule, (self.find.__module__, self.find.__qualname__)


def _import_rule(module: str, name: str) -> Any:
    return reduce(getattr, name.split("."), import_module(module))


class TextRule(CodeRule):
    """A rule whose function takes a text and returns the spans to cut, as half-open pairs of code points."""

    def __call__(self, text: str) -> Iterable[Span]:
        """Return the spans of a text that the rule would cut."""
        spans: Iterable[Span] = self.find(text)
        return spans


def without_language(rule_id: str) -> str:
    """Return the id of a rule without the two letters of its language.

    >>> without_language("comments/heading-de"), without_language("related/heading-run")
    ('comments/heading', 'related/heading-run')
    """
    return _LANGUAGE.sub("", rule_id)


@dataclass(frozen=True)
class PageRule(CodeRule):
    """Rules whose function takes a `Page` and returns what to cut.

    The other fields say which records the function must see. It is not asked about the others, so it must have nothing
    to cut there.
    """

    max_head: int | None = None
    """See records that have a headline field, or 1 to `max_head` lines before the prose of which one may be a headline:
    it ends in no mark of `NO_HEADLINE_END`, and a single one is set off by a blank line."""
    opened: bool = False
    """With `max_head`, see records, too, whose first line is short, and set off by a blank line."""
    repeats: bool = False
    """See records in which two consecutive lines of prose come again, and those that are one line of prose twice."""
    follows: frozenset[str] = frozenset()
    """See records in which one of these rules cut something above a line that is left, as `Page.cut` says.

    A rule is named by its family, or by its id without the language. A rule with `max_head` is asked about its records
    whether or not something was cut in them.
    """
    after_prose: tuple[int, int] | None = None
    """With `follows`, see only records in which so many bytes of prose are left above such a cut, and below it at most
    one n-th of them."""
    structured: bool = False
    """See records whose markup was taken off, with what it said of each line as `Page.structure`."""
    site_templates: bool = False
    """See records of hosts that site templates were learned for. Without templates the rule does not run."""

    def follows_rule(self, rule_id: str) -> bool:
        """Return whether a rule is one of those that this one follows."""
        return not self.follows.isdisjoint((rule_id.partition("/")[0], without_language(rule_id)))

    def __call__(self, page: Page) -> RuleOutcome:
        """Return what the rule would cut of a page."""
        answer = self.find(page)
        # one cut more than there are lines is enough to see that the answer is wrong
        outcome = answer if isinstance(answer, RuleOutcome) else RuleOutcome(list(islice(answer, len(page.texts) + 1)))
        if len(self.infos) == 1 and any(isinstance(cut, Cut) and not cut.rule for cut in outcome.cuts):
            outcome = replace(outcome, cuts=[self._with_id(cut) for cut in outcome.cuts])
        return outcome

    def _with_id(self, cut: Cut) -> Cut:
        return replace(cut, rule=self.info.id) if isinstance(cut, Cut) and not cut.rule else cut


@dataclass(frozen=True)
class RepairRule(CodeRule):
    """Rules that rewrite damaged characters before anything is cut.

    What the function finds in a line depends on that line alone, and it writes no line end.
    """

    signs: str = ""
    """An expression, in the common part of Hyperscan and `re`. It matches every text that the function changes."""

    def __call__(self, text: str) -> list[Replacement]:
        """Return what the rule would rewrite in a text."""
        replacements: list[Replacement] = self.find(text)
        return replacements


@dataclass(frozen=True)
class MarkupRule(CodeRule):
    """Rules that take the markup of one form off a text, before anything else looks at it."""

    form: str = ""
    """The form as the user names it; "text" if the text stays plain without the markup."""
    detect: Callable[[str], bool] = bool
    """Tells whether a text has the form. It is asked only about texts that are suspects by their signs."""
    signs: tuple[Sign, ...] = ()
    """What is counted in all texts of a batch together."""
    beginnings: tuple[bytes, ...] = ()
    """A text that begins with one of these is a suspect."""
    find_suspects: Callable[[Ints], Mask] = _have_a_sign
    """Returns which texts are suspects. It gets a row for each text, and in it how often each sign occurs."""
    keep: Callable[[str], bool] = bool
    """Tells whether a text of the form keeps its markup, unless the user decides."""
    find_elements: Callable[[str], tuple[list[Span], list[Span]]] | None = None
    """Returns the elements and the code of a text that keeps its markup, if reading the text does not find them."""

    def __call__(self, text: str) -> MarkedText:
        """Return what a text of the form consists of."""
        marked: MarkedText = self.find(text)
        return marked

    def read_whole(self, text: str) -> MarkedText:
        """Return what a text of the form consists of, elements included."""
        marked = self(text)
        if self.find_elements is None:
            return marked
        elements, code = self.find_elements(text)
        return replace(marked, elements=elements, code=code)


def rule(rule_id: str | RuleInfo, **keys: Unpack[RuleKeys]) -> Callable[[FindSpans], TextRule]:
    """Declare a function of a text as a rule. The arguments are the keys of a rule in TOML.

    Its examples are lines, which are tried inside prose, or documents (`Case`). Raises `RuleError` if the declaration
    is not valid.
    """
    infos = _declare((rule_id,), keys)
    return lambda function: TextRule(infos, function)


def page_rule(
    *rules: str | RuleInfo,
    max_head: int | None = None,
    opened: bool = False,
    repeats: bool = False,
    follows: Iterable[str] = (),
    after_prose: tuple[int, int] | None = None,
    structured: bool = False,
    site_templates: bool = False,
    **keys: Unpack[RuleKeys],
) -> Callable[[FindCuts], PageRule]:
    """Declare a function of a `Page` as a rule, or as several.

    Pass the id of one rule with its keys, or a `RuleInfo` for each rule. The other arguments say which records the
    function must see; see `PageRule`. By default it sees all. Raises `RuleError` if the declaration is not valid.
    """
    infos = _declare(rules, keys)
    wanted = max_head, opened, repeats, frozenset(follows), after_prose, structured, site_templates
    return lambda function: PageRule(infos, function, *wanted)


def repair_rule(*rules: RuleInfo, signs: str) -> Callable[[FindReplacements], RepairRule]:
    """Declare a function as rules that rewrite characters. `signs` matches every text that it changes."""
    return lambda function: RepairRule(rules, function, signs)


def markup_rule(
    *rules: RuleInfo,
    form: str,
    detect: Callable[[str], bool],
    signs: Iterable[Sign],
    beginnings: Iterable[bytes] = (),
    find_suspects: Callable[[Ints], Mask] = _have_a_sign,
    keep: Callable[[str], bool] = lambda _text: False,
    find_elements: Callable[[str], tuple[list[Span], list[Span]]] | None = None,
) -> Callable[[ReadMarkup], MarkupRule]:
    """Declare a function as rules that take the markup of a form off a text; see `MarkupRule`."""
    suspected = tuple(signs), tuple(beginnings), find_suspects
    return lambda function: MarkupRule(rules, function, form, detect, *suspected, keep, find_elements)


def find_code_rules(module: ModuleType) -> list[CodeRule]:
    """Return the rules that a module declares or imports, each once, in the order in which it names them."""
    rules = [value for value in vars(module).values() if isinstance(value, CodeRule)]
    return [rule for at, rule in enumerate(rules) if not any(rule is earlier for earlier in rules[:at])]


def _declare(rules: tuple[str | RuleInfo, ...], keys: Any) -> tuple[RuleInfo, ...]:
    """Return what rules declare, from an id and its keys, or from what was declared before."""
    declared = tuple(rule for rule in rules if isinstance(rule, RuleInfo))
    if declared and len(declared) == len(rules) and not keys:
        return declared
    if len(rules) != 1 or declared:
        hint = "pass the id of one rule with its keys, or a RuleInfo for each rule"
        raise RuleError("a declaration is neither one id with its keys nor only RuleInfo objects", hint=hint)
    try:
        return (RuleInfo.model_validate({"id": rules[0], **keys}),)
    except ValidationError as error:
        errors = error.errors()
        first = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            known = nearest(key, RuleInfo.model_fields)
            raise RuleError(f"rule {rules[0]!r}: unknown key {key!r}{known}") from None
        what, hint = describe_invalid_value(first, key)
        raise RuleError(f"rule {rules[0]!r}: {what}", hint=hint) from None
