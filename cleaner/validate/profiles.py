"""Profile files, and propose a suite that fits a profile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...schemas.checks.frame import Frame
from ...schemas.checks.profile import Profile
from ...schemas.errors import InputError
from ...schemas.messages import counted, printable
from ..readers.discovery import name_inputs, warn_of_passed_over
from ..readers.exclusions import NOTHING, Exclusions
from ..runs.judge import judge_files
from .validator import Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

Progress = Callable[[int], None]


def profile_files(
    inputs: list[str],
    *,
    mapping: Mapping[str, str] | None = None,
    kind: str = "auto",
    encoding: str | None = None,
    exclude: Exclusions = NOTHING,
    progress: Progress = lambda _: None,
) -> Profile:
    """Return the profile of files and folders. Raises `InputError` if they contain no record."""
    profile = Profile()
    now = datetime.now(timezone.utc)
    validator = Validator("none", mapping=mapping)
    sources, results = judge_files(inputs, validator, kind=kind, encoding=encoding, exclude=exclude)
    warn_of_passed_over(inputs, sources, exclude)
    for result in results:
        profile.add(Frame(result.checked.articles, now))
        progress(result.batch.consumed)
    if not profile.records:
        raise InputError("no record in it", where=name_inputs(inputs), hint="name a file that contains articles")
    return profile


def propose_suite(profile: Profile, origin: str) -> str:
    """Return the TOML of a suite that a set with this profile passes. Comments give the figures behind it."""
    if not profile.records:
        raise InputError("it describes no record", where=origin, hint="make one of data with records")
    quantiles = profile.quantiles
    least, most = quantiles.get(0.01, 0), quantiles.get(0.99, 0)
    records = counted(profile.records, "record")
    lines = [
        f"summary = {json.dumps(printable(f'Proposed from {origin}: {records}'), ensure_ascii=False)}",
        'extends = "article"',
        "",
        "[checks]",
        f"# 1 % of the bodies are shorter than {least:,} characters, the median is {quantiles.get(0.5, 0):,}",
        f'"body/short" = {{ characters = {max(round(least * 0.8), 25)}, mostly = 0.98 }}',
        f"# 1 % are longer than {most:,}",
        f'"body/too-long" = {{ characters = {max(round(most * 4), 1000)}, mostly = 0.999 }}',
        "# from half to twice the number of records in the data set",
        f'"set/rows" = {{ least = {max(profile.records // 2, 1)}, most = {profile.records * 2} }}',
    ]
    shares = {name: profile.missing.get(name, 0) / profile.records for name in _PROFILED}
    lines.append("# missing values: the share in the data set plus five percentage points")
    limits = ", ".join(f"{name} = {min(round(share + 0.05, 2), 1.0)}" for name, share in shares.items())
    lines.append(f'"set/missing" = {{ share = {{ {limits} }} }}')
    if shares["headline"] > _ABSENT:
        lines += [f"# {shares['headline']:.0%} of the records have no headline", '"headline/missing" = "off"']
    if shares["url"] > _ABSENT:
        lines += [f"# {shares['url']:.0%} of the records have no URL", '"url/missing" = "off"']
    return "\n".join(lines) + "\n"


_PROFILED = ("headline", "date_published", "url", "language", "authors", "source_name")
_ABSENT = 0.9
