"""What the explanation of a cut says about the structure of a line, in words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..markup.structure import LANE

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes

_WORDS = {
    "all links": "all of it is links",
    "nav": "inside a menu",
    "footer": "inside a footer",
    "form": "inside a form",
    "button": "a button or a label",
    "aside": "inside an aside",
    "named comments, near": "in a block named for comments",
    "named share, near": "in a block named for sharing",
    "named related, near": "in a block named for other articles",
    "named advertisement, near": "in a block named for advertisement",
    "named menu, near": "in a block named for a menu",
    "named footer, near": "in a block named for a footer",
    "named side, near": "in a block named for the side",
    "named window, near": "in a block named for a window",
    "header": "inside a header",
}
"""By lane, the weightiest first."""
MOST = 2  # reasons that are named


def name_reasons(lanes: Bytes) -> pa.LargeStringArray:
    """Return for each line what its structure says against it, such as " (all of it is links, inside a menu)".

    >>> lanes = np.zeros((2, len(LANE)), np.uint8)
    >>> lanes[0, [LANE["nav"], LANE["all links"]]] = 64
    >>> name_reasons(lanes).to_pylist()
    [' (all of it is links, inside a menu)', '']
    """
    bits = (lanes[:, [LANE[name] for name in _WORDS]] > 0) @ (1 << np.arange(len(_WORDS)))
    unique, index = np.unique(bits, return_inverse=True)
    return pa.array([_describe(number) for number in unique.tolist()], pa.large_string()).take(pa.array(index.ravel()))


@lru_cache(maxsize=1000)
def _describe(bits: int) -> str:
    words = [word for number, word in enumerate(_WORDS.values()) if bits >> number & 1]
    return f" ({', '.join(words[:MOST])})" if words else ""
