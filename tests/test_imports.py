"""Imports go one way, without a cycle. Imports inside functions and under TYPE_CHECKING count."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
# From the top down: a room imports from rooms of later lines only.
LAYERS = (
    ("cli", "pytest_plugin"),
    ("review",),
    ("check", "doctor", "mine"),
    ("settings", "rule_tools"),
    ("bench", "results", "spark", "validate"),
    ("runs",),
    ("api", "plugin_survey", "learn_templates"),
    ("cleaned",),
    ("readers",),
    ("records", "reports"),
    ("kernel", "process", "atomic_files", "gx_verdict"),
    ("rules",),
    ("schemas",),
    ("_version",),
)
DEPTH = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}


def modules() -> dict[str, Path]:
    """Return every module below the three packages by its dotted name, the front door in `_copydesk` left out."""
    found = {}
    for top in ("schemas", "rules", "cleaner"):
        for path in (ROOT / top).rglob("*.py"):
            if "_copydesk" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(module: str, source: str, *, is_package: bool) -> set[str]:
    """Return the modules of the project that a module imports, wherever in its source."""
    parts = module.split(".")
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = parts[: len(parts) - node.level + is_package]
            target = ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
            below = {f"{target}.{alias.name}" for alias in node.names}
            found |= below & MODULES.keys() or {target}
    return found


IMPORTS = {
    name: imports_of(name, path.read_text("utf-8"), is_package=path.name == "__init__.py")
    for name, path in MODULES.items()
}


def room(module: str) -> str:
    """Return the room of a module: the folder or module right below `cleaner`, else the package itself."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "cleaner" and rest else first


def test_imports_are_found_wherever_they_stand():
    source = "if TYPE_CHECKING:\n    from ..schemas.article import Article\ndef f():\n    from . import api\n"
    assert imports_of("cleaner.records", source, is_package=False) == {"schemas.article", "cleaner.api"}
    assert imports_of("cleaner.readers", "from .source import Source", is_package=True) == {"cleaner.readers.source"}


def test_every_room_has_a_layer():
    assert {room(module) for module in MODULES} - {"cleaner"} <= DEPTH.keys()


def test_rooms_import_only_from_lower_layers():
    wrong = [
        f"{module} imports {target}"
        for module, targets in IMPORTS.items()
        for target in targets
        if room(module) != room(target) and DEPTH[room(module)] >= DEPTH[room(target)]
    ]
    assert wrong == []


def test_modules_have_no_cycle():
    list(TopologicalSorter({module: targets - {module} for module, targets in IMPORTS.items()}).static_order())


def test_folders_do_not_import_each_other():
    def folder(module: str) -> str:
        return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]

    pairs = {
        (folder(module), folder(target)) for module, targets in IMPORTS.items() for target in targets & MODULES.keys()
    }
    nested = {(a, b) for a, b in pairs if f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}.")}
    assert sorted((a, b) for a, b in pairs - nested if (b, a) in pairs) == []


def test_the_project_imports_itself_by_relative_names():
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert not (node.module or "").startswith("copydesk"), f"{path}:{node.lineno}"
