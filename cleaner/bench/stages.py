"""The parts of the work that `copydesk bench` measures. Each is a function that runs in a process of its own."""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .measure import MemoryWatch, peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType

    import pyarrow as pa

    from ..api import Cleaner
    from ..kernel.types import CleanedTexts
    from ..readers.batches import Batch
    from ..readers.source import Source

COUNTED = 8 << 20  # bytes of text for which calls are counted: counting is slow
_NAMED = 8  # functions in the report
_PACKAGE = Path(__file__).parent.parent


def measure_reading(inputs: list[str], _: Cleaner, kind: str, encoding: str | None) -> dict[str, Any]:
    """Read, unpack and find the line ends. Parsing is left out, because workers do it."""
    from ..readers.discovery import find_sources
    from ..runs.pieces import Position, read_pieces

    started = time.perf_counter()
    for _piece in read_pieces(find_sources(inputs, kind), encoding, Position()):
        pass
    return _taken(started)


def measure_stages(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> dict[str, Any]:
    """Do the work of one process stage by stage, up to the bytes of the output."""
    from ..readers.discovery import find_sources
    from ..runs.pieces import Position, read_pieces
    from ..runs.processor import STAGES, Processor
    from ..runs.seen_records import RunDuplicateIndex

    stages = dict.fromkeys(("read", *STAGES), 0.0)

    @contextmanager
    def watch(stage: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        stages[stage] += time.perf_counter() - begun

    _warm_up(inputs, cleaner, kind, encoding)
    processor, seen = Processor(cleaner, "parquet", datetime.now(timezone.utc), watch=watch), RunDuplicateIndex()
    started = time.perf_counter()
    pieces = read_pieces(find_sources(inputs, kind), encoding, Position())
    while True:
        with watch("read"):
            piece = next(pieces, None)
        if piece is None:
            break
        processor.process(piece, seen, lambda: None)
    return {**_taken(started), "stages": stages}


def _warm_up(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> None:
    """Clean the first piece of the input, so that work done once, such as compiling patterns, is over."""
    from ..readers.discovery import find_sources
    from ..runs.pieces import Position, read_pieces
    from ..runs.processor import Processor
    from ..runs.seen_records import RunDuplicateIndex

    for piece in islice(read_pieces(find_sources(inputs, kind), encoding, Position()), 1):
        Processor(cleaner, "parquet", datetime.now(timezone.utc)).process(piece, RunDuplicateIndex(), lambda: None)


def measure_clean(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None, workers: int) -> dict[str, Any]:
    """Do all that `copydesk clean` does. The start of worker processes counts."""
    from ..runs.clean_run import clean_files
    from ..runs.run_request import RunInputs, RunRequest

    if workers == 1:
        _warm_up(inputs, cleaner, kind, encoding)
    with tempfile.TemporaryDirectory() as folder, MemoryWatch() as memory:
        started = time.perf_counter()
        found = RunInputs.find(inputs, kind=kind, encoding=encoding)
        totals = clean_files(RunRequest(found, Path(folder) / "out", workers=workers, allow_empty=True), cleaner)
        taken = _taken(started)
    if workers > 1:
        taken["peak_mib"] = memory.peak
    return {**taken, "records": totals.read}


def measure_kernel(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> dict[str, Any]:
    """Clean texts that are already in memory, edits included. The first of several batches is not counted."""
    from ..runs.run_files import sizes_of

    first, texts = _halves(list(_bodies(inputs, cleaner, kind, encoding)), 1)
    clean = _kernel(cleaner, first)
    hits = 0
    started = time.perf_counter()
    for batch in texts:
        hits += _hits(clean(batch)).total()
    taken = _taken(started)
    size, others = (sum(int(sizes_of(batch).sum()) for batch in some) for some in (texts, first))
    return {**taken, "hits": hits, "bytes": size, "text_bytes": size + others if first is not texts else size}


def measure_floor(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> dict[str, Any]:
    """Read texts and ids and write them as Parquet, with libraries alone, and name the libraries.

    Return an empty measure for inputs that the libraries cannot read.
    """
    from ..readers.discovery import find_sources
    from ..readers.dispatch import read_batches

    sources = find_sources(inputs, kind)
    if encoding not in (None, "utf-8") or any(source.kind not in ("jsonl", "parquet") for source in sources):
        return {}
    names = _names(read_batches(sources, encoding), cleaner)
    libraries = {"pyarrow"}
    if any(source.kind == "jsonl" for source in sources):
        libraries.add(_lines_reader().__name__.partition(".")[0])
    with tempfile.TemporaryDirectory() as folder:
        _copy(sources[:1], names, Path(folder))  # the first use of a library is not counted
        started = time.perf_counter()
        _copy(sources, names, Path(folder))
        return {**_taken(started), "libraries": sorted(libraries)}


def _copy(sources: list[Source], names: list[str], folder: Path) -> None:
    import pyarrow.parquet as pq

    for number, source in enumerate(sources):
        table = _read_lines(source, names) if source.kind == "jsonl" else _read_rows(source, names)
        pq.write_table(table, folder / f"{number}.parquet", compression="zstd")


def _read_rows(source: Source, names: list[str]) -> pa.Table:
    import pyarrow.parquet as pq

    assert source.path is not None
    return pq.read_table(source.path if _is_utf_8(source.path) else io.BytesIO(source.path.read_bytes()), columns=names)


def _read_lines(source: Source, names: list[str]) -> pa.Table:
    """Read texts from JSON Lines with polars, which is faster, or with pyarrow."""
    import pyarrow as pa

    from ..readers.source import opened

    with opened(source) as file:
        # The library opens a plain file itself, if it can take its name.
        as_path = file.is_plain and source.path is not None and _is_utf_8(source.path)
        read: Any = source.path if as_path else io.BytesIO(file.read())
    library = _lines_reader()
    if library.__name__ == "polars":
        frame = library.read_ndjson(read, schema=dict.fromkeys(names, library.String), ignore_errors=True)
        return frame.to_arrow()
    schema = pa.schema([(name, pa.large_string()) for name in names])
    options = library.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return library.read_json(read, library.ReadOptions(block_size=1 << 28), options)


def _is_utf_8(path: Path) -> bool:
    """Return whether the name of a file is UTF-8. polars and pyarrow open no other file by its name."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines_reader() -> Any:
    try:
        import polars as pl
    except ImportError:
        import pyarrow.json

        return pyarrow.json
    return pl


def _names(batches: Iterable[Batch], cleaner: Cleaner) -> list[str]:
    """Return the input names of the text and the id, taken from the first record with a text."""
    for batch in batches:
        for names in [batch.table.column_names] if batch.table is not None else map(list, batch.rows or []):
            fields = {field: name for name, field in cleaner.loader.fields(names).items()}
            if "body" in fields:
                return [fields[field] for field in ("body", "id") if field in fields]
    return []


def count_calls(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> dict[str, Any]:
    """Count the Python calls that the kernel makes for its hits, and those that it makes without any hit.

    A cleaned text has no hits, so its calls are those for batches and records. The calls that the same text needs
    beyond that, before it is cleaned, are for its hits. Calls from Python into C are counted separately.
    """
    texts: list[pa.LargeStringArray] = []
    size = 0
    for body in _bodies(inputs, cleaner, kind, encoding):
        texts.append(body)
        size += body.nbytes
        if size >= COUNTED:
            break
    # The first half is the warm-up: it compiles patterns and the like.
    first, texts = _halves(texts, len(texts) // 2)
    clean = _kernel(cleaner, first)
    cleaned: list[CleanedTexts] = []
    calls, c_calls = _count_calls(lambda: cleaned.extend(map(clean, texts)))
    idle, idle_c_calls = _count_calls(lambda: [clean(batch.texts) for batch in cleaned])
    hits: Counter[str] = Counter()
    for batch in cleaned:
        hits.update(_hits(batch))
    records = sum(map(len, texts))
    return {
        "records": records,
        "hits": hits.total(),
        "shares": _shares(cleaner, hits),
        "calls_per_hit": _share(calls.total() - idle.total(), hits.total()),
        "calls_of_c_per_hit": _share(c_calls - idle_c_calls, hits.total()),
        "calls_per_record_without_hits": _share(idle.total() + idle_c_calls, records),
        "functions": [
            {"function": _name(code), "calls_per_hit": _share(count, hits.total())}
            for code, count in (calls - idle).most_common(_NAMED)
        ],
    }


def _count_calls(work: Callable[[], object]) -> tuple[Counter[CodeType], int]:
    """Return the number of calls of each Python function, and of all C functions together."""
    calls: Counter[CodeType] = Counter()
    in_c = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal in_c
        if event == "call":
            calls[frame.f_code] += 1
        elif event == "c_call":
            in_c += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls, in_c


def _share(calls: int, count: int) -> float | None:
    return round(calls / count, 2) if count else None


def _name(code: CodeType) -> str:
    """Return a function as `file:name`."""
    path = Path(code.co_filename)
    place = path.relative_to(_PACKAGE).as_posix() if path.is_relative_to(_PACKAGE) else path.name
    return f"{place}:{getattr(code, 'co_qualname', code.co_name)}"


def _hits(cleaned: CleanedTexts) -> Counter[str]:
    """Count the edits by rule, without those that only trim the edges of a text."""
    from ...rules.ruleset.ruleset import EDGES

    counts = cleaned.edits.column("rule").value_counts().to_pylist()
    return Counter({entry["values"]: entry["counts"] for entry in counts if entry["values"] != EDGES})


def _shares(cleaner: Cleaner, hits: Counter[str]) -> dict[str, float]:
    """Return the shares of phrases, code rules, character repairs and the gate in the hits."""
    ruleset = cleaner.ruleset
    kinds = {rule.id: "phrases" for rule in ruleset.phrases}
    kinds |= {info.id: "code" for rule in ruleset.page_rules for info in rule.infos}
    kinds |= {info.id: "repairs" for rule in ruleset.repairs for info in rule.infos}
    by_kind: Counter[str] = Counter()
    for rule, count in hits.items():
        by_kind[kinds.get(rule, "gate")] += count
    return {kind: count / hits.total() for kind, count in by_kind.most_common()}


def _bodies(inputs: list[str], cleaner: Cleaner, kind: str, encoding: str | None) -> Iterator[pa.LargeStringArray]:
    """Yield the raw texts in the batches of a run."""
    from ..readers.discovery import find_sources
    from ..readers.dispatch import read_batches
    from ..runs.judge import load_batch

    sources = find_sources(inputs, kind)
    labels = {source.name: source.label for source in sources}
    for batch in read_batches(sources, encoding):
        yield load_batch(batch, cleaner.loader, labels).body


def _halves(texts: list[pa.LargeStringArray], at: int) -> tuple[list[pa.LargeStringArray], list[pa.LargeStringArray]]:
    """Return the batches to warm up with and those to measure. With a single batch, they are the same."""
    return (texts[:at], texts[at:]) if 0 < at < len(texts) else (texts, texts)


def _kernel(cleaner: Cleaner, texts: list[pa.LargeStringArray]) -> Callable[[pa.LargeStringArray], CleanedTexts]:
    """Return the function of a kernel that is warmed up on some texts."""
    from ...schemas.cache.store import cache_directory
    from ..kernel.kernel import Kernel

    kernel = Kernel(cleaner.ruleset, cache_directory(), templates=cleaner.templates)
    for batch in texts:
        kernel.clean(batch)
    return kernel.clean


def _taken(started: float) -> dict[str, Any]:
    return {"seconds": time.perf_counter() - started, "peak_mib": peak_memory()}
