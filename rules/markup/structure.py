r"""What markup says about each line of a text: its links, its block, what it stands in, and what that is named.

The tags of a text open and close nodes. Between two tags stands a piece of text, which belongs to the node that is open
there. Lengths and links are summed up over nodes, and each line takes what is known of the longest piece in it.

>>> text = '<nav><a href="/">Home</a></nav><p>It rained.</p>'
>>> from .html import read_html
>>> marked = read_html(text)
>>> found = find_structure(text, marked.tags, marked.replacements)
>>> found.shape, found[:, LANE["all links"]].tolist(), found[:, LANE["nav"]].tolist()
((3, 76), [64, 64, 0], [64, 64, 0])
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .elements import CELLS, ENDED_BY, LINES, PARAGRAPHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...schemas.byte_arrays import Bytes, Ints, Mask
    from ..ruleset.page import Replacement, Tag


_BLOCKS: tuple[tuple[str, ...], ...] = (
    ("p",),
    ("li",),
    ("td", "th"),
    ("h1",),
    ("h2",),
    ("h3",),
    ("h4", "h5", "h6"),
    ("div",),
    ("blockquote",),
    ("figure", "figcaption", "caption"),
    ("dd", "dt"),
    ("section", "article", "main"),
    ("button", "label", "option", "select", "legend"),
    ("pre",),
)
"""Elements of the nearest block that have a lane of their own."""
_INSIDE: dict[str, tuple[str, ...]] = {
    "nav": ("nav", "menu"),
    "footer": ("footer",),
    "aside": ("aside",),
    "header": ("header",),
    "form": ("form",),
    "article": ("article",),
    "main": ("main",),
    "list": ("ul", "ol"),
    "table": ("table",),
    "figure": ("figure",),
    "button": ("button", "label", "select"),
    "link": (),
}
"""What a line may stand in at any distance, and the elements that are it."""
_ROLES = {
    "navigation": "nav",
    "menu": "nav",
    "contentinfo": "footer",
    "complementary": "aside",
    "banner": "header",
    "search": "form",
    "article": "article",
    "main": "main",
}
_NAMES: dict[str, str] = {
    "named menu": r"nav|menu|breadcrumb|header|topbar|toolbar|masthead",
    "named footer": r"foot|copyright|bottom|legal|colophon",
    "named comments": r"comment|disqus|reply|discuss|respond",
    "named share": r"share|sharing|social|follow|facebook|twitter|addthis",
    "named related": r"relat|recommend|more|teaser|popular|trending|latest|suggest|outbrain|taboola|recirc",
    "named side": r"side|aside|widget|rail",
    "named advertisement": r"(?<![a-z])ads?(?![a-z])|advert|sponsor|banner|newsletter|subscri|promo|signup",
    "named content": r"article|content|story|post|entry|body|main|text",
    "named author": r"author|byline|meta|date|tag|categor|time|posted",
    "named picture": r"caption|figure|image|photo|gallery|credit|media|video|slide",
    "named title": r"title|headline|heading",
    "named body": r"article[-_]*(?:body|content|text)|(?:entry|post|story|main|body)[-_]*(?:content|body|text)"
    r"|content[-_]*(?:body|main|article)|articlebody",
    "named window": r"hidden|modal|popup|cookie|consent|overlay|login|paywall|skip|dropdown|toggle|(?<![a-z])sr-only",
    "named list": r"list|item|card|grid|archive|feed",
}
"""Words in the class, id, role and property of an element."""
NEAR, FAR = 4, 10  # elements around a line whose names count as near, and as near or far
_SIZED = ("block", "outer block", "third block")

LANE: dict[str, int] = {
    name: number
    for number, name in enumerate(
        [
            *("known", "contained", "link share", "all links", "some link"),
            *(f"in {block[0]}" for block in _BLOCKS),
            "depth",
            *_INSIDE,
            *(f"{what} of {block}" for block in _SIZED for what in ("length", "link share", "paragraphs")),
            *("links of outer block", "links of third block"),
            *("main block", "around main block", "two around main block", "behind title", "before title"),
            *(f"{name}, near" for name in _NAMES),
            *(f"{name}, far" for name in _NAMES),
        ]
    )
}
"""The lanes of a line: numbers from 0 to 127, 64 for yes."""
LANES = len(LANE)
_ON = 64
_BLOCK_NUMBER = {name: number for number, names in enumerate(_BLOCKS) for name in names}
_INSIDE_BITS = {name: 1 << number for number, key in enumerate(_INSIDE) for name in _INSIDE[key]}
_BIT = {key: 1 << number for number, key in enumerate(_INSIDE)}
_NO_NODES = frozenset(("br", "hr", "input", "col", "body", "html"))
_NODES = (PARAGRAPHS | LINES | CELLS | {"a"}) - _NO_NODES
_NAME_PATTERNS = [re.compile(pattern) for pattern in _NAMES.values()]
_ATTRIBUTE = re.compile(
    r"""\s(class|id|role|itemprop|href|hidden)\b(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""", re.IGNORECASE
)
_LONGEST_TAG = 600  # code points of a tag that are looked at


class _Kind(NamedTuple):
    """What one tag says about its node."""

    inside: int
    names: int
    links: bool


_KINDS: dict[str, _Kind] = {}
_NAME_BITS: dict[str, int] = {}
_MOST_KINDS = 5_000  # that are remembered


def _kind_of(name: str, written: str) -> _Kind:
    """Return what a tag says, as it is written."""
    kind = _KINDS.get(written)
    if kind is not None:
        return kind
    inside, links, values = _INSIDE_BITS.get(name, 0), False, []
    for key, *forms in _ATTRIBUTE.findall(written):
        if len(key) == 4 and key in "hrefHREF":
            links = name == "a"
            continue
        value, key = "".join(forms).lower(), key.lower()
        if key == "role":
            inside |= _BIT.get(_ROLES.get(value, ""), 0)
        values.append("hidden" if key == "hidden" else value)
    kind = _Kind(inside | (_BIT["link"] if links else 0), _name_bits(" ".join(values)) if values else 0, links)
    if name != "a":  # each address is another one
        if len(_KINDS) >= _MOST_KINDS:
            _KINDS.clear()
        _KINDS[written] = kind
    return kind


def _name_bits(values: str) -> int:
    """Return a bit for each group of names that has a word among some values."""
    bits = _NAME_BITS.get(values)
    if bits is None:
        bits = sum(1 << k for k, pattern in enumerate(_NAME_PATTERNS) if pattern.search(values))
        if len(_NAME_BITS) >= _MOST_KINDS:
            _NAME_BITS.clear()
        _NAME_BITS[values] = bits
    return bits


@dataclass
class Nodes:
    """The elements of a text in the order in which they begin, and its pieces. Node 0 is the text as a whole."""

    name: list[str] = field(default_factory=lambda: [""])
    parent: list[int] = field(default_factory=lambda: [0])
    depth: list[int] = field(default_factory=lambda: [0])
    inside: list[int] = field(default_factory=lambda: [0])
    names: list[int] = field(default_factory=lambda: [0])
    first: list[int] = field(default_factory=lambda: [0])
    last: list[int] = field(default_factory=lambda: [0])
    """The pieces of node n, those of the nodes in it included: `[first[n], last[n])`."""
    piece_start: list[int] = field(default_factory=lambda: [0])
    piece_end: list[int] = field(default_factory=list)
    piece_node: list[int] = field(default_factory=lambda: [0])


def read_nodes(text: str, tags: Iterable[Tag]) -> Nodes:
    """Return the nodes of a text. Elements whose end tag is missing end where HTML lets them end."""
    nodes = Nodes()
    names, depths, insides, lasts = nodes.name, nodes.depth, nodes.inside, nodes.last
    ends, starts, owners = nodes.piece_end, nodes.piece_start, nodes.piece_node
    opened, top = [0], 0  # the open nodes, and the last one of them
    counts = dict.fromkeys(_NODES, 0)
    for tag in tags:
        name = tag.name
        if name not in counts:
            continue
        if tag.closes:
            if not counts[name]:
                continue
            closing = 0
            while names[opened[-closing - 1]] != name:
                closing += 1
            closing += 1
        else:
            closing = 0
            while name in ENDED_BY.get(names[opened[-closing - 1]], ()):
                closing += 1
            kind = _kind_of(name, text[tag.start : min(tag.end, tag.start + _LONGEST_TAG)] or f"<{name} href>")
            if name == "a":
                if not kind.links:
                    continue
                closing += names[opened[-closing - 1]] == "a"
        for _ in range(closing):
            top = opened.pop()
            counts[names[top]] -= 1
            lasts[top] = len(owners)
        top = opened[-1]
        if not tag.closes:
            nodes.parent.append(top)
            nodes.first.append(len(owners))
            nodes.names.append(kind.names)
            depths.append(depths[top] + 1)
            insides.append(insides[top] | kind.inside)
            top = len(names)
            names.append(name)
            lasts.append(0)
            opened.append(top)
            counts[name] += 1
        ends.append(tag.start)
        starts.append(tag.end)
        owners.append(top)
    ends.append(len(text))
    for node in opened:
        lasts[node] = len(owners)
    return nodes


@dataclass(frozen=True)
class Pieces:
    """The pieces of a text as columns: node, visible length without line ends, and line."""

    node: Ints
    size: Ints
    line: Ints
    lines: int


def read_pieces(text: str, nodes: Nodes, replacements: Sequence[Replacement]) -> Pieces:
    """Return the pieces of a text, and which line of the visible text each is in."""
    start, end = np.array(nodes.piece_start, np.int64), np.array(nodes.piece_end, np.int64)
    new_start = np.array([new.start for new in replacements], np.int64)
    new_end = np.array([new.end for new in replacements], np.int64)
    added = np.array([len(new.after.strip(" |\n")) for new in replacements], np.int64)
    breaks = np.array([new.after.count("\n") for new in replacements], np.int64)
    change = np.concatenate([np.zeros(1, np.int64), np.cumsum(added - (new_end - new_start))])

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    feeds = np.flatnonzero(codes == 10)
    index = np.searchsorted(new_start, feeds, side="right") - 1
    kept = (index < 0) | (feeds >= new_end[index]) if len(new_start) else np.ones(len(feeds), np.bool_)
    kept_feeds = feeds[kept]
    ends = np.sort(np.concatenate([kept_feeds, np.repeat(new_start, breaks)]))

    def visible(at: Ints) -> Ints:
        """Return how many visible characters are before some places, line ends not counted."""
        index = np.searchsorted(new_end, at, side="right")
        place = at if not len(new_start) else np.minimum(at, np.append(new_start, len(text))[index])
        shown: Ints = place + change[index] - np.searchsorted(kept_feeds, at)
        return shown

    words = np.append(np.flatnonzero(codes > 32), len(text))
    first = words[np.searchsorted(words, np.minimum(start, len(text)))]
    return Pieces(
        node=np.array(nodes.piece_node, np.int64),
        size=np.maximum(visible(end) - visible(start), 0),
        line=np.searchsorted(ends, np.minimum(first, np.maximum(end, start)), side="left"),
        lines=len(ends) + 1,
    )


def find_structure(
    text: str, tags: Iterable[Tag], replacements: Sequence[Replacement], *, contained: bool = True
) -> Bytes:
    """Return the lanes of each line of a visible text, blank ones included: shape (lines, `LANES`).

    `replacements` lead from the text to the visible text. `contained` says whether the form has containers and names,
    as HTML has. Tags are in the order of the text.
    """
    nodes = read_nodes(text, tags)
    pieces = read_pieces(text, nodes, replacements)
    of_nodes = _describe_nodes(nodes, pieces)
    # the longest piece of each line, and for lines without a piece the one before
    order = np.lexsort((-pieces.size, pieces.line))
    line = pieces.line[order]
    longest = order[np.concatenate([[True], line[1:] != line[:-1]])]
    piece = np.zeros(pieces.lines, np.int64)
    piece[pieces.line[longest]] = longest
    piece = np.maximum.accumulate(piece)
    out = of_nodes[pieces.node[piece]]
    in_link = (np.array(nodes.inside)[pieces.node] & _BIT["link"]) > 0
    total = np.bincount(pieces.line, pieces.size, minlength=pieces.lines)
    linked = np.bincount(pieces.line, pieces.size * in_link, minlength=pieces.lines)
    share = np.where(total > 0, linked / np.maximum(total, 1), in_link[piece])
    out[:, LANE["known"]] = _ON
    out[:, LANE["contained"]] = _ON * contained
    out[:, LANE["link share"]] = (share * 127).astype(np.uint8)
    out[:, LANE["all links"]] = _ON * (share >= 0.9)
    out[:, LANE["some link"]] = _ON * (share > 0)
    _mark_main_block(out, nodes, pieces, piece)
    return out


def _describe_nodes(nodes: Nodes, pieces: Pieces) -> Bytes:
    """Return the lanes that all pieces of a node have in common: shape (nodes, `LANES`)."""
    out = np.zeros((len(nodes.name), LANES), np.uint8)
    parent, inside, names = (np.array(column, np.int64) for column in (nodes.parent, nodes.inside, nodes.names))
    block, outer, third = _find_blocks(nodes, parent)
    tag = np.array([_BLOCK_NUMBER.get(name, -1) for name in nodes.name])[block]
    tagged = np.flatnonzero(tag >= 0)
    out[tagged, LANE["in p"] + tag[tagged]] = _ON
    out[:, LANE["depth"]] = np.minimum(np.array(nodes.depth) * 4, 127)
    _put_bits(out, LANE["nav"], inside, len(_INSIDE))
    first, last = np.array(nodes.first), np.array(nodes.last)
    size = _sum(pieces.size, first, last)
    linked = _sum(pieces.size * ((inside[pieces.node] & _BIT["link"]) > 0), first, last)
    is_paragraph = np.array([name == "p" for name in nodes.name])
    paragraphs = np.bincount(parent[is_paragraph & (size > 0)], minlength=len(parent))
    begins_link = np.zeros(len(pieces.node) + 1, np.int64)
    begins_link[first[[name == "a" for name in nodes.name]]] = 1
    links = _sum(begins_link[:-1], first, last)
    for at, of_block in zip(range(LANE["length of block"], LANES, 3), (block, outer, third), strict=False):
        shown = of_block > 0
        out[:, at] = shown * np.minimum(np.log2(size[of_block] + 1) * 8, 127)
        out[:, at + 1] = shown * (127 * linked[of_block] // np.maximum(size[of_block], 1))
        out[:, at + 2] = shown * np.minimum(8 * paragraphs[of_block], 127)
    for name, of_block in (("outer", outer), ("third", third)):
        out[:, LANE[f"links of {name} block"]] = (of_block > 0) * np.minimum(np.log2(links[of_block] + 1) * 14, 127)
    near, far, at_node = np.zeros_like(names), np.zeros_like(names), np.arange(len(names))
    for distance in range(FAR):
        if distance < NEAR:
            near |= names[at_node]
        else:
            far |= names[at_node]
        at_node = parent[at_node]
    _put_bits(out, LANE["named menu, near"], near, len(_NAMES))
    _put_bits(out, LANE["named menu, far"], far, len(_NAMES))
    return out


def _put_bits(out: Bytes, lane: int, bits: Ints, count: int) -> None:
    """Write the bits of numbers into lanes, the lowest one first."""
    out[:, lane : lane + count] = (bits[:, None] >> np.arange(count) & 1) * _ON


def _sum(values: Ints, first: Ints, last: Ints) -> Ints:
    """Return the sums of spans of values."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])
    total: Ints = sums[last] - sums[first]
    return total


def _find_blocks(nodes: Nodes, parent: Ints) -> tuple[Ints, Ints, Ints]:
    """Return for each node the block that it is or stands in, the block around that, and the one around both."""
    block = list(range(len(nodes.name)))
    for number, name in enumerate(nodes.name):
        if name == "a":
            block[number] = block[nodes.parent[number]]
    own = np.array(block, np.int64)
    outer = own[parent[own]]
    return own, outer, own[parent[outer]]


def _mark_main_block(out: Bytes, nodes: Nodes, pieces: Pieces, piece: Ints) -> None:
    """Mark the lines of the block with most paragraphs, of the blocks around it, and those behind the title.

    A paragraph counts for the block around it, half for the next one. Text that stands in a block itself counts, too.
    """
    parent, inside = np.array(nodes.parent, np.int64), np.array(nodes.inside, np.int64)
    block, outer, third = _find_blocks(nodes, parent)
    plain = pieces.size * ((inside[pieces.node] & _BIT["link"]) == 0)
    own = np.bincount(block[pieces.node], plain, minlength=len(parent))
    own[own < 60] = 0
    score = np.bincount(outer, own, minlength=len(parent)) + np.bincount(third, own / 2, minlength=len(parent))
    score += np.where(own >= 400, own, 0)
    score[0] = 0
    main = int(score.argmax())
    for name in ("main block", "around main block", "two around main block"):
        if main:
            out[:, LANE[name]] = _ON * ((piece >= nodes.first[main]) & (piece < nodes.last[main]))
        main = int(parent[main])
    titles = [number for number, name in enumerate(nodes.name) if name == "h1"]
    if titles:
        size = _sum(pieces.size, np.array(nodes.first)[titles], np.array(nodes.last)[titles])
        title = titles[int(size.argmax())]
        behind: Mask = piece >= nodes.last[title]
        out[:, LANE["behind title"]] = _ON * behind
        out[:, LANE["before title"]] = _ON * ~behind
