"""The severity of a finding, from the least severe up."""

from __future__ import annotations

from typing import Literal

Severity = Literal["info", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
