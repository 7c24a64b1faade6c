"""Row groups that were written one by one make one Parquet file."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.runs.parquet_splice import (
    FOOTERS,
    MAGIC,
    Field,
    SplicedFile,
    _encode_number,
    _list_header,
    _read_varint,
    _varint,
    encode_rows,
    find_fields,
    finish_file,
)
from copydesk.cleaner.runs.run_files import SCHEMAS


def splice(path, tables, schema):
    """Write tables as the row groups of one file."""
    with path.open("w+b") as file, path.with_name(f"{path.name}{FOOTERS}").open("w+b") as footers:
        file.write(MAGIC)
        for table in tables:
            added = encode_rows(table, "t")
            file.writelines(added["t"])
            footers.writelines(added[f"t{FOOTERS}"])
        footers.seek(0)
        finish_file(file, footers, schema)


def numbers(start: int, stop: int) -> pa.Table:
    return pa.table({"n": range(start, stop), "text": [f"text {n}" for n in range(start, stop)]})


def test_row_groups_are_copied_beside_new_ones(tmp_path):
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    tables = [numbers(start, start + 40) for start in range(0, 800, 40)]
    splice(old, tables, tables[0].schema)
    with old.open("rb") as source, new.open("wb") as target:
        file = SplicedFile(target, source, tables[0].schema)
        assert file.can_copy
        for at in range(len(tables)):
            if at in (3, 17):
                file.add(numbers(1000 * at, 1000 * at + 5 * at))
            elif at == 5:
                file.add(tables[0].slice(0, 0))
            else:
                file.copy(at)
        file.finish()
    tables[3], tables[17], tables[5] = numbers(3000, 3015), numbers(17000, 17085), tables[5].slice(0, 0)
    with pq.ParquetFile(new) as found:
        assert found.read() == pa.concat_tables(tables)
        assert [found.metadata.row_group(at).num_rows for at in (3, 4, 5)] == [15, 40, 40]
        assert found.read_row_group(16) == tables[17]
        assert found.metadata.row_group(16).column(0).statistics.min == 17000
        assert found.read_row_group(4) == tables[4]


@pytest.mark.parametrize("rows", [0, 10])
def test_row_groups_of_another_schema_cannot_be_copied(tmp_path, rows):
    path = tmp_path / "old.parquet"
    pq.write_table(numbers(0, rows), path)
    other = pa.schema([("n", pa.int32()), ("text", pa.string())])
    with path.open("rb") as source, (tmp_path / "new.parquet").open("wb") as target:
        file = SplicedFile(target, source, other)
        assert not file.can_copy
        file.add(numbers(0, rows).cast(other))
        file.finish()
    assert pq.read_table(tmp_path / "new.parquet") == numbers(0, rows).cast(other)


def test_row_groups_written_apart_are_one_file(tmp_path):
    table = pa.table(
        {
            "text": [None if n % 7 == 0 else f"text {n} " * (n % 50) for n in range(3000)],
            "list": [[n, 2] for n in range(3000)],
            "struct": [{"x": n % 3, "y": [str(n % 5)]} for n in range(3000)],
            "truth": [n % 2 == 0 for n in range(3000)],
        }
    )
    cuts = [0, 1, 10, 10, 500, *range(600, 3000, 60), 3000]
    splice(tmp_path / "t.parquet", [table.slice(start, stop - start) for start, stop in pairwise(cuts)], table.schema)
    with pq.ParquetFile(tmp_path / "t.parquet") as found:
        assert found.num_row_groups == len(set(cuts)) - 1
        assert found.read() == table
        at = 4
        for number in range(found.num_row_groups):
            columns = [found.metadata.row_group(number).column(n) for n in range(found.metadata.num_columns)]
            starts = [c.dictionary_page_offset or c.data_page_offset for c in columns]
            assert starts[0] == at
            at += sum(c.total_compressed_size for c in columns)
        assert found.read_row_group(7) == table.slice(780, 60)


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_file_without_rows(name, tmp_path):
    splice(tmp_path / name, [], SCHEMAS[name])
    assert pq.read_table(tmp_path / name) == SCHEMAS[name].empty_table()


def test_tables_without_rows_add_nothing(tmp_path):
    table = pa.table({"a": [1, 2]})
    assert encode_rows(table.slice(0, 0), "t") == {"t": [], f"t{FOOTERS}": []}
    splice(tmp_path / "t", [table.slice(0, 0), table, table.slice(0, 0)], table.schema)
    assert pq.ParquetFile(tmp_path / "t").num_row_groups == 1


def test_more_row_groups_than_a_short_list_header_can_count(tmp_path):
    table = pa.table({"a": [1]})
    splice(tmp_path / "t", [table] * 40, table.schema)
    assert pq.read_table(tmp_path / "t")["a"].to_pylist() == [1] * 40


@pytest.mark.parametrize(
    ("number", "data"), [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (2**35, "808080808001")]
)
def test_varints(number, data):
    assert _varint(number).hex() == data
    assert _read_varint(bytes.fromhex(f"ff{data}ff"), 1) == (number, 1 + len(data) // 2)


def test_numbers_have_their_sign_in_the_lowest_bit():
    assert [_encode_number(number).hex() for number in (0, 1, 63, 64)] == ["00", "02", "7e", "8001"]


@pytest.mark.parametrize(("size", "data"), [(1, "1c"), (14, "ec"), (15, "fc0f"), (200, "fcc801")])
def test_headers_of_lists(size, data):
    assert _list_header(size).hex() == data


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("00", []),
        ("150200", [Field((1,), 1, 2)]),
        # a boolean has no value, and the next field is two further
        ("11250400", [Field((1,), 1, 1), Field((3,), 2, 3)]),
        # a number that is too far away for the header: 300, times two
        ("05d8040200", [Field((300,), 3, 4)]),
        # a text of three bytes, then a double
        ("1803616263170000000000000000" + "00", [Field((1,), 1, 5), Field((2,), 6, 14)]),
        # a list of two structs with a byte each, and a list of booleans
        (
            "192c13070013080019210102" + "00",
            [Field((1, 1), 3, 4), Field((1, 1), 6, 7), Field((1,), 1, 8), Field((2,), 9, 12)],
        ),
    ],
)
def test_fields_of_a_struct(data, fields):
    assert find_fields(bytes.fromhex(data)) == fields
