"""A step of a datatrove pipeline that cleans each document, and drops those that the checks reject."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any

from datatrove.pipeline.base import PipelineStep
from datatrove.utils.typeshelper import StatHints

from .documents import DocumentCleaner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datatrove.data import Document, DocumentsPipeline
    from datatrove.pipeline.writers.disk_base import DiskWriter

_BATCH = 1000  # documents


class CleaningStep(PipelineStep):
    """Clean the text of each document; its id and metadata are read as the fields of its record.

    `exclusion_writer` gets the documents that are dropped, unchanged but for the metadata `copydesk_errors`. Other
    arguments are those of `copydesk.Cleaner`.
    """

    type = "✂️ - CLEAN"
    name = "copydesk"

    def __init__(self, exclusion_writer: DiskWriter | None = None, **settings: Any) -> None:
        super().__init__()
        self.exclusion_writer = exclusion_writer
        self._cleaner = DocumentCleaner(**settings)

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Yield the clean documents."""
        with self.exclusion_writer or nullcontext() as writer:
            for batch in _batches(iter(data)):
                with self.track_time(unit="batch"):
                    cleaned = self._cleaner.clean(
                        (document.text, {**document.metadata, "id": document.id}) for document in batch
                    )
                for document, clean in zip(batch, cleaned, strict=True):
                    self.stat_update(StatHints.total)
                    document.metadata.update(clean.metadata)
                    if clean.errors:
                        self.stat_update(StatHints.dropped, *(f"dropped_{check}" for check in clean.errors))
                        if writer is not None:
                            writer.write(document, rank)
                        continue
                    self.stat_update("characters_cut", value=clean.cut)
                    document.text = clean.text
                    self.stat_update(StatHints.forwarded)
                    self.update_doc_stats(document)
                    yield document


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while batch := list(islice(documents, _BATCH)):
        yield batch
