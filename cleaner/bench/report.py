"""How fast this machine works on a user's own data, and where the time goes.

Each part is a process of its own, kept on one core unless it has workers, and the parts take turns: what is compared
stands side by side. What is made once in a process, such as compiled patterns, is made before the clock
starts; only workers, which `clean` itself starts, make it while the clock runs. Rates are megabytes (10^6 bytes) of raw
text a second.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError
from ..readers.discovery import name_inputs
from ..runs.workers import count_workers
from .measure import apart, describe_machine
from .stages import count_calls, measure_clean, measure_floor, measure_kernel, measure_reading, measure_stages

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..api import Cleaner

ENOUGH = 20_000_000
"""Bytes of text from which on the figures of two samples agree."""


def bench(
    inputs: list[str],
    cleaner: Cleaner,
    *,
    megabytes: float = 64,
    runs: int = 3,
    workers: int = 0,
    kind: str = "auto",
    encoding: str | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Measure the work on the first `megabytes` of some inputs; give what JSON can hold.

    Each part is measured `runs` times and the median counts; `workers` is how many processes are compared with one, 0
    for one each core. `told` hears which part comes next. Raises `InputError` for inputs that cannot be read, or that
    hold no text.
    """
    from .sample import take_sample

    workers = count_workers(workers)
    with tempfile.TemporaryDirectory() as folder:
        sample = take_sample(inputs, megabytes * 1e6, Path(folder), kind, encoding)
        read = (sample.inputs, cleaner, kind, encoding)
        parts: dict[str, tuple[Callable[..., dict[str, Any]], tuple[Any, ...], int | None]] = {
            "read": (measure_reading, read, 1),
            "kernel": (measure_kernel, read, 1),
            "floor": (measure_floor, read, 1),
            "stages": (measure_stages, read, 1),
            "clean": (measure_clean, (*read, 1), 1),
        }
        if workers > 1:
            parts[f"clean, {workers} workers"] = (measure_clean, (*read, workers), None)
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(runs):
            for name, (function, arguments, cores) in parts.items():
                told(name)
                taken = apart(function, *arguments, cores=cores)
                if name == "kernel" and not taken["text_bytes"]:
                    raise InputError(
                        "no records with a text to measure", where=name_inputs(inputs), hint="name files that have some"
                    )
                found[name].append(taken)
        told("calls")
        calls = apart(count_calls, *read, cores=1)
    median = {name: _median(taken) for name, taken in found.items() if taken[0]}
    return {
        "input": {
            "files": sample.files,
            "bytes": sample.whole,
            "sample_bytes": sample.size,
            "records": median["clean"]["records"],
            "text_bytes": median["kernel"]["text_bytes"],
            "enough": median["kernel"]["text_bytes"] >= ENOUGH,
        },
        "profile": cleaner.ruleset.profile,
        "rules": len(cleaner.ruleset.infos) - len(cleaner.ruleset.off),
        "runs": runs,
        **_figures(median, sample.whole / sample.size if sample.whole else None),
        "hits": calls,
        "machine": describe_machine(),
    }


def _figures(median: dict[str, dict[str, Any]], times: float | None) -> dict[str, Any]:
    """Give rates, stages and projections; `times` is how often the sample goes into the whole."""
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


def _median(taken: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(taken, key=lambda one: one["seconds"])[(len(taken) - 1) // 2]
