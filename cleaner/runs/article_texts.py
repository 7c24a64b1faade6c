"""Articles as text files: one for each text file of the input under its own name, one for each record of others."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .output_names import OutputNames, is_case_blind, write_renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def write_texts(rows: Iterable[Mapping[str, Any]], folder: Path) -> int:
    """Write the body of each article to a file of its own below an empty folder; return their number.

    An article of a text file has its name. One of a file of many records is in a folder of the name of that file,
    under the number of its line.
    """
    names = OutputNames(case_blind=is_case_blind(folder))
    count = 0
    for row in rows:
        path = folder / names.choose(_name_of(row), ".txt")
        os.makedirs(path.parent, exist_ok=True)
        path.write_bytes((row["body"] or "").encode())
        count += 1
    write_renamed(folder, names)
    return count


def _name_of(row: Mapping[str, Any]) -> str:
    """Return the path of the text of an article.

    >>> _name_of({"id": "7", "provenance": {"file": "a/b.txt.gz", "line": None}})
    'a/b.txt'
    >>> _name_of({"id": "7", "provenance": {"file": "a/b.jsonl", "line": 12}})
    'a/b/12.txt'
    """
    origin = row.get("provenance") or {}
    file = origin.get("file") or "records"
    plain = PurePosixPath(file)
    while plain.suffix and plain.suffix != plain.name:
        plain = plain.with_suffix("")
    if origin.get("file") and origin.get("line") is None:
        return f"{plain}.txt"
    return f"{plain}/{origin.get('line') or row['id']}.txt"
