"""Dates that only their record or their source can decide: the order of day and month, relative dates, time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ...schemas.values.dates import AmbiguousDateError, Context, Moment, RelativeDateError, localize, moment
from .extra_fields import escape_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...schemas.field_reader import Misfit
    from ...schemas.values.date_settings import DateSettings
    from .extra_fields import ExtraFields

DATES = ("date_published", "date_modified", "date_retrieved")
_ASSUMING = (*DATES, "authors")  # their values know what was assumed to read them
LEARNED = "the order of day and month in other dates of the source"
_HOST = re.compile(r"(?i)https?://(?:[^/@?#]*@)?(?:www\.)?([^/:?#]+)")


class SourceDates(Protocol):
    """What is known about the files that records come from."""

    def path_of(self, file: str) -> str:
        """Return the path of a file that records have under this name."""

    def order_of(self, file: str, host: str | None) -> str | None:
        """Return the order of day and month that other dates of a file show, None if they show none."""


@dataclass
class Misread:
    """A value that does not fit its field. It is kept under `extra`."""

    field: str
    message: str
    kind: str = ""
    """`ambiguous` for a date that can be read in two ways."""


@dataclass(frozen=True)
class Assumed:
    """What was assumed to fill a field."""

    field: str
    how: str
    score: float | None = None
    """How sure it is, from 0 to 1, if that was measured."""


@dataclass
class Settled:
    """What came of the values that did not fit their fields at first, by row."""

    misread: dict[int, list[Misread]] = field(default_factory=dict)
    assumed: dict[int, list[Assumed]] = field(default_factory=dict)
    _read: set[tuple[int, str, int]] = field(default_factory=set)
    """Row and name of values that were read with the context of their record, and the identity of the value."""

    def keep(self, extra: ExtraFields, values: Iterable[tuple[int, str, Any]]) -> None:
        """Keep values under `extra`, but not those that a field has in the end."""
        for row, name, value in values:
            if (row, name, id(value)) not in self._read:
                extra.add(row, name, value)

    def note_read(self, misfit: Misfit) -> None:
        """Note that the value of a misfit was read."""
        self._read.add((misfit.row, misfit.name, id(misfit.value)))

    def note_misread(self, misfit: Misfit, reason: ValueError) -> None:
        """Note that a value does not fit its field."""
        kind = "ambiguous" if isinstance(reason, AmbiguousDateError) else ""
        item = Misread(misfit.field, escape_surrogates(str(reason)), kind)
        self.misread.setdefault(misfit.row, []).append(item)


class DateReader:
    """Reads the dates of a batch with the context of their records. `values` has the fields by name, by row."""

    def __init__(
        self,
        values: Mapping[str, list[Any]],
        file: str | Sequence[str] | None,
        settings: DateSettings,
        sources: SourceDates | None,
    ) -> None:
        self._values, self._file, self._settings, self._sources = values, file, settings, sources

    def settle(self, misfits: Iterable[Misfit]) -> Settled:
        """Read the dates that need the context of their records; return what is misread or was assumed."""
        settled = Settled()
        for misfit in misfits:
            try:
                if not isinstance(misfit.error, (AmbiguousDateError, RelativeDateError)):
                    raise misfit.error
                self._values[misfit.field][misfit.row] = self.read(misfit.value, misfit.row)
                settled.note_read(misfit)
            except ValueError as reason:
                settled.note_misread(misfit, reason)
        self.localize_all()
        for name in _ASSUMING:
            for row, value in enumerate(self._values.get(name, ())):
                if value is not None and value.assumed:
                    settled.assumed.setdefault(row, []).extend(Assumed(name, how) for how in value.assumed)
        return settled

    def read(self, value: Any, row: int) -> Moment | None:
        """Read a date of a row. Raises `ValueError` if the context does not decide it either."""
        return moment(value, self._context(row))

    def localize_all(self) -> None:
        """Turn the times without a zone into those of the zones that the settings name."""
        for name in DATES if self._settings.has_zones else ():
            column = self._values.get(name, [])
            for row, value in enumerate(column):
                if value is not None and value.precision == "second-naive":
                    zone = self._settings.zone_of(self._host(row), self._path(row))
                    column[row] = localize(value, Context(timezone=zone))

    def _context(self, row: int) -> Context:
        host, file = self._host(row), self._file_of(row)
        order, why = self._settings.order_of(host, self._path(row)), ""
        if order is None and self._sources is not None and file is not None:
            order, why = self._sources.order_of(file, host), LEARNED
        retrieved = self._of("date_retrieved", row)
        return Context(
            order,
            why if order else "",
            language=self._of("language", row),
            base=retrieved.time if retrieved is not None and retrieved.precision != "day" else None,
        )

    def _of(self, name: str, row: int) -> Any:
        column = self._values.get(name)
        return column[row] if column is not None else None

    def _host(self, row: int) -> str | None:
        return host_of(self._of("source_domain", row), self._of("url", row))

    def _file_of(self, row: int) -> str | None:
        return self._file if self._file is None or isinstance(self._file, str) else self._file[row]

    def _path(self, row: int) -> str | None:
        file = self._file_of(row)
        return self._sources.path_of(file) if file is not None and self._sources is not None else file


def host_of(domain: str | None, url: str | None) -> str | None:
    """Return the host of a record in lower case, without `www.`: its domain, else that of its URL."""
    if domain:
        return domain.lower().removeprefix("www.")
    found = _HOST.match(url) if url else None
    return found[1].lower() if found else None
