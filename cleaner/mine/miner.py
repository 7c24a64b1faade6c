"""Mine a data set: count its lines, look at those that recur, draft rules, and keep those whose examples hold."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.ruleset.ruleset import load_ruleset
from ...schemas.cache.store import cache_directory
from ...schemas.errors import SettingError
from ...schemas.messages import counted
from ..kernel.kernel import Kernel
from ..kernel.site_templates import plain_host
from ..readers.dispatch import read_batches
from ..records.loader import Loader, hosts_of
from ..rule_tools.draft import Draft
from ..rule_tools.examples import run_examples
from .candidates import Candidate, find_candidates
from .evidence import Witness
from .line_counts import LineCounts
from .reach import ReachCounter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from ..readers.source import Source

FAMILY = "mined"
LOOKED_AT = 3000  # lines that recur on most hosts


@dataclass
class Mined:
    """The candidates of a data set, and what could not be used."""

    candidates: list[Candidate] = field(default_factory=list)
    records: int = 0
    without_host: int = 0
    failed: list[str] = field(default_factory=list)
    """Candidates of which an example did not hold."""
    forgotten: int = 0

    def render(self) -> str:
        """Return the candidates as a rule file."""
        return "\n".join(
            [
                "# Candidates of `copydesk mine`. Review each: copydesk rules review FILE",
                "",
                *map(_render, self.candidates),
            ]
        )


def mine(
    sources: Sequence[Source],
    *,
    top: int = 200,
    least_records: int = 3,
    least_hosts: int = 3,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    advance: Callable[[int], None] | None = None,
) -> Mined:
    """Find at most `top` candidates in files and tables.

    Raises `SettingError` for standard input and pipes, which can be read only once.
    """
    if stream := next((source for source in sources if source.path is None and source.database is None), None):
        raise SettingError(
            f"mining reads the input three times, and {stream.label} can be read only once", hint="name a file"
        )

    def batches() -> Iterator[tuple[pa.LargeStringArray, list[str | None]]]:
        loader = Loader(dict(mapping or {}))
        for batch in read_batches(list(sources), encoding, strict=False):
            rows = batch.rows or []
            records = (
                loader.from_table(batch.table, batch.place)
                if batch.table is not None
                else loader.from_rows(rows, batch.place)
            )
            hosts = hosts_of(records)
            names = hosts.to_pylist() if hosts is not None else [None] * records.count
            yield records.body, [plain_host(name) if name else None for name in names]

    counts, mined = LineCounts(), Mined()
    for texts, hosts in batches():
        counts.add(texts)
        mined.records += len(texts)
        mined.without_host += sum(host is None for host in hosts)
    counter = ReachCounter(counts, least_records)
    for texts, hosts in batches():
        counter.add(texts, hosts)
    reach = counter.close(LOOKED_AT)
    mined.forgotten = reach.forgotten
    rules, page = (Kernel(load_ruleset(profile=profile), cache_directory()) for profile in ("rules", "page"))
    witness = Witness(reach.keys.tolist(), rules, page)
    for texts, _ in batches():
        witness.add(texts)
    named = mined.without_host < mined.records / 2
    found = find_candidates(reach, witness.evidence, witness.prose, least_hosts=least_hosts, named_hosts=named)
    _keep_those_that_hold(found, top, mined)
    return mined


def _keep_those_that_hold(candidates: Iterator[Candidate], top: int, mined: Mined) -> None:
    """Take candidates until there are enough of them whose examples hold."""
    while len(mined.candidates) < top:
        some = list(islice(candidates, top - len(mined.candidates)))
        if not some:
            return
        wrong = _find_wrong(some)
        mined.failed += [candidate.name for candidate in some if candidate.name in wrong]
        mined.candidates += [candidate for candidate in some if candidate.name not in wrong]


def _find_wrong(candidates: Sequence[Candidate]) -> set[str]:
    """Return the names of candidates of which an example does not hold, with all others beside them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{FAMILY}.toml")
        path.write_text("\n".join(map(_render, candidates)), "utf-8")
        tried = run_examples([path])
    return {message.split(": ")[0].removeprefix(f"{FAMILY}/") for message in (*tried.failures, *tried.explosions)}


def _render(candidate: Candidate) -> str:
    hosts = counted(candidate.host_count, "host")
    return Draft(
        f"{FAMILY}/{candidate.name}",
        candidate.removes,
        candidate.keeps,
        f"Line on {counted(candidate.records, 'record')} of {hosts}"
        if candidate.host_count
        else f"Line on {counted(candidate.records, 'record')}",
        candidate.where,
        candidate.languages,
        hosts=candidate.hosts,
        patterns=(candidate.pattern,),
    ).render()
