"""How rules do in a run: what each cut, which never did, which do it to suspiciously many records."""

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
_WANTED = "give what `copydesk clean` wrote"


@dataclass(frozen=True)
class RuleHits:
    """What one rule did: its edits, the records they are in, the characters they cut, the share of the records."""

    rule: str
    edits: int
    records: int
    characters: int
    share: float


@dataclass(frozen=True)
class Health:
    """What the rules of a run did; `accepted` records, and the profile and digest of the rules."""

    accepted: int
    profile: str
    digest: str
    hits: dict[str, RuleHits]

    def never(self, rules: Iterable[str]) -> list[str]:
        """Give the rules that cut nothing."""
        return [rule for rule in rules if rule not in self.hits]

    def often(self, share: float) -> list[RuleHits]:
        """Give the rules that cut something in more than a share of the records."""
        return [hits for hits in self.hits.values() if hits.share > share]


def measure(out: Path) -> Health:
    """Read what the rules of a run did from its directory. Raises `InputError` for one that `clean` did not write."""
    try:
        summary = json.loads((out / "summary.json").read_bytes())
        if "ruleset" not in summary:
            raise InputError("it is no run of rules, but of `copydesk validate`", where=str(out), hint=_WANTED)
        accepted, profile, digest = summary["records"]["accepted"], summary["profile"], summary["ruleset"]["digest"]
        edits, records, characters = _count(out / "edits.parquet")
    except FileNotFoundError as error:
        what = f"no run in it (there is no {Path(error.filename or '').name})" if out.is_dir() else "no such folder"
        raise InputError(what, where=str(out), hint=_WANTED) from None
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"no sound run in it ({reason})", where=str(out), hint=_WANTED) from None
    found = [
        RuleHits(rule, edits[rule], records[rule], characters[rule], records[rule] / accepted)
        for rule, _ in sorted(edits.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return Health(accepted, profile, digest, {hits.rule: hits for hits in found})


def find_shadows(ruleset: Ruleset, rules: Iterable[str]) -> dict[str, list[str]]:
    """Give the phrase rules, of some, whose own examples are all cut by others before they can: those, by id."""
    asked = set(rules)
    cases = [
        (rule.id, embed("\n".join([example] * rule.min_run), rule.where))
        for rule in ruleset.phrases
        if rule.id in asked
        for example in rule.removes
        if isinstance(example, str)
    ]
    cleaned = Cleaner(ruleset, suite="none").clean_table(pa.table({"text": pa.array([text for _, text in cases])}))
    others: dict[str, set[str]] = {}
    fired: set[str] = set()
    for (rule_id, _), edits in zip(cases, cleaned.column("edits").to_pylist(), strict=True):
        found = {edit["rule"] for edit in edits} - {EDGES}
        fired |= {rule_id} & found
        others.setdefault(rule_id, set()).update(found)
    return {rule_id: sorted(found) for rule_id, found in others.items() if found and rule_id not in fired}


def _count(path: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count edits, records and characters by rule; the edits of a record stand together."""
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
            # a record that the batch before began is counted once
            records[row["rule"]] += not (row["id"] == last[0] and row["rule"] in last[1])
        if rows:
            ended = table.column("id")[-1].as_py()
            carried = last[1] if ended == last[0] else set()
            last = (ended, carried | {row["rule"] for row in rows if row["id"] == ended})
    return edits, records, characters
