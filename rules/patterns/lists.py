"""Named lists: alternatives that several patterns of a file share, or that are too long for one of them.

A file of rules may declare lists before its rules. `{name}` in a pattern stands for one of the entries of that list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...schemas.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# An escape is matched first, so that `\{` remains a plain brace.
_USE = re.compile(r"\\.|\{([a-z][a-z0-9_]*)\}", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def build_groups(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the group that each list stands for. A list may use the lists above it.

    >>> build_groups({"network": ["facebook|twitter", "x"], "share": ["share", "post to {network}"]})
    {'network': '(facebook|twitter|x)', 'share': '(share|post to (facebook|twitter|x))'}

    Raises `ValueError` for a name that patterns cannot use, and for the use of a list that is not declared.
    """
    groups: dict[str, str] = {}
    for name, entries in lists.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name for a list: use small letters, digits and underscores")
        groups[name] = f"({'|'.join(expand_lists(entry, groups) for entry in entries)})"
    return groups


def expand_lists(pattern: str, groups: Mapping[str, str]) -> str:
    r"""Replace each `{name}` in a pattern by the group of that list.

    >>> expand_lists(r"share on {network}( \{ad\})?", {"network": "(facebook|x)"})
    'share on (facebook|x)( \\{ad\\})?'

    Raises `ValueError` for a name that is not declared.
    """

    def expand(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0]
        if name not in groups:
            raise ValueError(f"there is no list {name!r} above this pattern{nearest(name, groups)}")
        return groups[name]

    return _USE.sub(expand, pattern) if "{" in pattern else pattern
