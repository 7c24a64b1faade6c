"""Named lists: alternatives that several patterns of a file share, or that are too long for one of them.

A file of rules may declare lists before its rules. `{name}` in a pattern stands for one of the entries of that list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...schemas.errors import nearest
from .limits import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# An escape is matched first, so that `\{` remains a plain brace.
_USE = re.compile(r"\\.|\{([a-z][a-z0-9_]*)\}", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def build_groups(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the group that each list stands for. A list may use the lists above it.

    >>> build_groups({"network": ["facebook|twitter", "x"], "share": ["share", "post to {network}"]})
    {'network': '(facebook|twitter|x)', 'share': '(share|post to (facebook|twitter|x))'}

    Raises `ValueError` for a name that patterns cannot use, for the use of a list that is not declared, and for a group
    that is too long.
    """
    groups: dict[str, str] = {}
    for name, entries in lists.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name for a list: use small letters, digits and underscores")
        groups[name] = f"({'|'.join(expand_lists(entry, groups) for entry in entries)})"
        require_length(len(groups[name]), f"the list {name!r}")
    return groups


def expand_lists(pattern: str, groups: Mapping[str, str]) -> str:
    r"""Replace each `{name}` in a pattern by the group of that list.

    >>> expand_lists(r"share on {network}( \{ad\})?", {"network": "(facebook|x)"})
    'share on (facebook|x)( \\{ad\\})?'

    Raises `ValueError` for a name that is not declared, and for a result that is too long. Its length is known before
    it is made: thirty lists that use each other twice would fill the memory.
    """

    def expand(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0]
        if name not in groups:
            raise ValueError(f"there is no list {name!r} above this pattern{nearest(name, groups)}")
        return groups[name]

    if "{" not in pattern:
        return pattern
    require_length(len(pattern) + sum(len(groups.get(match[1], "")) for match in _USE.finditer(pattern)), "a pattern")
    return _USE.sub(expand, pattern)


def require_length(length: int, what: str = "a pattern") -> None:
    """Raise `ValueError` for a pattern or group that is too long."""
    if length > MAX_LENGTH:
        raise ValueError(f"{what} has more than {MAX_LENGTH:,} characters, with its lists written out")
