"""The lock file: which rules run, one by one, and what is needed to run them again later.

A lock names every rule with the hash of what it declares, the versions of the engine and of Unicode, and the selection.
It also holds the rule files themselves, compressed, so that two locks can be compared by what they cut. Code rules are
only named: they run from the installed package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..._version import __version__
from ...schemas.errors import LockError
from .loader import RULES, RuleSource, parse_checked, parse_rules
from .ruleset import ENGINE_VERSION, PROFILES, Ruleset, load_ruleset, require_unique_ids
from .selection import Selection

if TYPE_CHECKING:
    from collections.abc import Container

    from .model import RuleInfo

VERSION = 1
MOVED = "the rule files have moved since the lock was made"
_MOST = 16 << 20  # bytes of one rule file
_HEAD = 1 << 20  # bytes at the beginning of a lock that its options are in
MAKE_ANEW = "make the lock anew with `copydesk rules lock`"


class LockedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: the version that first had it, its file, the SHA-256 of what it declares."""

    since: str
    source: str
    sha256: str


class LockedSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule file: its name, the SHA-256 of its bytes, and the bytes, compressed, if it is data."""

    name: str
    sha256: str
    built_in: bool
    content: str | None


_Choices = tuple[list[str], list[str], list[tuple[str, list[str]]]]
"""The selection in a lock, if anything was chosen: what to select, to ignore, and to ignore by source."""


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a lock file."""

    version: int
    copydesk: str
    engine: str
    unicode: str
    profile: str
    unsafe: bool
    selection: list[Any]
    digest: str
    rules: dict[str, LockedRule]
    sources: list[LockedSource]

    @property
    def has_old_names(self) -> bool:
        """Whether it names built-in rule files without their folders, as copydesk 0.1 did."""
        return any(source.built_in and "/" not in source.name and "." in source.name for source in self.sources)


def make_lock(ruleset: Ruleset) -> Lock:
    """Return the lock of a ruleset."""
    sources = sorted(ruleset.sources, key=lambda source: (not source.built_in, _lock_name(source), source.digest))
    rules = {
        info.id: LockedRule(info.since, _lock_name(source), _hash_rule(info, source))
        for source in sources
        for info in source.infos
    }
    return Lock(
        VERSION,
        __version__,
        ENGINE_VERSION,
        unicodedata.unidata_version,
        ruleset.profile,
        ruleset.unsafe,
        json.loads(json.dumps(ruleset.selection.choices)),
        ruleset.digest,
        dict(sorted(rules.items())),
        [LockedSource(_lock_name(s), s.digest, s.built_in, _compress(s)) for s in sources],
    )


def render_lock(lock: Lock) -> str:
    """Return the text of a lock file. It has one line for each rule and each file, so that a diff shows changes."""
    fields = msgspec.to_builtins(lock)
    rules, sources = fields.pop("rules"), fields.pop("sources")
    head = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in fields.items()]
    rule_lines = ",\n".join(f"  {json.dumps(rule_id)}: {json.dumps(rule)}" for rule_id, rule in rules.items())
    source_lines = ",\n".join(f"  {json.dumps(source, ensure_ascii=False)}" for source in sources)
    return "\n".join(["{", *head, ' "rules": {', rule_lines, " },", ' "sources": [', source_lines, " ]", "}"]) + "\n"


def read_lock(path: Path) -> Lock:
    """Read a lock file. Raises `LockError` if it is missing, damaged or of another version."""
    try:
        content = msgspec.json.decode(path.read_bytes())
        version = content.get("version") if isinstance(content, dict) else None
        if version not in (None, VERSION):
            raise LockError(f"the lock has version {version!r}, not {VERSION}", where=str(path), hint=MAKE_ANEW)
        lock = msgspec.convert(content, Lock)
        if lock.selection:
            msgspec.convert(lock.selection, _Choices)
    except FileNotFoundError:
        raise LockError("no such lock", where=str(path), hint="make it with `copydesk rules lock`") from None
    except OSError as error:
        raise LockError(f"cannot be read ({error.strerror})", where=str(path), hint="name another file") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise LockError(f"the lock is damaged ({error})", where=str(path), hint=MAKE_ANEW) from None
    parts = [lock.engine, lock.profile, lock.unsafe, sorted(source.sha256 for source in lock.sources), *lock.selection]
    if hashlib.sha256(json.dumps(parts).encode()).hexdigest() != lock.digest:
        raise LockError("the lock is damaged (its digest does not match)", where=str(path), hint=MAKE_ANEW)
    return lock


def looks_like_lock(content: bytes) -> bool:
    """Return whether the beginning of a file is that of a lock, which may be damaged. An empty file counts as one."""
    head = content[:_HEAD].lstrip()
    names = (name for name in Lock.__struct_fields__ if name not in ("rules", "sources"))
    return not head or (head.startswith(b"{") and all(f'"{name}":'.encode() in head for name in names))


def find_drift(lock: Lock, ruleset: Ruleset) -> list[str]:
    """Return how a ruleset differs from the one of a lock, one difference an entry."""
    return compare_locks(lock, make_lock(ruleset))


