"""The summary of a run, and the settings that must stay the same for it to give the same bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from ..api import Cleaner
    from ..readers.source import Source
    from .totals import Totals


def describe_settings(cleaner: Cleaner, *, to: str, kind: str, encoding: str | None, gx: bool) -> dict[str, str]:
    """Give all that the bytes of a run depend on but its input, by names that a user knows."""
    return {
        "the version of copydesk": __version__,
        "the version of pyarrow": pa.__version__,
        "the digest of the rules and profile": cleaner.ruleset.digest,
        **{f"--{name}": value for name, value in cleaner.settings.items()},
        "--to": to,
        "--input-format": kind,
        "--encoding": encoding or "utf-8",
        "--gx": "on" if gx else "off",
    }


def summarise(
    totals: Totals, cleaner: Cleaner, sources: list[Source], validation: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give the summary of a run; what another run of the same input would change stands under `run`."""
    templates = cleaner.templates
    failures = {
        rule: {"records": count, "switched_off": totals.switched_off[rule]}
        for rule, count in sorted(totals.failures.items())
    }
    return {
        "records": {"read": totals.read, "accepted": totals.accepted, "quarantined": totals.quarantined},
        "characters": {"in": totals.characters_in, "out": totals.characters_out},
        "edits": {
            rule: {"count": count, "characters": totals.characters_cut[rule]}
            for rule, count in sorted(totals.edits.items())
        },
        "checks": dict(sorted(totals.reasons.items())),
        "rejections": dict(sorted(totals.rejections.items())),
        **({"validation": validation} if validation else {}),
        **({"failures": failures} if failures else {}),
        "profile": cleaner.ruleset.profile,
        "ruleset": {"digest": cleaner.ruleset.digest, "rules": len(cleaner.ruleset.infos)},
        **({"templates": {"digest": templates.digest, "lines": len(templates)}} if templates is not None else {}),
        **describe_run(sources, totals.seconds),
    }


def describe_run(sources: list[Source], seconds: float) -> dict[str, Any]:
    """Say what a run read, and under `run` what another one would not have alike."""
    import platform

    return {
        "inputs": [_input(source) for source in sources],
        "run": {
            "copydesk": __version__,
            "python": platform.python_version(),
            "pyarrow": pa.__version__,
            "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
        },
    }


def _input(source: Source) -> dict[str, Any]:
    """Give what the summary says of a source; only of a file there is a digest."""
    said = {"name": source.name, "format": source.kind, "bytes": source.size, "sha256": _sha256(source)}
    return {**said, "table": source.database.label} if source.database else said


def write_summary(path: Path, summary: dict[str, Any]) -> None:
    """Write a summary as JSON."""
    path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _sha256(source: Source) -> str | None:
    if source.path is None:
        return None
    with source.path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
