"""The HTML report of a validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..reports.html_environment import render_page

if TYPE_CHECKING:
    from .result import Validation


def render_validation(validation: Validation, summary: dict[str, Any]) -> str:
    """Return the HTML page of a validation."""
    ranks = {"error": 0, "warning": 1, "info": 2}
    checks = sorted(validation.checks, key=lambda check: (ranks[check.severity], -check.flagged, check.id))
    return render_page(
        "validation.html",
        found=validation,
        flagged=[check for check in checks if check.flagged],
        silent=sorted(check.id for check in checks if not check.flagged),
        inputs=summary["inputs"],
        run=summary["run"],
    )
