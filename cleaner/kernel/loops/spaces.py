# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Find odd spaces: several in a row, those that do not break, and those at the ends of lines."""

from __future__ import annotations

import cython

COMPILED: bool = cython.compiled
_BLOCK = cython.declare(cython.Py_ssize_t, 64)  # bytes that are looked at together


@cython.ccall
def find_odd_spaces(
    data: cython.const[cython.uchar][::1],
    start: cython.longlong[::1],
    end: cython.longlong[::1],
    at_margin: cython.uchar[::1],
) -> cython.Py_ssize_t:
    """Write the runs of odd spaces, and whether each is at an end of its line. Return the number of runs.

    A run is odd if it is more than one plain space. An indent of plain spaces is not, nor are those at the end of a
    line. Runs for which there is no room are only counted.
    """
    room: cython.Py_ssize_t = start.shape[0]
    size: cython.Py_ssize_t = data.shape[0]
    count: cython.Py_ssize_t = 0
    at: cython.Py_ssize_t = 0
    done: cython.Py_ssize_t = 0
    with cython.nogil:
        while at < size:
            if at + _BLOCK + 2 <= size and not _has_signs(data, at):
                at += _BLOCK
                continue
            stop: cython.Py_ssize_t = min(at + _BLOCK, size)
            if at > done and data[at - 1] == 0x20:  # a sign can be at the second space of a run
                at -= 1
            while at < stop:
                width: cython.Py_ssize_t = _space_width(data, at)
                if width == 0:
                    at += 1
                    continue
                begin: cython.Py_ssize_t = at
                unbreaking: cython.bint = False
                while width > 0:
                    unbreaking = unbreaking or width > 1
                    at += width
                    width = _space_width(data, at)
                if at - begin == 1:
                    continue
                margin: cython.bint = _ends_line(data, begin) or _begins_line_end(data, at)
                if margin and not unbreaking:
                    continue
                if count < room:
                    start[count] = begin
                    end[count] = at
                    at_margin[count] = margin
                count += 1
            done = at
    return count


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _has_signs(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.bint:
    """Return whether a block has two plain spaces in a row, or a space that does not break."""
    found: cython.uchar = 0
    i: cython.Py_ssize_t
    for i in range(at, at + _BLOCK):
        found |= (data[i] == 0x20) & (data[i + 1] == 0x20)
        found |= (data[i] == 0xC2) & (data[i + 1] == 0xA0)
        found |= (data[i] == 0xE2) & (data[i + 1] == 0x80) & (data[i + 2] == 0xAF)
    return found != 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _space_width(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return the size of the space at an offset: a plain one, U+00A0 (C2 A0) or U+202F (E2 80 AF). 0 means none."""
    size: cython.Py_ssize_t = data.shape[0]
    if at >= size:
        return 0
    if data[at] == 0x20:
        return 1
    if data[at] == 0xC2 and at + 1 < size and data[at + 1] == 0xA0:
        return 2
    if data[at] == 0xE2 and at + 2 < size and data[at + 1] == 0x80 and data[at + 2] == 0xAF:
        return 3
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _ends_line(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.bint:
    """Return whether a line end is right before an offset, or nothing at all."""
    if at == 0 or data[at - 1] == 10 or data[at - 1] == 13:
        return True
    return at >= 3 and data[at - 3] == 0xE2 and data[at - 2] == 0x80 and data[at - 1] & 0xFE == 0xA8


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _begins_line_end(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.bint:
    """Return whether a line end is at an offset."""
    size: cython.Py_ssize_t = data.shape[0]
    if at < size and (data[at] == 10 or data[at] == 13):
        return True
    return at + 2 < size and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] & 0xFE == 0xA8
