"""JSON with records in envelopes, in orients of pandas, as hits of Elasticsearch, and with values of MongoDB."""

from __future__ import annotations

import json

import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.json_shapes import find_list, find_orient
from copydesk.schemas.errors import InputError

TEXTS = ["It rained all day in Ostwick.", 'He said: "] }, {" and left.']
RECORDS = [{"title": f"Rain {n}", "content": text, "url": f"https://lenn.example/{n}"} for n, text in enumerate(TEXTS)]
HITS = [{"_index": "news", "_id": str(n), "_score": 1.0, "_source": one} for n, one in enumerate(RECORDS)]
GRAPH = [
    {"@type": "WebPage", "@id": "https://lenn.example/"},
    {"@type": "NewsArticle", "headline": "Rain", "articleBody": TEXTS[0]},
    {"@type": ["Person"], "name": "Anna Lenn"},
]
ENVELOPES = {
    "NewsAPI": ({"status": "ok", "totalResults": 2, "articles": RECORDS}, RECORDS),
    "results": ({"count": 2, "next": None, "results": RECORDS}, RECORDS),
    "data": ({"meta": {"items": 2}, "data": RECORDS}, RECORDS),
    "posts": ({"posts": RECORDS, "found": 2}, RECORDS),
    "feedparser": ({"bozo": False, "feed": {"title": "Lenn", "links": [{"href": "x"}]}, "entries": RECORDS}, RECORDS),
    "response.docs": ({"responseHeader": {"status": 0}, "response": {"numFound": 2, "docs": RECORDS}}, RECORDS),
    "JSON-LD": ({"@context": "https://schema.org", "@graph": GRAPH}, [GRAPH[1]]),
    "Elasticsearch": (
        {"took": 3, "hits": {"total": {"value": 2}, "hits": HITS}},
        [{"_index": "news", "id": str(n), "_score": 1.0, **one} for n, one in enumerate(RECORDS)],
    ),
}


@pytest.fixture
def read(tmp_path):
    """Write a file and read its records, each with its place."""

    def read(content, name="dump.json", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, **options).encode())
        (source,) = find_sources([str(path)])
        batches = list(read_batches([source]))
        assert not any(batch.unreadable for batch in batches)
        return [(batch.record(row), batch.place.of(row)) for batch in batches for row in range(len(batch.rows))]

    return read


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes(name, indent, read):
    whole, expected = ENVELOPES[name]
    assert [record for record, _ in read(whole, indent=indent)] == expected


def test_places_in_an_envelope(read, tmp_path):
    records = read({"status": "ok", "articles": RECORDS, "next": {"page": [2]}}, indent=1)
    content = (tmp_path / "dump.json").read_bytes()
    for record, (_, line, offset) in records:
        assert json.JSONDecoder().raw_decode(content[offset:].decode())[0] == record
        assert content[:offset].count(b"\n") + 1 == line


def test_a_long_list_is_read_in_pieces(read, monkeypatch):
    from copydesk.cleaner.readers import batches

    monkeypatch.setattr(batches, "BATCH_BYTES", 500)
    monkeypatch.setattr(batches, "MAX_RECORD", 2000)
    many = RECORDS * 100
    assert [record for record, _ in read({"articles": many, "end": True}, indent=2)] == many


@pytest.mark.parametrize(
    "record",
    [
        {"title": "Rain", "maintext": TEXTS[0], "data": [{"a": 1}], "image": {"url": "x"}},
        {"items": [{"a": 1}], "text": TEXTS[0]},
        {"headline": "Rain", "articleBody": TEXTS[0], "@graph": [{"@type": "Person"}]},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_record_with_a_list_is_a_record(record, indent, read):
    assert [one for one, _ in read(record, indent=indent)] == [record]


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table", "records"])
def test_pandas(orient, read):
    pandas = pytest.importorskip("pandas", reason="it writes the files")
    frame = pandas.DataFrame(RECORDS * 3)
    records = read(frame.to_json(orient=orient).encode())
    names = set(RECORDS[0])
    assert [{name: record[name] for name in names} for record, _ in records] == RECORDS * 3
    if orient in ("columns", "index", "split"):
        assert [place[1] for _, place in records] == [1, 2, 3, 4, 5, 6]


MONGO = {
    "_id": {"$oid": "65e5a1b2c3d4e5f6a7b8c9d0"},
    "text": TEXTS[0],
    "date": {"$date": "2024-03-05T10:00:00Z"},
    "seen": {"$date": {"$numberLong": "1709632800000"}},
    "views": {"$numberLong": "12"},
    "tags": [{"$oid": "65e5"}],
    "price": {"$currency": "5"},
}
PLAIN = {
    "_id": "65e5a1b2c3d4e5f6a7b8c9d0",
    "text": TEXTS[0],
    "date": "2024-03-05T10:00:00Z",
    "seen": "2024-03-05T10:00:00+00:00",
    "views": 12,
    "tags": ["65e5"],
    "price": {"$currency": "5"},
}


@pytest.mark.parametrize("name", ["dump.jsonl", "dump.json"])
def test_mongoexport(name, read):
    lines = b"\n".join([json.dumps(MONGO).encode()] * 2)
    content = lines if name == "dump.jsonl" else b"[" + lines.replace(b"\n", b",\n") + b"]"
    assert [record for record, _ in read(content, name)] == [PLAIN, PLAIN]


def test_hits_as_lines(read):
    lines = b"\n".join(json.dumps(hit).encode() for hit in HITS)
    assert [record["id"] for record, _ in read(lines, "dump.jsonl")] == ["0", "1"]


def test_one_document_a_file(tmp_path):
    for number, record in enumerate(RECORDS):
        (tmp_path / f"{number}.json").write_text(json.dumps(record, indent=4))
    records = [batch.record(0) for batch in read_batches(find_sources([str(tmp_path)]))]
    assert records == RECORDS


def test_an_envelope_that_ends_too_early(read):
    content = json.dumps({"status": "ok", "articles": RECORDS}).encode()[:-30]
    with pytest.raises(InputError, match=r"does not end \(1 record before it\)") as error:
        read(content)
    assert (error.value.check, error.value.byte_offset) == ("input/truncated", content.index(b'{"title": "Rain 1"'))


@pytest.mark.parametrize(
    "start", [b"", b"{", b'{"articles": [', b'{"a', b'{"articles": [1, 2]}', b'{"hits": {"hits": [', b"[]"]
)
def test_no_list(start):
    assert find_list(start) is None
    assert find_orient(start) == ""


def test_values_that_are_nested_deeply_are_left_as_they_are(read):
    deep = '{"text": "It rained.", "a": ' + "[" * 390 + '{"$oid": "7"}' + "]" * 390 + "}"
    ((record, _),) = read(deep.encode(), "dump.jsonl")
    assert record["text"] == "It rained."
