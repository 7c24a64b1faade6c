"""XML read record by record, in flat memory: a feed, an export of WordPress, a file of documents.

The parser is expat. It never loads anything, and a file that declares entities is refused, because they can name files
of the machine or grow without end. A record with a fault is set aside; the parser starts again behind it.
"""

from __future__ import annotations

import codecs
import html
import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers import expat

from ...schemas.errors import InputError
from . import batches
from .declare import Bad
from .text_encodings import Readable, Recoded, encoding_of_mark
from .xml_names import Names
from .xml_skipping import READ, Skipped, skip_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .source import InputFile

BAD_XML = "input/bad-xml"
CUT_OFF = "input/cut-off"
_DEEPEST = 200  # levels of elements
_ELEMENT = 64  # bytes of an element, beside its text
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_NATIVE = {"utf-8": "utf-8", "ascii": "utf-8", "iso8859-1": "iso-8859-1"}  # that expat reads itself
_ENDS = frozenset((2, 3, 5, 20))  # errors of expat at the end of a document that does not end
_TAG_NAME = re.compile(rb"<([^\s/>]+)")
_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BARE = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!#?\w+;)", re.DOTALL)


class XmlRecord(NamedTuple):
    """An element that is a record, with its place and its bytes."""

    element: Element
    line: int
    offset: int | None
    raw: bytes
    mended: str = ""
    """What was mended so that it could be parsed."""


class _Parsed(NamedTuple):
    element: Element
    line: int
    start: int
    end: int
    """Where its closing tag begins."""


class _FaultError(Exception):
    """What is wrong with a record that expat does not mind."""


def choose_encoding(file: InputFile) -> tuple[Readable, str]:
    """Return a file of XML in an encoding that expat reads, and its name.

    Raises `InputError` for a declaration of an encoding that nobody knows.
    """
    start = file.peek(256)[:256]
    declared = _DECLARED.match(start.removeprefix(codecs.BOM_UTF8))
    name = file.encoding or encoding_of_mark(start) or (declared[1].decode() if declared else "utf-8")
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        what = f"its encoding is unknown ({name[:40]!r})"
        raise InputError(what, where=file.source.label, hint="name it with --encoding") from None
    return (file, _NATIVE[codec]) if codec in _NATIVE else (Recoded(file, codec), "utf-8")


