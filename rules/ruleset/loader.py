"""Load rules: data files, and Python modules of this package. Those of installed plugins: see `packs`."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex
from pydantic import ValidationError

from ...schemas.cache.store import cache_directory, read_cache, write_cache
from ...schemas.cache.toml_files import line_of_key, parse_own, tomllib
from ...schemas.errors import RuleError, nearest
from ...schemas.messages import describe_invalid_value
from ..patterns.dialect import translate
from ..patterns.prefilter import prefilters
from .model import TESTED, CodeRule, PhraseRule, RepairRule, RuleInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .plugin_rules import FunctionRule

RULES = Path(__file__).parent.parent  # the package `rules`
PHRASES, CODE, GATE_DIR = RULES / "phrases", RULES / "code", RULES / "gate"
_CHECKER = f"checked-{regex.__version__}"  # what a file of rules has passed, once it is in the cache


@dataclass(frozen=True)
class RuleSource:
    """A file of rules, with what it declares and the digest of its bytes."""

    name: str
    digest: str
    phrases: tuple[PhraseRule, ...] = ()
    code: tuple[CodeRule, ...] = ()
    repairs: tuple[RepairRule, ...] = ()
    functions: tuple[FunctionRule, ...] = ()
    gate: RuleInfo | None = None
    built_in: bool = False

    @property
    def infos(self) -> list[RuleInfo]:
        """What the file declares, in its order."""
        gate = [self.gate] if self.gate else []
        declared: list[CodeRule | RepairRule] = [*self.code, *self.repairs]
        functions = (rule.info for rule in self.functions)
        return [*self.phrases, *(info for rule in declared for info in rule.infos), *functions, *gate]


def find_builtin() -> list[Path]:
    """Give the rule files of this package, sorted by name."""
    modules = [path for path in CODE.glob("*.py") if path.name != "__init__.py"]
    return sorted([*PHRASES.rglob("*.toml"), *modules], key=_name)


def _name(path: Path) -> str:
    """Return the name of a built-in source: its path below `rules/`, with forward slashes."""
    return path.relative_to(RULES).as_posix()


def load_builtin() -> list[RuleSource]:
    """Load every rule file of this package, and the gate."""
    paths = find_builtin()
    data = {path: path.read_bytes() for path in paths if path.suffix == ".toml"}
    parsed = dict(zip(data, parse_own(list(data.values())), strict=True))
    files = [
        _source_of(path, _name(path), data[path], parsed[path], tested=True) if path in data else load_module(path)
        for path in paths
    ]
    return [replace(source, built_in=True) for source in (*files, load_gate())]


def load_module(path: Path) -> RuleSource:
    """Load a rule module of this package: its `RULES`, one rule or a tuple in the order in which they run."""
    found = importlib.import_module(f"..code.{path.stem}", __package__).RULES
    rules = found if isinstance(found, tuple) else (found,)
    return RuleSource(
        _name(path),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        code=tuple(rule for rule in rules if isinstance(rule, CodeRule)),
        repairs=tuple(rule for rule in rules if isinstance(rule, RepairRule)),
    )


def load_gate() -> RuleSource:
    """Load what the gate declares; its digest is that of its code and weights."""
    declared = importlib.import_module("..gate.rule", __package__).GATE
    files = sorted(path for path in GATE_DIR.iterdir() if path.suffix in (".py", ".npz"))
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files))
    return RuleSource("gate", digest.hexdigest(), gate=declared)


def load_file(path: Path, name: str | None = None, *, tested: bool = False) -> RuleSource:
    """Load a file of phrase rules; what was `tested` before is trusted to hold patterns.

    Raises `RuleError` with file, line, rule, what is wrong and the nearest valid key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RuleError(f"the rule file cannot be read ({reason})", where=str(path), hint="give a .toml file") from None
    try:
        content = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"not TOML: {error}", where=str(path), hint="see `copydesk rules show` for the form") from None
    return _source_of(path, name or path.name, data, content, tested=tested)


