"""HTML files: a page is one article. Its markup fills the fields, and its whole source is the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import batches
from ..declare import Bad, Record, reader
from ..html_encodings import decode, find_encodings
from ..markup_kinds import SUFFIXES, is_html_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile


def _sniff(start: bytes) -> float:
    return 0.85 if is_html_page(start) else 0


@reader(
    name="html",
    suffixes=[".html", ".htm", ".xhtml"],
    shared_suffixes=SUFFIXES,
    sniff=_sniff,
    one_record_a_file=True,
    whole_pages=True,
    form="html",
)
def read_html(file: InputFile) -> Iterator[Record | Bad]:
    """Read a page. One that is too large, or cannot be decoded and encoded to the same bytes again, is set aside."""
    from ..page_metadata import read_metadata

    content = file.read(batches.MAX_RECORD + 1)
    if len(content) > batches.MAX_RECORD:
        message = batches.describe_long("the file is longer")
        yield Bad(content[: batches.KEPT_BYTES], message, byte_offset=0, check=batches.TOO_LARGE)
        return
    encodings = find_encodings(content, file.encoding)
    for encoding in encodings:
        text = decode(content, encoding)
        if text is not None:
            yield Record({"body": text, **read_metadata(text)}, raw=content, encoding=encoding)
            return
    message = f"the page is not valid {' or '.join(encodings)}, which its markup names; name its encoding"
    yield Bad(content, message, byte_offset=0, check="input/encoding")


@reader(name="html-trafilatura", extra="html", one_record_a_file=True)
def read_with_trafilatura(file: InputFile) -> Iterator[Record | Bad]:
    """Read a page, with the main text that trafilatura finds in it. A page without one has an empty text."""
    import trafilatura

    for item in read_html.read(file):
        if isinstance(item, Bad):
            yield item
        elif isinstance(item, Record):
            fields = dict(item.fields)
            page, address = str(fields["body"]), str(fields.get("url", ""))
            body = trafilatura.extract(page, url=address or None, include_comments=False) or ""
            extra = {**fields.get("extra", {}), "extractor": f"trafilatura {trafilatura.__version__}"}
            yield Record({**fields, "body": body, "extra": extra}, raw=item.raw)
