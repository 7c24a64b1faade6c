"""The readers of texts, over whatever may stand in them: all of it comes out, where it stood, however it is cut."""

from __future__ import annotations

import csv
import io
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.readers import batches
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.formats import jsonl
from copydesk.cleaner.readers.source import Source

# no NUL: the standard library of Python 3.10 cannot read one
fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
quirks = st.text(st.sampled_from('",;\t\r\n\\ aé…'), max_size=12)
block_sizes = st.sampled_from([1, 7, 64, 1 << 20])


def read(kind: str, content: bytes, block: int) -> tuple[list[dict], list[tuple[int, bytes]], list[tuple[int, int]]]:
    """Return the records; the offset and the bytes of all that was read or set aside; and line and offset of each."""
    records, parts, places = [], [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_BYTES", block)
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        for batch in read_batches([Source(None, "stdin", kind)]):
            offsets = batch.place.byte_offset.to_pylist()
            records += batch.rows
            parts += [(offset, batch.raw(row)) for row, offset in enumerate(offsets)]
            parts += [(item.byte_offset, item.raw) for item in batch.unreadable]
            places += zip(batch.place.line.to_pylist(), offsets, strict=True)
    return records, sorted(parts), places


@given(st.lists(st.lists(fields | quirks, min_size=3, max_size=3), max_size=6), block_sizes, st.sampled_from(",;\t"))
def test_rows_that_python_writes_are_read(rows, block, delimiter):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "text", "title"], *rows])
    content = written.getvalue().encode()
    records, parts, places = read("csv", content, block)
    assert [list(record.values()) for record in records] == rows
    assert len(parts) == len(rows)
    for line, offset in places:
        assert content.count(b"\n", 0, offset) == line - 1


@given(st.lists(quirks, max_size=8), block_sizes)
def test_of_any_rows_nothing_is_lost(lines, block):
    content = b"id,text\n" + "\n".join(lines).encode()
    _, parts, _ = read("csv", content, block)
    at = len(b"id,text\n")
    for offset, raw in parts:
        # what stands between are line ends, and lines that are blank
        assert content[at:offset].strip(b"\r\n") == b""
        assert content[offset : offset + len(raw)] == raw
        at = offset + len(raw)
    assert content[at:].strip(b"\r\n") == b""


# the delimiter is chosen by the first block: here there is but one that fits
@given(st.lists(st.text(st.sampled_from('",\r\n aé'), max_size=12), max_size=8))
def test_rows_are_the_same_however_the_file_is_cut(lines):
    content = b"id,text\n" + "\n".join(lines).encode()
    assert read("csv", content, 1) == read("csv", content, 1 << 20)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | fields | st.text(st.sampled_from('"\\{}[],: \n'), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(fields, values, max_size=3), max_size=5), block_sizes, st.sampled_from([None, 0, 2]),
       st.booleans(), st.booleans())  # fmt: skip
def test_documents_are_read_value_by_value(objects, block, indent, ascii_only, in_array):
    texts = [json.dumps(value, indent=indent, ensure_ascii=ascii_only) for value in objects]
    content = (f"[{', '.join(texts)}\n]" if in_array else "\n".join(texts)).encode()
    records, parts, places = read("json", content, block)
    assert records == objects
    assert [raw.decode() for _, raw in parts] == texts
    for line, offset in places:
        assert content.count(b"\n", 0, offset) == line - 1


# what lines may be that are no record each, though together they are values of JSON
pieces = st.sampled_from(
    [
        *(
            '{"a": 1}',
            '{"a": {"b": [1]}}',
            '{"t": "}\\n{"}',
            '{"a": 1} {"b": 2}',
            '{"a": 1}{"b": 2}',
            " {}",
            "{} ",
            "{}\r",
        ),
        *("", "  ", '{"a":', "2}", '{"a": {"b": 1}', "}", ',{"b": 1}', "[{}]", "1", "null", "\ufeff{}", '{"a": NaN}'),
        *('{"t": "\\ud800"}', "{" * 500, '{"a":' * 401 + "1" + "}" * 401, '{"t": "' + "[" * 401 + '"}', '{"t": "é…"}'),
    ]
)


@given(st.lists(st.just('{"a": "b"}') | pieces, max_size=6), st.booleans())
def test_lines_that_are_parsed_at_once_are_what_each_of_them_is(lines, ended):
    content = "\n".join(lines).encode() + b"\n" * ended
    batch = jsonl.LineBatch(Source(None, "stdin", "jsonl"), 3, 70, len(content), content).parse()
    sizes = [len(line.encode()) + 1 for line in lines]
    offsets = [70 + sum(sizes[:number]) for number in range(len(lines))]
    found = {}
    for number, line in enumerate(lines):
        raw = line.encode()
        record = jsonl.parse_record(raw, None)
        if record is not None:
            found[number + 3, offsets[number]] = (record, raw)
    kept = zip(batch.place.line.to_pylist(), batch.place.byte_offset.to_pylist(), strict=True)
    got = {place: (batch.rows[row], batch.raw(row)) for row, place in enumerate(kept)}
    got |= {(item.line, item.byte_offset): ((item.check, item.message), item.raw) for item in batch.unreadable}
    # NaN is not itself
    assert repr(sorted(got.items())) == repr(sorted(found.items()))
    again = pickle.loads(pickle.dumps(batch))
    assert [again.raw(row) for row in range(len(again.rows))] == [batch.raw(row) for row in range(len(batch.rows))]
    # line ends and blank lines may count or not
    assert sum(len(raw) for _, raw in found.values()) <= batch.size <= len(content)
