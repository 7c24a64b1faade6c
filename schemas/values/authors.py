"""Authors: names of people, with their roles, out of whatever a byline holds.

Agencies keep their name and get the role `agency`. What is nobody's name (a date, an address, `admin`, a desk) is left
out, and said so. A field that has no name at all does not fit.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import regex

from .author_forms import rewrite
from .author_lines import divide, turn_names, without_place, without_prefix
from .author_names import AGENCY, Part, classify, tidy_name
from .author_words import AGENCIES, AND, OTHERS, PLACES, ROLE_BEHIND, SUFFIX, TAIL, TEXT_AND_PHOTOS
from .texts import as_text, first, name_kind, read_list, shorten
from .urls import ABSOLUTE_URL

_URL = regex.compile(ABSOLUTE_URL)
_MAX = 2_000  # characters: no byline is longer
_ORDINARY = regex.compile(r"\p{Lu}[\p{Ll}’']+(?: \p{Lu}\.)?(?: \p{Lu}[\p{Ll}’']+(?:-\p{Lu}\p{Ll}+)?){1,2}")


class Person(NamedTuple):
    """An author: the name, and the role if it is known."""

    name: str
    role: str | None = None
    url: str | None = None


class People(list[dict[str, str | None]]):
    """The authors of an article as `{name, url, role}`, and what was assumed to read them."""

    assumed: tuple[str, ...] = ()


class Byline(NamedTuple):
    """What a byline holds."""

    people: tuple[Person, ...]
    assumed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    role: str | None = None
    """A role or a desk, without a name."""


def authors(value: Any) -> People:
    """Return the authors of a text, of a list of texts or of objects. Raises `ValueError` if none of it is a name.

    >>> [person["name"] for person in authors("By Petra Quill and Tom Asher, Staff Writers")]
    ['Petra Quill', 'Tom Asher']
    """
    people: list[Person] = []
    assumed: list[str] = []
    left_out: list[str] = []
    items = _items(value)
    for item in items:
        line = _of_object(item) if isinstance(item, Mapping) else read_byline(_as_line(item))
        if len(items) > 1 and people and not line.people and (role := _role_of(line)):
            people[-1] = people[-1]._replace(role=people[-1].role or role)
            assumed.append(f"the role {role!r} of the author before it")
            continue
        people += line.people
        assumed += line.assumed
        left_out += line.left_out
    if not people and left_out:
        raise ValueError(f"not a name: {'; '.join(left_out)[:120]}")
    found = People({"name": one.name, "url": one.url, "role": one.role} for one in _without_repeats(people))
    found.assumed = (*assumed, *(f"left out {what}" for what in left_out))
    return found


def _role_of(line: Byline) -> str | None:
    """Return the role that a byline without a name consists of."""
    return line.role if len(line.left_out) == 1 else None


def _without_repeats(people: list[Person]) -> list[Person]:
    seen: dict[str, Person] = {}
    for one in people:
        key = one.name.casefold()
        before = seen.get(key)
        seen[key] = one if before is None else before._replace(role=before.role or one.role, url=before.url or one.url)
    return list(seen.values())


def _items(value: Any) -> list[Any]:
    """Return the authors of a value one by one; a list that is written as text is read."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        value = read_list(value.strip())
    if isinstance(value, (list, tuple)):
        return [inner for item in value for inner in (item if isinstance(item, (list, tuple)) else [item]) if inner]
    return [] if value is None or value == "" else [value]


def _as_line(value: Any) -> str:
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"a name expected, {name_kind(value)} found")
    return as_text(value)


_NAMES = (
    "name",
    "full_name",
    "fullName",
    "fullname",
    "display_name",
    "displayName",
    "author",
    "title",
    "@value",
    "#text",
    "nicename",
)
_GIVEN = ("first_name", "firstName", "givenName", "given_name", "first")
_FAMILY = ("last_name", "lastName", "familyName", "family_name", "last")


def _of_object(item: Mapping[str, Any]) -> Byline:
    """Read an object: its name or its given and family name, its address and its role."""
    given, family = first(item, *_GIVEN), first(item, *_FAMILY)
    name = first(item, *_NAMES)
    if name is item or isinstance(name, (Mapping, list)):
        name = None
    if not isinstance(name, str):
        parts = [part for part in (given, family) if isinstance(part, str)]
        name = " ".join(parts) if parts else name
    if not isinstance(name, str):
        is_empty = name is None and any(key in item for key in (*_NAMES, *_GIVEN, *_FAMILY))
        return Byline((), (), () if is_empty or not item else ("an object without a name",))
    link = first(item, "url", "link", "uri", "sameAs", "@id", "href")
    role = first(item, "role", "jobTitle", "job_title", "position")
    url = link.strip() if isinstance(link, str) and _URL.match(link.strip()) else None
    if item.get("@type") in ("Organization", "NewsMediaOrganization") or item.get("type") == "organization":
        return Byline((Person(name.strip(), role if isinstance(role, str) else "organisation", url),))
    line = read_byline(name)
    people = [
        one._replace(role=one.role or (role.strip() if isinstance(role, str) and role.strip() else None), url=url)
        for one in line.people
    ]
    return line._replace(people=tuple(people))


