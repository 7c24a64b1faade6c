"""Sketches of texts by which nearly equal ones are found: MinHash over runs of words, by the library rensa."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NEAR = "near"
RUN = 5  # words of a shingle
HASHES = 128
BANDS = 16  # of 8 hashes each: of two texts that share .8 of their shingles, 95 % meet in one
THRESHOLD = 0.8  # share of shingles that two texts have in common, as the sketches estimate it
_SEED = 1


def sketch(texts: pa.Array) -> list[Any]:
    """Give the MinHash of each text, None for one of fewer than `RUN` words."""
    from rensa import RMinHash

    found: list[Any] = [None] * len(texts)
    shingles = [_shingles(text) for text in texts.to_pylist()]
    filled = [row for row, parts in enumerate(shingles) if parts]
    made = RMinHash.from_token_sets([shingles[row] for row in filled], HASHES, _SEED)
    for row, one in zip(filled, made, strict=True):
        found[row] = one
    return found


def dump_sketch(one: Any) -> bytes:
    """Give a sketch as bytes."""
    data: bytes = one.__getstate__()
    return data


def load_sketch(data: bytes) -> Any:
    """Give a sketch back from its bytes."""
    from rensa import RMinHash

    one = RMinHash(HASHES, _SEED)
    one.__setstate__(data)
    return one


def deduplicator() -> Any:
    """Give an index that says of each sketch added whether an earlier one is near it."""
    from rensa import RMinHashDeduplicator

    return RMinHashDeduplicator(THRESHOLD, HASHES, True, BANDS, _SEED)


def _shingles(text: str) -> list[str]:
    """Give all runs of `RUN` words; of a text without spaces, as Chinese is written, runs of 2 * RUN characters."""
    words = text.lower().split()
    if len(text) > 30 * max(len(words), 1):
        whole = "".join(words)
        return [whole[i : i + 2 * RUN] for i in range(max(len(whole) - 2 * RUN + 1, 0))]
    return [" ".join(words[i : i + RUN]) for i in range(max(len(words) - RUN + 1, 0))]
