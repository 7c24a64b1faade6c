"""What the user says about dates: the zone of times without one, and the order of day and month."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SettingError
from .zones import named_zone

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class DateSettings:
    """The zone and the order for all dates, and those of some sources, by globs of hosts and of paths below `root`."""

    timezone: str | None = None
    order: str | None = None
    """`day-first` or `month-first`."""
    zones: tuple[tuple[str, str], ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    root: Path = field(default=Path(), compare=False)

    def __post_init__(self) -> None:
        """Raise `SettingError` for a zone that does not exist."""
        for key, zone in (("timezone", self.timezone), *(("per-source-timezone", zone) for _, zone in self.zones)):
            try:
                named_zone(zone) if zone else None
            except ValueError:
                raise SettingError(
                    f"{key}: unknown time zone {zone!r}", hint="write it as in Europe/Berlin, or as an offset: +02:00"
                ) from None

    @classmethod
    def of(
        cls, timezone: str, order: str, zones: Mapping[str, str], orders: Mapping[str, str], root: Path
    ) -> DateSettings:
        """Return the settings of a configuration, in which an empty text means that nothing is set."""
        return cls(timezone or None, order or None, tuple(zones.items()), tuple(orders.items()), root)

    @property
    def has_zones(self) -> bool:
        """Whether times without a zone are read as those of a zone."""
        return bool(self.timezone or self.zones)

    def zone_of(self, host: str | None, file: str | None) -> str | None:
        """Return the zone of a source. Of several globs that fit, the last one applies."""
        return self._choose(self.zones, host, file) or self.timezone

    def order_of(self, host: str | None, file: str | None) -> str | None:
        """Return the order of a source. Of several globs that fit, the last one applies."""
        return self._choose(self.orders, host, file) or self.order

    def _choose(self, pairs: tuple[tuple[str, str], ...], host: str | None, file: str | None) -> str | None:
        names = [host] if host else []
        if file and pairs:
            names += [file, Path(os.path.relpath(file, self.root)).as_posix()]
        fitting = [value for glob, value in pairs if any(fnmatchcase(name, glob) for name in names)]
        return fitting[-1] if fitting else None

    def describe(self) -> str:
        """Return the settings as one text, empty if nothing is set."""
        pairs = [("timezone", self.timezone), ("order", self.order), *self.zones, *self.orders]
        return ", ".join(f"{name}={value}" for name, value in pairs if value)


NO_SETTINGS = DateSettings()
