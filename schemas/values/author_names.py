"""What a part of a byline is: a name, a role, an agency, or nobody."""

from __future__ import annotations

from typing import NamedTuple

import regex

from .author_words import AGENCIES, DESK, NOBODY, ORGANISATION, PARTICLES, ROLE, SUFFIX
from .dates import moment

AGENCY = "agency"
_LONGEST = 60  # characters of a name
_MOST_WORDS = 6


class Part(NamedTuple):
    """A part of a byline, and what it is."""

    kind: str
    """name, role, both (a name and a role), agency, desk, organisation, dated, nobody or empty."""
    text: str
    rest: str = ""
    why: str = ""
    """Why it is no name."""


def classify(text: str) -> Part:
    """Return what a part of a byline is.

    >>> classify("Senior Reporter").kind, classify("Petra Quill").kind, classify("dpa").kind, classify("1042").why
    ('role', 'name', 'agency', 'a number')
    """
    text = (
        text.strip(" .,;:|\"'“”„»«*_\u00a0")
        if not regex.search(r"\b(?:\p{L}|[JS]r)\.$", text)
        else text.strip(" ,;:|\"'“”„»«*_")
    )
    if not regex.search(r"\p{L}", text):
        return Part("nobody", text, why="a number" if text.strip() else "") if text else Part("empty", "")
    if agency := AGENCIES.get(text.casefold().removeprefix("mit material von ").strip()):
        return Part("agency", text if not text.isupper() or len(text) <= 5 else agency)
    if (owner := _AGENCY_STAFF.sub("", text)) != text and owner.casefold() in AGENCIES:
        return Part("agency", owner)
    if text.casefold() in NOBODY or regex.fullmatch(r"(?:admin|user|editor|author)\d*", text, regex.IGNORECASE):
        kind = "role" if ROLE.fullmatch(text) else "desk" if DESK.fullmatch(text) else "nobody"
        return Part(kind, text, why="no person")
    if regex.search(r"\d", text):
        return _with_number(text)
    if ROLE.search(text):
        return _with_role(text)
    if DESK.search(text):
        return Part("desk", text, why="a desk")
    if ORGANISATION.search(text):
        return Part("organisation", text, why="an organisation")
    if _is_name(text):
        return Part("name", text)
    return Part("nobody", text, why="not the form of a name")


_AGENCY_STAFF = regex.compile(r"\s+(?:staff|newsroom|news agency|staff writers?|reporters?|team)$", regex.IGNORECASE)
_DATE_START = regex.compile(
    r"(?:(?:^|[\s,]+)(?:on|am|le|el|em|den|il)?\s*)(?=(?:\p{L}+\.?,?\s+)?(?:\p{L}{3,12}\.?\s+)?\d)", regex.IGNORECASE
)


def _with_number(text: str) -> Part:
    """Return what a text with a number is: a date, a name with a date behind it, or nobody."""
    for start in _DATE_START.finditer(text):
        name = text[: start.start()].strip(" ,")
        if len(name.split()) > 1 and _is_name(name) and _is_date(text[start.end() :]):
            return Part("dated", name, text[start.end() :])
    if _is_date(text):
        return Part("nobody", text, why="a date")
    return Part("nobody", text, why="it has a number")


def _is_date(text: str) -> bool:
    try:
        return moment(text) is not None
    except ValueError as error:
        # two readings, or a day without a year: a date for all that
        return (
            type(error) is not ValueError
            or regex.fullmatch(r"\p{L}+\.? \d{1,2}|\d{1,2}\.? \p{L}+|\d+ \p{L}+ ago", text) is not None
        )


def _with_role(text: str) -> Part:
    """Divide a text with the word of a role into a name and a role, if it begins with a name."""
    found = list(ROLE.finditer(text))[-1]
    words = text.split()
    role, behind = text[: found.end()], text[found.end() :].strip()
    has_role = ROLE.match(role) or _ROLE_START.match(role) or _agency_before(role)
    if has_role and len(behind.split()) in (2, 3) and _is_plain_name(behind):  # political editor Petra Quill
        return Part("both", behind, role)
    for count in (2, 3):
        name, rest = " ".join(words[:count]), " ".join(words[count:])
        begins = _ROLE_START.match(rest) or rest[:1].islower() or ROLE.match(rest)
        if begins and ROLE.search(rest) and _is_plain_name(name) and not _ROLE_START.match(name):
            return Part("both", name, rest)
    return Part("role", text, why="a role")


def _is_plain_name(text: str) -> bool:
    """Return whether a text is a name, all of it in capitals, and no role or desk."""
    return _is_name(text) and text[:1].isupper() and _is_title(text) and not DESK.search(text) and not ROLE.search(text)


