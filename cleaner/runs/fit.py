"""Whether a file fits: a file whose first records have no text field is set aside, or ends the run."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError, NoTextFieldError
from ...schemas.messages import counted
from ..readers.dispatch import group_sources, misfit, read_group

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..readers.batches import Batch, UnparsedBatch
    from ..readers.source import Source
    from ..records.loader import Loader
    from .totals import Totals

_NAMED = 20  # files, in warnings
_log = logging.getLogger("copydesk")
_SAMPLE = 20  # records that are looked at for a field that can be the text


@dataclass(frozen=True)
class Fit:
    """What a run does with files that do not fit. Without a loader, it asks only whether they can be read."""

    loader: Loader | None = None
    strict: bool = True
    """Whether such a file ends the run."""

    def find_problem(self, source: Source, first: Batch | UnparsedBatch) -> NoTextFieldError | None:
        """Return the error of a file whose first batch has no text field, None if it fits. Raise it if `strict`.

        The first record that names a text field decides, so most batches need not be parsed for it.
        """
        if self.loader is None:
            return None
        error = self._find_error(source, first.sample().parse()) and self._find_error(source, first.parse())
        if error is not None and self.strict:
            raise error
        return error

    def _find_error(self, source: Source, batch: Batch) -> NoTextFieldError | None:
        assert self.loader is not None
        for names in fields_by_file(batch).values():
            try:
                count = len(batch.rows) if batch.rows is not None else batch.table.num_rows if batch.table else 0
                sample = (batch.record(row) for row in range(min(count, _SAMPLE)))  # only read for an error
                self.loader.require_text(names, source.label, sample)
            except NoTextFieldError as error:
                return error
        return None


STRICT = Fit()


def require_fitting(misfits: Sequence[Mapping[str, str]], paths: Mapping[str, str], read: int) -> None:
    """Raise `InputError` if all of the records that were read stand for files that are set aside.

    `misfits` are those of `Totals`, `paths` the paths of the files by their names.
    """
    if misfits and read == len(misfits):
        others = f" ({counted(len(misfits) - 1, 'other file')} cannot be read either)" if misfits[1:] else ""
        where = paths.get(misfits[0]["file"], misfits[0]["file"])
        raise InputError(f"{misfits[0]['message']}{others}", where=where)


def warn_of_misfits(totals: Totals, paths: Mapping[str, str], *, require: bool) -> None:
    """Warn of the first files that were set aside. If `require`, raise `InputError` if nothing else was read."""
    misfits = totals.misfits
    if require:
        require_fitting(misfits, paths, totals.read)
    for one in misfits[:_NAMED]:
        _log.warning("%s: %s (%s)", paths.get(one["file"], one["file"]), one["message"], one["check"])
    if len(misfits) > _NAMED:
        _log.warning("%s more set aside: see `files` in the summary", counted(len(misfits) - _NAMED, "file"))


def read_fitting(sources: Sequence[Source], encoding: str | None, fit: Fit) -> Iterator[Batch]:
    """Read sources as batches of raw records; one that does not fit is an unreadable record, or raises `InputError`."""
    for group in group_sources(list(sources)):
        for number, batch in enumerate(read_group(group, encoding, strict=fit.strict)):
            is_first = number == 0 and len(group.sources) == 1
            if is_first and (problem := fit.find_problem(group.sources[0], batch)):
                yield misfit(group.sources[0], problem)
                break
            yield batch.parse()


def fields_by_file(batch: Batch) -> dict[str, list[Any]]:
    """Return the field names of the records by file. Text files are left out: they have one field."""
    files = batch.place.file
    names = [list(row) for row in batch.rows or []] if batch.table is None else [batch.table.column_names]
    if isinstance(files, str):
        return {files: names}
    by_file: dict[str, list[Any]] = {}
    if isinstance(files, list) and batch.place.reader not in ("text", "quarantine"):
        for file, fields in zip(files, names, strict=True):
            by_file.setdefault(file, []).append(fields)
    return by_file
