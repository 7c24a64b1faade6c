"""Load rule files: TOML files, and the Python modules of this package. `rule_packs` loads those of plugins."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex
from pydantic import ValidationError

from ...schemas.cache.store import cache_directory, read_cache, write_cache
from ...schemas.cache.toml_files import line_of_key, parse_own, parse_toml, read_bounded
from ...schemas.errors import RuleError, nearest
from ...schemas.messages import describe_invalid_value, printable
from ..patterns.dialect import translate
from ..patterns.lists import build_groups, expand_lists
from ..patterns.prefilter import prefilters
from .declare import CodeRule, find_code_rules
from .model import TESTED, PhraseRule, RuleInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES = Path(__file__).parent.parent  # the package `rules`
PHRASES, CODE, GATE = RULES / "phrases", RULES / "code", RULES / "gate"
_TABLES = ("rule", "lists", "hosts")  # the top-level keys of a rule file
_CHECKS = 3  # raised when files must pass another check than before
_LABEL = 100  # characters of an id or a pattern in a message
MAX_PATTERNS = 20_000  # of all rule files that are not built in: each takes about a millisecond to check


@dataclass(frozen=True)
class RuleSource:
    """A file or module of rules: what it declares, and the digest of its bytes.

    `name` is the path below `rules/` for a built-in file, the module for a plugin, else the path of the user's file.
    """

    name: str
    digest: str
    phrases: tuple[PhraseRule, ...] = ()
    code: tuple[CodeRule, ...] = ()
    gate: RuleInfo | None = None
    built_in: bool = False

    @property
    def infos(self) -> list[RuleInfo]:
        """What each rule declares, in the order of the file."""
        gate = [self.gate] if self.gate else []
        return [*self.phrases, *(info for rule in self.code for info in rule.infos), *gate]

    @property
    def patterns(self) -> int:
        """The number of its patterns."""
        return sum(len(rule.match) + len(rule.unless) for rule in self.phrases)


def find_builtin_files() -> list[Path]:
    """Return the rule files of this package, sorted by name: each TOML file of `phrases/`, each module of `code/`."""
    modules = [path for path in CODE.glob("*.py") if path.name != "__init__.py"]
    return sorted([*PHRASES.rglob("*.toml"), *modules], key=_builtin_name)


def _builtin_name(path: Path) -> str:
    """Return the path of a built-in file below `rules/`, with forward slashes."""
    return path.relative_to(RULES).as_posix()


def load_builtin() -> list[RuleSource]:
    """Load every rule file of this package, and the gate."""
    paths = find_builtin_files()
    data = {path: path.read_bytes() for path in paths if path.suffix == ".toml"}
    tables = dict(zip(data, parse_own(list(data.values())), strict=True))
    sources = [
        _read_source(path, _builtin_name(path), data[path], tables[path], tested=True)
        if path in data
        else load_module(path)
        for path in paths
    ]
    return [replace(source, built_in=True) for source in (*sources, load_gate())]


def load_module(path: Path) -> RuleSource:
    """Load the rules that a module in `code/` declares. A module without any belongs to the digest all the same."""
    module = importlib.import_module(f"..code.{path.stem}", __package__)
    rules = [rule for rule in find_code_rules(module) if rule.find.__module__ == module.__name__]
    return RuleSource(_builtin_name(path), _sha256(path.read_bytes()), code=tuple(rules))


def load_gate() -> RuleSource:
    """Load what the gate declares; its digest is that of its code and weights."""
    declared = importlib.import_module("..gate.rule", __package__).GATE
    files = sorted(path for path in GATE.iterdir() if path.suffix in (".py", ".npz"))
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files))
    return RuleSource("gate", digest.hexdigest(), gate=declared)


def load_file(path: Path, name: str | None = None, *, tested: bool = False) -> RuleSource:
    """Load a file of phrase rules. The patterns of one that was `tested` before are not checked again.

    Raises `RuleError` with file, line, rule, what is wrong and the nearest valid key.
    """
    return parse_rules(path, name or path.name, _read_file(path), tested=tested)


def _read_file(path: Path) -> bytes:
    try:
        return read_bounded(path)
    except (OSError, ValueError) as error:  # a ValueError: no file can have that name
        reason = getattr(error, "strerror", None) or str(error)
        raise RuleError(f"the rule file cannot be read ({reason})", where=str(path), hint="pass a .toml file") from None


def parse_rules(path: Path, name: str, data: bytes, *, tested: bool = False) -> RuleSource:
    """Load phrase rules from the bytes of a TOML file. Errors name `path`. Raises `RuleError`."""
    try:
        content = parse_toml(data)
    except ValueError as error:
        hint = "write it as docs/rules shows, or start it with `copydesk rules new`"
        raise RuleError(f"not a TOML file: {error}", where=str(path), hint=hint) from None
    return _read_source(path, name, data, content, tested=tested)


def _read_source(path: Path, name: str, data: bytes, content: dict[str, Any], *, tested: bool) -> RuleSource:
    """Read the rules of a parsed TOML file."""
    text = data.decode()
    unknown = next((key for key in content if key not in _TABLES), None)
    if unknown is not None:
        where = _find_key(path, text, None, unknown)
        raise RuleError(f"unknown key {unknown!r}{nearest(unknown, _TABLES)}", where=where)
    entries = content.get("rule")
    if not isinstance(entries, list) or not entries:
        raise RuleError("the file has no rule", where=str(path), hint="write at least one [[rule]]")
    require_few_patterns(len(entries), str(path))
    if "lists" in content:
        groups = _read_lists(path, text, content["lists"])
        entries = [_expand_rule(path, text, index, entry, groups) for index, entry in enumerate(entries)]
    if "hosts" in content:  # those of all rules that name none
        entries = [{"hosts": content["hosts"], **entry} if isinstance(entry, dict) else entry for entry in entries]
    rules = [_read_rule(path, text, index, entry, tested) for index, entry in enumerate(entries)]
    ids: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.id in ids:
            where = _find_key(path, text, index, "id")
            raise RuleError(f"duplicate id {rule.id!r}", where=where, hint="give each rule an id of its own")
        ids.add(rule.id)
    source = RuleSource(name, _sha256(data), phrases=tuple(rules))
    require_few_patterns(source.patterns, str(path))
    return source


def require_few_patterns(count: int, where: str) -> None:
    """Raise `RuleError` for more patterns than can be checked and compiled in a reasonable time."""
    if count > MAX_PATTERNS:
        hint = "split the data set and its rules by site, or join patterns that differ in one word"
        raise RuleError(f"more than {MAX_PATTERNS:,} patterns", where=where, hint=hint)


def _read_rule(path: Path, text: str, index: int, entry: Any, tested: bool) -> PhraseRule:
    """Read the rule at a position of a file. Raises `RuleError` with its line."""
    try:
        return PhraseRule.model_validate(entry, context=TESTED if tested else None)
    except ValidationError as error:
        errors = error.errors()
        first = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
        key = str(first["loc"][0]) if first["loc"] else None
        where = f"{_find_key(path, text, index, key)}: rule {_label(entry, index)}"
        if first["type"] == "extra_forbidden":
            raise RuleError(f"unknown key {key!r}{nearest(key or '', PhraseRule.model_fields)}", where=where) from None
        what, hint = describe_invalid_value(first, key or "")
        raise RuleError(what, where=where, hint=hint) from None


def _label(entry: Any, index: int) -> str:
    """Return the id of a rule that may be wrong in any way, or its position, from 1."""
    rule_id = entry.get("id") if isinstance(entry, dict) else None
    return printable(str(rule_id))[:_LABEL] if rule_id is not None else f"number {index + 1}"


def _read_lists(path: Path, text: str, lists: Any) -> dict[str, str]:
    """Return the group that each named list of a file stands for. Raises `RuleError` for a list that is not one."""
    where = _find_key(path, text, None, "lists")
    if not isinstance(lists, dict) or not all(map(_is_list_of_texts, lists.values())):
        raise RuleError("lists: each is a name with patterns", where=where, hint="write name = ['facebook', 'twitter']")
    try:
        return build_groups(lists)
    except ValueError as error:
        raise RuleError(f"lists: {error}", where=where) from None


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, str) for entry in value)


def _expand_rule(path: Path, text: str, index: int, entry: Any, groups: dict[str, str]) -> Any:
    """Replace the named lists in the patterns of one rule. Values of a wrong type are left to the validation."""
    expanded: dict[str, Any] = {}
    for key in ("match", "unless"):
        patterns = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(patterns, list):
            try:
                expanded[key] = [expand_lists(p, groups) if isinstance(p, str) else p for p in patterns]
            except ValueError as error:
                where = f"{_find_key(path, text, index, key)}: rule {_label(entry, index)}"
                raise RuleError(f"{key}: {error}", where=where, hint="declare it under [lists]") from None
    return entry | expanded if expanded else entry


def find_rule_files(paths: Iterable[Path]) -> list[Path]:
    """Return rule files, and the TOML files below folders sorted by name. Raises `RuleError` for an empty folder."""
    files: list[Path] = []
    for path in paths:
        below = sorted(filter(Path.is_file, path.rglob("*.toml"))) if _is_folder(path) else [path]
        if not below:
            raise RuleError("the folder has no rule file", where=str(path), hint="put .toml files into it")
        files += below
    return files


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long, or not a name that a file can have
        return False


def load_checked(path: Path) -> RuleSource:
    """Load a file of phrase rules of a user or a plugin, and check that each pattern compiles. Raises `RuleError`."""
    return parse_checked(path, str(path), _read_file(path))


def parse_checked(path: Path, name: str, data: bytes) -> RuleSource:
    """Load phrase rules from the bytes of a file as `load_checked` does.

    The cache remembers, by digest, the files that have passed. Built-in files are checked by the tests.
    """
    passed = cache_directory() / f"{_sha256(data)}.checked-{_CHECKS}-{regex.__version__}"
    tested = read_cache(passed) is not None
    source = parse_rules(path, name, data, tested=tested)
    if not tested:
        _require_patterns(path, data.decode(), source)
        write_cache(passed, b"")
    return source


def _require_patterns(path: Path, text: str, source: RuleSource) -> None:
    """Raise `RuleError`, with its place, for a pattern that does not compile."""
    for index, rule in enumerate(source.phrases):
        for key, patterns in (("match", rule.match), ("unless", rule.unless)):
            for pattern in patterns:
                try:
                    regex.compile(translate(pattern))
                    prefilters(translate(pattern))
                except (regex.error, ValueError) as error:
                    where = f"{_find_key(path, text, index, key)}: rule {rule.id}"
                    shown = pattern if len(pattern) <= _LABEL else f"{pattern[:_LABEL]}…"
                    raise RuleError(f"{key}: {shown!r} is not a valid pattern: {error}", where=where) from None


def find_rule_line(path: Path, rule_id: str) -> str:
    """Return `file:line` of the rule with an id."""
    text = path.read_text("utf-8")
    ids = [entry.get("id") for entry in parse_toml(text.encode()).get("rule", [])]
    return _find_key(path, text, ids.index(rule_id), "id")


def _find_key(path: Path, text: str, index: int | None, key: str | None) -> str:
    """Return `file:line` of a key in the rule at a position, or in the whole file if `index` is None."""
    table = "" if index is None else "rule"
    return f"{path}:{line_of_key(text, *filter(None, [key]), table=table, index=index or 0)}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