def compare_locks(lock: Lock, now: Lock) -> list[str]:
    """Return how two locks differ, one difference an entry. Of a lock with old file names, that is the only one."""
    if lock.has_old_names and not now.has_old_names:
        return [MOVED]
    before, after = _describe_options(lock), _describe_options(now)
    drift = [f"{name}: {value} became {after[name]}" for name, value in before.items() if value != after[name]]
    drift += [f"{rule_id}: gone" for rule_id in lock.rules.keys() - now.rules.keys()]
    drift += [f"{rule_id}: new" for rule_id in now.rules.keys() - lock.rules.keys()]
    both = lock.rules.keys() & now.rules.keys()
    drift += [f"{rule_id}: changed" for rule_id in both if lock.rules[rule_id].sha256 != now.rules[rule_id].sha256]
    if not drift and lock.digest != now.digest:
        digests = {source.sha256 for source in lock.sources}
        drift = [f"{source.name}: changed, but in no rule" for source in now.sources if source.sha256 not in digests]
    return sorted(drift)


def _describe_options(lock: Lock) -> dict[str, str]:
    """Return the options of a lock in words, under the names that settings have."""
    select, ignore, by_source = lock.selection or (["all"], [], [])
    source_ignores = [f"{', '.join(selectors)} for {glob}" for glob, selectors in by_source]
    return {
        "engine": lock.engine,
        "unicode": lock.unicode,
        "profile": lock.profile,
        "unsafe": "on" if lock.unsafe else "off",
        "select": ", ".join(select) or "nothing",
        "ignore": ", ".join(ignore) or "nothing",
        "per-source-ignores": "; ".join(source_ignores) or "nothing",
    }


def locked_ruleset(lock: Lock, path: Path, *, installed_code: bool = False) -> Ruleset:
    """Return the ruleset that a lock holds.

    Raises `LockError` if its rules cannot run here: they are for another engine, or its code rules are not the
    installed ones and these may not be used instead (`installed_code`).
    """
    advice = f"install copydesk {lock.copydesk} to see what its rules do"
    if lock.engine != ENGINE_VERSION:
        raise LockError(
            f"its rules are for engine {lock.engine}, and this is engine {ENGINE_VERSION}", where=str(path), hint=advice
        )
    if lock.profile not in PROFILES:
        raise LockError(f"it has an unknown profile {lock.profile!r}", where=str(path), hint=advice)
    here = load_ruleset().sources
    trusted = {source.digest for source in here}
    installed = {source.name: source for source in here if not source.phrases}
    sources = []
    for locked in lock.sources:
        if locked.content is not None:
            sources.append(_read_source(locked, path, trusted))
        elif locked.name in installed and (installed_code or installed[locked.name].digest == locked.sha256):
            sources.append(installed[locked.name])
        elif not (installed_code and locked.built_in and lock.has_old_names):
            raise LockError(
                f"{locked.name} is code, and not the one that is installed",
                where=str(path),
                hint=f"{advice}, or add --installed-code to use the installed one",
            )
    if installed_code and lock.has_old_names:
        sources += [source for source in installed.values() if source.built_in and source not in sources]
    require_unique_ids(sources)
    return Ruleset(tuple(sources), lock.profile, lock.unsafe, _read_selection(lock, path.parent))


def _read_selection(lock: Lock, root: Path) -> Selection:
    if not lock.selection:
        return Selection(root=root)
    select, ignore, by_source = lock.selection
    pairs = tuple((glob, tuple(selectors)) for glob, selectors in by_source)
    return Selection(tuple(select), tuple(ignore), pairs, root=root)


def _hash_rule(info: RuleInfo, source: RuleSource) -> str:
    """Return the hash of what a rule declares and, of a code rule, of its file."""
    # a rule that fills nothing is what it was before rules could fill fields
    declared = info.model_dump_json(exclude=None if info.fills else {"fills"}) + (
        "" if source.phrases else source.digest
    )
    return hashlib.sha256(declared.encode()).hexdigest()


def _lock_name(source: RuleSource) -> str:
    """Return the name of a source in a lock: built-in ones by their path below `rules/`, others by their file name."""
    return source.name if source.built_in else Path(source.name).name


def _compress(source: RuleSource) -> str | None:
    if not source.phrases:
        return None
    content = (RULES / source.name if source.built_in else Path(source.name)).read_bytes()
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _read_source(locked: LockedSource, path: Path, trusted: Container[str]) -> RuleSource:
    """Read a rule file that a lock holds. Raises `LockError` if it is damaged, `RuleError` if it cannot be loaded.

    `trusted` are digests of files whose patterns need no check.
    """
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(locked.content or "", validate=True), _MOST)
    except (ValueError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != locked.sha256:
        raise LockError(f"the lock is damaged: its copy of {locked.name}", where=str(path), hint=MAKE_ANEW)
    parse = partial(parse_rules, tested=True) if locked.sha256 in trusted else parse_checked
    return replace(parse(path / locked.name, locked.name, content), built_in=locked.built_in)
