"""The phrase dialect: regular expressions that ignore case and typography.

A pattern is matched against a whole line, without the decoration around it. The pattern and the line are both
flattened first (`alphabet.flatten`): lower case, straight quotes, hyphens for dashes, three full stops for `…`, one
space for any run of white space. The result is a plain regular expression without anchors, flags or references.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .alphabet import PLAIN, fold

_ESCAPE = r"\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"  # a "]" right behind the opening bracket is a member
_BOUNDS = r"\{[0-9]*,?[0-9]*\}"
_TOKEN = re.compile(f"{_ESCAPE}|{_CLASS}|{_BOUNDS}|.", re.DOTALL)
# Runs of characters that translate to themselves are read in one step, which is faster.
_UNCHANGED = r"[a-z0-9 |?*+),:;!/&]+"
_RUN_OR_TOKEN = re.compile(f"{_UNCHANGED}|{_TOKEN.pattern}", re.DOTALL)
_MEMBER = re.compile(f"{_ESCAPE}|.", re.DOTALL)
# How a group may open: "(", "(?:", "(?>", "(?<name>", or a look around.
_GROUP = re.compile(r"\((?!\?)|\(\?(?:<[A-Za-z_]\w*>|<?[=!]|[:>])")
# The escapes of the dialect that are letters: they stand for classes of characters, or for the edge of a word.
_LETTER_ESCAPES = frozenset(rf"\{letter}" for letter in "wWdDbB")
_translations: dict[str, str] = {}  # of tokens whose translation does not depend on what follows


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


def _translate_token(pattern: str, at: int, token: str) -> str:
    """Translate the token at an offset of a pattern."""
    if token[0] == "\\":
        return _translate_escape(token)
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


def _translate_escape(token: str) -> str:
    if len(token) < 2:
        raise ValueError("a pattern cannot end in a backslash")
    if len(token) > 2:  # a character by its number
        return re.escape(_plain_form(chr(int(token[2:], 16))))
    if token == "\\s":
        raise ValueError("'\\s' is not part of the dialect: write a space, which stands for any white space")
    if token[1].isalnum() and token not in _LETTER_ESCAPES:
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
    if member in (r"\b", r"\B"):
        raise ValueError(f"{member!r} is not part of the dialect within a class")
    if member[0] == "\\":
        return _translate_escape(member)
    plain = _plain_form(member)[0]
    # A dash that becomes a hyphen must not make a range. [. .], [: :] and [= =] have a meaning in some engines.
    return f"\\{plain}" if plain in ".:=" or (plain == "-" and member != "-") else plain


def _plain_form(character: str) -> str:
    """Return a character as flattened text has it."""
    folded = fold(character)
    return PLAIN.get(folded, folded)
