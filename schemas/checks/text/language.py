"""Detect the language of all texts of a batch at once, with the model of py3langid.

py3langid walks through each text byte by byte in Python, which takes about 600 microseconds. Here a compiled loop walks
through the beginning of each text, and adds up the weights of what it finds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from ...cache.store import cache_directory, digest_of_code, load_or_make
from ...loops import load_loops

SAMPLE = 300  # bytes at the beginning of each text
SURE = 0.9  # probability
DETECTED = "detected"  # how a language was found, in what was assumed to read a record
STEP = 2.0**-10  # all weights of the model are multiples of it
_PIECE = 512  # texts at a time
# Languages that the model often confuses. Each group counts as one language.
_GROUPS = {
    **dict.fromkeys(("nb", "nn", "no", "da"), "no"),
    **dict.fromkeys(("hr", "bs", "sr", "sh", "srl", "me"), "sh"),
    **dict.fromkeys(("id", "ms"), "ms"),
    **dict.fromkeys(("gl", "pt"), "pt"),
    **dict.fromkeys(("cs", "sk"), "cs"),
    **dict.fromkeys(("fa", "prs", "tg"), "fa"),
    **dict.fromkeys(("zh", "yue", "wuu", "cmn"), "zh"),
    **dict.fromkeys(("he", "iw"), "he"),
    **dict.fromkeys(("tl", "fil"), "tl"),
    **dict.fromkeys(("bg", "mk"), "bg"),
    **dict.fromkeys(("ca", "oc"), "ca"),
    **dict.fromkeys(("hi", "mr", "ne"), "hi"),
    **dict.fromkeys(("xh", "zu"), "zu"),
    **dict.fromkeys(("ast", "an", "es"), "es"),
    **dict.fromkeys(("nds", "lb", "de"), "de"),
}

_TAGS = {"srl": "sr-Latn", "sh": "sr-Latn", "me": "cnr", "iw": "he", "cmn": "zh", "prs": "fa"}  # to tags of BCP 47


@dataclass(frozen=True)
class Detection:
    """The language of each text, or of its group of close languages, and whether it is sure."""

    language: pa.Array
    sure: pa.Array
    tag: pa.Array
    """The most likely language itself."""
    score: npt.NDArray[np.float64]
    """Its probability."""


@dataclass(frozen=True)
class _Model:
    """The tables of py3langid: an automaton that finds features, and the weight of each feature for each language."""

    rows: npt.NDArray[np.int32]
    """The row of `moves` of each state; many states share one."""
    moves: npt.NDArray[np.int32]
    """The next state, at index `row * 256 + byte`."""
    feature: npt.NDArray[np.int32]
    """The feature that each state has found, negative if none."""
    weights: npt.NDArray[np.int16]
    """In multiples of `STEP`, shape (features, languages)."""
    prior: npt.NDArray[np.float32]
    """Shape (languages,)."""
    languages: list[str]
    """The group of each language."""
    tags: list[str]
    same_group: npt.NDArray[np.float32]
    """Whether two languages are of one group, shape (languages, languages)."""


class _Tables(msgspec.Struct):
    """The arrays of a model as bytes."""

    rows: bytes
    moves: bytes
    feature: bytes
    weights: bytes
    prior: bytes
    languages: list[str]


@lru_cache(maxsize=1)
def _model() -> _Model:
    # py3langid takes .4 s to unpack its model
    key = (version("py3langid"), digest_of_code(__file__))
    digest = hashlib.sha256(repr(key).encode()).hexdigest()
    path = cache_directory() / f"{digest}.language"
    tables: _Tables = load_or_make(path, _decode_tables, _read_tables, _encode_tables)
    groups = [group(language) for language in tables.languages]
    return _Model(
        np.frombuffer(tables.rows, np.int32),
        np.frombuffer(tables.moves, np.int32),
        np.frombuffer(tables.feature, np.int32),
        np.frombuffer(tables.weights, np.int16).reshape(-1, len(groups)),
        np.frombuffer(tables.prior, np.float32),
        groups,
        [_TAGS.get(language, language) for language in tables.languages],
        np.array([[a == b for b in groups] for a in groups], np.float32),
    )


def _encode_tables(tables: _Tables) -> bytes:
    """Return the content of a cache file: packed, as 70 MB take longer to check than to unpack."""
    return zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(tables))


def _decode_tables(content: bytes) -> _Tables | None:
    """Return the tables of a cache file, or None if they cannot be read."""
    try:
        return msgspec.msgpack.decode(zstandard.decompress(content), type=_Tables)
    except (msgspec.DecodeError, zstandard.ZstdError):
        return None


def _read_tables() -> _Tables:
    """Read the model of py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: Any = LanguageIdentifier.from_model_file(MODEL_FILE)
    return _Tables(
        np.asarray(identifier.tk_row, np.int32).tobytes(),
        np.asarray(identifier.tk_nextmove, np.int32).tobytes(),
        np.asarray(identifier.tk_output, np.int32).tobytes(),
        (np.asarray(identifier.nb_ptc, np.float32) / np.float32(STEP)).astype(np.int16).tobytes(),
        np.asarray(identifier.nb_pc, np.float32).tobytes(),
        [*identifier.nb_classes],
    )


