"""What a frame counts once for all checks."""

from __future__ import annotations

from datetime import datetime, timezone

import numpy as np
import pyarrow as pa

from copydesk.schemas.checks.frame import Frame


def frame(*bodies: str) -> Frame:
    return Frame(pa.table({"body": pa.array(bodies, pa.large_string())}), datetime.now(timezone.utc))


def test_a_memo_is_made_once_for_each_key_and_frame():
    whole, calls = frame("a", "b"), []
    for _ in range(2):
        assert whole.memo("bodies", lambda frame: calls.append(1) or len(frame)) == 2
        assert whole.memo("nothing", lambda _: calls.append(2)) is None
    assert calls == [1, 2]
    part = whole.take(np.array([0]))
    assert part.memo("bodies", len) == 1


def test_endings_hold_whole_code_points():
    bodies = frame("x" * 500 + "é" * 200 + " \n", "", "short 🙂", "🙂" * 300)
    assert bodies.endings.to_pylist() == ["é" * 198, "", "short 🙂", "🙂" * 200]


def test_places_are_counted_body_by_body():
    bodies = frame("a1b", "1", "2a", "11a1")
    digits, letters = b"0123456789", range(0x61, 0x7B)
    assert bodies.places(digits, letters).tolist() == [1, 0, 1, 1]
    assert bodies.places(digits).tolist() == [1, 1, 1, 3]
    assert bodies.holds(letters, digits).tolist() == [True, False, False, True]


def test_a_frame_knows_how_fields_were_filled():
    records = [
        [{"field": "language", "how": "detected"}, {"field": "source_name", "how": "the host of url"}],
        [],
        [{"field": "source_name", "how": "detected"}],
        [{"field": "language", "how": "the host of url"}],
    ]
    articles = pa.table({"provenance": pa.array([{"assumed": items} for items in records])})
    for start in range(len(records)):
        some = Frame(articles.slice(start), datetime.now(timezone.utc))
        assert some.assumed("language", "detected").tolist() == [True, False, False, False][start:]
    assert not Frame(articles.slice(4), datetime.now(timezone.utc)).assumed("language", "detected").any()
