"""Repair damaged characters: wrong encodings, entities, invisible characters, odd spaces.

This happens before any other rule looks at the text, so that a damaged phrase is still recognised. Only unreadable
words change, and every replacement is an edit like any cut.
"""

from __future__ import annotations

import html
import re
from itertools import groupby

import regex

from ..ruleset.declare import repair_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Replacement

LINE_ENDS = "\n\r\u2028\u2029"
SPACES = " \u00a0\u202f"  # the space, and those that do not break

# The characters of Windows-1252 and of Windows-1251 for the bytes 0x80 to 0xBF, which continue a character in UTF-8.
_WESTERN = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_CYRILLIC = "\u00a0-\u00bfЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈҐЁЄЇІіґёєјЅѕї"
_MOJIBAKE_SIGNS = (
    f"[\u0080-\u009f]|[Â-ß][{_WESTERN}]|[à-ô][{_WESTERN}][{_WESTERN}]|[ĂĹ][{_WESTERN}]|[РС][{_CYRILLIC}]|вЂ|‚Ä|ΓÇ"
    "|[À-ÿ]{5}|[пя][\u2500-\u25a0\u2219\u00b0\u00b2\u00b7\u00f7]"
)
_MOJIBAKE = re.compile(_MOJIBAKE_SIGNS)
_LINE_END = re.compile(f"[{LINE_ENDS}]")

_ENTITY_SIGNS = "&#?[0-9A-Za-z]+;"
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][0-9A-Za-z]{1,31});")
_AMPERSAND = "(?:amp|AMP|#0{0,5}38|#[xX]0{0,4}26);"
# references to ampersands that were escaped again and again, all but the last: they are resolved in one step
_AMPERSANDS = re.compile(f"&(?:{_AMPERSAND})+(?={_AMPERSAND})")
_TAG = re.compile(r"</?[A-Za-z!]")
_QUOTED = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“", "«": "»", "(": ")"}

_SOFT_HYPHEN = "\u00ad"
_JOINERS = "\u200c\u200d"
_BREAK = "\u200b"
_CONTROLS = "\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"
_INVISIBLE_SIGNS = f"[{_CONTROLS}{_SOFT_HYPHEN}{_BREAK}{_JOINERS}\u2060\ufeff]"
_INVISIBLE = re.compile(f"{_INVISIBLE_SIGNS}+")
# Scripts that are written without spaces. A zero-width space marks a place where a line may break.
_NEEDS_BREAKS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf]")
# Characters that never join: Latin, Greek, Cyrillic, punctuation, line ends, those of Chinese and Japanese.
_NEVER_JOINS = re.compile("[\u0000-\u052f\u1e00-\u1fff\u2010-\u2029\u202f\u2030-\u203b\u3000-\u9fff\uff00-\uffef]")

_SPACE_SIGNS = "  |[\u00a0\u202f]"
_SPACES = re.compile(f"[{SPACES}]{{2,}}|[\u00a0\u202f]")


def _same(text: str) -> Case:
    return Case(before=text, after=text)


