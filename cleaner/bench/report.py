"""How fast this machine cleans a user's own data, and where the time goes.

Each part runs in a process of its own, on one core unless it has workers. Work that a process does once, such as
compiling patterns, happens before the clock starts; only worker processes, which `clean` starts itself, do it while the
clock runs. Rates are megabytes (10^6 bytes) of raw text per second.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError
from ..readers.discovery import name_inputs
from ..runs.workers import count_workers
from .measure import describe_machine
from .processes import apart
from .stages import count_calls, measure_clean, measure_floor, measure_kernel, measure_reading, measure_stages

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..api import Cleaner
    from .sample import Sample

Measure = dict[str, Any]  # seconds, peak_mib and more

ENOUGH = 20_000_000
"""Bytes of text from which the figures of two samples agree."""


@dataclass(frozen=True)
class _Part:
    """A part of the work: the function that measures it, its arguments, the number of cores (None for all)."""

    measure: Callable[..., Measure]
    arguments: tuple[Any, ...]
    cores: int | None = 1


def bench(
    inputs: list[str],
    cleaner: Cleaner,
    *,
    megabytes: float = 64,
    runs: int = 3,
    workers: int = 0,
    kind: str = "auto",
    encoding: str | None = None,
    on_part: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Measure the work on the first `megabytes` of some inputs and return the figures as JSON can hold them.

    Each part is measured `runs` times, and the median counts. `workers` is the number of processes to compare with one;
    0 means one for each core. `on_part` is called with the name of each part before it is measured. Raises `InputError`
    for inputs that cannot be read or that hold no text.
    """
    from .sample import take_sample

    with tempfile.TemporaryDirectory() as folder:
        sample = take_sample(inputs, megabytes * 1e6, Path(folder), kind, encoding)
        reading = (sample.inputs, cleaner, kind, encoding)
        measures = _measure_parts(_parts(reading, count_workers(workers)), runs, on_part, name_inputs(inputs))
        on_part("calls")
        calls = apart(count_calls, *reading, cores=1)
    median = {name: _median(taken) for name, taken in measures.items() if taken[0]}
    return {
        "input": _describe_sample(sample, median),
        "profile": cleaner.ruleset.profile,
        "rules": len(cleaner.ruleset.infos) - len(cleaner.ruleset.off),
        "runs": runs,
        **_figures(median, sample.whole / sample.size if sample.whole else None),
        "hits": calls,
        "machine": describe_machine(),
    }


def _parts(reading: tuple[Any, ...], workers: int) -> dict[str, _Part]:
    """Return the parts in the order in which they are measured; `reading` are the arguments that all of them take."""
    parts = {
        "read": _Part(measure_reading, reading),
        "kernel": _Part(measure_kernel, reading),
        "floor": _Part(measure_floor, reading),
        "stages": _Part(measure_stages, reading),
        "clean": _Part(measure_clean, (*reading, 1)),
    }
    if workers > 1:
        parts[f"clean, {workers} workers"] = _Part(measure_clean, (*reading, workers), None)
    return parts


def _measure_parts(
    parts: dict[str, _Part], runs: int, on_part: Callable[[str], None], label: str
) -> dict[str, list[Measure]]:
    """Return the measures of each part. The parts take turns, so that all of them meet the same load of the machine."""
    measures: dict[str, list[Measure]] = defaultdict(list)
    for _ in range(runs):
        for name, part in parts.items():
            on_part(name)
            measure = apart(part.measure, *part.arguments, cores=part.cores)
            if name == "kernel" and not measure["text_bytes"]:
                raise InputError("no record has a text to measure", where=label, hint="name files with texts")
            measures[name].append(measure)
    return measures


def _describe_sample(sample: Sample, median: dict[str, Measure]) -> dict[str, Any]:
    return {
        "files": sample.files,
        "bytes": sample.whole,
        "sample_bytes": sample.size,
        "records": median["clean"]["records"],
        "text_bytes": median["kernel"]["text_bytes"],
        "enough": median["kernel"]["text_bytes"] >= ENOUGH,
    }


def _figures(median: dict[str, Measure], times: float | None) -> dict[str, Any]:
    """Return rates, stages and projections; `times` is the size of the input divided by that of the sample."""
    kernel, records = median["kernel"], median["clean"]["records"]
    stages = median.pop("stages")["stages"]
    rates = {name: taken.get("bytes", kernel["text_bytes"]) / taken["seconds"] for name, taken in median.items()}
    parts = {
        name: {
            "seconds": round(taken["seconds"], 3),
            "mb_per_second": round(rates[name] / 1e6, 1),
            "records_per_second": round(rates[name] * records / max(kernel["text_bytes"], 1)),
            "floor_times": round(rates["floor"] / rates[name], 2) if "floor" in rates else None,
            "peak_mib": taken["peak_mib"],
            **({"libraries": taken["libraries"]} if name == "floor" else {}),
        }
        for name, taken in median.items()
    }
    whole = {name: taken["seconds"] for name, taken in median.items() if name.startswith("clean")}
    return {
        "parts": parts,
        "stages": {name: round(seconds, 3) for name, seconds in stages.items()},
        "hits_per_mb": round(kernel["hits"] / max(kernel["bytes"], 1) * 1e6, 1),
        "projected_seconds": {name: round(seconds * times, 1) for name, seconds in whole.items()} if times else None,
    }


def _median(measures: list[Measure]) -> Measure:
    return sorted(measures, key=lambda measure: measure["seconds"])[(len(measures) - 1) // 2]