def _source_of(path: Path, name: str, data: bytes, content: dict[str, Any], *, tested: bool) -> RuleSource:
    """Give what a file with some content declares."""
    text = data.decode()
    unknown = next((key for key in content if key != "rule"), None)
    if unknown is not None:
        raise RuleError(f"unknown key {unknown!r}{nearest(unknown, ['rule'])}", where=_place(path, text, None, unknown))
    entries = content.get("rule")
    if not isinstance(entries, list) or not entries:
        raise RuleError("no rule in it", where=str(path), hint="write at least one [[rule]]")
    rules = [_load_entry(path, text, index, entry, tested) for index, entry in enumerate(entries)]
    for index, rule in enumerate(rules):
        if rule.id in [earlier.id for earlier in rules[:index]]:
            where = _place(path, text, index, "id")
            raise RuleError(f"duplicate id {rule.id!r}", where=where, hint="give each rule an id of its own")
    return RuleSource(name, hashlib.sha256(data).hexdigest(), phrases=tuple(rules))


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """Give rule files, those of folders in the order of their names. Raises `RuleError` for a folder without one."""
    found: list[Path] = []
    for path in paths:
        below = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not below:
            raise RuleError("no rule file in this folder", where=str(path), hint="put .toml files into it")
        found += below
    return found


def load_checked(path: Path) -> RuleSource:
    """Load a file of phrase rules of a user or a plugin, and compile each pattern, unless that was done before.

    The built-in ones are compiled by the tests.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    passed = cache_directory() / f"{digest}.{_CHECKER}"
    if read_cache(passed) is not None:
        return load_file(path, str(path), tested=True)
    source = _compile(path, load_file(path, str(path)))
    write_cache(passed, b"")
    return source


def _compile(path: Path, source: RuleSource) -> RuleSource:
    """Compile the patterns of a file. Raises `RuleError` with the place of one that is none."""
    for index, rule in enumerate(source.phrases):
        for key, patterns in (("match", rule.match), ("unless", rule.unless)):
            for pattern in patterns:
                try:
                    regex.compile(translate(pattern))
                    prefilters(translate(pattern))
                except (regex.error, ValueError) as error:
                    where = f"{_place(path, path.read_text('utf-8'), index, key)}: rule {rule.id}"
                    raise RuleError(f"{key}: {pattern!r} is no pattern: {error}", where=where) from None
    return source


def _load_entry(path: Path, text: str, index: int, entry: Any, tested: bool) -> PhraseRule:
    try:
        return PhraseRule.model_validate(entry, context=TESTED if tested else None)
    except ValidationError as error:
        found = error.errors()
        first = next((item for item in found if item["type"] == "extra_forbidden"), found[0])
        key = str(first["loc"][0]) if first["loc"] else None
        label = entry.get("id", f"number {index + 1}") if isinstance(entry, dict) else f"number {index + 1}"
        where = f"{_place(path, text, index, key)}: rule {label}"
        if first["type"] == "extra_forbidden":
            raise RuleError(f"unknown key {key!r}{nearest(key or '', PhraseRule.model_fields)}", where=where) from None
        what, hint = describe_invalid_value(first, key or "")
        raise RuleError(what, where=where, hint=hint) from None


def place_of(path: Path, rule_id: str) -> str:
    """Give `file:line` of the rule with an id."""
    text = path.read_text("utf-8")
    ids = [entry.get("id") for entry in tomllib.loads(text).get("rule", [])]
    return _place(path, text, ids.index(rule_id), "id")


def _place(path: Path, text: str, index: int | None, key: str | None) -> str:
    """Return `file:line` of a key of the index-th rule, or of the rule itself; without an index, of a key anywhere."""
    table = "" if index is None else "rule"
    return f"{path}:{line_of_key(text, *filter(None, [key]), table=table, index=index or 0)}"