class XmlRecords:
    """The records of a file of XML, and what stands outside of them.

    `is_record` is asked with the path of each element: the names of the elements around it, and its own at the end. A
    record is no part of the tree of `root`, so that the tree stays small.
    """

    def __init__(self, file: InputFile, is_record: Callable[[list[str]], bool]) -> None:
        self._label = file.source.label
        text, self._encoding = choose_encoding(file)
        self._has_offsets = text is file
        self._file = text
        self._is_record = is_record
        self.root: Element | None = None
        self._names = Names()
        self._held = bytearray()
        self._base = 0  # offset of the first byte that is held
        self._around = b""  # the opening tags around a record: the parser needs them to start again
        self._tag = b""  # the name of a record, as it is written
        self._size_outside = 0
        self._start_parser(0, 1)

    def _start_parser(self, offset: int, line: int) -> None:
        """Start a parser whose next byte is at an offset and in a line of the file, within the tags around records."""
        self._parser = parser = expat.ParserCreate(self._encoding)
        parser.buffer_text = True
        parser.UseForeignDTD(True)  # a name such as &nbsp; is passed on, then, and no error
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.SkippedEntityHandler = self._add_entity
        parser.EntityDeclHandler = self._refuse_entity
        self._stack: list[Element] = []
        self._path: list[str] = []
        self._starts: list[int] = []
        self._text: list[str] = []
        self._record_depth = 0
        self._record_start, self._record_line = -1, 0
        self._parsed: list[_Parsed] = []
        self._shift, self._line_shift = offset - len(self._around), line - 1
        size = self._size_outside
        parser.Parse(self._around, False)
        self._size_outside = size

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        others = self._names.declare(attributes)
        name = self._names.usual(name)
        self._path.append(name)
        at = self._parser.CurrentByteIndex + self._shift
        self._starts.append(at)
        if len(self._path) > _DEEPEST:
            raise _FaultError("its elements are nested too deeply")
        element = Element(name, others)
        if self._record_depth == 0 and self._is_record(self._path):
            self._record_depth, self._record_start = len(self._path), at
            self._record_line = self._parser.CurrentLineNumber + self._line_shift
        elif self._stack:
            self._stack[-1].append(element)
        elif self.root is None:
            self.root = element
        self._size_outside += 0 if self._record_depth else _ELEMENT
        self._stack.append(element)

    def _end(self, _name: str) -> None:
        self._flush()
        element = self._stack.pop()
        if len(self._path) == self._record_depth:
            at = self._parser.CurrentByteIndex + self._shift
            self._learn_tags()
            self._parsed.append(_Parsed(element, self._record_line, self._record_start, at))
            self._record_depth, self._record_start = 0, -1
        self._path.pop()
        self._starts.pop()

    def _add_text(self, text: str) -> None:
        self._text.append(text)

    def _add_entity(self, name: str, _is_parameter: bool) -> None:
        """Put a named character into the text. A name that nobody knows stays as it is written."""
        self._text.append(html.unescape(f"&{name};"))

    def _flush(self) -> None:
        """Add the text before a tag to the element that it is in."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if not self._stack or (self._record_depth == 0 and text.isspace()):
            return
        self._size_outside += 0 if self._record_depth else len(text)
        element = self._stack[-1]
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        else:
            element.text = (element.text or "") + text

    def _refuse_entity(self, name: str, *_: object) -> None:
        what = f"this XML declares the entity {name[:40]!r}, and entities are never expanded"
        raise InputError(what, where=self._label, hint="write the text in place of the entity")

    def _learn_tags(self) -> None:
        """Keep the tags around the first record, and the name of its own."""
        if self._tag:
            return
        at = self._record_start - self._base
        name = _TAG_NAME.match(self._held, at)
        self._tag = name[1] if name else b"?"
        tags = [_TAG.match(self._held, start - self._base) for start in self._starts[: self._record_depth - 1]]
        self._around = b"".join(tag[0] for tag in tags if tag).replace(b"\n", b" ")

    def __iter__(self) -> Iterator[XmlRecord | Bad]:
        """Yield the records in their order, and those that cannot be read.

        Raises `InputError` if the file declares entities, or has a fault before its first record.
        """
        ended = False
        while not ended:
            chunk = self._file.read(READ)
            ended = not chunk
            self._held += chunk
            yield from self._read_records(chunk, ended=ended)

    def _read_records(self, data: bytes, *, ended: bool) -> Iterator[XmlRecord | Bad]:
        while True:
            fault = self._parse(data, ended=ended)
            for parsed in self._parsed:
                yield self._finish(parsed)
            self._parsed.clear()
            self._require_size()
            too_long = self._record_start >= 0 and self._end_of_held - self._record_start > batches.MAX_RECORD
            if not fault and not too_long:
                break
            skipped = self._skip(fault)
            if (
                skipped.is_record or skipped.ends_file or skipped.head.strip()
            ):  # documents may stand one after the other
                yield self._mend(skipped) or self._describe(skipped, fault)
            if skipped.ends_file:
                return
            data = bytes(self._held)
            self._start_parser(self._base, skipped.next_line)
        # what is not parsed yet may be the beginning of a tag
        at = self._parser.CurrentByteIndex + self._shift
        self._drop(self._record_start if self._record_start >= 0 else min(at, self._end_of_held))

    def _parse(self, data: bytes, *, ended: bool) -> str:
        """Parse bytes; return what is wrong with them, empty if nothing is."""
        try:
            self._parser.Parse(data, ended)
        except expat.ExpatError as error:
            if ended and error.code in _ENDS:
                return "the file is cut off"
            return f"not well-formed XML ({expat.ErrorString(error.code)})"
        except _FaultError as error:
            return str(error)
        return ""

    @property
    def _end_of_held(self) -> int:
        return self._base + len(self._held)

    def _finish(self, parsed: _Parsed) -> XmlRecord:
        """Return a record with its bytes, to the end of its closing tag."""
        start, at = parsed.start - self._base, parsed.end - self._base
        end = self._held.find(b">", at) + 1 or len(self._held)
        offset = parsed.start if self._has_offsets else None
        return XmlRecord(parsed.element, parsed.line, offset, bytes(self._held[start:end]))

    def _drop(self, offset: int) -> None:
        """Forget the bytes before an offset, but not the tags around the first record."""
        if self._tag and offset > self._base:
            del self._held[: offset - self._base]
            self._base = offset

    def _require_size(self) -> None:
        before_first = 0 if self._tag or self._record_start >= 0 else len(self._held)
        if max(self._size_outside, before_first) > batches.MAX_RECORD:
            what = "what stands outside of its records is larger than a record may be"
            raise InputError(what, where=self._label, hint="check that the file is what you think")

    def _skip(self, fault: str) -> Skipped:
        """Skip the record with a fault, or what stands between two records.

        Raises `InputError` if there is no record before it: the file is something else.
        """
        is_record = self._record_start >= 0
        if is_record:
            self._learn_tags()
        elif not self._tag:
            what = "the file is empty" if not self._end_of_held else fault
            raise InputError(what, where=self._label, hint="check that the file is complete")
        # of a tag that closes the wrong element, the parser names the place behind its "</"
        fault_at = self._parser.ErrorByteIndex + self._shift - (2 if is_record else 0)
        at = max(fault_at, self._record_start, self._base)
        start = self._record_start if is_record else at
        line = self._record_line if is_record else self._parser.ErrorLineNumber + self._line_shift
        del self._held[: start - self._base]
        tag = re.escape(self._tag)
        end = re.compile(rb"</" + tag + rb"\s*>" if is_record else rb"(?=<" + tag + rb"[\s>])")
        skipped = skip_to(end, self._held, self._file, at - start, start, line)
        self._base = start + skipped.size
        return skipped._replace(is_record=is_record)

    def _describe(self, skipped: Skipped, fault: str) -> Bad:
        offset = skipped.offset if self._has_offsets else None
        if skipped.size > batches.MAX_RECORD:
            message = batches.describe_long(f"the record has {skipped.size:,} bytes")
            return Bad(skipped.head, message, skipped.line, offset, batches.TOO_LARGE)
        check = CUT_OFF if skipped.ends_file else BAD_XML
        message = fault if skipped.is_record else f"{fault}, outside of a record"
        return Bad(skipped.head, message, skipped.line, offset, check)

    def _mend(self, skipped: Skipped) -> XmlRecord | None:
        """Return a record with a fault that is easily mended: an ampersand, or a control character."""
        if not skipped.is_record or skipped.ends_file or skipped.size > batches.MAX_RECORD:
            return None
        mended = _BARE.sub(lambda found: found[1] or b"&amp;", _CONTROLS.sub(b"", skipped.head))
        self._start_parser(0, 1)
        try:
            self._parser.Parse(mended, False)
        except (expat.ExpatError, _FaultError):
            return None
        if len(self._parsed) != 1:
            return None
        what = "bare ampersands and control characters of the XML"
        offset = skipped.offset if self._has_offsets else None
        return XmlRecord(self._parsed[0].element, skipped.line, offset, skipped.head, what)


def text_of(element: Element | None) -> str:
    """Return all text within an element, stripped; empty for None."""
    return "".join(element.itertext()).strip() if element is not None else ""


def inner_markup(element: Element) -> str:
    """Return what is within an element as HTML, without prefixes.

    >>> from xml.etree.ElementTree import XML
    >>> inner_markup(XML('<div>Rain &amp; <b>snow</b></div>'))
    'Rain &amp; <b>snow</b>'
    """
    parts = [html.escape(element.text or "", quote=False)]
    for child in element:
        name = child.tag.rpartition(":")[2]
        attributes = "".join(f' {key.rpartition(":")[2]}="{html.escape(value)}"' for key, value in child.attrib.items())
        inner = inner_markup(child)
        is_void = not inner and name in ("br", "hr", "img", "input", "wbr")
        parts.append(f"<{name}{attributes}>" if is_void else f"<{name}{attributes}>{inner}</{name}>")
        parts.append(html.escape(child.tail or "", quote=False))
    return "".join(parts)
