"""The summary of a run, and the settings that its results depend on."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..._version import __version__
from .watched_sources import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..api import Cleaner
    from ..readers.source import Source
    from .run_request import RunRequest
    from .totals import Totals


def describe_settings(request: RunRequest, cleaner: Cleaner) -> dict[str, str]:
    """Return all that the bytes of a run depend on beside its inputs, by the names that a user knows."""
    return {
        "the version of copydesk": __version__,
        "the version of pyarrow": pa.__version__,
        "the digest of the rules and profile": cleaner.ruleset.digest,
        **{f"--{name}": value for name, value in cleaner.settings.items()},
        "--to": request.to,
        "--names": request.names,
        "--columns": ",".join(request.columns),
        "--raw-csv": "on" if request.raw_csv else "off",
        "--input-format": request.inputs.kind,
        "--encoding": request.inputs.encoding or "utf-8",
        "--gx": "on" if request.gx else "off",
    }


def summarise(
    totals: Totals, cleaner: Cleaner, sources: Iterable[Source], validation: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the summary of a run. Everything that differs between two runs of the same input is under `run`."""
    templates = cleaner.templates
    failures = {
        rule: {"records": count, "switched_off": totals.switched_off[rule]}
        for rule, count in sorted(totals.failures.items())
    }
    return {
        "records": {"read": totals.read, "accepted": totals.accepted, "quarantined": totals.quarantined},
        **({"files": totals.misfits} if totals.misfits else {}),
        "characters": {
            "in": totals.characters_in,
            "out": totals.characters_out,
            "removed": totals.characters_removed,
            "quarantined": totals.characters_quarantined,
        },
        "edits": {
            rule: {"count": count, "characters": totals.characters_cut[rule]}
            for rule, count in sorted(totals.edits.items())
        },
        "checks": dict(sorted(totals.reasons.items())),
        "rejections": dict(sorted(totals.rejections.items())),
        **({"validation": validation} if validation else {}),
        **({"failures": failures} if failures else {}),
        "profile": cleaner.ruleset.profile,
        "suite": {"name": cleaner.suite.name, "digest": cleaner.suite.digest, "checks": len(cleaner.suite.columns())},
        "ruleset": {"digest": cleaner.ruleset.digest, "rules": len(cleaner.ruleset.infos)},
        **({"templates": {"digest": templates.digest, "lines": len(templates)}} if templates is not None else {}),
        **describe_run(sources, totals.seconds),
    }


def describe_run(sources: Iterable[Source], seconds: float) -> dict[str, Any]:
    """Return the inputs of a run, and under `run` what differs between two runs of the same input."""
    import platform

    return {
        "inputs": [_describe_input(source) for source in sources],
        "run": {
            "copydesk": __version__,
            "python": platform.python_version(),
            "pyarrow": pa.__version__,
            "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
        },
    }


def _describe_input(source: Source) -> dict[str, Any]:
    """Return the entry of a source. Only a file has a digest."""
    entry = {"name": source.name, "format": source.kind, "bytes": source.size, "sha256": digest_of(source)}
    return {**entry, "table": source.database.label} if source.database else entry


def encode_summary(summary: dict[str, Any]) -> bytes:
    """Return a summary as JSON."""
    return json.dumps(summary, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
