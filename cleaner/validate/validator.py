"""Validate records without changing them: a verdict on each record and on the whole set."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.ruleset.ruleset import EDGES, load_ruleset
from ...schemas import plugins
from ...schemas.arrow import EDITS
from ...schemas.cache.store import cache_directory
from ...schemas.checks.declare import SetCheck, SetFinding
from ...schemas.checks.frame import Frame
from ...schemas.checks.runner import run_suite
from ...schemas.checks.suites import Suite, find_suite
from ...schemas.errors import InternalError, PluginError, SettingError
from ...schemas.input_problems import FAILED, describe_unreadable
from ...schemas.reasons import SEVERITIES, Severity
from ...schemas.values.date_settings import NO_SETTINGS, DateSettings
from ..api import CheckedBatch
from ..gx_verdict import ENGINE, Verdict, passes
from ..kernel.kernel import Kernel
from ..kernel.types import CleanedTexts
from ..readers.arrow_streams import arrow_batches
from ..records.article_table import assemble, record_contexts
from ..records.lifts import find_lifts
from ..records.loader import Loader, Place, Records, known_fields, misread_values
from ..records.source_ignores import SourceIgnores, apply_source_ignores, select_checks
from ..runs.seen_records import RunDuplicateIndex
from .result import CheckResult, Example, SetResult, Validation

if TYPE_CHECKING:
    from pathlib import Path

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.byte_arrays import Mask
    from ...schemas.checks.profile import Profile
    from ...schemas.checks.seen import DuplicateIndex
    from ...schemas.checks.suites import SuiteCheck

MAX_EXAMPLES = 3  # of each check
REPAIRS = "characters"  # the family of rules that repair characters and cut nothing
_NEED_RULES = {
    "body/boilerplate",
    "body/left-over",
    "authors/other-in-text",
    "date/other-in-text",
    "source/other-in-text",
}


class Validator:
    """A suite and a mapping of fields, ready to check records.

    `mapping` is `{article field: input field}`. `ruleset` holds the rules that some checks look for in the bodies, and
    the selection of checks. `cache` is a directory for compiled rules; None means the cache of the user. `dates` has
    the time zone of times without one, and the order of day and month.
    """

    def __init__(
        self,
        suite: str | Path | Suite = "article",
        *,
        mapping: Mapping[str, str] | None = None,
        ruleset: Ruleset | None = None,
        cache: Path | None = None,
        dates: DateSettings = NO_SETTINGS,
    ) -> None:
        ruleset = ruleset or load_ruleset(profile="rules")
        self.suite = select_checks(find_suite(suite), ruleset.selection)
        self._source_ignores = SourceIgnores(ruleset, self.suite)
        self.loader = Loader(known_fields(mapping or {}), dates)
        needs_rules = any(entry.id in _NEED_RULES for entry in self.suite.columns())
        self._kernel = Kernel(ruleset, cache or cache_directory()) if needs_rules else None
        self._rules = ruleset.infos
        self._knows_hosts = ruleset.knows_hosts

    def judge(
        self,
        records: Records,
        *,
        now: datetime | None = None,
        seen: DuplicateIndex | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> CheckedBatch:
        """Check a batch of raw records; see `Cleaner.judge` for the arguments."""
        ignored = self._source_ignores.of(records, paths or {})
        articles, edits, _ = assemble(records, _unchanged(records), "none")
        frame = Frame(
            articles,
            now or datetime.now(timezone.utc),
            seen or RunDuplicateIndex(),
            misread=misread_values(records),
        )
        if self._kernel:
            contexts = record_contexts(records, ignored, hosts=self._knows_hosts)
            cleaned = self._kernel.clean(records.body, contexts)
            rows = cleaned.edits.filter(_is_cut(cleaned.edits)).column("row").to_numpy()
            frame.known_but_kept, frame.would_cut = cleaned.known_but_kept, np.bincount(rows, minlength=records.count)
            frame.differing = find_lifts(cleaned.edits, cleaned.texts, records.columns, self._rules).differing
        flags, reasons = apply_source_ignores(*run_suite(frame, self.suite), ignored)
        return CheckedBatch(articles, edits, reasons, flags)


def _is_cut(edits: pa.Table) -> pa.Array:
    """Return which edits cut boilerplate. Repairs of characters and trimmed white space do not count."""
    rules = edits.column("rule")
    return pc.and_(pc.not_equal(rules, EDGES), pc.invert(pc.starts_with(rules, f"{REPAIRS}/")))


def _unchanged(records: Records) -> CleanedTexts:
    texts = records.body.fill_null("")
    nothing = np.zeros(records.count, np.int64)
    return CleanedTexts(texts, EDITS.empty_table(), {}, nothing, nothing.astype(np.bool_))


class Tally:
    """Counts the flags of the checks batch by batch, and reaches a verdict on the set."""

    def __init__(
        self,
        suite: Suite,
        *,
        fail_on: Severity = "error",
        max_fail_ratio: float = 0.0,
        against: Profile | None = None,
        engine: str = ENGINE,
        data_docs: Path | None = None,
    ) -> None:
        if fail_on not in SEVERITIES:
            raise SettingError(f"unknown severity {fail_on!r}", hint=f"use one of: {', '.join(SEVERITIES)}")
        if not 0 <= max_fail_ratio <= 1:
            raise SettingError(f"max_fail_ratio is out of range: {max_fail_ratio}", hint="give a share from 0 to 1")
        self._suite = suite
        self._entries = suite.columns()
        self._against = against
        self._lenient = frozenset(entry.id for entry in self._entries if entry.mostly is not None)
        self._verdict = Verdict(self._entries, data_docs) if engine == ENGINE else None
        self._counts: Counter[str] = Counter()
        self._strict_failures = 0
        self._checked = 0
        self._examples: dict[str, list[Example]] = {}
        self._unreadable: dict[str, CheckResult] = {}
        self.result = Validation(suite.name, fail_on, max_fail_ratio, engine=engine, suite_digest=suite.digest)

    def add(self, checked: CheckedBatch) -> Mask:
        """Count a batch. Return which of its records fail."""
        result = self.result
        failed = checked.reasons.rows(result.fail_on)
        strict = checked.reasons.rows(result.fail_on, without=self._lenient) if self._lenient else failed
        self._strict_failures += int(strict.sum())
        result.records += len(failed)
        result.failed += int(failed.sum())
        self._checked += len(failed)
        result.profile.add(Frame(checked.articles, datetime.now(timezone.utc)))
        for check_id, flag in checked.flags.items():
            self._counts[check_id] += int(flag.sum())
            self._keep_examples(check_id, flag, checked)
        if self._verdict:
            self._verdict.add(checked.flags)
        return failed

    def add_unreadable(self, check_id: str, message: str, example: Example) -> None:
        """Count a record that could not be read. It fails in every suite."""
        self.result.records += 1
        self.result.failed += 1
        self.result.unreadable += 1
        self._strict_failures += 1
        if check_id not in self._unreadable:
            problem = describe_unreadable(check_id, message)
            self._unreadable[check_id] = CheckResult(check_id, "error", problem.summary, problem.help, success=False)
        unreadable = self._unreadable[check_id]
        unreadable.flagged += 1
        if len(unreadable.examples) < MAX_EXAMPLES:
            unreadable.examples.append(example)

    def _keep_examples(self, check_id: str, flag: Mask, checked: CheckedBatch) -> None:
        kept = self._examples.setdefault(check_id, [])
        for row in np.flatnonzero(flag)[: MAX_EXAMPLES - len(kept)].tolist():
            place = checked.articles.column("provenance")[row].as_py()
            identity = checked.articles.column("id")[row].as_py()
            message = next((r.message for r in checked.reasons.of_row(row) if r.check == check_id), "")
            kept.append(Example(identity, place["file"], place["line"], message))

    def close(self, seconds: float = 0.0) -> Validation:
        """Return the verdict. `seconds` is the time that the run took.

        Raises `InternalError` if Great Expectations failed on a check or counted differently.
        """
        result = self.result
        result.seconds = seconds
        if self._verdict:
            self._verdict.close(result.records)
            if self._verdict.records != self._checked or +self._verdict.flagged != +self._counts:
                raise InternalError(
                    "the counts of Great Expectations differ from those of the checks", hint="please report this"
                )
        result.checks = [*self._unreadable.values(), *(self._result_of(entry) for entry in self._entries)]
        for unreadable in self._unreadable.values():
            unreadable.share = unreadable.flagged / result.records
        result.record_checks = len(self._entries)
        result.of_set = list(self._judge_set())
        counts = SEVERITIES[SEVERITIES.index(result.fail_on) :]
        missed = any(not check.success for check in result.checks if check.mostly is not None)
        too_many = self._strict_failures > result.max_fail_ratio * result.records
        result.success = not (missed or too_many or any(found.severity in counts for found in result.of_set))
        return result

    def _result_of(self, entry: SuiteCheck) -> CheckResult:
        flagged = self._counts[entry.id]
        share = flagged / self._checked if self._checked else 0.0
        return CheckResult(
            entry.id, entry.severity, entry.message, entry.check.remedy, flagged, share, entry.mostly,
            passes(entry, flagged, self._checked), self._examples.get(entry.id, []),
        )  # fmt: skip

    def _judge_set(self) -> Iterator[SetResult]:
        for entry in self._suite.set_entries if self._checked else ():
            check = entry.check
            assert isinstance(check, SetCheck)
            if check.against and self._against is None:
                continue
            try:
                findings = find_set_findings(check, entry.parameters, self.result.profile, self._against)
            except PluginError as error:
                yield SetResult(plugins.FAILED, FAILED.severity, "", error.what, FAILED.help, None)
                continue
            self.result.set_checks += 1
            for each in findings:
                yield SetResult(entry.id, entry.severity, each.field, each.message, check.remedy, each.value)


def find_set_findings(
    check: SetCheck, parameters: Mapping[str, Any], profile: Profile, earlier: Profile | None
) -> list[SetFinding]:
    """Return the findings of a check of the whole set, from its profile and, if the check needs it, an earlier one.

    A check of a plugin gets copies of the profiles, so that it cannot change them. Raises `PluginError` if it fails or
    does not return a list of `SetFinding`.
    """
    profiles = [each for each in (profile, earlier if check.against else None) if each is not None]
    if plugins.is_ours(check.find):
        return check.find(*profiles, **parameters)
    try:
        findings = check.find(*(each.model_copy(deep=True) for each in profiles), **parameters)
        return msgspec.convert(msgspec.to_builtins(findings, enc_hook=_to_python), list[SetFinding])
    except (Exception, SystemExit) as error:
        raise PluginError(plugins.describe_failed_check(check.id, error)) from error


def _to_python(value: Any) -> Any:
    """Return the Python number of a NumPy number."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"it returned {type(value).__name__}, not a SetFinding with two texts and a number")


