"""What is wrong with inputs that no check has seen, and with settings: the findings that no suite declares."""

from __future__ import annotations

from ..schemas import plugins
from .findings import Described

_MEND = "mend the line, or drop it"


_ENCODING = "name the encoding with --encoding, or mend it"


# Why a record could not be read at all: such records meet no suite.
UNREADABLE = (
    Described("input/bad-quotes", "error", "the quotes of the row do not match", _MEND),
    Described("input/bad-record", "error", "the reader of a plugin could not read the record", _MEND),
    Described("input/encoding", "error", "the bytes are not valid in the encoding of the input", _ENCODING),
    Described("input/lone-surrogate", "error", "the text has half of a surrogate pair", _MEND),
    Described("input/not-json", "error", "the line is not JSON", _MEND),
    Described("input/not-object", "error", "the line is JSON but not an object", _MEND),
    Described("input/ragged-row", "error", "the row has not as many cells as the header", _MEND),
)


FAILED = Described(
    plugins.FAILED, "warning", "a rule or check of a plugin failed on the record, and was left out", "tell its authors"
)


# Findings about the settings and the baseline, not about records.
OWN = (
    Described(
        "baseline/gone", "warning", "a finding of the baseline is no longer found", "run `copydesk baseline prune`"
    ),
    Described("suppression/expired", "warning", "a suppression has expired", "look at its findings again"),
    Described("suppression/unused", "warning", "a suppression that nothing was found for", "take it out"),
)


def describe_unreadable(check_id: str, message: str) -> Described:
    """Say why records could not be read; one such record's message stands for what a quarantine of elsewhere says."""
    known = {described.id: described for described in UNREADABLE}
    return known.get(check_id) or Described(check_id, "error", message, _MEND)
