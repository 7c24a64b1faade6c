"""Text files: one article each, decoded so that its bytes can be restored."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from ..declare import Bad, Record, reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile

# A byte order mark stays in the text as U+FEFF. A rule cuts it, so restoring puts it back.
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LIKELY = 0.1  # anything may be a text; every format with a form of its own is more likely


def _sniff(_start: bytes) -> float:
    return _LIKELY


@reader(name="text", suffixes=[".txt"], sniff=_sniff, one_record_a_file=True)
def read_text(file: InputFile) -> Iterator[Record | Bad]:
    """Read a text file. One that cannot be decoded, and encoded to the same bytes again, is set aside."""
    content = file.read()
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), file.encoding or "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"byte {content[error.start]:#04x} at offset {error.start} is not valid {encoding}"
        yield Bad(content, message, byte_offset=error.start, check="input/encoding")
        return
    if text.encode(encoding, "replace") == content:
        yield Record({"text": text}, raw=content, encoding=encoding)
    else:
        message = f"decoded as {encoding}, the text does not encode to the same bytes again"
        yield Bad(content, message, byte_offset=0, check="input/encoding")
