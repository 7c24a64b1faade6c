"""A document transformer for LangChain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.documents import BaseDocumentTransformer, Document

from .documents import DocumentCleaner

if TYPE_CHECKING:
    from collections.abc import Sequence


class CleaningTransformer(BaseDocumentTransformer):
    """Clean the text of each document, and leave out those that the checks reject.

    With `keep_rejected`, those stay as they are, with their reasons in the metadata `copydesk_errors`. Other arguments
    are those of `copydesk.Cleaner`.
    """

    def __init__(self, *, keep_rejected: bool = False, **settings: Any) -> None:
        self._keep_rejected = keep_rejected
        self._cleaner = DocumentCleaner(**settings)

    def transform_documents(self, documents: Sequence[Document], **_: Any) -> list[Document]:
        """Return clean copies of the documents."""
        cleaned = self._cleaner.clean((document.page_content, document.metadata) for document in documents)
        return [
            document.model_copy(
                update={
                    "page_content": document.page_content if clean.errors else clean.text,
                    "metadata": {**document.metadata, **clean.metadata},
                }
            )
            for document, clean in zip(documents, cleaned, strict=True)
            if self._keep_rejected or not clean.errors
        ]
