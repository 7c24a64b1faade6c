"""Count what each rule did in a run, and find rules that cut nothing or cut in suspiciously many records."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ...rules.ruleset.ruleset import EDGES
from ...schemas.errors import InputError
from ..api import Cleaner
from ..runs.run_files import read_parts
from .examples import embed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...rules.ruleset.ruleset import Ruleset

_WANTED = "name a directory that `copydesk clean` wrote"


@dataclass(frozen=True)
class RuleHits:
    """What one rule did: its edits, the records that have any, the characters cut, the share of all records."""

    rule: str
    edits: int
    records: int
    characters: int
    share: float


@dataclass(frozen=True)
class Health:
    """What the rules of a run did, in how many `accepted` records, with the profile and digest of the ruleset."""

    accepted: int
    profile: str
    digest: str
    hits: dict[str, RuleHits]

    def find_unused(self, rules: Iterable[str]) -> list[str]:
        """Return which of some rules cut nothing."""
        return [rule for rule in rules if rule not in self.hits]

    def find_frequent(self, share: float) -> list[RuleHits]:
        """Return the rules that cut something in more than a share of the records."""
        return [hits for hits in self.hits.values() if hits.share > share]


def measure(out: Path) -> Health:
    """Read what rules did from the directory of a run. Raises `InputError` for one that `clean` did not write."""
    try:
        summary = json.loads((out / "summary.json").read_bytes())
        if "ruleset" not in summary:
            raise InputError("the run is one of `copydesk validate`", where=str(out), hint=_WANTED)
        accepted, profile, digest = summary["records"]["accepted"], summary["profile"], summary["ruleset"]["digest"]
        edits, records, characters = _count(out / "edits.parquet")
    except FileNotFoundError as error:
        what = f"no run in it (there is no {Path(error.filename or '').name})" if out.is_dir() else "no such folder"
        raise InputError(what, where=str(out), hint=_WANTED) from None
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the run in it is damaged ({reason})", where=str(out), hint=_WANTED) from None
    hits = [
        RuleHits(rule, edits[rule], records[rule], characters[rule], records[rule] / accepted)
        for rule, _ in sorted(edits.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return Health(accepted, profile, digest, {of_rule.rule: of_rule for of_rule in hits})


def find_shadows(ruleset: Ruleset, rules: Iterable[str]) -> dict[str, list[str]]:
    """Return which of some phrase rules have all their examples cut by others, with the ids of these."""
    ids = set(rules)
    cases = [
        (rule.id, embed("\n".join([example] * rule.min_run), rule.where))
        for rule in ruleset.phrases
        if rule.id in ids
        for example in rule.removes
        if isinstance(example, str)
    ]
    cleaned = Cleaner(ruleset, suite="none").clean_table(pa.table({"text": pa.array([text for _, text in cases])}))
    cut_by: dict[str, set[str]] = {}
    for (rule_id, _), edits in zip(cases, cleaned.column("edits").to_pylist(), strict=True):
        cut_by.setdefault(rule_id, set()).update({edit["rule"] for edit in edits} - {EDGES})
    return {rule_id: sorted(others) for rule_id, others in cut_by.items() if others and rule_id not in others}


def _count(path: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count edits, records and characters by rule. The edits of a record are next to each other in the file."""
    edits: Counter[str] = Counter()
    records: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    last: tuple[str | None, set[str]] = (None, set())
    for table in read_parts(path, ["id", "rule", "start", "end"]):
        cut = pc.subtract(table.column("end"), table.column("start"))
        grouped = table.append_column("cut", cut).group_by(["id", "rule"]).aggregate([("cut", "sum"), ("cut", "count")])
        rows: list[dict[str, Any]] = grouped.to_pylist()
        for row in rows:
            edits[row["rule"]] += row["cut_count"]
            characters[row["rule"]] += row["cut_sum"]
            # a record that began in the batch before is counted once
            records[row["rule"]] += not (row["id"] == last[0] and row["rule"] in last[1])
        if rows:
            ended = table.column("id")[-1].as_py()
            carried = last[1] if ended == last[0] else set()
            last = (ended, carried | {row["rule"] for row in rows if row["id"] == ended})
    return edits, records, characters
