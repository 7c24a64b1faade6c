"""Text files: one article each, decoded so that its bytes can be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...records.extra_fields import LONE_SURROGATE
from .. import batches
from ..declare import LIKELY_TEXT, Bad, Record, reader
from ..text_encodings import encoding_of_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile


def _sniff(_start: bytes) -> float:
    return LIKELY_TEXT


@reader(name="text", suffixes=[".txt"], sniff=_sniff, one_record_a_file=True)
def read_text(file: InputFile) -> Iterator[Record | Bad]:
    """Read a text file. One that is too large, or cannot be decoded and encoded to the same bytes again, is set aside.

    A byte order mark stays in the text as U+FEFF. A rule cuts it, so restoring puts it back.
    """
    content = file.read(batches.MAX_RECORD + 1)
    if len(content) > batches.MAX_RECORD:
        message = batches.describe_long("the file is longer")
        yield Bad(content[: batches.KEPT_BYTES], message, byte_offset=0, check=batches.TOO_LARGE)
        return
    encoding = file.encoding or "utf-8"
    if not encoding.startswith("utf-32"):
        encoding = encoding_of_mark(content) or encoding
    try:
        text = content.decode(encoding)
        text.encode()
    except UnicodeDecodeError as error:
        message = f"byte {content[error.start]:#04x} at offset {error.start} is not valid {encoding}"
        yield Bad(content, message, byte_offset=error.start, check="input/encoding")
        return
    except UnicodeEncodeError:  # some encodings have halves of surrogate pairs
        yield Bad(content, LONE_SURROGATE, byte_offset=0, check="input/lone-surrogate")
        return
    if text.encode(encoding, "replace") == content:
        yield Record({"text": text}, raw=content, encoding=encoding)
    else:
        message = f"decoded as {encoding}, the text does not encode to the same bytes again"
        yield Bad(content, message, byte_offset=0, check="input/encoding")
