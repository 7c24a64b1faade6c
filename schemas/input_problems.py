"""Findings that no suite declares: about records that cannot be read, about plugins, settings and the baseline."""

from __future__ import annotations

from ..schemas import plugins
from .findings import Described

_REPAIR = "repair the line, or delete it"
_COMPLETE = "check that the file is complete"
_NO_TEXT = "name the field by --map body=FIELD, or leave the file out by --exclude"
_ENCODING = "name the encoding with --encoding, or repair the file"

# Why a file cannot be read, or only up to some place. Such a file has one entry in the quarantine.
FILE_PROBLEMS = (
    Described(
        "input/damaged",
        "error",
        "the file is damaged; the records before that place were read, and may be damaged, too",
        _COMPLETE,
    ),
    Described("input/no-text-field", "error", "no field of its records is known to hold the text", _NO_TEXT),
    Described("input/truncated", "error", "the file ends too early; the records before its end were read", _COMPLETE),
    Described("input/unreadable", "error", "the file cannot be read", "repair the file, or leave it out by --exclude"),
    Described("input/unsupported", "error", "the format of the file is not read", "leave it out by --exclude"),
)
OF_FILES = frozenset(described.id for described in FILE_PROBLEMS)
"""The reasons that are about a whole file, not about a record of it."""

# Why a record cannot be read. No check of a suite runs on such a record.
UNREADABLE = (
    *FILE_PROBLEMS,
    Described("input/bad-quotes", "error", "a quote in the row is not closed", _REPAIR),
    Described("input/bad-xml", "error", "the record is not well-formed XML", _REPAIR),
    Described("input/bad-record", "error", "the reader of a plugin could not read the record", _REPAIR),
    Described("input/cut-off", "error", "the file is cut off in the record, or behind it", _COMPLETE),
    Described("input/encoding", "error", "the bytes are not valid in the encoding of the input", _ENCODING),
    Described("input/lone-surrogate", "error", "the text has half of a surrogate pair", _REPAIR),
    Described("input/not-json", "error", "the line is not JSON", _REPAIR),
    Described("input/not-object", "error", "the line is JSON but not an object", _REPAIR),
    Described("input/ragged-row", "error", "the row does not have as many cells as the header", _REPAIR),
    Described("input/too-large", "error", "the record is larger than 64 MiB", "split it, or delete it"),
)


FAILED = Described(
    plugins.FAILED,
    "warning",
    "a rule or check of a plugin failed on the record and was skipped",
    "report it to its authors",
)

# Findings about the settings and the baseline, not about records.
OWN = (
    Described("baseline/gone", "warning", "a baseline entry no longer occurs", "run `copydesk baseline prune`"),
    Described("suppression/expired", "warning", "a suppression has expired", "review its findings again"),
    Described("suppression/unused", "warning", "a suppression matches no finding", "remove it"),
)


def describe_unreadable(check_id: str, message: str) -> Described:
    """Return the description of an input problem; it is made of `message` if this version does not know the id."""
    descriptions = {described.id: described for described in UNREADABLE}
    return descriptions.get(check_id) or Described(check_id, "error", message, _REPAIR)
