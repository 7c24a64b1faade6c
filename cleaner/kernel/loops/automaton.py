# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Run the automaton of many patterns over many lines: each byte of a line is looked at once.

The positions that the bytes read so far may have led to are a *state*. States are made when a line first leads to them,
and are remembered with where each byte leads from there.
"""

from __future__ import annotations

import cython
import numpy as np

COMPILED: bool = cython.compiled
DEAD = cython.declare(cython.int, 0)  # the state of no position
START = cython.declare(cython.int, 1)  # the state before the first byte
UNKNOWN = cython.declare(cython.int, -1)  # a step that was not made yet
BLOCK_BITS = cython.declare(cython.int, 4)
BLOCK = cython.declare(cython.int, 16)  # classes of bytes that have their steps together
MAX_STATES = 1 << 17
MAX_POOL = 1 << 23  # positions of all states together
BLOCKS = 8  # blocks of steps for each state, on average: most states are left by few bytes


@cython.cclass
class LazyAutomaton:
    """The automaton of many patterns, and its states so far. Not safe for use by two threads at once."""

    _class_of: cython.const[cython.uchar][::1]  # of each byte
    _width: cython.Py_ssize_t  # blocks that the classes of bytes need
    _takes: cython.const[cython.uchar][:, ::1]  # whether a set of bytes has those of a class
    _set_of: cython.const[cython.int][::1]  # of each position
    _follow: cython.const[cython.int][::1]
    _follow_at: cython.const[cython.int][::1]
    _accepts: cython.const[cython.int][::1]  # of each position
    _block: cython.int[:, ::1]  # the block of the steps of a state and some classes of bytes; 0: no step was made yet
    _next: cython.int[:, ::1]  # the state behind each class of a block; those of block 0 are not known
    _blocks: cython.Py_ssize_t
    _pool: cython.int[::1]  # the positions of all states
    _pool_at: cython.longlong[::1]
    _states: cython.Py_ssize_t
    _buckets: cython.int[::1]  # states by the hash of their positions
    _marks: cython.longlong[::1]  # the step that last met a position
    _step: cython.longlong
    resets = cython.declare(cython.Py_ssize_t, visibility="readonly")

    def __init__(self, class_of, takes, set_of, follow, follow_at, accepts, max_states=MAX_STATES, max_pool=MAX_POOL):
        """Take the automaton as columns; `follow[follow_at[p]:follow_at[p + 1]]` are the positions behind `p`.

        The last entry of `follow_at` is that of a position before the first byte. The pool has room for two states at
        least, however large they are.
        """
        max_states, max_pool = max(max_states, 4), max(max_pool, 2 * len(set_of) + 2)
        # memory views: for Python, the items of an array would be numbers of numpy, which overflow
        self._class_of, self._takes, self._set_of = memoryview(class_of), memoryview(takes), memoryview(set_of)
        self._follow, self._follow_at = memoryview(follow), memoryview(follow_at)
        self._accepts = memoryview(accepts)
        self._width = (takes.shape[1] >> BLOCK_BITS) + 1
        self._block = memoryview(np.empty((max_states, self._width), np.int32))
        self._next = memoryview(np.empty((BLOCKS * max_states, BLOCK), np.int32))
        self._pool = memoryview(np.empty(max_pool, np.int32))
        self._pool_at = memoryview(np.zeros(max_states + 1, np.int64))
        size: cython.Py_ssize_t = 1
        while size < 4 * max_states:
            size *= 2
        self._buckets = memoryview(np.empty(size, np.int32))
        self._marks = memoryview(np.zeros(len(set_of) + 1, np.int64))
        self._step = 0
        self.resets = -1
        self._reset(START)

    @property
    def states(self) -> int:
        """Number of states so far."""
        return self._states

    @cython.ccall
    def scan(
        self,
        data: cython.const[cython.uchar][::1],
        begin: cython.Py_ssize_t,
        ends: cython.const[cython.longlong][::1],
        first_line: cython.Py_ssize_t,
        lines: cython.longlong[::1],
        patterns: cython.longlong[::1],
    ) -> tuple:
        """Write pairs (line, pattern) for lines that a pattern may match.

        Line `i` ends before the line feed at `ends[i] - 1`; `first_line` begins at `begin`. Return the line to go on
        with, where it begins, and the number of pairs. The scan stops before a line for whose pairs there may be no
        room.
        """
        room: cython.Py_ssize_t = lines.shape[0]
        count: cython.Py_ssize_t = 0
        line: cython.Py_ssize_t = first_line
        all_lines: cython.Py_ssize_t = ends.shape[0]
        at: cython.Py_ssize_t
        end: cython.Py_ssize_t
        state: cython.int
        after: cython.int
        byte_class: cython.int
        low: cython.longlong
        high: cython.longlong
        accepted: cython.int
        with cython.nogil:
            while line < all_lines:
                end = ends[line] - 1
                at = begin
                state = START
                while at < end and state != DEAD:
                    byte_class = self._class_of[data[at]]
                    after = self._next[self._block[state, byte_class >> BLOCK_BITS], byte_class & (BLOCK - 1)]
                    if after == UNKNOWN:
                        after = self._make_step(state, byte_class)
                        if after == UNKNOWN:
                            # no room for more states: forget all but this one
                            state = self._reset(state)
                            continue
                    state = after
                    at += 1
                if state > START and at == end:
                    low = self._pool_at[state]
                    high = self._pool_at[state + 1]
                    if count + (high - low) > room:
                        break
                    while low < high:
                        accepted = self._accepts[self._pool[low]]
                        if accepted >= 0:
                            lines[count] = line
                            patterns[count] = accepted
                            count += 1
                        low += 1
                begin = end + 1
                line += 1
        return line, begin, count

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _reset(self, state: cython.int) -> cython.int:
        """Forget all states but one and those without positions. Return the new number of that state."""
        low: cython.longlong = self._pool_at[state]
        size: cython.longlong = self._pool_at[state + 1] - low
        hashed: cython.ulonglong = 0
        i: cython.Py_ssize_t
        for i in range(self._buckets.shape[0]):
            self._buckets[i] = -1
        for i in range(self._width):
            self._block[DEAD, i] = 0
            self._block[START, i] = 0
        for i in range(BLOCK):
            self._next[0, i] = UNKNOWN
        self._blocks = 1
        self._pool_at[DEAD] = 0
        self._pool_at[START] = 0
        self._pool_at[START + 1] = 0
        self._states = START + 1
        self.resets += 1
        if state == START:
            return START
        self._step += 1
        for i in range(size):
            self._pool[i] = self._pool[low + i]
            self._marks[self._pool[i]] = self._step
            hashed += _spread(self._pool[i])
        return self._intern(0, size, hashed)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _make_step(self, state: cython.int, byte_class: cython.int) -> cython.int:
        """Find where bytes of a class lead from a state. Return `UNKNOWN` if there is no room for a new state."""
        base: cython.longlong = self._pool_at[self._states]
        top: cython.longlong = base
        limit: cython.longlong = self._pool.shape[0]
        hashed: cython.ulonglong = 0
        low: cython.longlong
        followed: cython.Py_ssize_t
        position: cython.int
        source: cython.int
        self._step += 1
        low = self._pool_at[state]
        while True:
            if state == START:
                source = self._set_of.shape[0]
            elif low < self._pool_at[state + 1]:
                source = self._pool[low]
            else:
                break
            for followed in range(self._follow_at[source], self._follow_at[source + 1]):
                position = self._follow[followed]
                if self._marks[position] == self._step or not self._takes[self._set_of[position], byte_class]:
                    continue
                if top == limit:
                    return UNKNOWN
                self._marks[position] = self._step
                self._pool[top] = position
                hashed += _spread(position)
                top += 1
            if state == START:
                break
            low += 1
        after: cython.int = self._intern(base, top, hashed)
        if after == UNKNOWN or not self._make_block(state, byte_class):
            return UNKNOWN
        self._next[self._block[state, byte_class >> BLOCK_BITS], byte_class & (BLOCK - 1)] = after
        return after

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _make_block(self, state: cython.int, byte_class: cython.int) -> cython.bint:
        """Give a class of bytes a block of its own for the steps from a state. Return whether there was room."""
        i: cython.Py_ssize_t
        if self._block[state, byte_class >> BLOCK_BITS] == 0:
            if self._blocks == self._next.shape[0]:
                return False
            for i in range(BLOCK):
                self._next[self._blocks, i] = UNKNOWN
            self._block[state, byte_class >> BLOCK_BITS] = cython.cast(cython.int, self._blocks)
            self._blocks += 1
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _intern(self, base: cython.longlong, top: cython.longlong, hashed: cython.ulonglong) -> cython.int:
        """Return the state of the positions `pool[base:top]`, which are those marked in this step."""
        if base == top:
            return DEAD
        mask: cython.ulonglong = self._buckets.shape[0] - 1
        bucket: cython.ulonglong = hashed & mask
        state: cython.int
        i: cython.Py_ssize_t
        while self._buckets[bucket] >= 0:
            state = self._buckets[bucket]
            if self._pool_at[state + 1] - self._pool_at[state] == top - base:
                i = self._pool_at[state]
                while i < self._pool_at[state + 1] and self._marks[self._pool[i]] == self._step:
                    i += 1
                if i == self._pool_at[state + 1]:
                    return state
            bucket = (bucket + 1) & mask
        if self._states == self._block.shape[0]:
            return UNKNOWN
        state = cython.cast(cython.int, self._states)
        self._states += 1
        self._buckets[bucket] = state
        self._pool_at[state + 1] = top
        for i in range(self._width):
            self._block[state, i] = 0
        return state


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _spread(position: cython.ulonglong) -> cython.ulonglong:
    """Return a number whose bits all depend on all bits of a position. The sum does not depend on their order."""
    position = (position + 1) * 0x45D9F3B
    position = (position ^ (position >> 15)) * 0x3C6EF35F
    return position ^ (position >> 13)