@lru_cache(maxsize=65536)
def read_byline(written: str) -> Byline:
    """Return what a byline in one text holds."""
    if _ORDINARY.fullmatch(written) and not without_prefix(written)[2] and classify(written).kind == "name":
        return Byline((Person(written),))
    text = " ".join(html.unescape(_TAG.sub(" ", written)).replace("\u200b", "").split(" ")).strip(" ,;|/-–—•·")
    if not text:
        return Byline(())
    if len(text) > _MAX:
        return Byline((), (), (f"{shorten(text)}: a text of {len(text):,} characters",))
    return _Reader(text).read()


_TAG = regex.compile(r"<(?!\S+@)/?\p{L}[^<>]*>")
_BRACKETS = regex.compile(r"^[（(【\[](.*)[)）】\]]$")
_MAIL = regex.compile(r"(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE = regex.compile(r"(?<![\w.])@\w{2,30}\b")
_ADDRESS = regex.compile(r"(?:https?://|www\.)\S+", regex.IGNORECASE)
_PARENTHESES = regex.compile(r"\s*[（(]([^（()）]*)[)）]")
_SENTENCE = regex.compile(
    r"(?P<name>\p{Lu}[\p{L}’'.-]*(?: [\p{L}’'.-]+){1,3}?),? (?P<rest>(?:is|was|has been|ist|est|es|è|é|covers"
    r"|writes|reports"
    r"|works|schreibt|arbeitet|écrit|escribe|scrive)\s.{8,})"
)
_DATE_BEHIND = regex.compile(r"(?:,?\s+|^)(?:on |am |le |el |em )?(?=\d|(?:\p{L}{3,9}\.? )\d{1,2},? \d{4})")


# Behind a name, the paper that it belongs to: "Beatriz Nogueira, da Folha do Mar".
_AFFILIATION = regex.compile(r"(?:da|do|de|dal|della|del|of|from|vom) (?:the )?\p{Lu}")


class _Reader:
    """Reads one byline: takes away what is no name, divides the rest, and tells names from roles and agencies."""

    def __init__(self, text: str) -> None:
        self._text, self._written = text, text
        self._people: list[Person] = []
        self._assumed: list[str] = []
        self._left_out: list[str] = []
        self._role: str | None = None
        self._since = 0  # number of the people before the last role

    def read(self) -> Byline:
        """Return what the byline holds."""
        if (inner := _BRACKETS.match(self._text)) and not _PARENTHESES.search(inner[1]):
            self._text = inner[1]
        self._take_addresses()
        if sentence := _SENTENCE.fullmatch(self._text):
            name = classify(sentence["name"])
            if name.kind == "name":
                self._assumed.append(f"a name and a role, out of {shorten(self._written, 80)}")
                return Byline((Person(tidy_name(name.text), sentence["rest"].strip(" .")),), tuple(self._assumed))
        self._text = rewrite(self._text, self._left_out)
        has_byline = self._read_pieces()
        if (has_byline or self._text != self._written) and self._people and not self._assumed:
            self._assumed.append(f"the name within {shorten(self._written, 80)}")
        return Byline(tuple(self._people), tuple(self._assumed), tuple(self._left_out), self._role)

    def _take_addresses(self) -> None:
        """Take addresses away. What is left is a name, or nothing."""
        address = _ADDRESS.search(self._text)
        for pattern in (_MAIL, _ADDRESS, _HANDLE):
            self._text = pattern.sub(" ", self._text)
        self._text = regex.sub(r"[<(\[]\s*[>)\]]", " ", self._text)
        self._text = " ".join(self._text.replace("<", " ").replace(">", " ").split(" ")).strip(" ,;|/-–—•·:")
        if self._text.count("(") != self._text.count(")"):
            self._text = self._text.strip("() ")
        elif self._text != self._written and (inner := _BRACKETS.match(self._text)):
            self._text = inner[1]  # of: mail (name)
        self._text = regex.sub(r"\s{2,}", " ", self._text)
        if not self._text:
            self._left_out.append(
                f"{shorten(self._written)}: {'an address' if address else 'a mail address or account'}"
            )

    def _take_tails(self) -> None:
        """Take away what follows a name without being one, and divide agencies from names: AFP/Petra Quill."""
        self._text = OTHERS.sub("", TEXT_AND_PHOTOS.sub("", self._text))
        if (tail := TAIL.search(self._text)) and not AND.search(tail.group()):
            self._text = self._text[: tail.start()]
            self._left_out.append(f"{shorten(tail.group().strip())}: no part of the name")
        sides = self._text.split("/")
        if len(sides) == 2 and (
            any(side.strip().casefold() in AGENCIES for side in sides) or all(" " in side.strip() for side in sides)
        ):
            self._text = ";".join(sides)

    def _read_pieces(self) -> bool:
        """Divide the text and add each piece; return whether words of a byline stood before a name."""
        self._take_tails()
        has_byline = False
        role: str | None = None
        for piece in AND.split(self._text):
            of_piece, rest, is_byline = without_prefix(piece.strip(" ,"))
            has_byline |= is_byline
            role = of_piece if is_byline else role  # photos by A and B
            before = len(self._people)
            for part in divide(rest):
                self._add_commas(part, has_byline)
            if role:
                self._people[before:] = [one._replace(role=one.role or role) for one in self._people[before:]]
        return has_byline

    def _add_commas(self, text: str, has_byline: bool) -> None:
        """Add a piece that may have commas: several names, a name with its role, or a last name before the first."""
        parts = [part.strip() for part in text.split(",") if part.strip(" .")]
        named: list[str] = []
        for part in parts:
            if named and SUFFIX.fullmatch(part):
                named[-1] = f"{named[-1]}, {part}"
            else:
                named.append(part)
        kinds = [classify(_PARENTHESES.sub("", part)) for part in named]
        if named and all(kind.kind == "name" for kind in kinds):
            if has_byline or named[-1].casefold() in PLACES:
                named = without_place(named, self._left_out)
            else:
                named = self._turn_names(named)
        for part in named:
            self._add(part)

    def _turn_names(self, names: list[str]) -> list[str]:
        turned = turn_names(names)
        if turned != names and any(len(last.split()) > 1 and last.istitle() for last in names[::2]):
            self._assumed.append(f"the last name first in {shorten(', '.join(names), 80)}")
        return turned

    def _add(self, text: str) -> None:
        """Add a name, or what is none: to the names before it, or to what is left out."""
        remarks = [found.strip() for found in _PARENTHESES.findall(text)]
        text = _PARENTHESES.sub("", text).strip()
        if behind := ROLE_BEHIND.fullmatch(text):
            name, role = behind["name"] or behind["name2"], behind["role"] or behind["role2"]
            self._people.append(Person(name, role))
            self._since = len(self._people)
            self._assumed.append(f"the role {role!r}")
            return
        if self._people and _AFFILIATION.match(text):
            self._give_role(text)
            return
        part = classify(text)
        if part.kind == "dated":
            self._left_out.append(f"{shorten(part.rest)}: a date")
            part = classify(part.text)
        self._add_part(part)
        for remark in filter(None, remarks):
            self._add_remark(classify(remark))

    def _add_part(self, part: Part) -> None:
        if part.kind == "name":
            self._people.append(Person(tidy_name(part.text)))
        elif part.kind == "agency":
            self._people.append(Person(part.text, AGENCY))
        elif part.kind == "organisation" and not self._people:
            self._people.append(Person(part.text, part.kind))
        elif part.kind in ("role", "desk") and self._people and part.text:
            self._give_role(part.text)
        elif part.kind == "both":
            self._people.append(Person(tidy_name(part.text), part.rest))
            self._assumed.append(f"the role {part.rest!r}")
        elif part.kind != "empty":
            self._role = part.text if part.kind in ("role", "desk") else None
            self._left_out.append(f"{shorten(part.text)}: {part.why}")

    def _give_role(self, role: str) -> None:
        """Give a role to the author before it, or to all since the last role if it stands for several."""
        is_plural = regex.search(r"(?:ers|ors|ists|nts|ts|en|res|stes|es|и|ы)$", role) is not None
        start = self._since if is_plural else len(self._people) - 1
        for at in range(max(start, 0), len(self._people)):
            if self._people[at].role is None:
                self._people[at] = self._people[at]._replace(role=role)
        self._since = len(self._people)
        self._assumed.append(f"the role {role!r}")

    def _add_remark(self, part: Part) -> None:
        """Add what stands in brackets behind a name."""
        if part.kind == "name" and not self._people:  # of: by mail (name)
            self._people.append(Person(tidy_name(part.text)))
        elif part.kind == "agency":
            self._people.append(Person(part.text, AGENCY))
        elif part.kind in ("role", "desk", "name", "organisation") and self._people and self._people[-1].role is None:
            self._people[-1] = self._people[-1]._replace(role=part.text)
        elif part.kind != "empty":
            self._left_out.append(f"{shorten(part.text)}: in brackets")
