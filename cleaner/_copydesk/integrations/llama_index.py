"""A transformation for an ingestion pipeline of LlamaIndex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_index.core.schema import MetadataMode, TransformComponent
from pydantic import Field, PrivateAttr

from .documents import DocumentCleaner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_index.core.schema import BaseNode


class CleaningTransformation(TransformComponent):
    """Clean the text of each node, and leave out those that the checks reject. Put it before the splitter.

    With `keep_rejected`, those stay as they are, with their reasons in the metadata `copydesk_errors`. `settings` are
    the arguments of `copydesk.Cleaner`.
    """

    keep_rejected: bool = False
    settings: dict[str, Any] = Field(default_factory=dict)
    _cleaner: DocumentCleaner | None = PrivateAttr(default=None)

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> list[BaseNode]:
        """Return the nodes, cleaned."""
        self._cleaner = self._cleaner or DocumentCleaner(**self.settings)
        cleaned = self._cleaner.clean((node.get_content(MetadataMode.NONE), node.metadata) for node in nodes)
        kept = []
        for node, clean in zip(nodes, cleaned, strict=True):
            if clean.errors and not self.keep_rejected:
                continue
            if not clean.errors:
                node.set_content(clean.text)
            node.metadata.update(clean.metadata)
            kept.append(node)
        return kept
