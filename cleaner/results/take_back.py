"""Cuts taken back in the folder of a run and in the file of decisions: both are changed, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...schemas.decisions import Decisions, Keep
from ...schemas.errors import InternalError
from .decision_file import deciding, write_decisions
from .recleaned import SecondCleaning
from .undo import undo_cuts
from .undone_cuts import choose_cuts, find_cut_records

if TYPE_CHECKING:
    from pathlib import Path

    from ..api import Cleaner
    from .folder import RunFolder
    from .undo import Undone
    from .undone_cuts import UndoChoice

_MAX_ROUNDS = 20  # each adds a rule that cuts the same lines


def take_back(
    folder: RunFolder, choice: UndoChoice, cleaner: Cleaner, path: Path, *, isolated: bool = False
) -> tuple[Undone, Decisions]:
    """Take cuts of a run back, and add the decisions to the file at `path`. Return what changed, and all decisions.

    If another rule would cut the same lines now, they are kept from that one, too. With `isolated`, the run did not
    follow the file. Raises `InputError` if there is no such cut, `SettingError` for cuts that cannot be taken back,
    `RestoreError` if the run had other rules, and `OutputError` if the folder or the file cannot be written.
    """
    with deciding(path):
        decided = Decisions.read(path)
        before = cleaner.with_decisions(Decisions() if isolated else decided)
        undone, keeps = _undo(folder, choice, before)
        decisions = decided + keeps
        write_decisions(decisions, path)
    return undone, decisions


def _undo(folder: RunFolder, choice: UndoChoice, before: Cleaner) -> tuple[Undone, list[Keep]]:
    """Take cuts back, and keep their lines from every other rule that would cut them now."""
    chosen = choose_cuts(folder, choice, before.ruleset)
    for _ in range(_MAX_ROUNDS):
        after = before.with_decisions(before.decisions + chosen.keeps.values())
        cleaning = SecondCleaning(before, after, chosen.keeps.values())
        undone = undo_cuts(folder, chosen.ids, cleaning)
        if undone is not None:
            return undone, list(chosen.keeps.values())
        for rule, line in cleaning.retaken:
            keep = Keep.of(rule, line, host=choice.host, record=choice.record)
            chosen.keeps[keep.scope] = keep
        chosen.ids = find_cut_records(folder, choice, chosen, before.ruleset)
    hint = "please report this; nothing was changed"
    raise InternalError("rules go on cutting these lines", where=str(folder.path), hint=hint)
