"""The whole checkup: each area in turn. What fails in one area is a diagnosis, and the others are looked at."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import CopydeskError
from ...schemas.loops import PLAIN, VARIABLE
from ...schemas.messages import counted
from .diagnosis import Diagnosis
from .packages import examine_extras, examine_packages, read_requirements
from .places import examine_cache, examine_temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


_TEXT = (
    "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master could not find the key "
    "to the chain that had been laid across the basin.\n\nScroll to Top"
)
_OLDEST = (3, 10)
_REINSTALL = 'reinstall it: pip install --force-reinstall "copydesk"'
_PATIENCE = 60  # seconds between two files that one installation writes


def examine() -> list[Diagnosis]:
    """Return what is installed here, what works and what does not. It cleans a short text as a trial."""
    requirements = read_requirements()
    areas: list[tuple[str, Callable[[], Iterable[Diagnosis]]]] = [
        ("python", _examine_python),
        ("packages", lambda: examine_packages(requirements)),
        ("kernel", _examine_kernel),
        ("extras", lambda: examine_extras(requirements)),
        ("plugins", _examine_plugins),
        ("settings", _examine_settings),
        ("trial", _examine_trial),
        ("cache", examine_cache),
        ("places", examine_temporary_folder),
    ]
    diagnoses = []
    for area, look in areas:
        try:
            diagnoses += list(look())
        except CopydeskError as error:
            diagnoses.append(Diagnosis(area, area, "broken", str(error)))
        except Exception as error:  # a broken package can raise anything, and is what the doctor is for
            text = f"{type(error).__name__}: {error}"[:300]
            diagnoses.append(Diagnosis(area, area, "broken", text, _REINSTALL))
    return diagnoses


def _examine_python() -> Iterator[Diagnosis]:
    old = sys.version_info[:2] < _OLDEST
    remedy = f"install Python {'.'.join(map(str, _OLDEST))} or later" if old else ""
    yield Diagnosis(
        "python", "python", "broken" if old else "ok", f"{platform.python_version()} at {sys.executable}", remedy
    )
    yield Diagnosis("python", "platform", "ok", f"{platform.platform()}, {counted(os.cpu_count() or 1, 'core')}")


def _examine_kernel() -> Iterator[Diagnosis]:
    from ..kernel.loops import describe_kernel

    kind = describe_kernel()
    if os.environ.get(VARIABLE) == PLAIN:
        text = f"{kind}, because {VARIABLE} is set"
        yield Diagnosis("kernel", "loops", "note", text, f"unset {VARIABLE} to use the compiled loops")
    elif kind != "compiled":
        remedy = "results are the same, but slower: install a wheel of your platform, or a C compiler and install again"
        yield Diagnosis("kernel", "loops", "warning", kind, remedy)
    elif stale := _stale_loops():
        remedy = "run `python setup.py build_ext --inplace`"
        yield Diagnosis("kernel", "loops", "warning", f"{kind}, but {', '.join(stale)} changed since", remedy)
    else:
        yield Diagnosis("kernel", "loops", "ok", kind)


def _stale_loops() -> list[str]:
    """Return the modules of loops whose source is newer than what was compiled of it."""
    from ...schemas.loops import load_loops
    from ..kernel.loops import NAMES

    stale = []
    for name in NAMES:
        compiled = Path(str(load_loops(name).__file__))
        source = compiled.with_name(f"{name.rpartition('.')[2]}.py")
        if source.exists() and source.stat().st_mtime > compiled.stat().st_mtime + _PATIENCE:
            stale.append(source.name)
    return stale


def _examine_plugins() -> Iterator[Diagnosis]:
    from ..plugin_survey import survey_plugins

    for loaded in survey_plugins():
        plugin = loaded.plugin
        name = f"{plugin.distribution} {plugin.version}"
        if loaded.error:
            remedy = f"update or remove {plugin.distribution}; see `copydesk plugins`"
            yield Diagnosis("plugins", name, "broken", str(loaded.error.cause), remedy)
        else:
            yield Diagnosis("plugins", name, "ok", f"{counted(len(loaded.adds), 'addition')} to {plugin.group}")


def _examine_settings() -> Iterator[Diagnosis]:
    from ..settings import load_settings

    settings = load_settings()
    yield Diagnosis("settings", "file", "ok", str(settings.file) if settings.file else "none; the defaults apply")


def _examine_trial() -> Iterator[Diagnosis]:
    """Clean a text with the built-in rules, undo it, and yield whether both gave what they should."""
    from ...rules.ruleset.ruleset import load_ruleset
    from ..api import Cleaner, restore

    start = time.perf_counter()
    cleaned = Cleaner(load_ruleset(plugins=False)).clean(_TEXT)
    seconds = time.perf_counter() - start
    good = cleaned.article.body == _TEXT.partition("\n\n")[0] and restore(cleaned.article.body, cleaned.edits) == _TEXT
    if good:
        yield Diagnosis("trial", "clean", "ok", f"a text was cleaned and restored, in {seconds:.1f} s with the start")
        return
    yield Diagnosis("trial", "clean", "broken", "a text was not cleaned as expected", _REINSTALL)
