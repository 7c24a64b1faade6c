"""Write the page of a run into its output folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....schemas.errors import OutputError
from ...atomic_files import whole_file
from .collect import collect_figures
from .off_rules import try_off_rules
from .page import render_run

if TYPE_CHECKING:
    from pathlib import Path

    from ....rules.ruleset.ruleset import Ruleset
    from .data import ReportData

REPORT = "report.html"


def write_report(
    out: Path,
    ruleset: Ruleset,
    *,
    earlier: ReportData | None = None,
    against: str = "",
    to: Path | None = None,
) -> Path:
    """Write the page of the run that wrote the folder `out`, and return its path: `out`/report.html, or `to`.

    The page depends on the results of the run and on the rules alone, so the same results make the same bytes. Rules
    of `ruleset` that the user switched off are tried on a sample of the records. Raises `InputError` for a
    folder that no run wrote or that is damaged, and `OutputError` if the page cannot be written.
    """
    data = collect_figures(out)
    data.off_rules = try_off_rules(data.raw_texts, ruleset)
    summaries = {rule: info.summary for rule, info in ruleset.infos.items()}
    page = render_run(data, summaries, earlier=earlier, against=against)
    path = to or out / REPORT
    if to is None and path.is_symlink():  # it may lead out of the folder, and the folder may be somebody else's
        raise OutputError(
            "this is a link in the place of the page", where=str(path), hint="remove it, or use --to FILE"
        )
    with whole_file(path) as file:
        file.write(page)
    return path
