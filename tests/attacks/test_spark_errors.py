"""A message of Spark quotes the input, so nothing in it is unpickled."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path

import pytest

from copydesk.cleaner.spark.errors import error_in, passed_on
from copydesk.schemas import errors

ERRORS = [
    errors.InputError("what", where="a.txt:3", hint="do"),
    errors.NoTextFieldError("a.jsonl", ["words", "größe"], "words"),
    errors.InternalError("what", trace="Traceback …"),
    errors.PluginError("plain"),
]


def message_of(error: errors.CopydeskError) -> str:
    """Return what Spark makes of an error: the text comes twice, among others."""
    with pytest.raises(RuntimeError) as raised, passed_on():
        raise error
    return f"Job aborted: RuntimeError: {raised.value}\n\tat org.apache.spark\nCaused by: {raised.value}\n\tat scala"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_as_it_was(error):
    again = error_in(message_of(error))
    assert type(again) is type(error)
    assert (str(again), vars(again), again.args[:1]) == (str(error), vars(error), error.args[:1])


def mark(content: bytes) -> str:
    return f"[copydesk-error:{base64.b64encode(content).decode()}]"


def test_a_pickle_in_a_message_is_not_loaded(tmp_path):
    planted = tmp_path / "planted"

    class Attack:
        def __reduce__(self):
            return Path.touch, (planted,)

    name = f"dump{mark(pickle.dumps(Attack()))}.jsonl"
    assert error_in(f"no such file {name}") is None
    error = errors.InputError("no such file", where=name)
    assert str(error_in(message_of(error))) == str(error)
    assert not planted.exists()


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"kind": "CopydeskError"},
        {"kind": "annotations", "args": [], "attributes": {}},
        {"kind": "TYPE_CHECKING", "args": [], "attributes": {}},
        {"kind": "nearest", "args": [], "attributes": {}},
        {"kind": "InputError", "args": [], "attributes": {}},
        {"kind": "InputError", "args": [], "attributes": {"what": "", "where": "", "hint": "", "exit_code": 0}},
        {"kind": "InputError", "args": 3, "attributes": {"what": "", "where": "", "hint": ""}},
        {"kind": "InputError", "args": [], "attributes": {"what": 1, "where": "", "hint": ""}},
    ],
)
def test_what_is_no_error_is_left_alone(data):
    assert error_in(mark(json.dumps(data).encode())) is None
    assert error_in(mark(b"[" * 100_000)) is None
    assert error_in(mark(b"\xff")) is None
