# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Split texts into lines, strip the lines, and flatten them.

A table has one entry for each code point below `TABLE_SIZE`. All code points above share the last entry.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.libc.string import memchr

COMPILED: bool = cython.compiled
TABLE_SIZE = 0x20000
_LAST = cython.declare(cython.uint, 0x1FFFF)
_FEED = cython.declare(cython.uchar, 10)
_RETURN = cython.declare(cython.uchar, 13)
_SPACE = cython.declare(cython.uint, 32)
_NOTHING = cython.declare(cython.uint, 0xFF)  # no byte of UTF-8: it fills up the room that a shorter character leaves


@cython.ccall
def find_line_ends(
    data: cython.const[cython.uchar][::1],
    stop: cython.longlong[::1],
    after: cython.longlong[::1],
) -> cython.Py_ssize_t:
    r"""Write where each line stops, and where the next one begins. Return the number of line ends.

    They are \\n, \\r\\n, \\r, U+2028 and U+2029. Those for which there is no room are only counted.
    """
    room: cython.Py_ssize_t = stop.shape[0]
    size: cython.Py_ssize_t = data.shape[0]
    count: cython.Py_ssize_t = 0
    with cython.nogil:
        feed: cython.Py_ssize_t = _find_byte(data, _FEED, 0)
        carriage: cython.Py_ssize_t = _find_byte(data, _RETURN, 0)
        wide: cython.Py_ssize_t = _find_separator(data, 0)
        while True:
            at: cython.Py_ssize_t = min(feed, min(carriage, wide))
            if at == size:
                break
            begin: cython.Py_ssize_t = at + 1
            if at == wide:
                begin = at + 3
            elif at == carriage and feed == at + 1:
                begin = at + 2
            if count < room:
                stop[count] = at
                after[count] = begin
            count += 1
            if feed < begin:
                feed = _find_byte(data, _FEED, begin)
            if carriage < begin:
                carriage = _find_byte(data, _RETURN, begin)
            if wide < begin:
                wide = _find_separator(data, begin)
    return count


@cython.ccall
def split_lines(
    data: cython.const[cython.uchar][::1],
    stop: cython.const[cython.longlong][::1],
    after: cython.const[cython.longlong][::1],
    text_stop: cython.const[cython.longlong][::1],
    white: cython.const[cython.uchar][::1],
    decoration: cython.const[cython.uchar][::1],
    columns: cython.longlong[:, ::1],
) -> cython.Py_ssize_t:
    """Write the columns of the lines that are not blank: see `lines.split.Lines`. Return the number of these lines.

    The columns are row, number, begin, stop, start, end, core_start and core_end.
    """
    lines: cython.Py_ssize_t = stop.shape[0]
    count: cython.Py_ssize_t = 0
    row: cython.Py_ssize_t = 0
    begin: cython.longlong = 0
    number: cython.Py_ssize_t
    with cython.nogil:
        for number in range(lines):
            # the last line end of each text is the line feed behind it
            while after[number] > text_stop[row] + 1:
                row += 1
            start: cython.longlong = _strip_start(data, begin, stop[number], white)
            if start < stop[number]:
                end: cython.longlong = _strip_end(data, start, stop[number], white)
                core: cython.longlong = _strip_start(data, start, end, decoration)
                columns[0, count] = row
                columns[1, count] = number
                columns[2, count] = begin
                columns[3, count] = stop[number]
                columns[4, count] = start
                columns[5, count] = end
                columns[6, count] = core
                columns[7, count] = _strip_end(data, core, end, decoration)
                count += 1
            begin = after[number]
    return count


@cython.ccall
def find_openings(
    data: cython.const[cython.uchar][::1],
    start: cython.const[cython.longlong][::1],
    table: cython.const[cython.uchar][::1],
    found: cython.uchar[::1],
) -> cython.void:
    """Write for each span, which has a character at least, what a table has for its first character."""
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(start.shape[0]):
            found[i] = table[_code_at(data, start[i])]


@cython.ccall
def find_endings(
    data: cython.const[cython.uchar][::1],
    start: cython.const[cython.longlong][::1],
    end: cython.const[cython.longlong][::1],
    closers: cython.const[cython.uchar][::1],
    table: cython.const[cython.uchar][::1],
    found: cython.uchar[::1],
) -> cython.void:
    """Write for each span what a table has for its last character that is no closer, and 0 if there is none."""
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(start.shape[0]):
            last: cython.longlong = _strip_end(data, start[i], end[i], closers)
            found[i] = table[_code_at(data, _step_back(data, last))] if last > start[i] else 0


