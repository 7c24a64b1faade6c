"""The package as it is built: every package and data file in it, and examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import copydesk
from copydesk.rules.patterns.alphabet import WHITE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
ROOMS = ("schemas", "rules", "cleaner")
MODULES = ["copydesk"]
for _room in ROOMS:
    _path = importlib.import_module(f"copydesk.{_room}").__path__
    MODULES += [module.name for module in pkgutil.walk_packages(_path, f"copydesk.{_room}.")]
MODULES = sorted(name for name in MODULES if "_copydesk" not in name)


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]


def test_every_package_of_the_tree_is_listed():
    found = {"copydesk", "copydesk.integrations"}
    for room in ROOMS:
        folders = [ROOT / room, *(path for path in (ROOT / room).rglob("*") if path.is_dir())]
        found |= {
            f"copydesk.{folder.relative_to(ROOT).as_posix().replace('/', '.')}"
            for folder in folders
            if (folder / "__init__.py").exists() and "_copydesk" not in folder.parts
        }
    assert sorted(settings()["packages"]) == sorted(found)


def test_every_rule_file_is_in_the_installed_package():
    installed = Path(importlib.import_module("copydesk.rules").__file__).parent
    packed, here = (
        sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.toml"))
        for folder in (installed, ROOT / "rules")
    )
    assert packed == here
    assert (Path(copydesk.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


@pytest.mark.parametrize(
    "code",
    [
        "import copydesk",
        "from copydesk.cleaner.cli.main import main",
        "import pytest, copydesk.cleaner.pytest_plugin.plugin",
    ],
)
def test_the_front_door_imports_nothing_heavy(code):
    heavy = ("great_expectations", "hyperscan", "numpy", "pandas", "pyarrow", "pydantic", "pyspark")
    check = f"import sys; {code}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_all_public_names_are_there():
    for name in copydesk.__all__:
        assert getattr(copydesk, name) is not None
    with pytest.raises(AttributeError):
        copydesk.nothing_of_this_name  # noqa: B018


def test_a_process_of_the_command_loads_no_pandas(tmp_path, script):
    (tmp_path / "a.jsonl").write_text('{"text": "It rained all day in Ostwick, and the river rose."}\n', "utf-8")
    show = "import sys, atexit; atexit.register(lambda: print('pandas' in sys.modules, file=sys.stderr)); "
    command = [*script[:-1], show + script[-1], "clean", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "False"


def test_white_space_is_that_of_all_code_points():
    assert [c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()] == list(WHITE[:-5])
