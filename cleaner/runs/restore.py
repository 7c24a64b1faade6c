"""Raw texts restored from the articles and edits of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schemas.errors import OutputError, RestoreError
from ..atomic_files import remove_leftovers, whole_folder
from .output_names import OutputNames, RenamedFile, is_case_blind, write_renamed
from .run_files import QUARANTINE
from .written_articles import EditReader, OwnEdits, WrittenArticle

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path, PurePosixPath


@dataclass
class RestoredRun:
    """What `restore_run` wrote."""

    records: int = 0
    unsure_headlines: int = 0
    """Headlines that were left out: records share their id, and the output does not say whose the edits are."""
    renamed: list[RenamedFile] = field(default_factory=list)


def restore_run(out: Path, to: Path, ids: Collection[str] | None = None) -> RestoredRun:
    """Write the raw texts of a run's accepted articles, or of those with some ids, below `to`: all of them or none.

    A text file gets its own name and its own bytes; a compressed one, its name without the suffix of the compression.
    Records become JSON Lines, `NAME.jsonl` for an input file NAME. Each has `id`, the field of the input that had the
    text and, if the headline was cut, the field that had the headline. A name that is in use or cannot be used is
    replaced: see `OutputNames`. `names.jsonl` lists these names.

    Raises `RestoreError` if a text does not have the SHA-256 that it had when it was read, `InputError` for a damaged
    output, and `OutputError` if `to` is not empty or cannot be written.
    """
    edits = EditReader(out)
    remove_leftovers(to)
    if to.is_dir() and any(to.iterdir()):
        raise OutputError("the directory is not empty", where=str(to), hint="give another --to")
    restored = RestoredRun()
    with whole_folder(to) as folder:
        writer = _RawWriter(folder)
        for article, own_edits in edits.pair(ids):
            writer.write(article, own_edits)
            restored.records += 1
            restored.unsure_headlines += bool(own_edits.headline) and not own_edits.is_title_sure
        restored.renamed = list(writer.names.renamed)
        write_renamed(folder, writer.names)
    return restored


def count_quarantined(out: Path) -> int:
    """Count the records that a run turned away."""
    try:
        with (out / QUARANTINE).open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


_WHOLE_FILES = ("html", "markdown", "text")  # formats of which a file is one raw text


class _RawWriter:
    """Writes raw texts and records to an empty folder that nothing else writes to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names = OutputNames(case_blind=is_case_blind(folder))
        self._of_records: dict[str, Path] = {}

    def write(self, article: WrittenArticle, edits: OwnEdits) -> None:
        """Write the raw text of an article: a file of its own, or a line of the file of its records."""
        text = edits.restore_body(article)
        name = article.provenance.file or ""
        if article.provenance.reader in _WHOLE_FILES:
            self._place(self.names.choose(name)).write_bytes(_encode(text, article))
            return
        if name not in self._of_records:
            self._of_records[name] = self._place(self.names.choose(name, ".jsonl"))
        line = json.dumps(_raw_record(article, edits, text), ensure_ascii=False) + "\n"
        with self._of_records[name].open("ab") as file:
            file.write(line.encode())

    def _place(self, name: PurePosixPath) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _encode(text: str, article: WrittenArticle) -> bytes:
    try:
        return text.encode(article.raw.encoding)
    except (LookupError, ValueError):
        what = f"its text cannot be encoded as {article.raw.encoding!r}"
        raise RestoreError(what, where=article.id, hint="clean the inputs again") from None


def _raw_record(article: WrittenArticle, edits: OwnEdits, text: str) -> dict[str, str]:
    """Return the id and the raw fields of a record. Fields of the input keep their names."""
    fields = {article.provenance.text_field: text}
    if edits.headline and edits.is_title_sure:
        name = edits.title_field or "headline"  # older versions did not write the name
        fields[name if name not in fields else "raw_headline"] = edits.restore_headline(article)
    return {"id" if "id" not in fields else "record_id": article.id, **fields}