@cython.ccall
def flatten_spans(
    data: cython.const[cython.uchar][::1],
    start: cython.const[cython.longlong][::1],
    end: cython.const[cython.longlong][::1],
    packed: cython.const[cython.uint][::1],
    flat: cython.uchar[::1],
    begin: cython.Py_ssize_t,
    ends: cython.longlong[::1],
) -> cython.void:
    """Flatten spans into `flat`, from `begin` on, a line feed behind each. Write where each ends behind its line feed.

    `packed` has the flattened bytes of each code point, the first byte lowest. No flattened character is longer than
    its character was. Only the first of several spaces is written.
    """
    to: cython.Py_ssize_t = begin
    i: cython.Py_ssize_t
    with cython.nogil:
        for i in range(start.shape[0]):
            to = _flatten_span(data, start[i], end[i], packed, flat, to)
            flat[to] = _FEED
            to += 1
            ends[i] = to


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _flatten_span(
    data: cython.const[cython.uchar][::1],
    at: cython.longlong,
    end: cython.longlong,
    packed: cython.const[cython.uint][::1],
    flat: cython.uchar[::1],
    to: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Flatten one span. Return where the flattened span ends."""
    before: cython.uint = 0
    while at < end:
        code: cython.uint = _code_at(data, at)
        width: cython.Py_ssize_t = _width_at(data, at)
        first: cython.uint = packed[code] & 0xFF
        if code == _LAST:
            to = _copy(data, at, width, flat, to)
        elif first != _SPACE or before != _SPACE:
            flat[to] = first
            to += 1
            if width > 1:
                to = _write_rest(packed[code] >> 8, width - 1, flat, to)
        before = first
        at += width
    return to


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _copy(
    data: cython.const[cython.uchar][::1],
    at: cython.longlong,
    width: cython.Py_ssize_t,
    flat: cython.uchar[::1],
    to: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Copy the bytes of a character. Return where the next one goes."""
    i: cython.Py_ssize_t
    for i in range(width):
        flat[to + i] = data[at + i]
    return to + width


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _write_rest(
    rest: cython.uint, width: cython.Py_ssize_t, flat: cython.uchar[::1], to: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    """Write the bytes of a flattened character behind its first one. Return where the next one goes."""
    while width > 0 and rest & 0xFF != _NOTHING:
        flat[to] = rest & 0xFF
        to += 1
        rest >>= 8
        width -= 1
    return to


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _strip_start(
    data: cython.const[cython.uchar][::1],
    start: cython.longlong,
    end: cython.longlong,
    table: cython.const[cython.uchar][::1],
) -> cython.longlong:
    """Return where a span begins without the characters of a table at its start."""
    while start < end and table[_code_at(data, start)]:
        start += _width_at(data, start)
    return start


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _strip_end(
    data: cython.const[cython.uchar][::1],
    start: cython.longlong,
    end: cython.longlong,
    table: cython.const[cython.uchar][::1],
) -> cython.longlong:
    """Return where a span ends without the characters of a table at its end."""
    while start < end:
        last: cython.longlong = _step_back(data, end)
        if not table[_code_at(data, last)]:
            break
        end = last
    return end


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _step_back(data: cython.const[cython.uchar][::1], end: cython.longlong) -> cython.longlong:
    """Return where the character begins that ends at `end`."""
    end -= 1
    while end > 0 and data[end] & 0xC0 == 0x80:  # a byte that continues a character
        end -= 1
    return end


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _width_at(data: cython.const[cython.uchar][::1], at: cython.longlong) -> cython.Py_ssize_t:
    """Return the number of bytes of the character at an offset."""
    lead: cython.uint = data[at]
    return 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _code_at(data: cython.const[cython.uchar][::1], at: cython.longlong) -> cython.uint:
    """Return the code point at an offset, or `_LAST` for those that have no entry of their own."""
    lead: cython.uint = data[at]
    if lead < 0x80:
        return lead
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | (data[at + 1] & 0x3F)
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
    code: cython.uint = (lead & 0x07) << 18 | (data[at + 1] & 0x3F) << 12
    code |= (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F)
    return min(code, _LAST)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _find_separator(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return where the next U+2028 (E2 80 A8) or U+2029 (E2 80 A9) begins, or the size of the data."""
    size: cython.Py_ssize_t = data.shape[0]
    while True:
        at = _find_byte(data, 0xE2, at)
        if at + 2 >= size:
            return size
        if data[at + 1] == 0x80 and data[at + 2] & 0xFE == 0xA8:
            return at
        at += 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _find_byte(data: cython.const[cython.uchar][::1], byte: cython.uchar, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return where a byte occurs next, or the size of the data."""
    size: cython.Py_ssize_t = data.shape[0]
    if cython.compiled:
        if at >= size:
            return size
        place: cython.p_const_uchar = cython.cast(
            cython.p_const_uchar, memchr(cython.address(data[at]), byte, size - at)
        )
        return size if place == cython.NULL else place - cython.address(data[0])
    while at < size and data[at] != byte:
        at += 1
    return at