MOJIBAKE = RuleInfo(
    id="characters/mojibake",
    summary="Text decoded with the wrong encoding, decoded again with the right one",
    why="UTF-8 read as Windows-1252 turns each character that is not ASCII into two or three strange ones. A line is "
    "repaired if ftfy is sure that it cannot have been meant like this; the edit says what was done.",
    severity="info",
    removes=[
        Case(before="The cafÃ© by the harbour doesnâ€™t open.", after="The café by the harbour doesn’t open."),
        Case(before="The mayor\u0092s deputy said \u0093no\u0094.", after="The mayor’s deputy said “no”."),
        Case(before="Ïàðîì óø¸ë ðàíî óòðîì, ñîîáùèëè â ïîðòó.", after="Паром ушёл рано утром, сообщили в порту."),
        Case(before="п∙я│п╩п╦ п╫п╣ п╪п╬п╤п╣я┌п╣", after="Если не можете"),
        Case(before="The record by Asher – DrÃ¥ber – was late.", after="The record by Asher – Dråber – was late."),
        Case(before="KoneÄnÄ› pÅ™iplul trajekt, Å™ekl starosta.", after="Konečně připlul trajekt, řekl starosta."),
        Case(before="ItвЂ™s not their fault, she said.", after="It’s not their fault, she said."),
    ],
    keeps=[
        _same("« Où est passé l’été ? », demande-t-il… à côté."),
        _same("Die Ära der Fähre, řekl starosta: mäso, kuřátko, běžný den."),
        _same("„Das macht Spaß“, sagte die Bürgermeisterin – „großen Spaß“."),
        _same("Zażółć gęślą jaźń – powiedział „Łukasz”, a ŁÓDŹ milczała…"),
        _same("«Р»"),
        _same("The bug turned “café” into “cafÃ©” on every page, she wrote."),
        _same("MAÇÃ À VENDA, DIZ A PLACA: ÀÉÍÓÚ"),
    ],
    since="0.1",
)
ENTITIES = RuleInfo(
    id="characters/entities",
    summary="Character references of HTML, replaced by the characters they stand for",
    why="A feed or a scraper escaped the text once more than it was unescaped. Kept: references in quotation marks or "
    "brackets, since the text is about them; `&lt;` and `&gt;`, which would make tags; lines with tags; and lines of "
    "nothing else, which `templates/entity` cuts.",
    severity="info",
    removes=[
        Case(before="Holt &amp; Sons won&#8217;t sell.", after="Holt & Sons won’t sell."),
        Case(before="The fare is 4&nbsp;crowns.", after="The fare is 4 crowns."),
    ],
    keeps=[
        _same("Write “&nbsp;” where a line must not break."),
        _same("Write <b>Holt &amp; Sons</b> in this element."),
        _same("Use &lt;b&gt; for bold."),
    ],
    since="0.1",
)
SOFT_HYPHENS = RuleInfo(
    id="characters/soft-hyphens",
    summary="Soft hyphens inside words",
    why="They mark where a word may be broken at the end of a line. In a text they only hide the word from searches.",
    severity="info",
    removes=[Case(before="Die Hafen\u00adverwaltung schweigt.", after="Die Hafenverwaltung schweigt.")],
    keeps=[_same("Die Hafen-Verwaltung schweigt.")],
    since="0.1",
)
ZERO_WIDTH = RuleInfo(
    id="characters/zero-width",
    summary="Zero-width spaces, joiners and byte order marks inside the text",
    why="Editors, trackers and pasted code leave them. They are kept if a script or an emoji needs them.",
    severity="info",
    removes=[
        Case(before="The ferry\u200b left\ufeff at\u200d noon.", after="The ferry left at noon."),
        Case(before="\ufeffThe ferry left.", after="The ferry left."),
    ],
    keeps=[
        _same("می\u200cخواهم بروم"),
        _same("A family 👩\u200d👩\u200d👧 waved."),
        _same("ภาษา\u200bไทย"),
    ],
    since="0.1",
)
CONTROLS = RuleInfo(
    id="characters/controls",
    summary="Control characters inside the text",
    severity="info",
    removes=[Case(before="The ferry\u0000 left at noon.\u0008", after="The ferry left at noon.")],
    keeps=[_same("The ferry\tleft at noon.")],
    since="0.1",
)
ODD_SPACES = RuleInfo(
    id="characters/spaces",
    summary="Non-breaking spaces, and more than one space between words",
    why="One space replaces each run. At the beginning and end of a line, a run with a non-breaking space is removed. "
    "Kept: indents made of plain spaces, columns of a table that are made of them, spaces before a comment of code, "
    "tabs, and the wide space of Chinese and Japanese.",
    severity="info",
    removes=[
        Case(before="The ferry\u00a0left  at noon.", after="The ferry left at noon."),
        Case(before="One.\n\u00a0 Two.\n\u00a0\nThree.", after="One.\nTwo.\n\nThree."),
    ],
    keeps=[
        _same("The ferry left:\n    at noon,\n    at dusk."),
        _same("東京　大阪"),
        _same("Ferry     Noon   Dusk\nOstwick   12     7"),
    ],
    since="0.1",
)


@repair_rule(MOJIBAKE, signs=_MOJIBAKE_SIGNS)
def find_mojibake(text: str) -> list[Replacement]:
    """Find text that was decoded with the wrong encoding, line by line."""
    replacements: list[Replacement] = []
    end = 0
    while sign := _MOJIBAKE.search(text, end):
        line, start = _line_around(text, *sign.span(), end)
        replacements += _decode_again(line, start)
        end = start + len(line)
    return replacements


