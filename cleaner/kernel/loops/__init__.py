"""Plain loops over bytes. Cython compiles these modules as they are, and the kernel runs them only compiled.

Without a compiled module, or with `COPYDESK_KERNEL=plain`, the kernel finds the same with numpy and Hyperscan, slower.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

VARIABLE = "COPYDESK_KERNEL"
PLAIN = "plain"


def load_loops(name: str) -> ModuleType | None:
    """Return a module of this folder if it is compiled, and compiled loops are wanted."""
    if os.environ.get(VARIABLE) == PLAIN:
        return None
    try:
        module = import_module(f".{name}", __package__)
    except ImportError:  # not compiled, and Cython is not installed
        return None
    return module if module.COMPILED else None
