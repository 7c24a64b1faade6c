"""Learn site templates: lines that recur on the documents of one host, counted over a whole data set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.patterns.alphabet import WHITE
from ..rules.ruleset.ruleset import load_ruleset
from ..schemas.errors import SettingError
from .kernel.repair import Repairs
from .kernel.site_templates import Templates, hash_line, plain_host
from .readers.dispatch import read_batches
from .records.loader import Loader, Place, hosts_of, known_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..schemas.byte_arrays import Ints
    from .readers.source import Source
    from .records.loader import Records

MIN_DOCUMENTS = 5  # of the host that must have a line
MIN_SHARE = 0.5  # of the documents of the host that must have it
HEAD, TAIL = 15, 40  # lines at both ends of a text that are counted
MAX_LINES = 16_000_000  # different lines that are remembered, 24 bytes each
_ROWS = 1000  # records in a batch
_LINE_END = re.compile("[\n\r\u2028\u2029]")


class LineKeys:
    """Finds the lines to count, in texts that are repaired as they are before cleaning."""

    def __init__(self) -> None:
        self._repairs = Repairs(load_ruleset().repairs)

    def of(self, records: Records) -> Iterator[tuple[str, set[int]]]:
        """Yield the plain host of each document that has one, and the keys of the lines at both ends of its text."""
        hosts = hosts_of(records)
        if hosts is None:
            return
        texts, _ = self._repairs.run(records.body)
        for host, text in zip(hosts.to_pylist(), texts.to_pylist(), strict=True):
            if host is not None and text is not None:
                name = plain_host(host)
                yield name, {hash_line(name, line) for line in _ends(text)}


class Learner:
    """Counts the documents of each host, and of each line at the ends of their texts, batch by batch.

    Three parallel arrays hold the lines, sorted by key: `_keys[i]` is the hash of a line, `_owner[i]` the number of its
    host, and `_counts[i]` the number of documents that have it.
    """

    def __init__(self) -> None:
        self._documents: Counter[str] = Counter()
        self._hosts: dict[str, int] = {}  # numbers
        self._lines = LineKeys()
        self._keys = np.empty(0, np.uint64)
        self._owner = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)

    def add(self, records: Records) -> None:
        """Count the lines at both ends of each text of a batch, each line once a text."""
        keys: list[int] = []
        owners: list[int] = []
        for name, lines in self._lines.of(records):
            self._documents[name] += 1
            keys += lines
            owners += [self._hosts.setdefault(name, len(self._hosts))] * len(lines)
        self._merge(np.array(keys, np.uint64), np.array(owners, np.int64))

    def close(self) -> Templates:
        """Return the lines that recur often enough."""
        names = list(self._hosts)
        documents = np.array([self._documents[name] for name in names], np.int64)
        often = self._counts >= MIN_DOCUMENTS
        often &= self._counts >= MIN_SHARE * documents[self._owner] if len(names) else often
        lines = dict(zip(self._keys[often].tolist(), self._counts[often].tolist(), strict=True))
        hosts = {names[owner]: int(documents[owner]) for owner in np.unique(self._owner[often]).tolist()}
        return Templates(lines, hosts)

    def _merge(self, keys: Any, owners: Ints) -> None:
        """Add one document for each key.

        The new keys are put behind the known ones with a count of 1, all are sorted, and the counts of equal keys are
        summed: the known key 7 with count 3 and the new keys 7 and 9 become 7 with count 4 and 9 with count 1.
        """
        keys = np.concatenate([self._keys, keys])
        owners = np.concatenate([self._owner, owners])
        counts = np.concatenate([self._counts, np.ones(len(keys) - len(self._counts), np.int64)])
        order = np.argsort(keys, kind="stable")
        # where a key differs from the one before; the inverse of the first key differs from it for sure
        first = np.flatnonzero(np.diff(keys[order], prepend=~keys[order][:1]) != 0)
        self._keys, self._owner = keys[order][first], owners[order][first]
        self._counts = np.add.reduceat(counts[order], first) if len(first) else counts
        least = 1
        while len(self._keys) > MAX_LINES:
            kept = self._counts > least
            self._keys, self._owner, self._counts = self._keys[kept], self._owner[kept], self._counts[kept]
            least += 1


def learn_templates(data: Any, *, mapping: Mapping[str, str] | None = None) -> Templates:
    """Learn which lines recur on the documents of each host, for `Cleaner(templates=...)`.

    `data` is anything that exports an Arrow stream, or an iterable of records as mappings. The host of a record is its
    `source_domain`, or the host of its `url`. Raises `SettingError` for other data.
    """
    from .readers.arrow_streams import arrow_batches

    loader, learner = Loader(known_fields(mapping or {})), Learner()
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        import pyarrow as pa

        for batch in arrow_batches(data):
            learner.add(loader.from_table(pa.Table.from_batches([batch]), Place()))
        return learner.close()
    if not isinstance(data, Iterable) or isinstance(data, (str, bytes, Mapping)):
        raise SettingError(
            f"no records can be read from {type(data).__name__}", hint="pass a table, or a list of mappings"
        )
    records = iter(data)
    while rows := [dict(record) for record in islice(records, _ROWS)]:
        learner.add(loader.from_rows(rows, Place()))
    return learner.close()


def learn_from_files(
    sources: Sequence[Source], *, mapping: Mapping[str, str], encoding: str | None = None
) -> Templates:
    """Learn from files and tables. Files that cannot be read are passed over.

    Raises `SettingError` for standard input and pipes, which can be read only once.
    """
    if stream := next((source for source in sources if source.path is None and source.database is None), None):
        hint = "name a file, or leave out --templates"
        what = f"--templates reads the input twice, and {stream.label} can be read only once"
        raise SettingError(what, hint=hint)
    loader, learner = Loader(dict(mapping)), Learner()
    for batch in read_batches(list(sources), encoding, strict=False):
        if batch.table is not None:
            learner.add(loader.from_table(batch.table, batch.place))
        else:
            learner.add(loader.from_rows(batch.rows or [], batch.place))
    return learner.close()


def _ends(text: str) -> Iterator[str]:
    """Yield the lines at both ends of a text, stripped, without blank ones."""
    lines = [stripped for line in _LINE_END.split(text) if (stripped := line.strip(WHITE))]
    yield from lines if len(lines) <= HEAD + TAIL else [*lines[:HEAD], *lines[-TAIL:]]
