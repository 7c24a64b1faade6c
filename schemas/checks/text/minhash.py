"""Sketches of texts, which find near-duplicates: MinHash over sequences of words, by the library rensa."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NEAR = "near"
RUN = 5  # words in a shingle
HASHES = 128
BANDS = 16  # of 8 hashes each: 95 % of the text pairs that share 80 % of their shingles have a band in common
THRESHOLD = 0.8  # estimated share of common shingles
_SEED = 1


def sketch(texts: pa.Array) -> list[Any]:
    """Return the MinHash of each text, None for a text of fewer than `RUN` words."""
    from rensa import RMinHash

    sketches: list[Any] = [None] * len(texts)
    shingles = [_shingles(text) for text in texts.to_pylist()]
    filled = [row for row, parts in enumerate(shingles) if parts]
    hashes = RMinHash.from_token_sets([shingles[row] for row in filled], HASHES, _SEED)
    for row, minhash in zip(filled, hashes, strict=True):
        sketches[row] = minhash
    return sketches


def dump_sketch(minhash: Any) -> bytes:
    """Return the bytes of a sketch."""
    data: bytes = minhash.__getstate__()
    return data


def load_sketch(data: bytes) -> Any:
    """Return the sketch that `dump_sketch` wrote."""
    from rensa import RMinHash

    minhash = RMinHash(HASHES, _SEED)
    minhash.__setstate__(data)
    return minhash


def deduplicator() -> Any:
    """Return an index that reports for each added sketch whether an earlier one is near it."""
    from rensa import RMinHashDeduplicator

    return RMinHashDeduplicator(THRESHOLD, HASHES, True, BANDS, _SEED)


def _shingles(text: str) -> list[str]:
    """Return all sequences of `RUN` words. For texts without spaces, such as Chinese, of 2 * `RUN` characters."""
    words = text.lower().split()
    if len(text) > 30 * max(len(words), 1):
        whole = "".join(words)
        return [whole[i : i + 2 * RUN] for i in range(max(len(whole) - 2 * RUN + 1, 0))]
    return [" ".join(words[i : i + RUN]) for i in range(max(len(words) - RUN + 1, 0))]