def group(language: str) -> str:
    """Return the name of the group of close languages that a language belongs to.

    >>> group("nn"), group("en")
    ('no', 'en')
    """
    return _GROUPS.get(language, language)


def primary(tags: pa.Array) -> pa.Array:
    """Return the group of each tag's language. It is null if the tag is null or the model has no such language."""
    encoded = tags.dictionary_encode()
    modelled = set(_model().languages) if len(encoded.dictionary) else set()
    groups = [group(tag.split("-")[0].lower()) for tag in encoded.dictionary.to_pylist()]
    named = pa.array([name if name in modelled else None for name in groups], pa.large_string())
    return named.take(encoded.indices)


def detect(texts: pa.Array) -> Detection:
    """Detect the language of the first `SAMPLE` bytes of each text."""
    model = _model()
    names = pa.array(model.languages, pa.large_string())
    tags = pa.array(model.tags, pa.large_string())
    languages, sure, scores = [np.empty(0, np.int64)], [np.empty(0, np.bool_)], [np.empty(0, np.float64)]
    for start in range(0, len(texts), _PIECE):
        best, certain, score = _classify(model, texts.slice(start, _PIECE))
        languages.append(best)
        sure.append(certain)
        scores.append(score)
    best_of_all = pa.array(np.concatenate(languages))
    return Detection(
        names.take(best_of_all), pa.array(np.concatenate(sure)), tags.take(best_of_all), np.concatenate(scores)
    )


def _classify(
    model: _Model, texts: pa.Array
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Return the number of the most likely language of each text, whether its group is sure, and its probability."""
    sample = _take_samples(texts)
    scores, number = _score(model, sample)
    scores += model.prior
    scores /= np.sqrt(np.maximum((sample > 0).sum(axis=1), 1))[:, None]
    best = scores.argmax(axis=1)
    likelihood = np.exp(scores - scores.max(axis=1, keepdims=True))
    total = likelihood.sum(axis=1)
    of_group = (likelihood * model.same_group[best]).sum(axis=1) / total
    is_found = number > 0
    score = np.where(is_found, likelihood[np.arange(len(best)), best] / total, 0)
    return best, is_found & (of_group >= SURE), score


def _score(model: _Model, sample: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the sum of the weights of each text for each language, and the number of features that the text has.

    A weight counts as often as the logarithm of one more than the occurrences says. All weights are multiples of
    `STEP`, and all factors of 2^-24, so that the sums are exact in whatever order they are made.
    """
    features, counts = np.empty((2, *sample.shape), np.int32)
    number = np.empty(len(sample), np.int64)
    factors = np.log1p(np.arange(SAMPLE + 1, dtype=np.float32)).astype(np.float64)
    loops = load_loops("copydesk.schemas.loops.state_walks")
    tables = (model.rows.data, model.moves.data, model.feature.data)
    seen = np.zeros(len(model.weights), np.int32)
    loops.count_features(sample.data, *tables, seen.data, features.data, counts.data, number.data)
    scores = np.zeros((len(sample), len(model.languages)))
    if loops.COMPILED:
        once = np.empty(len(model.languages), np.int32)
        columns = (features, counts, number, factors, model.weights, once, scores)
        loops.add_weights(*(column.data for column in columns))
    else:
        for row, size in enumerate(number.tolist()):
            scores[row] = factors[counts[row, :size]] @ model.weights[features[row, :size]]
    return scores * STEP, number


def _take_samples(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """Return the first bytes of each text, shape (texts, size of the longest). Texts in capitals are lower-cased."""
    texts = pc.utf8_slice_codeunits(pc.utf8_normalize(pc.utf8_slice_codeunits(texts, 0, SAMPLE), "NFC"), 0, SAMPLE)
    texts = pc.if_else(pc.utf8_is_upper(texts), pc.utf8_lower(texts), texts)
    raw = [text.encode()[:SAMPLE] for text in texts.to_pylist()]
    longest = max(map(len, raw), default=0)
    return np.frombuffer(b"".join([text.ljust(longest, b"\0") for text in raw]), np.uint8).reshape(len(raw), longest)
