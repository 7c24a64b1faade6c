"""Plain loops over bytes. Cython compiles these modules as they are; where they are not compiled, Python runs them.

Both give the same. `COPYDESK_KERNEL=plain` runs them in Python, slowly, even where they are compiled.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

VARIABLE = "COPYDESK_KERNEL"
PLAIN = "plain"


def load_loops(name: str) -> ModuleType:
    """Return the module of loops with this full name: compiled, if it is and the user does not want it plain."""
    return load_plain_loops(name) if os.environ.get(VARIABLE) == PLAIN else import_module(name)


@lru_cache
def load_plain_loops(name: str) -> ModuleType:
    """Return a module of loops as Python runs it without a compiler."""
    folder, _, stem = name.rpartition(".")
    path = Path(str(import_module(folder).__file__)).with_name(f"{stem}.py")
    plain_name = f"{folder}.plain_{stem}"
    spec = spec_from_file_location(plain_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[plain_name] = module
    spec.loader.exec_module(module)
    return module
