"""The library: clean one record, a table or a stream of tables."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..rules.ruleset.ruleset import Ruleset, load_ruleset
from ..rules.ruleset.selection import EVERYTHING, Selection
from ..schemas.arrow import ARTICLE, EDIT, FLAGS
from ..schemas.article import Article
from ..schemas.cache.store import cache_directory
from ..schemas.checks.frame import FOREVER, Frame
from ..schemas.checks.runner import run_suite
from ..schemas.checks.seen import DuplicateIndex
from ..schemas.checks.suites import Suite, find_suite
from ..schemas.decisions import Decisions
from ..schemas.edits import Edit
from ..schemas.errors import SettingError
from ..schemas.reasons import Reason, Reasons
from ..schemas.values.date_settings import NO_SETTINGS, DateSettings
from .cleaned import Cleaned, restore
from .kernel.kernel import Kernel
from .kernel.plugin_rules import depends_on_the_clock, failure_reasons
from .readers.arrow_streams import arrow_batches
from .records.article_table import assemble, mend_headlines, record_contexts
from .records.front_fields import add_front_fields
from .records.kept_lines import DecidedRecords
from .records.loader import Loader, Place, Records, known_fields, misread_values
from .records.source_forms import SourceForms
from .records.source_ignores import SourceIgnores, apply_source_ignores, select_checks

if TYPE_CHECKING:
    from ..schemas.byte_arrays import Ints, Mask
    from .kernel.site_templates import Templates
    from .kernel.types import Failures

OUTPUT = pa.schema([*ARTICLE, pa.field("edits", pa.list_(pa.struct(list(EDIT)))), pa.field("reasons", FLAGS)])


@dataclass(frozen=True)
class Assembled:
    """A batch after cleaning.

    `ignored` holds the rules and checks that each record skips, `stripped` the raw texts without markup,
    `differing` the values in texts that are others than those of the records.
    """

    records: Records
    articles: pa.Table
    edits: pa.Table
    known_but_kept: Ints
    failures: Failures
    ignored: list[frozenset[str]] | None
    stripped: pa.LargeStringArray | None = None
    differing: Mapping[int, list[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedBatch:
    """A batch after cleaning and checking."""

    articles: pa.Table
    edits: pa.Table
    reasons: Reasons
    flags: dict[str, Mask]
    failures: Failures = field(default_factory=dict)
    """Plugin functions that failed, and that records were cleaned without."""
    valid_until: datetime = FOREVER
    """The time until which checks give the same result for the same records."""
    duplicate_keys: Mapping[str, str | None] = field(default_factory=dict)
    """The kind of key of each check for duplicates, by its id; None if the check needs more than a key."""

    @property
    def accepted(self) -> Mask:
        """The rows without a reason of severity error."""
        return self.reasons.accepted


class Cleaner:
    """A ruleset, a suite and a mapping of fields, ready to run.

    `rules` names your own rule files or folders, in addition to the built-in rules, or is a whole `Ruleset`. `mapping`
    is `{article field: input field}`. `cache` is a directory for compiled rules; None means the user's cache directory.
    `selection` chooses the rules and checks; a `Ruleset` brings its own. `form` is the form of all texts: text, flow
    (one long line), wrapped, html, markdown, or auto, for each its own. `source_forms` is `{glob: form}` for texts of
    some hosts or files. `keep_markup` says whether texts keep HTML and Markdown; by default, Markdown with fenced code
    or a table of data does. `unwrap` joins the lines of hard-wrapped paragraphs. `templates` comes from
    `learn_templates`: with it, lines that recur in the documents of a host are cut. `dates` has the time zone of times
    without one, and the order of day and month. `decisions` are cuts that somebody has taken back.
    """

    def __init__(
        self,
        rules: Ruleset | str | Path | Iterable[str | Path] = (),
        *,
        profile: str = "article",
        suite: str | Path | Suite = "article",
        mapping: Mapping[str, str] | None = None,
        unsafe: bool = False,
        cache: Path | None = None,
        selection: Selection = EVERYTHING,
        form: str = "auto",
        source_forms: Mapping[str, str] | None = None,
        keep_markup: bool | None = None,
        unwrap: bool = False,
        templates: Templates | None = None,
        dates: DateSettings = NO_SETTINGS,
        decisions: Decisions | None = None,
    ) -> None:
        if not isinstance(rules, Ruleset):
            files = [rules] if isinstance(rules, (str, Path)) else rules
            rules = load_ruleset(map(Path, files), profile=profile, unsafe=unsafe, selection=selection)
        self.ruleset = rules
        self.suite = select_checks(find_suite(suite), rules.selection)
        self._source_ignores = SourceIgnores(rules, self.suite)
        self.loader = Loader(known_fields(mapping or {}), dates)
        self._dates = dates
        self.decisions = decisions or Decisions()
        self._decided = DecidedRecords(self.decisions)
        self._forms = SourceForms(form, source_forms or {}, rules.selection.root)
        self._mapping, self._cache, self._keep_markup = dict(mapping or {}), cache, keep_markup
        self.templates, self._unwrap = templates, unwrap
        self._kernel = Kernel(self.ruleset, cache or cache_directory(), templates=templates, unwrap=unwrap)

    def with_decisions(self, decisions: Decisions) -> Cleaner:
        """Return this cleaner under other decisions. The two share their compiled rules."""
        other = copy.copy(self)
        other.decisions, other._decided = decisions, DecidedRecords(decisions)
        return other

    def clean(self, record: str | Mapping[str, Any]) -> Cleaned:
        """Clean a text or a record. The fields may have any of the names that dumps use."""
        if isinstance(record, str):
            record = {"text": record}
        elif not isinstance(record, Mapping):
            raise SettingError(f"expected a text or a mapping, got {type(record).__name__}")
        return self.clean_many([record])[0]

    def clean_many(self, records: Iterable[Mapping[str, Any]]) -> list[Cleaned]:
        """Clean records together, which takes less time than one by one. Return the results in the same order."""
        rows = [dict(record) for record in records]
        if not rows:
            return []
        self.loader.require_text([list(row) for row in rows], "record", rows)
        checked = self.judge(self.loader.from_rows(rows, Place()))
        edits: list[list[Edit]] = [[] for _ in rows]
        for edit in checked.edits.to_pylist():
            edits[edit["row"]].append(Edit(**{key: edit[key] for key in EDIT.names}))
        results = []
        for row, article in enumerate(checked.articles.to_pylist()):
            reasons = checked.reasons.of_row(row)
            article["flags"] = [reason.as_flag() for reason in reasons if reason.severity != "error"]
            results.append(Cleaned(Article.model_validate(article), edits[row], reasons))
        return results

    def clean_table(self, data: Any) -> pa.Table:
        """Clean any object with an Arrow stream: a polars or pandas frame, a DuckDB relation, a pyarrow table.

        Return one row for each input row, with the columns of `Article`, and with `edits` and `reasons` as lists of
        structs. An empty input gives an empty table with these columns.
        """
        batches = list(self.clean_batches(data))
        return pa.concat_tables(batches) if batches else OUTPUT.empty_table()

    def clean_stream(self, data: Any) -> pa.RecordBatchReader:
        """Clean an Arrow stream into another one while it is read. The rows are those of `clean_table`."""
        batches = (batch for table in self.clean_batches(data) for batch in table.to_batches())
        return pa.RecordBatchReader.from_batches(OUTPUT, batches)

    def clean_batches(self, data: Any) -> Iterator[pa.Table]:
        """Clean an Arrow stream batch by batch: see `clean_table`. A batch has a few thousand rows."""
        checked = False
        for batch in arrow_batches(data):
            table = pa.Table.from_batches([batch])
            if not checked:
                self.loader.require_text([table.column_names], "table", schema=table.schema)
                checked = True
            yield output_rows(self.judge(self.loader.from_table(table, Place())))

    def judge(
        self,
        records: Records,
        *,
        now: datetime | None = None,
        seen: DuplicateIndex | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> CheckedBatch:
        """Clean and check a batch of raw records.

        `seen` knows the earlier records of the run. `paths` has the path of each file by the name that records have
        it under: the settings per source look at it.
        """
        return self.check(self.assemble(records, paths), now=now, seen=seen)

    def assemble(self, records: Records, paths: Mapping[str, str] | None = None) -> Assembled:
        """Clean a batch of raw records; see `judge` for `paths`."""
        ignored, kept = self._decided.of(records, self._source_ignores.of(records, paths or {}))
        records, repairs = mend_headlines(records, self._kernel, ignored)
        forms = self._forms.of(records, paths or {})
        records = add_front_fields(records, forms)
        contexts = record_contexts(
            records,
            ignored,
            hosts=self.templates is not None or self.ruleset.knows_hosts,
            forms=forms,
            keep_markup=self._keep_markup,
            kept=kept,
        )
        cleaned = self._kernel.clean(records.body, contexts)
        articles, edits, lifts = assemble(
            records, cleaned, self.ruleset.profile, repairs, self.ruleset.infos, detects=True
        )
        return Assembled(
            records,
            articles,
            edits,
            cleaned.known_but_kept,
            cleaned.failures,
            ignored,
            cleaned.stripped,
            lifts.differing,
        )

    def check(
        self, assembled: Assembled, *, now: datetime | None = None, seen: DuplicateIndex | None = None
    ) -> CheckedBatch:
        """Check a batch of clean articles. `seen` holds the keys of the records before it in the run."""
        frame = Frame(
            assembled.articles,
            now or datetime.now(timezone.utc),
            seen or DuplicateIndex(),
            assembled.known_but_kept,
            misread=misread_values(assembled.records),
            raw=assembled.stripped,
            differing=dict(assembled.differing),
        )
        flags, reasons = apply_source_ignores(*run_suite(frame, self.suite), assembled.ignored)
        reasons = reasons.add(failure_reasons(assembled.failures))
        failures, duplicate_keys = assembled.failures, frame.duplicate_keys
        # A function that took too long may be fast enough the next time.
        valid_until = frame.now if depends_on_the_clock(failures) else frame.valid_until
        return CheckedBatch(assembled.articles, assembled.edits, reasons, flags, failures, valid_until, duplicate_keys)

    def compile(self) -> None:
        """Compile the rules now, not with the first record, and keep them in the cache for other processes."""
        self.judge(self.loader.from_rows([{"text": "Page not found"}], Place()))

    @property
    def settings(self) -> dict[str, str]:
        """The suite, the mapping and the templates, as text."""
        mapping = ", ".join(f"{field}={name}" for field, name in sorted(self._mapping.items()))
        templates = {} if self.templates is None else {"templates": self.templates.digest[:16]}
        keep = {} if self._keep_markup is None else {"keep-markup": str(self._keep_markup).lower()}
        wraps = {"unwrap": "true"} if self._unwrap else {}
        dates = {"dates": described} if (described := self._dates.describe()) else {}
        suite = f"{self.suite.name} {self.suite.digest[:16]}"
        more = {**keep, **wraps, **dates, **templates}
        if self.decisions:
            more["decisions"] = self.decisions.digest[:16]
        return {"suite": suite, "map": mapping or "none", **self._forms.settings, **more}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the settings. A copy is built from them, with the compiled rules of the cache."""
        settings = {
            "suite": self.suite,
            "mapping": self._mapping,
            "cache": self._cache,
            "form": self._forms.form,
            "source_forms": dict(self._forms.globs),
            "keep_markup": self._keep_markup,
            "unwrap": self._unwrap,
            "templates": self.templates,
            "dates": self._dates,
            "decisions": self.decisions,
        }
        return _make, (self.ruleset, settings)


