"""Plain loops over bytes of the kernel: see `schemas.loops` for how they are compiled.

The loops over lines run compiled or plain. The automaton runs only compiled: without it, the kernel finds the same with
tables and Hyperscan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....schemas.loops import load_loops as load_any_loops

if TYPE_CHECKING:
    from types import ModuleType

NAMES = (
    f"{__package__}.automaton",
    f"{__package__}.lines",
    f"{__package__}.spaces",
    f"{__package__}.wraps",
    "copydesk.schemas.loops.byte_counts",
    "copydesk.schemas.loops.state_walks",
)


def load_loops(name: str) -> ModuleType | None:
    """Return a module of this folder if it is compiled, and compiled loops are wanted."""
    module = load_any_loops(f"{__package__}.{name}")
    return module if module.COMPILED else None


def describe_kernel() -> str:
    """Return whether the loops run compiled or plain, or which of them are plain."""
    plain = [name.rpartition(".")[2] for name in NAMES if not load_any_loops(name).COMPILED]
    if not plain:
        return "compiled"
    return "plain" if len(plain) == len(NAMES) else f"compiled, but for {', '.join(plain)}"
