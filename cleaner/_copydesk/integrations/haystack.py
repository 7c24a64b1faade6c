"""A component for pipelines of Haystack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from .documents import DocumentCleaner


@component
class CleaningComponent:
    """Clean the text of each document.

    `settings` are the arguments of `copydesk.Cleaner`. The output `rejected` has the documents that the checks reject,
    with their reasons in the metadata `copydesk_errors`.
    """

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = settings or {}
        self._cleaner = DocumentCleaner(**self.settings)

    @component.output_types(documents=list[Document], rejected=list[Document])
    def run(self, documents: list[Document]) -> dict[str, list[Document]]:
        """Return the clean documents, and those that the checks reject."""
        cleaned = self._cleaner.clean((document.content, document.meta) for document in documents)
        outputs: dict[str, list[Document]] = {"documents": [], "rejected": []}
        for document, clean in zip(documents, cleaned, strict=True):
            meta = {**document.meta, **clean.metadata}
            if clean.errors:
                outputs["rejected"].append(replace(document, meta=meta))
            else:
                outputs["documents"].append(replace(document, content=clean.text, meta=meta))
        return outputs

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, for the file of a pipeline."""
        written: dict[str, Any] = default_to_dict(self, settings=self.settings)
        return written

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CleaningComponent:
        """Make a component from what `to_dict` returned."""
        read: CleaningComponent = default_from_dict(cls, data)
        return read
