"""Forms of bylines that are rewritten before they are divided: labels, places, agencies and papers beside the names."""

from __future__ import annotations

import regex

from .author_words import AGENCIES, ORGANISATION
from .texts import shorten

_NAME = r"\p{Lu}[\p{L}\p{M}.’'-]+(?: [\p{L}\p{M}.’'-]+){0,2} \p{Lu}[\p{L}\p{M}’'-]+"
# A label with a colon begins another name: "Text: Karin Lind Foto: Olle Berg".
_LABEL = regex.compile(
    r",?\s+(?=(?:fotos?|photos?|photography|photographs|bild(?:er)?|pictures|video|zdjęcia|фото|editor|redaktör)\s*:)",
    regex.IGNORECASE,
)
# Words before a name that `PREFIX` does not know, since a name can follow them only at the beginning of a byline.
_START = regex.compile(
    r"(?:(?:ein |eine )?(?:gast)?(?:beitrag|kommentar|kolumne|essay|analyse|reportage|glosse|interview) von"
    r"|(?:propos |textes? )?recueillis? par|(?:un )?article (?:rédigé |écrit )?(?:par|de)|reportagem (?:de|por)"
    r"|texto de|(?:un )?articolo di|(?:medically |fact.?checked )?reviewed by"
    r"|(?:von )?unser(?:er|em|e)? (?:redakteur|korrespondent|mitarbeiter|reporter)(?:in|s)?"
    r"|(?:dal nostro|dalla nostra|il nostro) (?:inviat[oa]|corrispondente)"
    r"|(?:de )?(?:notre|nos) (?:correspondante?s?|envoyée?s? spécia(?:le|l|ux))(?: (?:à|en|au) [\p{L}-]+)?,?"
    r"|aus [\p{L}-]+ berichtete?n?|oprac(?:\.|ował[a]?|owanie)|rozmawiał[a]?|haber(?! merkezi)|muhabir"
    r"|द्वारा|كتبت|γράφει (?:ο|η)"
    r"|(?:photography|фото|editor|reporter)(?=\s*:))(?:\s*:\s*|\s+)(?=\p{L})",
    regex.IGNORECASE,
)
_SMALL_START = regex.compile(r"(?:von|di|af|av|od|door|par|por) (?=\p{Lu}[\p{L}’'-]* \p{Lu})")
_PLACE_BEHIND = regex.compile(
    rf"(?P<name>(?:^|(?<=[ ,;])){_NAME}) (?:in|from|aus|à|en) \p{{Lu}}[\p{{L}}-]+(?=,? and |$)"
)
_DASHED_PLACE = regex.compile(r"(?<=\p{L}{2} \p{Lu}[\p{L}-]+)\s+[—–/]\s+(?P<place>\p{Lu}[\p{L}-]+)(?= \(|$)")
_AGENCY_BEHIND = regex.compile(
    rf"(?<!\\p{{L}})(?!By |The )(?P<name>{_NAME}) (?P<agency>\p{{Lu}}[\p{{L}}-]+ \p{{Lu}}[\p{{L}}-]+)$"
)
_AGENCY_CODE = regex.compile(r"^(?P<agency>\p{L}{2,5})/\p{Ll}{2,4}$")
# "JENNA McCALL Lowmoor Lantern": the name in capitals, the paper in small letters.
_PAPER_BEHIND = regex.compile(
    r"(?P<name>\p{Lu}[\p{Lu}.’'-]+(?: (?:Mc|Mac)?\p{Lu}[\p{Lu}.’'-]+){1,2}) (?P<paper>\p{Lu}\p{Ll}.*)"
)
_CJK_DESK = regex.compile(r"^[\p{Han}]{2,8}(?:记者|記者)[\s:：]+")
_CJK_PLACE = regex.compile(r"[／/][\p{Han}]{2,6}(?:報導|报道|摄影|攝影)$")
_CJK_TEXT = regex.compile(r"^(?:文|取材)[・･]\s*(?=\p{Han})")
_CJK_NAMES = regex.compile(r"\p{Han}{2,4}(?: \p{Han}{2,4})+")
_KOREAN_PLACE = regex.compile(r"^\[[^\]]{2,24}\]\s*(?=\p{Hangul})")


# "MOREAU Jeanne": the last name first, in capitals.
_LAST_NAME = r"\p{Lu}[\p{Lu}’'-]*\p{Lu}(?: \p{Lu}{2,})*"
_TURNED = regex.compile(rf"(?P<last>{_LAST_NAME}) (?P<first>\p{{Lu}}\p{{Ll}}+(?:[- ]\p{{Lu}}\p{{Ll}}+)?)")


def turn_capitals(text: str) -> str:
    """Return a name with the first name first, if the last name stands before it in capitals.

    >>> turn_capitals("MOREAU-PETIT Jeanne"), turn_capitals("JENNA McCALL"), turn_capitals("BBC News")
    ('Jeanne Moreau-Petit', 'JENNA McCALL', 'BBC News')
    """
    found = _TURNED.fullmatch(text)
    if found is None or found["last"].casefold() in AGENCIES or ORGANISATION.search(found["first"]):
        return text
    return f"{found['first']} {found['last'].title()}"


def rewrite(text: str, left_out: list[str]) -> str:
    """Return a byline with a semicolon between its names, without what is no part of them.

    >>> rewrite("Text: Karin Lind Foto: Olle Berg", [])
    'Text: Karin Lind; Foto: Olle Berg'
    """
    text = _LABEL.sub("; ", text)
    if "/" in text and (code := _AGENCY_CODE.match(text)) and code["agency"].casefold() in AGENCIES:
        return str(code["agency"])
    text = "; ".join(turn_capitals(_without_start(piece)) for piece in regex.split(r"\s*; ?", text))
    for pattern, group in ((_PLACE_BEHIND, "name"), (_DASHED_PLACE, None)):
        if found := pattern.search(text):
            left_out.append(f"{shorten(found.group())}: a place")
            text = pattern.sub(r"\g<name>" if group else "", text)
    text = _with_agency(text)
    return text if text.isascii() else _rewrite_cjk(text)


def _without_start(piece: str) -> str:
    start = _START.match(piece) or _SMALL_START.match(piece)
    return piece[start.end() :] if start else piece


def _with_agency(text: str) -> str:
    """Return a byline with a semicolon before an agency or a paper that follows a name without a mark."""
    found = _AGENCY_BEHIND.search(text)
    if found and found["agency"].casefold() in AGENCIES:
        return f"{text[: found.start('agency')].strip()}; {found['agency']}"
    paper = _PAPER_BEHIND.fullmatch(text)
    if paper and ORGANISATION.search(paper["paper"]) and "," not in text:
        return f"{paper['name']} ({paper['paper']})"
    return text


def _rewrite_cjk(text: str) -> str:
    for pattern in (_CJK_DESK, _CJK_PLACE, _CJK_TEXT, _KOREAN_PLACE):
        text = pattern.sub("", text)
    return "; ".join(text.split(" ")) if _CJK_NAMES.fullmatch(text) else text
