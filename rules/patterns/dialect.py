"""The phrase dialect: regular expressions that ignore case and typography.

A pattern is matched against a whole line, without the decoration around it. The pattern and the line are both
flattened first (`alphabet.flatten`): lower case, straight quotes, hyphens for dashes, three full stops for `…`, one
space for any run of white space. The result is a plain regular expression without anchors, flags or references.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .alphabet import PLAIN, fold

MAX_LENGTH = 4_000  # characters of a pattern, with its lists written out

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESCAPE = r"\\."
_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"  # a "]" right behind the opening bracket is a member
_BOUNDS = r"\{[0-9]*,?[0-9]*\}"
_TOKEN = re.compile(f"{_ESCAPE}|{_CLASS}|{_BOUNDS}|.", re.DOTALL)
# Runs of characters that translate to themselves are read in one step, which is faster.
_UNCHANGED = r"[a-z0-9 |?*+),:;!/&]+"
_RUN_OR_TOKEN = re.compile(f"{_UNCHANGED}|{_TOKEN.pattern}", re.DOTALL)
_MEMBER = re.compile(r"\\.|.", re.DOTALL)
_LEAST = re.compile(r"\{([0-9]*),?[0-9]*\}")
# How a group may open: "(", "(?:", "(?>", "(?<name>", or a look around.
_GROUP = re.compile(r"\((?!\?)|\(\?(?:<[A-Za-z_]\w*>|<?[=!]|[:>])")
_translations: dict[str, str] = {}  # of tokens whose translation does not depend on what follows
# What a raw text may have in the place of a plain character of the flattened text.
_RAW_FORMS = {" ": "(?:.+)", "'": ".", '"': ".", "-": "."}


@lru_cache(maxsize=16384)
def translate(pattern: str) -> str:
    r"""Return the regular expression that does in flattened text what a pattern means.

    >>> translate("it’s [–—] NOW…")
    "it's [\\-\\-] now\\.\\.\\."

    Raises `ValueError` for what the dialect leaves out: `\s`, back-references, inline flags, anchors.
    """
    expression = []
    for match in _RUN_OR_TOKEN.finditer(pattern):
        token = match[0]
        translation = _translations.get(token)
        if translation is None:
            translation = _translate_token(pattern, match.start(), token)
            # only for an opening bracket it matters what follows
            if token != "(":
                _translations[token] = translation
        expression.append(translation)
    return "".join(expression)


def tokenize(expression: str) -> list[str]:
    r"""Cut an expression into escapes, classes, bounds and single characters.

    >>> tokenize(r"a\d[b-d]{2,}?")
    ['a', '\\d', '[b-d]', '{2,}', '?']
    """
    return _TOKEN.findall(expression)


def widen_repeats(expression: str) -> str:
    r"""Replace bounded repeats of a translated pattern by unbounded ones, so that its automaton stays small.

    The result matches all that the pattern matches, and more.

    >>> widen_repeats("[0-9]{1,3} (comments?){0,2}")
    '[0-9]+ (comments?)*'

    A list, which is a repeated group of anything with a separator, becomes anything with a separator, once: Hyperscan
    loses matches of a repeat within a repeat, depending on the line before.

    >>> widen_repeats(r"tags:([^\n]{2,20}[,;])+")
    'tags:.+[,;]'
    """
    return "".join(_unroll_lists([_widen(token) for token in tokenize(expression)]))


def loosen(expression: str) -> str:
    """Return an expression for raw text that finds something wherever a translated pattern does in flattened text.

    >>> loosen("it's on - now{2,3}")
    'it.s(?:.+)on(?:.+).(?:.+)now+'
    """
    return "".join(_RAW_FORMS.get(token) or _widen(token) for token in tokenize(expression))


def _translate_token(pattern: str, at: int, token: str) -> str:
    """Translate the token at an offset of a pattern."""
    if token[0] == "\\":
        return _check_escape(token)
    if token[0] == "[":
        return _translate_class(pattern, at, token)
    if len(token) > 1 or token in "{.":
        return token
    if token == "(" and not _GROUP.match(pattern, at):
        raise ValueError(f"inline flags are not part of the dialect: {pattern[at : at + 6]!r}")
    if token in "^$":
        raise ValueError(f"{token!r} is not needed: a pattern is matched against the whole line")
    plain = _plain_form(token)
    return re.escape(plain) if "." in plain else plain


def _check_escape(token: str) -> str:
    if len(token) < 2:
        raise ValueError("a pattern cannot end in a backslash")
    if token == "\\s":
        raise ValueError("'\\s' is not part of the dialect: write a space, which stands for any white space")
    if token[1:].isdigit() or token in ("\\A", "\\Z", "\\g", "\\k", "\\p", "\\P", "\\S"):
        raise ValueError(f"{token!r} is not part of the dialect")
    return token


def _translate_class(pattern: str, at: int, token: str) -> str:
    """Flatten the members of a character class. A negated class never matches a line feed."""
    if token == "[":
        raise ValueError(f"the class that opens at {pattern[at : at + 8]!r} is never closed")
    negated = token.startswith("[^")
    members = "".join(map(_translate_member, _MEMBER.findall(token[2 if negated else 1 : -1])))
    return f"[^\\n{members}]" if negated else f"[{members}]"


def _translate_member(member: str) -> str:
    if member[0] == "\\":
        return member
    plain = _plain_form(member)[0]
    # A dash that becomes a hyphen must not make a range. [. .], [: :] and [= =] have a meaning in some engines.
    return f"\\{plain}" if plain in ".:=" or (plain == "-" and member != "-") else plain


def _plain_form(character: str) -> str:
    """Return a character as flattened text has it."""
    folded = fold(character)
    return PLAIN.get(folded, folded)


def _widen(token: str) -> str:
    """Return `*` or `+` for the bounds of a repeat, and any other token as it is."""
    bounds = _LEAST.fullmatch(token)
    if not bounds:
        return token
    return "+" if int(bounds[1] or 0) else "*"


def _unroll_lists(tokens: list[str]) -> Iterable[str]:
    """Replace each list among the tokens of an expression: `([,;].+)+` by `[,;].+`, and `(.+[,;])+` by `.+[,;]`."""
    at = 0
    while at < len(tokens):
        size, items = _read_list(tokens, at)
        yield from items or tokens[at : at + 1]
        at += size or 1


def _read_list(tokens: list[str], start: int) -> tuple[int, list[str]]:
    """Read the list that begins at a token: its number of tokens, and what to write for it; nothing if it is none.

    >>> _read_list(["(", ".", "+", "[,;]", ")", "+", "x"], 0)
    (6, ['.+', '[,;]'])
    """
    if tokens[start] != "(":
        return 0, []
    at = start + 1
    before = [token for token in tokens[at : at + 1] if _is_separator(token)]
    at += len(before)
    if not _is_anything(tokens[at : at + 1]) or tokens[at + 1 : at + 2] != ["+"]:
        return 0, []
    at += 2
    after = [token for token in tokens[at : at + 1] if _is_separator(token)]
    at += len(after)
    if tokens[at : at + 2] != [")", "+"]:
        return 0, []
    return at + 2 - start, [*before, ".+", *after]


def _is_separator(token: str) -> bool:
    return token.startswith("[") and not token.startswith("[^")


def _is_anything(tokens: list[str]) -> bool:
    return any(token == "." or token.startswith("[^") for token in tokens)