def validate(
    data: Any,
    *,
    suite: str | Path | Suite = "article",
    mapping: Mapping[str, str] | None = None,
    fail_on: Severity = "error",
    max_fail_ratio: float = 0.0,
    against: Profile | None = None,
    engine: str = "flags",
) -> Validation:
    """Validate one record, or anything with an Arrow stream: a polars or pandas frame, a pyarrow table.

    `engine` is "flags" or "great-expectations". Both reach the same verdict.

    >>> found = validate({"title": "Rain", "text": "It rained all day in Ostwick."})
    >>> found.success, [check.id for check in found.checks if check.flagged and check.severity == "warning"]
    (True, ['body/short'])
    """
    validator = (
        _default(suite, tuple(sorted(mapping.items())) if mapping else ())
        if isinstance(suite, str)
        else (Validator(suite, mapping=mapping))
    )
    tally = Tally(validator.suite, fail_on=fail_on, max_fail_ratio=max_fail_ratio, against=against, engine=engine)
    started, seen = time.perf_counter(), RunDuplicateIndex()
    for records in _records(data, validator.loader):
        tally.add(validator.judge(records, seen=seen))
    return tally.close(time.perf_counter() - started)


def _records(data: Any, loader: Loader) -> Iterator[Records]:
    """Yield the raw records of one object, or of a stream of Arrow batches."""
    if isinstance(data, Mapping):
        loader.require_text([list(data)], "record", [data])
        yield loader.from_rows([dict(data)], Place())
        return
    for number, batch in enumerate(arrow_batches(data)):
        table = pa.Table.from_batches([batch])
        if not number:
            loader.require_text([table.column_names], "table", schema=table.schema)
        yield loader.from_table(table, Place())


@lru_cache(maxsize=4)
def _default(suite: str, mapping: tuple[tuple[str, str], ...]) -> Validator:
    return Validator(suite, mapping=dict(mapping))
