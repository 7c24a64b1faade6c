"""Text files: one article each, decoded so that its bytes can be given back."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from ...records.loader import Place
from ..batches import BATCH_BYTES, Batch, Unreadable
from ..source import Source, opened

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

# A byte order mark stays in the text as U+FEFF, where a rule cuts it: so it comes back on the way back.
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_texts(sources: list[Source], encoding: str | None, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read text files, several to a batch. A file that cannot be decoded, and encoded back, is unreadable."""
    group: list[tuple[Source, bytes]] = []
    size = 0
    for source in sources:
        with opened(source, stream) as (file, _):
            content = file.read()
        group.append((source, content))
        size += len(content)
        if size >= BATCH_BYTES:
            yield from _batches(group, encoding)
            group, size = [], 0
    if group:
        yield from _batches(group, encoding)


def _batches(group: list[tuple[Source, bytes]], encoding: str | None) -> Iterator[Batch]:
    """Give a batch for each run of files of one encoding."""
    batch: Batch | None = None
    raws: list[bytes] = []
    for source, content in group:
        used = next((name for mark, name in _MARKS if content.startswith(mark)), encoding or "utf-8")
        if batch is None or batch.place.encoding != used:
            if batch is not None:
                yield batch
            raws = []
            batch = Batch(Place([], reader="text", encoding=used), rows=[], raw=raws.__getitem__)
        batch.consumed += source.size
        assert isinstance(batch.place.file, list)
        assert batch.rows is not None
        text = _decode(content, used)
        if isinstance(text, str):
            batch.rows.append({"text": text})
            batch.place.file.append(source.name)
            raws.append(content)
        else:
            where: dict[str, Any] = {"file": source.name, "line": None, "byte_offset": text[0]}
            batch.unreadable.append(
                Unreadable(len(batch.rows), raw=content, check="input/encoding", message=text[1], **where)
            )
    if batch is not None:
        yield batch


def _decode(content: bytes, encoding: str) -> str | tuple[int, str]:
    """Decode, or give the offset of the first bad byte and what is wrong with it."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        return (
            error.start,
            f"byte {content[error.start]:#04x} at offset {error.start} is not valid {encoding}",
        )
    if text.encode(encoding, "replace") != content:
        return 0, f"decoded as {encoding}, the text does not encode to the same bytes again"
    return text
