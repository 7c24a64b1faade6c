"""Ask the code rules of plugins: in a time box, and with every answer checked."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from ...rules.ruleset.page import Cut, FieldCut, RuleOutcome
from ...schemas.plugins import describe_failure
from .timebox import TimeIsUpError
from .types import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...rules.ruleset.declare import CodeRule, PageRule, Span, TextRule
    from ...rules.ruleset.page import Page
    from .timebox import TimeBox

SECONDS = 1.0  # that a rule may spend on one text
MAX_ROUNDS = 16  # after which a rule that still cuts something has failed
MAX_TIMEOUTS = 3  # after which a rule is not asked again by this process
_SHOWN = 60  # characters of a wrong answer
_log = logging.getLogger("copydesk")
T = TypeVar("T")


class RuleGuard:
    """Asks rules, warns about the first failure of each, and switches off those that take too long too often."""

    def __init__(self) -> None:
        self._timeouts: Counter[str] = Counter()
        self._warned: set[str] = set()

    def ask(self, rule: CodeRule, answer: Callable[[], T | Failure]) -> T | Failure:
        """Return the answer of a rule, unless it is switched off."""
        rule_id = rule.info.id
        if self._timeouts[rule_id] >= MAX_TIMEOUTS:
            return fail(rule, f"it was switched off after it took too long {MAX_TIMEOUTS} times", off=True)
        answered = answer()
        if isinstance(answered, Failure):
            self._timeouts[rule_id] += answered.slow
            if rule_id not in self._warned:
                self._warned.add(rule_id)
                _log.warning("the rule %s fails, and records are cleaned without it: %s", rule_id, answered.cause)
        return answered


def fail(rule: CodeRule, cause: str, *, slow: bool = False, off: bool = False) -> Failure:
    """Return the failure of a rule."""
    first, *others = (info.id for info in rule.infos)
    return Failure(first, cause, slow, off, tuple(others))


def fail_endless(rule: CodeRule) -> Failure:
    """Return the failure of a rule that goes on cutting."""
    return fail(rule, f"it still cuts something after {MAX_ROUNDS} rounds")


def ask_text_rule(rule: TextRule, text: str, box: TimeBox) -> list[Span] | Failure:
    """Return the spans that a rule finds in a text, sorted, or why it failed."""
    return _ask(rule, lambda: _check_spans(rule(text), text), box)


def ask_page_rule(rule: PageRule, page: Page, box: TimeBox) -> RuleOutcome | Failure:
    """Return what a rule would cut of a page, or why it failed."""
    return _ask(rule, lambda: _check_outcome(rule(page), rule, page), box)


def _ask(rule: CodeRule, work: Callable[[], T], box: TimeBox) -> T | Failure:
    try:
        return box.run(work, f"the rule {rule.info.id}")
    except TimeIsUpError as error:
        return fail(rule, str(error), slow=True)
    except _BadAnswerError as error:
        return fail(rule, str(error))
    except (Exception, SystemExit) as error:
        return fail(rule, describe_failure(error))


class _BadAnswerError(ValueError):
    """Raised for the answer of a rule, with what is wrong with it."""


def _check_spans(answer: Any, text: str) -> list[Span]:
    """Return spans, sorted. Raises `_BadAnswerError` unless they are disjoint spans of the text."""
    try:
        spans = list(itertools.islice(answer, len(text) + 1))
    except TypeError:
        if hasattr(answer, "__iter__"):
            raise
        raise _BadAnswerError(f"it returned {type(answer).__name__}, not spans") from None
    if len(spans) > len(text):
        raise _BadAnswerError("it returned more spans than the text has characters")
    for span in spans:
        if not (isinstance(span, (tuple, list)) and len(span) == 2 and all(type(offset) is int for offset in span)):
            raise _BadAnswerError(f"it returned {_short(span)}, not a pair of offsets")
        if not 0 <= span[0] < span[1] <= len(text):
            raise _BadAnswerError(
                f"it returned {_short(span)}, which is not a span of a text of {len(text)} characters"
            )
    spans.sort()
    _require_disjoint(spans)
    return [(start, end) for start, end in spans]


def _check_outcome(outcome: RuleOutcome, rule: PageRule, page: Page) -> RuleOutcome:
    """Return what a page rule answered. Raises `_BadAnswerError` unless its parts fit the page and the rule."""
    ids = {info.id for info in rule.infos}
    if len(outcome.cuts) > len(page.texts):
        raise _BadAnswerError("it returned more cuts than the page has lines")
    for cut in outcome.cuts:
        if not isinstance(cut, Cut) or type(cut.line) is not int:
            raise _BadAnswerError(f"it returned {_short(cut)}, not a Cut with the number of a line")
        if not 0 <= cut.line < len(page.texts):
            raise _BadAnswerError(f"it cut line {cut.line} of a page with {len(page.texts)} lines")
        if cut.rule not in ids:
            raise _BadAnswerError(f"it cut a line as {_short(cut.rule)}, which it does not declare")
        _require_text(cut.detail)
    for span in outcome.title_cuts:
        if not isinstance(span, FieldCut) or span.rule not in ids:
            raise _BadAnswerError(f"it returned {_short(span)}, not a FieldCut of a rule that it declares")
        if type(span.start) is not int or type(span.end) is not int:
            raise _BadAnswerError(f"it returned {_short(span)}, not a FieldCut with offsets")
        if not 0 <= span.start < span.end <= len(page.title or ""):
            raise _BadAnswerError(f"it returned {_short(span)}, which is not a span of the headline")
    _require_disjoint(sorted((span.start, span.end) for span in outcome.title_cuts))
    for value in (outcome.headline, outcome.source_name, *outcome.alt_headlines):
        _require_text(value)
    if None in outcome.alt_headlines:
        raise _BadAnswerError("it returned None among the headlines")
    return outcome


def _require_disjoint(spans: Sequence[Span]) -> None:
    for left, right in itertools.pairwise(spans):
        if right[0] < left[1]:
            raise _BadAnswerError(f"it returned {_short(left)} and {_short(right)}, which overlap")


def _require_text(value: object) -> None:
    """Raise `_BadAnswerError` for what is neither None nor a text that UTF-8 can encode."""
    if value is not None and not isinstance(value, str):
        raise _BadAnswerError(f"it returned {_short(value)}, not a text")
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise _BadAnswerError(f"it returned {_short(value)}, which UTF-8 cannot encode") from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
