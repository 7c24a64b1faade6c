"""The profile of a data set: lengths, languages, sources, dates and missing values.

It is counted batch by batch in bounded memory and saved as JSON. Compare it with a later one to see whether the data
changed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..article import CONVERTERS
from ..errors import InputError
from ..json_files import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from .frame import Frame

BINS_PER_OCTAVE = 16  # of lengths: the error of a quantile is below 4.5 %
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MAX_VALUES = 50_000  # distinct values counted per field; above it, the rarest half is dropped
KEPT = 1_000  # distinct values that are written
MAX_COUNT = 10**15
NONE = ""
"""The key of missing values among the values of a field."""


def _require_counts(counts: Counter[str]) -> Counter[str]:
    if any(not 0 <= count <= MAX_COUNT for count in counts.values()):
        raise ValueError(f"counts must be between 0 and {MAX_COUNT:,}")
    return counts


Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Counts = Annotated[Counter[str], AfterValidator(_require_counts)]
LengthBin = Annotated[int, Field(ge=-1, le=64 * BINS_PER_OCTAVE)]


class Profile(BaseModel):
    """The profile of a data set. Counts are numbers of records; lengths are those of bodies, in code points."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["copydesk-profile"] = "copydesk-profile"
    version: Literal[1] = 1
    records: Count = 0
    characters: Count = Field(0, description="Code points of all bodies.")
    missing: dict[str, Count] = Field(default_factory=dict, description="Records without a value, by field.")
    lengths: dict[LengthBin, Count] = Field(
        default_factory=dict,
        description="Records by length: bin n has the lengths from 2^(n/16) to 2^((n+1)/16), bin -1 the empty bodies.",
    )
    languages: Counts = Field(default_factory=Counter)
    sources: Counts = Field(
        default_factory=Counter, description="Records by host, or by source name if there is no host."
    )
    months: Counts = Field(default_factory=Counter, description="Records by month of publication, as 2024-05.")
    moments: Counts = Field(default_factory=Counter, description="Records by time of publication.")

    @model_validator(mode="after")
    def _require_fitting_counts(self) -> Profile:
        """Raise `ValueError` if a field is missing, or a value occurs, in more records than there are."""
        counters = [self.languages, self.sources, self.months, self.moments]
        totals = [sum(self.lengths.values()), *(sum(counter.values()) for counter in counters)]
        if max([*self.missing.values(), *totals]) > self.records:
            raise ValueError("it counts more values than records")
        return self

    def add(self, frame: Frame) -> None:
        """Count the articles of a batch."""
        articles = frame.articles
        self.records += len(frame)
        self.characters += int(frame.length.sum())
        for name in CONVERTERS:
            column = articles.column(name)
            empty = pc.equal(pc.list_value_length(column), 0) if pa.types.is_list(column.type) else pc.is_null(column)
            count = int(frame.blank.sum()) if name == "body" else pc.sum(empty).as_py() or 0
            self.missing[name] = self.missing.get(name, 0) + count
        bins = np.where(frame.length > 0, np.floor(np.log2(np.maximum(frame.length, 1)) * BINS_PER_OCTAVE), -1)
        for value, count in zip(*(part.tolist() for part in np.unique(bins, return_counts=True)), strict=True):
            self.lengths[int(value)] = self.lengths.get(int(value), 0) + count
        dates = articles.column("date_published")
        _count(self.languages, articles.column("language"))
        _count(self.sources, pc.coalesce(articles.column("source_domain"), articles.column("source_name")))
        _count(self.months, pc.strftime(dates, "%Y-%m"))
        _count(self.moments, pc.strftime(dates, "%Y-%m-%dT%H:%M:%SZ"))

    @property
    def quantiles(self) -> dict[float, int]:
        """By share, the length that this share of the bodies does not exceed, read from the bins."""
        lengths, total = {}, 0
        ordered = sorted(self.lengths.items())
        shares = list(QUANTILES)
        for number, count in ordered:
            total += count
            while shares and total >= shares[0] * self.records:
                lengths[shares.pop(0)] = round(2 ** ((number + 0.5) / BINS_PER_OCTAVE)) if number >= 0 else 0
        return lengths

    def dumps(self) -> str:
        """Return the profile as JSON, with the most frequent values first."""
        data = self.model_dump()
        for name in ("languages", "sources", "months", "moments"):
            data[name] = dict(sorted(getattr(self, name).items(), key=lambda item: (-item[1], item[0]))[:KEPT])
        data["lengths"] = {str(number): count for number, count in sorted(self.lengths.items())}
        data["quantiles"] = {f"{share:g}": length for share, length in self.quantiles.items()}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def load_profile(path: Path) -> Profile:
    """Read a saved profile. Raises `InputError` if the file is not a profile."""
    hint = "make one: copydesk describe DATA --out described.json"
    try:
        data = read_json(path)
        data.pop("quantiles", None)
        if "format" not in data:
            raise ValueError("it has no format")
        return Profile.model_validate(data)
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", where=str(path), hint="name a file of `copydesk describe`"
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"{place}: {first['msg']}" if place else first["msg"]
        raise InputError(f"not a file of `copydesk describe` ({reason:.150})", where=str(path), hint=hint) from None
    except (ValueError, AttributeError, TypeError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is not an object"
        raise InputError(f"not a file of `copydesk describe` ({reason:.150})", where=str(path), hint=hint) from None


def _count(counter: Counter[str], column: Any) -> None:
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    for entry in pc.value_counts(values).to_pylist():
        counter[entry["values"] if entry["values"] is not None else NONE] += entry["counts"]
    if len(counter) > MAX_VALUES:
        kept = counter.most_common(MAX_VALUES // 2)
        counter.clear()
        counter.update(dict(kept))


def drift(before: dict[Any, int], after: dict[Any, int]) -> float:
    """Return the population stability index of two sets of counts: 0 for equal shares, above 0.2 for a shift.

    Each class gets half a record more, so that a new class does not make the index infinite.

    >>> drift({"en": 90, "de": 10}, {"en": 90, "de": 10})
    0.0
    >>> round(drift({"en": 90, "de": 10}, {"en": 50, "de": 50}), 1)
    0.9
    """
    names = sorted(before.keys() | after.keys(), key=str)
    totals = [sum(counts.values()) + 0.5 * len(names) for counts in (before, after)]
    value = 0.0
    for name in names:
        old, new = ((counts.get(name, 0) + 0.5) / total for counts, total in zip((before, after), totals, strict=True))
        value += (new - old) * math.log(new / old)
    return value