def _agency_before(text: str) -> bool:
    words = text.casefold().split()
    return any(" ".join(words[:count]) in AGENCIES for count in (1, 2))


_ROLE_START = regex.compile(
    r"(?:chief|senior|staff|deputy|assistant|associate|special|foreign|political|business|sports?|health"
    r"|science|city|crime"
    r"|education|environment|economics?|news|white house|managing|executive|freelance|contributing|guest|lead"
    r"|national|junior"
    r"|our|the|a|an|us|uk|eu|world|technology|tech|travel|food|arts?|culture|investigative|data|digital|video"
    r"|photo|court"
    r"|europe|asia|africa|middle east|washington|london|paris|berlin|local|regional|general|market|markets"
    r"|finance|financial"
    r"|industry|energy|climate|defen[cs]e|security|diplomatic|parliamentary|legal|religion|social|consumer"
    r"|property|money"
    r"|media|entertainment|film|music|theatre|tv|books?|fashion|style|life|opinion|editorial|web|online"
    r"|multimedia|leitend"
    r"|freie|freier|stellvertretende|unser|notre|nuestro|nostro|onze|nasz|наш|специальный)(?![\p{L}])",
    regex.IGNORECASE,
)


def _is_title(text: str) -> bool:
    """Return whether all words begin with a capital, but for particles."""
    return all(word[:1].isupper() or word in PARTICLES for word in text.split())


def _is_name(text: str) -> bool:
    """Return whether a text has the form of a name: few words, in capitals if the script has them."""
    words = text.split()
    if len(text) > _LONGEST or not 1 <= len(words) <= _MOST_WORDS or regex.search(r"[\d!?=@#%{}\[\]<>_:/\\]", text):
        return False
    if regex.fullmatch(r"(?:\p{Lu}\.[ -]?){1,3}", text):
        return True
    if _DOMAIN.fullmatch(text):
        return False
    cased = [word for word in words if word.lower() != word.upper()]
    if not cased:
        return len(text) <= 30
    if all(word.islower() for word in cased):
        return len(words) <= 3 and not (len(words) > 1 and all(word in _COMMON for word in words))
    odd = [word for word in cased if word[:1].islower() and word.lower() not in PARTICLES and not _ELIDED.match(word)]
    return not odd and any(len(word.strip(".")) > 1 or len(words) > 1 for word in words)


_ELIDED = regex.compile(r"(?:d|l|dell|all|s|t|n|al|el|ad|ar|as|an|ur|uz)['’-]?\p{Lu}")
_COMMON = frozenset("the a an and of in on for by to".split())
_DOMAIN = regex.compile(r"[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}")
_LAST_IN_CAPITALS = regex.compile(
    r"(?P<first>\p{Lu}\p{Ll}[\p{L}’'-]*(?: \p{Lu}\p{Ll}[\p{L}’'-]*)?) (?P<last>\p{Lu}[\p{Lu}’'-]{3,})"
)
_MC = regex.compile(r"^(?:mc)(\p{L}{2,})", regex.IGNORECASE)


def tidy_name(name: str) -> str:
    """Return a name that is all in capitals, or all in small letters, in the usual form; others as they are.

    >>> tidy_name("PETRA O'BRIEN-VAN DER BERG"), tidy_name("Petra Quill")
    ("Petra O'Brien-van der Berg", 'Petra Quill')
    """
    name = name.strip(" ,;")
    if found := _LAST_IN_CAPITALS.fullmatch(name):
        return f"{found['first']} {_capitalise(found['last'], 1)}"
    letters = [char for char in name if char.isalpha()]
    is_small = name.islower() and " " in name
    if not is_small and not (name.isupper() and len(letters) > 4 and name.upper() != name.lower()):
        return name
    return " ".join(_capitalise(word, at) for at, word in enumerate(name.split()))


def _capitalise(word: str, at: int) -> str:
    if "-" in word:
        return "-".join(_capitalise(part, at + place) for place, part in enumerate(word.split("-")))
    lower = word.lower()
    if at and lower in PARTICLES:
        return lower
    if "." in word or SUFFIX.fullmatch(lower):
        return word.upper() if len(word.replace(".", "")) <= 3 else word.title()
    if (apostrophe := regex.match(r"(\p{L})(['’])(\p{L}+)$", lower)) is not None:
        return f"{apostrophe[1].upper()}{apostrophe[2]}{apostrophe[3].capitalize()}"
    if (mc := _MC.match(lower)) is not None:
        return f"Mc{mc[1].capitalize()}"
    return lower.capitalize()