def _decode_again(line: str, at: int) -> list[Replacement]:
    """Return what ftfy changes in a line that begins at `at`, with as few characters as possible."""
    from ftfy import fix_encoding_and_explain
    from rapidfuzz.distance import Levenshtein  # slow to load, and few texts need it

    fixed, steps = fix_encoding_and_explain(line)
    fixed = _decode_cyrillic(fixed) or _PAIR.sub(_decode_pair, fixed)
    fixed = _keep_examples(line, _LINE_END.sub(" ", _add_lost_caron(line, fixed)))
    detail = ", ".join(" ".join(step) for step in steps or [])
    spans: list[tuple[int, int, int, int]] = []
    for change in Levenshtein.opcodes(line, fixed):
        if change.tag == "equal":
            continue
        start, first = change.src_start, change.dest_start
        if spans and (spans[-1][1] == start or start == change.src_end):
            start, _, first, _ = spans.pop()
        spans.append((start, change.src_end, first, change.dest_end))
    # an insertion has no character to replace, so it takes the next one along
    return [
        Replacement(at + a, at + max(b, a + 1), fixed[c : d + (a == b)], MOJIBAKE.id, detail) for a, b, c, d in spans
    ]


# Two bytes of UTF-8 within a word. The second one is a sign that no word has in this place.
_PAIR = regex.compile(
    r"(?<=\p{L})[ÂÃÄÅ][\u0080-\u009f¡-ª¬-º¼-¿™ˆš…‰›‡‚„]|[ÃÄÅ][\u0080-\u009f¡-ª¬-º¼-¿™ˆš…›‡‚„](?=\p{Ll})"
)
_CZECH = frozenset("ěřůťňžš")
_LOST_CARON = regex.compile(r"(?<=\p{Ll})Ä(?=[\p{Ll}\s,.;:!?]|$)")
_KOI = re.compile("[пя][\u2500-\u25a0\u2219\u00b0\u00b2\u00b7\u00f7]")
_VOWELS = frozenset("аеёиоуыэюя")
_QUOTATION = re.compile('[“"\'‘«„]([^“”"‘’«»„]{1,40})[”"\'’»“]')


def _decode_pair(found: regex.Match[str]) -> str:
    try:
        character = found.group().encode("sloppy-windows-1252").decode()
    except UnicodeError:
        return str(found.group())
    return character if character.isalpha() else str(found.group())


def _add_lost_caron(line: str, fixed: str) -> str:
    """Return a mended line of Czech or Slovak with its č, whose second byte has no character in Windows-1252.

    >>> _add_lost_caron("pÅ™Ã­liÅ¡ Å¾luÅ¥ouÄkÃ½", "příliš žluťouÄký")
    'příliš žluťoučký'
    """
    mended = sum(letter in _CZECH for letter in fixed) - sum(letter in _CZECH for letter in line)
    return _LOST_CARON.sub("č", fixed) if mended >= 2 else fixed


def _decode_cyrillic(line: str) -> str:
    """Return a line of Cyrillic that was read as Windows-1252, or as KOI8-R; empty for any other line."""
    letters = [character for character in line if character.isalpha()]
    try:
        if len(_KOI.findall(line)) >= 3:
            return line.encode("koi8_r").decode()
        if len(letters) < 12 or sum("À" <= letter <= "ÿ" for letter in letters) < 0.8 * len(letters):
            return ""
        decoded = line.encode("cp1252").decode("cp1251")
    except UnicodeError:
        return ""
    small = [letter for letter in decoded if letter.islower()]
    vowels = sum(letter in _VOWELS for letter in small)
    return decoded if len(small) >= 0.7 * len(letters) and 0.25 <= vowels / max(len(small), 1) <= 0.6 else ""


def _keep_examples(line: str, fixed: str) -> str:
    """Return a mended line with the damage that it quotes as an example: “café” became “cafÃ©”."""
    right = set(_QUOTATION.findall(line))
    for damaged in right:
        mended, _ = _mend(damaged)
        if mended != damaged and mended in right:
            return line
    return fixed


def _mend(text: str) -> tuple[str, object]:
    from ftfy import fix_encoding_and_explain

    return fix_encoding_and_explain(text)