def _make(ruleset: Ruleset, settings: dict[str, Any]) -> Cleaner:
    return Cleaner(ruleset, **settings)


def output_rows(checked: CheckedBatch) -> pa.Table:
    """Return a batch with the columns of `OUTPUT`: one row for each record, with its edits and reasons."""
    edits = _lists(checked.edits, checked.articles.num_rows)
    return _with_flags(checked).append_column("edits", edits).append_column("reasons", checked.reasons.lists())


def accepted_articles(checked: CheckedBatch) -> pa.Table:
    """Return the accepted articles with their flags."""
    return _with_flags(checked).filter(pa.array(checked.accepted))


def _with_flags(checked: CheckedBatch) -> pa.Table:
    """Return the articles with the reasons that did not turn them away, as `flags`."""
    position = ARTICLE.get_field_index("flags")
    return checked.articles.set_column(position, ARTICLE.field("flags"), checked.reasons.lists(errors=False))


def _lists(edits: pa.Table, count: int) -> pa.Array:
    """Return the edits of each row as a list of structs."""
    rows = edits.column("row").to_numpy()
    bounds = np.searchsorted(rows, np.arange(count + 1)).astype(np.int32)
    arrays = [edits.column(name).combine_chunks() for name in EDIT.names]
    structs = pa.StructArray.from_arrays([a.cast(f.type) for a, f in zip(arrays, EDIT, strict=True)], fields=list(EDIT))
    return pa.ListArray.from_arrays(pa.array(bounds), structs)


