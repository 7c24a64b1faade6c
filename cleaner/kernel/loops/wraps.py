# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Find the line ends of hard-wrapped texts: see `forms.wrapped`, which says what a wrap is."""

from __future__ import annotations

import cython

COMPILED: bool = cython.compiled
SPACE, STOP, MARK, SMALL = 1, 2, 4, 8  # kinds of bytes, as bits
_SPACE = cython.declare(cython.uchar, 1)
_STOP = cython.declare(cython.uchar, 2)
_MARK = cython.declare(cython.uchar, 4)
_SMALL = cython.declare(cython.uchar, 8)
_LEAST_WRAPS = cython.declare(cython.Py_ssize_t, 3)
_SHARE = cython.declare(cython.double, 0.6)


@cython.ccall
def find_wraps(
    data: cython.const[cython.uchar][::1],
    begin: cython.const[cython.longlong][::1],
    stop: cython.const[cython.longlong][::1],
    bounds: cython.const[cython.longlong][::1],
    rows: cython.const[cython.longlong][::1],
    named: cython.const[cython.uchar][::1],
    kinds: cython.const[cython.uchar][::1],
    narrowest: cython.longlong,
    widest: cython.longlong,
    sentences_stay: cython.bint,
    size: cython.longlong[::1],
    word: cython.longlong[::1],
    wraps: cython.uchar[::1],
) -> cython.void:
    """Write 1 for each line end that is a wrap, in texts given by row.

    Line `i` is `data[begin[i]:stop[i]]`; the lines of text `r` are those from `bounds[r]` to `bounds[r + 1]`. `kinds`
    has the kind of each byte. `size` and `word` have room for a number for each line.
    """
    at: cython.Py_ssize_t
    with cython.nogil:
        for at in range(rows.shape[0]):
            row: cython.Py_ssize_t = rows[at]
            first: cython.Py_ssize_t = bounds[row]
            last: cython.Py_ssize_t = bounds[row + 1]
            width: cython.longlong = _measure_lines(data, begin, stop, first, last, kinds, size, word)
            if narrowest <= width and width <= widest:
                _mark_wraps(data, begin, stop, first, last, named[row], kinds, width, sentences_stay, size, word, wraps)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _measure_lines(
    data: cython.const[cython.uchar][::1],
    begin: cython.const[cython.longlong][::1],
    stop: cython.const[cython.longlong][::1],
    first: cython.Py_ssize_t,
    last: cython.Py_ssize_t,
    kinds: cython.const[cython.uchar][::1],
    size: cython.longlong[::1],
    word: cython.longlong[::1],
) -> cython.longlong:
    """Write the characters of each line and of its first word. Return those of the longest line with a space.

    The first word of a line without a space is all of it, and counts as negative.
    """
    width: cython.longlong = 0
    line: cython.Py_ssize_t
    at: cython.longlong
    for line in range(first, last):
        characters: cython.longlong = 0
        at = begin[line]
        while at < stop[line] and not kinds[data[at]] & _SPACE:
            characters += (data[at] & 0xC0) != 0x80
            at += 1
        word[line] = characters if at < stop[line] else -characters - 1
        while at < stop[line]:
            characters += (data[at] & 0xC0) != 0x80
            at += 1
        size[line] = characters
        if word[line] >= 0 and characters > width:
            width = characters
    return width


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _mark_wraps(
    data: cython.const[cython.uchar][::1],
    begin: cython.const[cython.longlong][::1],
    stop: cython.const[cython.longlong][::1],
    first: cython.Py_ssize_t,
    last: cython.Py_ssize_t,
    named: cython.bint,
    kinds: cython.const[cython.uchar][::1],
    width: cython.longlong,
    sentences_stay: cython.bint,
    size: cython.const[cython.longlong][::1],
    word: cython.const[cython.longlong][::1],
    wraps: cython.uchar[::1],
) -> cython.void:
    """Write the wraps of one text, if it is wrapped or `named` so."""
    count: cython.Py_ssize_t = 0
    long: cython.Py_ssize_t = 0
    within: cython.Py_ssize_t = 0
    line: cython.Py_ssize_t
    for line in range(first, last - 1):
        if size[line] == 0 or size[line + 1] == 0 or size[line] > width or kinds[data[begin[line + 1]]] & _MARK:
            continue
        long += 2 * size[line] >= width
        next_word: cython.longlong = word[line + 1] if word[line + 1] >= 0 else -word[line + 1] - 1
        if word[line] < 0 or size[line] + 1 + next_word <= width:
            continue
        # the end of a sentence may be that of the paragraph, and nothing is lost if a paragraph is two
        full: cython.bint = kinds[data[stop[line] - 1]] & _STOP and not kinds[data[begin[line + 1]]] & _SMALL
        count += 1
        within += not full
        wraps[line] = not full or not sentences_stay
    if not named and (count < _LEAST_WRAPS or count < _SHARE * long or within < _SHARE * count):
        for line in range(first, last - 1):
            wraps[line] = 0
