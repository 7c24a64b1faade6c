"""The lock: which rules a run goes by, one by one, with what is needed to run them again later.

A lock names every rule with the hash of what it declares, the version of the engine and of Unicode, and what is
selected. It also holds the rule files themselves, packed, so that two locks can be compared by what they do. Rules that
are code are only named: they run from the package that is installed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
import unicodedata
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..._version import __version__
from ...schemas.errors import LockError
from .loader import RULES, RuleSource, load_file
from .ruleset import ENGINE_VERSION, Ruleset, load_ruleset
from .selection import Selection

if TYPE_CHECKING:
    from .model import RuleInfo

VERSION = 1
_ANEW = "make it anew with `copydesk rules lock`"


class LockedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: the version that first had it, its file, the SHA-256 of what it declares."""

    since: str
    source: str
    sha256: str


class LockedSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule file: its name, the SHA-256 of its bytes, and the bytes, packed, if it is data."""

    name: str
    sha256: str
    built_in: bool
    content: str | None


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a lock file holds."""

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


def make_lock(ruleset: Ruleset) -> Lock:
    """Lock the rules of a run."""
    sources = sorted(ruleset.sources, key=lambda source: (not source.built_in, _name(source), source.digest))
    rules = {
        info.id: LockedRule(info.since, _name(source), _hash(info, source))
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
        _plain(ruleset.selection.choices),
        ruleset.digest,
        dict(sorted(rules.items())),
        [LockedSource(_name(s), s.digest, s.built_in, _pack(s)) for s in sources],
    )


def render_lock(lock: Lock) -> str:
    """Give the text of a lock file: one line for each rule and each file, so that changes are seen line by line."""
    fields = msgspec.to_builtins(lock)
    rules, sources = fields.pop("rules"), fields.pop("sources")
    head = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in fields.items()]
    named = ",\n".join(f"  {json.dumps(rule_id)}: {json.dumps(rule)}" for rule_id, rule in rules.items())
    files = ",\n".join(f"  {json.dumps(source, ensure_ascii=False)}" for source in sources)
    return "\n".join(["{", *head, ' "rules": {', named, " },", ' "sources": [', files, " ]", "}"]) + "\n"


def read_lock(path: Path) -> Lock:
    """Read a lock file. Raises `LockError` if there is none, or one of another version, or a damaged one."""
    try:
        content = msgspec.json.decode(path.read_bytes())
        version = content.get("version") if isinstance(content, dict) else None
        if version not in (None, VERSION):
            raise LockError(f"a lock of version {version!r}, not {VERSION}", where=str(path), hint=_ANEW)
        lock = msgspec.convert(content, Lock)
    except FileNotFoundError:
        raise LockError("no such lock", where=str(path), hint="make it with `copydesk rules lock`") from None
    except OSError as error:
        raise LockError(f"cannot be read ({error.strerror})", where=str(path), hint="give another file") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise LockError(f"no sound lock ({error})", where=str(path), hint=_ANEW) from None
    parts = [lock.engine, lock.profile, lock.unsafe, sorted(source.sha256 for source in lock.sources), *lock.selection]
    if hashlib.sha256(json.dumps(parts).encode()).hexdigest() != lock.digest:
        raise LockError("no sound lock (its digest is not that of what it names)", where=str(path), hint=_ANEW)
    return lock


def find_drift(lock: Lock, ruleset: Ruleset) -> list[str]:
    """Say in what a ruleset is not the one of a lock; nothing if it is."""
    return compare_locks(lock, make_lock(ruleset))


def compare_locks(lock: Lock, now: Lock) -> list[str]:
    """Say in what two locks differ."""
    then, since = _options(lock), _options(now)
    drift = [f"{name}: {said} became {since[name]}" for name, said in then.items() if said != since[name]]
    drift += [f"{rule_id}: gone" for rule_id in lock.rules.keys() - now.rules.keys()]
    drift += [f"{rule_id}: new" for rule_id in now.rules.keys() - lock.rules.keys()]
    both = lock.rules.keys() & now.rules.keys()
    drift += [f"{rule_id}: changed" for rule_id in both if lock.rules[rule_id].sha256 != now.rules[rule_id].sha256]
    if not drift and lock.digest != now.digest:
        files = {source.sha256 for source in lock.sources}
        drift = [f"{source.name}: changed, but in no rule" for source in now.sources if source.sha256 not in files]
    return sorted(drift)


def _options(lock: Lock) -> dict[str, str]:
    """Give in words by what a lock's rules run, under the names that settings have."""
    select, ignore, by_source = lock.selection or (["all"], [], [])
    spared = [f"{', '.join(selectors)} for {glob}" for glob, selectors in by_source]
    return {
        "engine": lock.engine,
        "unicode": lock.unicode,
        "profile": lock.profile,
        "unsafe": "on" if lock.unsafe else "off",
        "select": ", ".join(select) or "nothing",
        "ignore": ", ".join(ignore) or "nothing",
        "per-source-ignores": "; ".join(spared) or "nothing",
    }


def locked_ruleset(lock: Lock, path: Path, *, installed_code: bool = False) -> Ruleset:
    """Give the ruleset that a lock holds.

    Raises `LockError` if its rules cannot be run here: another engine, or rules that are code and not those that are
    installed, unless the installed ones are to stand in (`installed_code`).
    """
    advice = f"install copydesk {lock.copydesk} to see what its rules do"
    if lock.engine != ENGINE_VERSION:
        raise LockError(
            f"its rules are for engine {lock.engine}, and this is engine {ENGINE_VERSION}", where=str(path), hint=advice
        )
    installed = {source.name: source for source in load_ruleset().sources}
    sources = []
    for locked in lock.sources:
        if locked.content is not None:
            sources.append(_unpack(locked, path))
        elif locked.name in installed and (installed_code or installed[locked.name].digest == locked.sha256):
            sources.append(installed[locked.name])
        else:
            raise LockError(
                f"{locked.name} is code, and not the one that is installed",
                where=str(path),
                hint=f"{advice}, or add --installed-code to let the installed one stand in",
            )
    selection = Selection(root=path.parent)
    if lock.selection:
        select, ignore, by_source = lock.selection
        pairs = tuple((glob, tuple(selectors)) for glob, selectors in by_source)
        selection = Selection(tuple(select), tuple(ignore), pairs, root=path.parent)
    return Ruleset(tuple(sources), lock.profile, lock.unsafe, selection)


def _hash(info: RuleInfo, source: RuleSource) -> str:
    """Hash what a rule declares; of one that is code, its file, too."""
    declared = info.model_dump_json() + ("" if source.phrases else source.digest)
    return hashlib.sha256(declared.encode()).hexdigest()


def _name(source: RuleSource) -> str:
    """Return the name of a source in a lock: built-in ones by their path below `rules/`, others by their file name."""
    return source.name if source.built_in else Path(source.name).name


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _pack(source: RuleSource) -> str | None:
    if not source.phrases:
        return None
    content = (RULES / source.name if source.built_in else Path(source.name)).read_bytes()
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _unpack(locked: LockedSource, path: Path) -> RuleSource:
    try:
        content = zlib.decompress(base64.b64decode(locked.content or "", validate=True))
    except (ValueError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != locked.sha256:
        raise LockError(f"no sound lock (what it holds of {locked.name} is damaged)", where=str(path), hint=_ANEW)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rules.toml")
        file.write_bytes(content)
        source = load_file(file, locked.name)
    return replace(source, built_in=locked.built_in)
