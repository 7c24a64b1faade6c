r"""Shortcodes of WordPress and of its page builders: `[caption id="a1"]`, `[/vc_row]`, `[gallery ids="1,2"]`.

A word in brackets is a shortcode only if it looks like one: it has attributes, it is closed again, or it is known.
"[sic]", "[laughs]", "[1]" and "[...]" are words of the text.

>>> [("[b]"[start:end], block) for start, end, block in find_shortcodes("[b]")]
[]
>>> text = 'He said [sic] so. [gallery ids="1,2"] [vc_row]Then[/vc_row]'
>>> [text[start:end] for start, end, _ in find_shortcodes(text)]
['[gallery ids="1,2"]', '[vc_row]', '[/vc_row]']
"""

from __future__ import annotations

import re

_SHORTCODE = re.compile(
    r"""
    \[ (?P<slash>/?) (?P<name>[a-zA-Z][a-zA-Z0-9]*(?:[_-][a-zA-Z0-9_-]+)?)
    (?P<attributes>
        (?: \s+ [a-zA-Z_][\w:.-]* \s* = \s* (?: "[^"\[\]]*" | '[^'\[\]]*' | “[^”\[\]]*” | [^\s"'\[\]]+ ) )* )
    \s* /? \]
    """,
    re.VERBOSE,
)
_KNOWN = frozenset(
    "ad ads adrotate adsense audio caption contact-form-7 embed gallery gist googlemap googlevideo instagram iframe "
    "jwplayer more playlist polldaddy ssba toc tweet twitter video vimeo youtube".split()
)
# What these enclose is an address or a picture, never text of the article.
_OPAQUE = frozenset(
    "audio embed gist googlevideo iframe instagram jwplayer playlist tweet twitter video vimeo youtube".split()
)
_INLINE = frozenset("b i u em strong s span color size font url abbr sup sub highlight dropcap".split())


def find_shortcodes(text: str) -> list[tuple[int, int, bool]]:
    """Return the shortcodes of a text as (start, end, whether a line of its own), in code points."""
    if "[" not in text:
        return []
    matches = list(_SHORTCODE.finditer(text))
    closed = {match["name"].lower() for match in matches if match["slash"]}
    found: list[tuple[int, int, bool]] = []
    opaque = ""  # the name of a shortcode whose content goes with it
    for match in matches:
        name = match["name"].lower()
        if opaque:
            if match["slash"] and name == opaque:
                start, _, block = found[-1]
                found[-1] = start, match.end(), block
                opaque = ""
            continue
        if match["slash"] or match["attributes"].strip() or name in closed or name in _KNOWN or "_" in name:
            found.append((match.start(), match.end(), name not in _INLINE))
            if name in _OPAQUE and name in closed and not match["slash"]:
                opaque = name
    return found
