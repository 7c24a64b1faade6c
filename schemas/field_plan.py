"""Which fields of an article the names of a record fill, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .dialects.catalogue import Dialect, find_dialect, recognise
from .field_aliases import ALIASES
from .field_paths import Path, core_name, fold_name, parse_path
from .field_wrappers import OF_ELASTICSEARCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .field_wrappers import Wrapped

DIALECT = "dialect"
"""The key of a mapping that names the dialect of the records, like `--from`."""
_ORDER = sorted(ALIASES, key=lambda field: field != "body")  # a value that can be the body is no description
_SECOND_MEANINGS = {"rubrik": ("section", "headline")}
"""Names that mean the first field, but the second one in records with another name for the first and none for it."""
_CACHED_NAMES = 256  # fields of a record; the plans of larger ones would fill the memory


class Candidate(NamedTuple):
    """A place in a record that can fill a field: a name, and the path below it."""

    name: str
    path: Path
    is_weak: bool
    """Whether it is used only for values that fit the field well."""
    label: str
    """What the place is called in edits and in `provenance`."""


class FieldPlan(NamedTuple):
    """How records with the same names are read."""

    sources: tuple[tuple[str, tuple[tuple[Candidate, ...], ...]], ...]
    """For each field that can be filled, the places to look at in this order; those of one inner tuple go together."""
    others: tuple[str, ...]
    """Names that can fill no field."""
    dialect: str | None
    confidence: float

    @property
    def fields(self) -> dict[str, str]:
        """Return `{input name: field}` of the best place of each field."""
        return {alternatives[0][0].label: field for field, alternatives in self.sources}


_Source = tuple[str, tuple[tuple[Candidate, ...], ...]]


@dataclass
class _Names:
    """The names of a record, exactly and folded."""

    names: Sequence[str]
    wrapped: Wrapped = ()

    def __post_init__(self) -> None:
        self.exact = {name for name in self.names if isinstance(name, str)}
        self.folded: dict[str, list[str]] = {}
        wrappers = {path[0] for path, _ in self.wrapped}
        for name in self.names:
            if isinstance(name, str) and not (name == OF_ELASTICSEARCH and name in wrappers):  # it is no source
                self.folded.setdefault(fold_name(name), []).append(name)

    def find(self, written: str) -> list[Candidate]:
        """Return the places that a name or path can mean, the likeliest first."""
        weak = written.endswith("?")
        whole = written.removesuffix("?")
        found = [Candidate(name, (), weak, name) for name in self._matches(whole)]
        path = parse_path(whole)
        if len(path) > 1 and isinstance(path[0], str):
            below = whole[len(path[0]) :]
            found += [Candidate(name, path[1:], weak, f"{name}{below}") for name in self._matches(path[0])]
        return found

    @cached_property
    def cores(self) -> dict[str, list[str]]:
        """The names that say of what record they are part, by what else they say."""
        cores: dict[str, list[str]] = {}
        for name in self.names:
            if isinstance(name, str) and (core := core_name(name)):
                cores.setdefault(core, []).append(name)
        return cores

    def find_core(self, written: str) -> list[Candidate]:
        """Return the places whose names mean a name, and say in addition that they are part of an article."""
        return [
            Candidate(name, (), written.endswith("?"), name)
            for name in self.cores.get(fold_name(written.removesuffix("?")), ())
        ]

    def find_wrapped(self, written: str) -> list[Candidate]:
        """Return the places within wrappers that a name or path can mean."""
        weak, whole = written.endswith("?"), written.removesuffix("?")
        found = []
        for wrapper, keys in self.wrapped:
            inner = _Names(keys)
            for place in inner.find(whole):
                label = ".".join((*wrapper, place.label))
                found.append(Candidate(wrapper[0], (*wrapper[1:], place.name, *place.path), weak, label))
        return found

    def _matches(self, name: str) -> list[str]:
        first = [name] if name in self.exact else []
        return first + [other for other in self.folded.get(fold_name(name), ()) if other != name]


def plan_fields(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...] = (), wrapped: Wrapped = ()) -> FieldPlan:
    """Return how records with these names are read.

    `mapping` has pairs of the user: (field, name or path), which override the aliases, and (`dialect`, its name).
    Fields within a wrapper come after those of the record itself.
    """
    count = len(names) + sum(len(keys) for _, keys in wrapped)
    return (_plan_few if count <= _CACHED_NAMES else _plan)(names, mapping, wrapped)


def _plan(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...], wrapped: Wrapped) -> FieldPlan:
    chosen = dict(mapping)
    known = _Names(names, wrapped)
    wanted = chosen.pop(DIALECT, None)
    dialect, confidence = (find_dialect(wanted), 1.0) if wanted else recognise(names)
    taken = {candidate.name for written in chosen.values() for candidate in known.find(written) if not candidate.path}
    kept = {name for written in dialect.other for name in known._matches(written)} if dialect else set()
    own = _own_names(dialect, known) if dialect else {}
    sources = []
    for field in _ORDER:
        places: list[tuple[Candidate, ...]]
        if field in chosen:
            places = [(candidate,) for candidate in known.find(chosen[field])]
        else:
            places = list(_places(field, dialect, known, taken | kept, own))
        if places:
            sources.append((field, tuple(dict.fromkeys(places))))
    sources = _settle_meanings(sources)
    read = {place.name for _, places in sources for group in places for place in group}
    others = tuple(name for name in names if name not in read)
    return FieldPlan(tuple(sources), others, dialect.name if dialect else None, confidence)


_plan_few = lru_cache(maxsize=4096)(_plan)


def _settle_meanings(sources: list[_Source]) -> list[_Source]:
    """Return the places of each field, with names of two meanings in the field that they mean here."""
    places = dict(sources)
    for name, (first, second) in _SECOND_MEANINGS.items():
        named = tuple(group for group in places.get(first, ()) if fold_name(group[0].name) == name)
        others = tuple(group for group in places.get(first, ()) if group not in named)
        if named and others and second not in places:
            places |= {first: others, second: named}
    return list(places.items())


def _own_names(dialect: Dialect, known: _Names) -> dict[str, set[str]]:
    """Return the names of a record that the dialect has fields for, whole, each with these fields."""
    own: dict[str, set[str]] = {}
    written = [(field, name) for field, groups in dialect.fields.items() for group in groups for name in group]
    for field, name in written:
        for place in known.find(name):
            if not place.path:
                own.setdefault(place.name, set()).add(field)
    return own


def _places(
    field: str, dialect: Dialect | None, known: _Names, barred: set[str], own: dict[str, set[str]]
) -> Iterable[tuple[Candidate, ...]]:
    """Yield the places of a field: those of the dialect, then those that any dump may use and the dialect does not.

    The places within wrappers come last.
    """
    for group in dialect.fields.get(field, ()) if dialect else ():
        places = tuple(place for name in group for place in known.find(name) if place.path or place.name not in barred)
        if len(group) > 1:
            if places:
                yield places
        else:
            yield from ((place,) for place in places)
    for name in ALIASES[field]:
        for place in known.find(name):
            # what the dialect takes whole for a field may be an object here
            is_own = place.name in own and not (place.path and field in own[place.name])
            if place.name not in barred and not is_own:
                yield (place,)
    for name in ALIASES[field] if known.cores else ():
        yield from ((place,) for place in known.find_core(name) if place.name not in barred | own.keys())
    for name in ALIASES[field] if known.wrapped else ():
        yield from ((place,) for place in known.find_wrapped(name) if place.name not in barred)


def rename_fields(names: Sequence[str], mapping: dict[str, str] | None = None) -> dict[str, str]:
    """Return `{input name: field}` for the names that fill a field; each field is filled once.

    `mapping` is the user's own `{field: input name}`. It overrides the aliases.

    >>> rename_fields(["title", "maintext", "views"])
    {'maintext': 'body', 'title': 'headline'}
    """
    plan = plan_fields(tuple(names), tuple(sorted((mapping or {}).items())))
    taken: dict[str, str] = {}
    for field, alternatives in plan.sources:
        place = next((group[0] for group in alternatives if group[0].label not in taken), None)
        if place is not None:
            taken[place.label] = field
    return taken