@lru_cache(maxsize=4)
def _default(profile: str, suite: str) -> Cleaner:
    return Cleaner(profile=profile, suite=suite)


def clean(record: str | Mapping[str, Any], *, profile: str = "article", suite: str = "article") -> Cleaned:
    r"""Clean one text or record with the built-in rules.

    The fields of a record may have any of the names that dumps use. `profile` is `rules`, `article`, `page` or `auto`;
    `suite` is the name of a suite of checks, or the path of its file.

    >>> cleaned = clean({"title": "Rain", "content": "It rained all day in Ostwick.\n\nLeave a Comment"})
    >>> cleaned.article.body
    'It rained all day in Ostwick.'
    >>> cleaned.restore()
    'It rained all day in Ostwick.\n\nLeave a Comment'
    """
    return _default(profile, suite).clean(record)


def clean_table(data: Any, *, profile: str = "article", suite: str = "article") -> pa.Table:
    """Clean a table or frame with the built-in rules; see `Cleaner.clean_table`."""
    return _default(profile, suite).clean_table(data)


def clean_batches(data: Any, *, profile: str = "article", suite: str = "article") -> Iterator[pa.Table]:
    """Clean an Arrow stream with the built-in rules, batch by batch; see `Cleaner.clean_batches`."""
    return _default(profile, suite).clean_batches(data)


def clean_stream(data: Any, *, profile: str = "article", suite: str = "article") -> pa.RecordBatchReader:
    """Clean an Arrow stream with the built-in rules into another one; see `Cleaner.clean_stream`."""
    return _default(profile, suite).clean_stream(data)


def check(record: str | Mapping[str, Any], *, profile: str = "article", suite: str = "article") -> list[Reason]:
    """Return the findings for one text or record: one for each cut of a rule, and those of the checks."""
    cleaner = _default(profile, suite)
    cleaned = cleaner.clean(record)
    infos = cleaner.ruleset.infos
    findings = [
        Reason(edit.rule, infos[edit.rule].severity, edit.field, infos[edit.rule].summary)
        for edit in cleaned.edits
        if edit.rule in infos
    ]
    return findings + cleaned.reasons


__all__ = [
    "CheckedBatch",
    "Cleaned",
    "Cleaner",
    "check",
    "clean",
    "clean_batches",
    "clean_stream",
    "clean_table",
    "restore",
]