@repair_rule(ENTITIES, signs=_ENTITY_SIGNS)
def find_entities(text: str) -> list[Replacement]:
    """Find character references that readers were not meant to see."""
    replacements = []
    line_end, damaged = 0, False  # of the line that was looked at last
    for match in _ENTITY.finditer(text):
        start, end = match.span()
        character = html.unescape(match[0])
        if character == match[0] or not character or set(character) & set("<>\ufffd"):
            continue
        if end > line_end:
            line, begin = _line_around(text, start, end, line_end)
            line_end, damaged = begin + len(line), _has_damage(line)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not damaged or (before and _QUOTED.get(before) == after):
            continue
        chain = _AMPERSANDS.match(text, start)
        if chain:
            replacements.append(Replacement(start, chain.end(), "&", ENTITIES.id))
            continue
        plain = "".join(" " if c.isspace() else c for c in character)
        replacements.append(Replacement(start, end, plain, ENTITIES.id))
    return replacements


def _has_damage(line: str) -> bool:
    """Return whether the references of a line are part of a text: there are no tags, and there are other characters."""
    return not _TAG.search(line) and bool(_ENTITY.sub("", line).strip())


def _line_around(text: str, start: int, end: int, floor: int) -> tuple[str, int]:
    """Return the line around a span, and where it begins, which is not before `floor`."""
    begin = max(floor, max(text.rfind(mark, floor, start) for mark in LINE_ENDS) + 1)
    stop = _LINE_END.search(text, end)
    return text[begin : stop.start() if stop else len(text)], begin


@repair_rule(SOFT_HYPHENS, ZERO_WIDTH, CONTROLS, signs=_INVISIBLE_SIGNS)
def find_invisible(text: str) -> list[Replacement]:
    """Find invisible characters that have no effect where they are."""
    replacements = []
    for run in _INVISIBLE.finditer(text):
        neighbours = text[max(run.start() - 1, 0) : run.start()] + text[run.end() : run.end() + 1]
        kept = _BREAK if _NEEDS_BREAKS.search(neighbours) else ""
        kept += _JOINERS if not all(map(_NEVER_JOINS.match, neighbours)) else ""
        at = run.start()
        for rule, part in groupby(run[0], key=lambda character: _rule_of(character, kept)):
            length = len(list(part))
            if rule:
                replacements.append(Replacement(at, at + length, "", rule))
            at += length
    return replacements


def _rule_of(character: str, kept: str) -> str | None:
    if character in kept:
        return None
    if character == _SOFT_HYPHEN:
        return SOFT_HYPHENS.id
    return CONTROLS.id if character < "\u00a0" else ZERO_WIDTH.id


@repair_rule(ODD_SPACES, signs=_SPACE_SIGNS)
def find_spaces(text: str) -> list[Replacement]:
    """Find runs of spaces other than one plain space. The kernel does the same over a whole batch."""
    replacements = []
    for run in _SPACES.finditer(text):
        before, after = text[max(run.start() - 1, 0) : run.start()], text[run.end() : run.end() + 1]
        margin = before in LINE_ENDS or after in LINE_ENDS
        if (not margin and not is_before_comment(text, run) and not is_in_columns(text, run)) or not run[0].isascii():
            replacements.append(Replacement(run.start(), run.end(), "" if margin else " ", ODD_SPACES.id))
    return replacements


COLUMNS, COLUMN_SPACES = 2, 3  # least runs of spaces in a row of a table, and least spaces of each
COLUMN_BYTES = 160  # longest row
_ROW_END = re.compile("[\n\r\u2028\u2029]")


COMMENTS = ("# ", "//", "/*", "--")  # how a comment of code begins


def is_before_comment(text: str, run: re.Match[str]) -> bool:
    """Return whether a run of plain spaces parts code from a comment behind it, as in "x = 1    # the first"."""
    return run[0].isascii() and text[run.end() : run.end() + 2] in COMMENTS


def is_in_columns(text: str, run: re.Match[str]) -> bool:
    """Return whether a run of plain spaces parts the columns of a table: its line is short and has wide runs.

    Only the line itself counts, so that cleaning the lines around it does not change the answer.
    """
    if not run[0].isascii():
        return False
    begin = max(text.rfind(mark, 0, run.start()) for mark in "\n\r\u2028\u2029") + 1
    following = _ROW_END.search(text, run.end())
    line = text[begin : following.start() if following else len(text)]
    inner = line.strip(" \u00a0\u202f")
    wide = [spaces for spaces in _SPACES.findall(inner) if spaces.isascii() and len(spaces) >= COLUMN_SPACES]
    return len(wide) >= COLUMNS and len(line.encode()) <= COLUMN_BYTES
