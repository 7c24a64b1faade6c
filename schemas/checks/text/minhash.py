"""Sketches of texts, which find near-duplicates: MinHash over sequences of words, by the library rensa."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

RUN = 5  # words in a shingle
HASHES = 128
SIMILARITY = 0.8  # estimated share of common shingles, if a suite sets no other
_NEAR = "near"
_SEED = 1
_MISSED = 0.06  # of the pairs of texts that are just similar enough


def near_kind(similarity: float) -> str:
    """Return the kind of key for near-duplicates of at least some similarity, from 0 to 1.

    >>> near_kind(0.8)
    'near 0.8'
    """
    return f"{_NEAR} {similarity:g}"


def similarity_of(kind: str) -> float | None:
    """Return the similarity that a kind of key asks for, None if the kind is not one of near-duplicates."""
    name, _, similarity = kind.partition(" ")
    return float(similarity or SIMILARITY) if name == _NEAR else None


def count_bands(similarity: float) -> int:
    """Return the number of bands to cut a sketch into: the fewest that nearly all similar texts share one of.

    Texts share a band if all of its hashes are equal. Fewer bands mean fewer comparisons.

    >>> [count_bands(share) for share in (0.95, 0.8, 0.6, 0.3, 0)]
    [8, 16, 32, 64, 128]
    """
    for rows in (16, 8, 4, 2):
        if (1 - similarity**rows) ** (HASHES // rows) <= _MISSED:
            return HASHES // rows
    return HASHES


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


class NearIndex:
    """Sketches of texts, none of them near an earlier one.

    >>> index = NearIndex(0.8)
    >>> import pyarrow as pa
    >>> words = " ".join(map(str, range(100)))
    >>> first, second = sketch(pa.array([words, f"{words} more"]))
    >>> index.add(first, 7), index.add(second, 8)
    (None, (7, 0.984375))
    """

    def __init__(self, similarity: float) -> None:
        from rensa import RMinHashLSH

        self._similarity = similarity
        self._index = RMinHashLSH(similarity, HASHES, count_bands(similarity))
        self._digests: npt.NDArray[np.uint32] = np.empty((256, HASHES), np.uint32)
        self._names: list[int] = []

    def add(self, minhash: Any, name: int) -> tuple[int, float] | None:
        """Return the name of the earlier text that is most similar, and the estimated similarity, if one is near.

        Among equally similar texts, the first one counts. Without a near text, keep this one under its name.
        """
        digest = np.array(minhash.digest(), np.uint32)
        numbers = np.array(sorted(self._index.query(minhash)), np.int64)
        shares = np.mean(self._digests[numbers] == digest, axis=1)
        if len(numbers) and shares.max() >= self._similarity:
            best = int(shares.argmax())
            return self._names[int(numbers[best])], float(shares[best])
        count = len(self._names)
        if count == len(self._digests):
            self._digests = np.concatenate([self._digests, np.empty_like(self._digests)])
        self._digests[count] = digest
        self._index.insert(count, minhash)
        self._names.append(name)
        return None


def _shingles(text: str) -> list[str]:
    """Return all sequences of `RUN` words. For texts without spaces, such as Chinese, of 2 * `RUN` characters."""
    words = text.lower().split()
    if len(text) > 30 * max(len(words), 1):
        whole = "".join(words)
        return [whole[i : i + 2 * RUN] for i in range(max(len(whole) - 2 * RUN + 1, 0))]
    return [" ".join(words[i : i + RUN]) for i in range(max(len(words) - RUN + 1, 0))]
