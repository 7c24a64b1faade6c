"""Values of fields in lines of a text: bylines, dates, datelines, tags, credits of reporters and editors.

Each function takes a line, stripped, and returns the value for the field, or None if the line is anything else. The
forms are narrow: a line that is cut for its value must hold nothing else.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from . import field_values as values

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 160  # characters of a line that can be a value
_LONGEST_SECTION = 4  # words of a section's name
_PARTICLE = r"(?:de|del|della|di|da|do|dos|du|van|von|der|den|het|ter|ten|la|le|el|al|bin|ibn|y|e|af|zu)"
_INITIAL = r"\p{Lu}\.(?:-?\p{Lu}\.)*"
_NO_NAME = (
    r"(?!(?i:staff|senior|special|contributing|associated?|chief|editors?|writers?|reporters?|correspondents?|political"
    r"|reuters|bloomberg|freelance|managing|deputy|executive|columnist|contributor)\b)"
)
_WORD = r"(?:[dlDLO]['’]|Mc|Mac|El-|Al-)?\p{Lu}[\p{L}\p{M}]+(?:[-'’]\p{Lu}?[\p{L}\p{M}]+)*"
_NAME = rf"{_NO_NAME}(?:{_INITIAL}|{_WORD})"
_PERSON = rf"{_NAME}(?: (?:{_PARTICLE} ){{0,2}}{_NAME}){{1,3}}"
_BETWEEN = r"(?:, (?:and |& |und |et |y |e )?| and | & | und | et | y | e | en | och | og )"
_PEOPLE = rf"(?P<people>{_PERSON}(?:{_BETWEEN}{_PERSON}){{0,5}})"
_ROLE = (
    r"(?:(?:[\p{L}-]+ ){0,3}(?:(?i:writers?|reporters?|correspondents?|editors?|columnists?|contributors?|producers?"
    r"|analysts?|critics?|bureau|chief|desk|redakteure?|redakteurin|korrespondent(?:in)?|engineers?|managers?|directors?"
    r"|presidents?|officers?|founders?|heads?|leads?|scientists?|designers?|developers?|strategists?|professors?)"
    r"(?:,? (?:at|for|of|,)? ?[\p{L}][\p{L} &-]{1,40})?)"
    r"|(?:The )?Associated Press|AP|Reuters|AFP|dpa|Bloomberg|ANSA|EFE|PA)"
)
_IS_ROLE = regex.compile(_ROLE)
_AGENCY = regex.compile(r"(?:The )?Associated Press|AP|Reuters|AFP|dpa|Bloomberg|ANSA|EFE|PA")
_TOLD = "written words text story reported report posted published analysis opinion review interview".split()
_BY = "By BY by".split()
_FROM = "VON Von von PAR Par par POR Por por Di DI di Door DOOR door Av AV av Af AF af".split()
_AUTHORS = """
    author autor autorin auteur auteure autrice autore autora autorka reporter text tekst texte testo redakteur
    redakteurin journalist journaliste giornalista periodista redactor redactora redattore yazar yazan haber penulis
    oleh skribent автор авторы текст журналист корреспондент συντάκτης κείμενο
    """.split()
_PREFIX = (
    rf"(?:(?:(?i:{'|'.join(_TOLD)}) )?(?:{'|'.join(_BY)})|{'|'.join(_FROM)}"
    rf"|(?i:{'|'.join(_AUTHORS)})s?:)"
)
# what the first word of a byline may be, in small letters and without a colon
_FIRST_WORDS = frozenset(
    word.lower() for word in [*_TOLD, *_BY, *_FROM, *_AUTHORS, *(f"{author}s" for author in _AUTHORS)]
)
_BYLINE = regex.compile(
    rf"^{_PREFIX}:? {_PEOPLE}(?:(?:, | [|·•–—-] |/| \()(?P<role>{_ROLE})\)?)?"
    r"(?:(?:,| ?[|·•–—-]| on) (?P<date>.*\d.*))?$"
)
# Bylines in scripts without capitals: a label with the names, or the names with a title.
_UNCASED_BYLINE = regex.compile(
    r"^(?:(?:作者|撰文|文|記者|记者|本报记者|執筆|著者|ライター)(?: ?[:：／/] ?|(?<=記者) )"
    r"(?P<names>[\p{Han}\p{Hiragana}\p{Katakana}·]{2,6}(?:[、， ][\p{Han}·]{2,4}){0,3})"
    r"|(?:취재|글)? ?(?P<names>\p{Hangul}{2,4})(?: ?(?P<role>(?:\p{Hangul}{2} ?)?(?:기자|특파원|논설위원)))"
    r"(?: ?=? ?\S+@\S+)?"
    r"|(?:بقلم(?: ?: ?| )|(?:كتبت?|الكاتب|المراسل) ?: ?)(?P<names>\p{Arabic}{2,}(?: \p{Arabic}{2,}){1,3}))$"
)
# Words that are no names, in headlines that begin like a byline ("By Popular Demand").
_NO_NAMES = frozenset(
    """
    the a an and or of in on at to for with from popular demand numbers number land sea air night day hand foot train
    design default law accident request order force nature means way far then now all every any my his her your our
    their this that these those no not new last first next train bus car river lake street city town people year week
    month monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december staff news press agency desk team editors reporters writers die der das
    redaktion redazione redacción redaccion rédaction redaction redactie redakcja redaktionen
    """.split()
)
_SMALL_WORDS = (
    r"(?:at|on|in|um|vom|am|den|dne|à|às|a|le|il|alle(?: ore)?|ore|del|dia|op|om|kl\.?|klo|o|ob|в|от|saat|pukul|lúc"
    r"|ngày|tarihinde|στις|في)"
)
_PUBLISHED = (
    r"(?i:(?:first |originally )?published|posted|date|issued|created|veröffentlicht|erstellt|publié|mis en ligne"
    r"|publicado|publicada|pubblicato|inserito|gepubliceerd|geplaatst|opublikowano|publicerad|publisert|vydáno|publikováno"
    r"|опубликовано|δημοσι(?:εύ[θτ]ηκε|ευση|ευμένο)|giriş|yayı(?:nlanma|mlanma|n)(?: tarihi)?|diterbitkan|đăng"
    r"|تاريخ النشر|نُ?شر|प्रकाशित|(?:기사)?입력|등록|发布(?:时间|于)?|發布時間|时间|日期|(?:公開|掲載|投稿)日?時?|配信)"
)
_MODIFIED = (
    r"(?i:(?:last )?(?:updated?|modified|revised)|last update|(?:zuletzt )?aktualisiert|stand"
    r"|mis(?:e)? à jour|modifié|(?:última )?actuali[sz]ado|última actualización|(?:última )?atualizad[oa]|atualização"
    r"|(?:ultimo )?aggiorna(?:to|mento)|bijgewerkt|(?:laatste )?update|zaktualizowano|aktualizacja"
    r"|(?:senast )?uppdaterad|oppdatert|aktualizováno|обновлено|изменено|(?:τελευταία )?ενημέρωση|ενημερώθηκε"
    r"|(?:son )?güncelle(?:me|nme|ndi)(?: tarihi)?|diperbarui|cập nhật|آخر تحديث|تحديث|अपडेट(?:ेड)?|(?:최종)?수정"
    r"|更新(?:时间|時間|日時?|于)?|最終更新日?)"
)
_LETTER = r"[\p{L}\p{M}]"
_MONTH = rf"(?:{_LETTER}{{3,10}}\.?)"  # whether it is one is for the parser to say
_DAY = (
    rf"(?:(?:(?:{_LETTER}{{2,10}} )?(?!(?i:der|die|the) ){_LETTER}{{2,10}}\.?[,،]? )?"
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.|er|º)?(?: de| d')? ?{_MONTH}(?: de|,)? \d{{4}}(?: г\.| р\.)?"
    r"|\d{1,2} tháng \d{1,2}(?:,| năm) \d{4})"
    r"|\d{4}-\d\d-\d\d|\d{4}/\d\d?/\d\d?|\d{4}\.\d\d?\.\d\d?\.?|\d{1,2}\.\d{1,2}\.\d{4}"
    r"|\d{4} ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日일]"
    r"(?: ?[（(]\p{L}{1,3}[）)]| ?(?:星期|周|週)\p{Han}| \p{Hangul}요일)?)"
)
_CLOCK = (
    r"(?:(?:오전|오후|上午|下午|午前|午後) ?)?(?:\d{1,2}(?:[:.h]|[时時点點시] ?)\d{2}[分분]?(?::\d{2})?"
    r"(?: ?[aApP]\.?[mM]\.?)?(?: ?Uhr)?(?: ?\(?[A-Z]{2,5}(?:[+-]\d{1,2})?\)?)?)"
)
_TIME = rf"{_DAY}(?:(?:[,،]|T| ?[|·•–—-]| at| um| à| a las| {_SMALL_WORDS})?[ T]?{_CLOCK}Z?)?"
_LINK = rf"(?::|：| on|:? {_SMALL_WORDS})*"
_SOURCE = r"(?:来源|來源|出处|文章来源)[:：] ?(?P<site>[\p{Han}\p{L}\d·]{2,20})"
_YEAR = regex.compile(r"\d{4}")  # each form of a day has it
_DATE_LINE = regex.compile(
    rf"^(?:(?:(?P<published>{_PUBLISHED})|(?P<modified>{_MODIFIED})){_LINK} ?)?(?P<when>{_TIME})"
    rf"(?: ?(?P<label>公開|掲載|投稿|配信|更新|입력|수정))?"
    rf"(?:(?: ?[|·•–—,;/-] ?| )\(?(?:{_MODIFIED}){_LINK} ?(?P<then>{_TIME}|{_CLOCK})\)?)?(?: {_SOURCE})?$"
)
_SITE_LINE = regex.compile(rf".*?{_SOURCE}$")
_ONLY_CLOCK = regex.compile(_CLOCK)
_TAGS = regex.compile(
    r"^(?i:tags?|topics?|keywords?|key words|hashtags|article topics|related topics|filed under|tagged(?: with| as)?"
    r"|schlagw[oö]rte?r?|themen|stichw[oö]rter|mots[- ]clés|étiquettes|etiquetas|temas|palabras clave|palavras-chave"
    r"|parole chiave|argomenti|trefwoorden|tagi|теги|метки|標籤|标签|タグ) ?[:»|] ?(?P<list>.+)$"
)
_NO_PLACE = frozenset(
    "AT IN ON FROM BY THE UPDATE BREAKING WATCH NEW LIVE EXCLUSIVE OPINION ANALYSIS VIDEO PHOTOS NOTE".split()
)
_DATELINE = regex.compile(
    r"^(?P<whole>(?P<place>\p{Lu}[\p{L}\p{M}.'’/ -]{1,30}?(?:, \p{Lu}[\p{L}. ]{1,20}?)??)"
    r"(?:,? (?P<day>\p{Lu}\p{L}{2,8}\.? \d{1,2}(?:, \d{4})?|\d{1,2}\.? \p{L}{3,9}(?: \d{4})?))?"
    r"(?: \((?P<agency>[\p{L}][\p{L}./ -]{1,29})\))?)(?:(?<=[\p{L}\p{N}.)]) ?[—–] ?| -- ?|(?<=\))(?:--| ?-) ?)(?=\S)"
)
_REPORTERS = regex.compile(rf"\(?(?i:reporting|writing) by {_PEOPLE}(?: (?i:in) [^;)]{{2,40}})?(?:[;,.)].*)?$")
_PICTURE = regex.compile(
    rf"^\(?(?:(?i:photo|image|picture|foto|bild)s?(?: credit)?(?::| by) |© ?)"
    rf"(?P<credit>(?:{_PERSON}|[\p{{Lu}}][\p{{L}}&]+)(?: ?[/|,] ?[\p{{Lu}}][\p{{L}} ]+){{0,2}})\)?$"
)
_HOME = regex.compile(
    r"(?i:you are (?:currently )?here ?:?|home ?page|home|front page|main page|start(?:seite)?|news|blogs?|articles?|"
    r"accueil|inicio|início|hjem|hem|главная|首页|ホーム)"
)
_MARKS = regex.compile(r" ?[>»›→|·]+ ?| / ")
# Where feeds name the site: "The post TITLE appeared first on SITE."
_APPEARED = regex.compile(
    r"(?:(?:appeared first|first appeared|was (?:first|originally) published|appeared) (?:on|at|in)"
    r"|erschien (?:zuerst|zunächst) (?:auf|bei|in)|est apparu en premier (?:sur|dans)"
    r"|se publicó primero en|apareció primero en|proviene da|è apparso per primo su|verscheen eerst op"
    r"|pochodzi z serwisu|(?:aparece|apareceu) primeiro (?:em|no|na)|dök först upp på|se nejdříve objevil na"
    r"|εμφανίστηκε πρώτα στο|впервые появилась(?: на)?|pertama kali tampil (?:pada|di)"
    r"|xuất hiện đầu tiên (?:vào ngày|trên)|أولاً على|最早[发發][佈布][於于]) ?(?P<site>[^,;:!?]{2,60})$"
    r"|[はが] ?(?P<site>[^ ]{2,40}) ?に最初に(?:表示|掲載)されました$"
    r"|이 (?P<site>.{2,40})에 처음 (?:등장|게시)했습니다$|ilk önce (?P<site>.{2,60}) üzerinde ortaya çıktı$"
)
_EARLIEST = 1990


class Dateline(NamedTuple):
    """The beginning of a report: its place, and perhaps its day and agency."""

    text: str
    location: str


def read_byline(line: str) -> list[dict[str, str | None]] | None:
    """Return the authors that a byline names, with their role if it states one.

    >>> [(author["name"], author["role"]) for author in read_byline("By Ina Brod and TOBIAS RENK, Staff Writers")]
    [('Ina Brod', 'Staff Writers'), ('Tobias Renk', 'Staff Writers')]
    >>> read_byline("By Popular Demand")
    """
    uncased = None if len(line) > LONGEST or line.isascii() else _UNCASED_BYLINE.match(" ".join(line.split()))
    if uncased is not None:
        names = regex.split(r"[、， ]" if regex.search(r"\p{Han}", uncased["names"]) else "$", uncased["names"])
        return [{"name": name, "url": None, "role": uncased["role"]} for name in names if name]
    match = _match_byline(line)
    if match is None or (match["date"] and not read_dates(match["date"])):
        return None
    names = regex.split(_BETWEEN, match["people"])
    roles = [name for name in names[1:] if _IS_ROLE.fullmatch(name)]  # "Ina Brod, Software Engineer"
    names = [name for name in names if name not in roles]
    if any(word.casefold() in _NO_NAMES for name in names for word in name.split()):
        return None
    role = None if _AGENCY.fullmatch(match["role"] or "") else match["role"]
    role = role or ", ".join(roles) or None
    return [{"name": _in_title_case(name), "url": None, "role": role} for name in names]


def read_dates(line: str, *, labelled: bool = False) -> dict[str, values.Moment]:
    """Return the times of a line that is a date, by their fields; the year has four digits. Other lines have none.

    A label such as "updated" says what a date is of. A second time may follow the first one. With `labelled`, the label
    must be there.

    >>> {name: moment.time.minute for name, moment in read_dates("4 May 2016 10:15 - Updated at 10:30").items()}
    {'date_published': 15, 'date_modified': 30}
    """
    is_short = len(line) <= LONGEST and _YEAR.search(line) is not None
    match = _DATE_LINE.match(" ".join(line.split())) if is_short else None
    if match is None or (labelled and not (match["published"] or match["modified"] or match["label"])):
        return {}
    is_modified = match["modified"] or match["label"] in ("更新", "수정")
    times = {"date_modified" if is_modified else "date_published": _read_time(match["when"])}
    then = match["then"]
    if then and not is_modified:
        day = regex.match(_DAY, match["when"])[0]
        times["date_modified"] = _read_time(f"{day} {then}" if _ONLY_CLOCK.fullmatch(then) else then)
    sure = {name: moment for name, moment in times.items() if moment is not None and moment.time.year >= _EARLIEST}
    return sure if len(sure) == len(times) else {}


def _read_time(written: str) -> values.Moment | None:
    """Return the time that a date states, or None if it has no month or if day and month may be either."""
    try:
        return values.moment(_in_iso(regex.sub(r" ?(?:Uhr|[|·•–—]| - )(?= |$)", "", written)))
    except ValueError:
        return None


def read_byline_dates(line: str) -> dict[str, values.Moment]:
    """Return the times behind a byline, by their fields."""
    match = _match_byline(line)
    return read_dates(match["date"]) if match and match["date"] else {}


def _match_byline(line: str) -> Any:
    """Return the match of a line that may be a byline. Its first word alone rules out most lines."""
    words = line.split() if len(line) <= LONGEST else []
    if not words or (words[0].isascii() and words[0].rstrip(":").lower() not in _FIRST_WORDS):
        return None
    return _BYLINE.match(" ".join(words))


def _in_iso(written: str) -> str:
    """Return a date with dots as one of ISO 8601, because its day comes first everywhere; others as they are."""
    iso: str = regex.sub(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", lambda m: f"{m[3]}-{m[2]:>02}-{m[1]:>02}", written)
    return iso


def read_tags(line: str) -> list[str] | None:
    """Return the list behind a label such as `Tags:`; a list of links has no more than a few words an entry.

    >>> read_tags("Tags: bridge, Ostwick, mayor")
    ['bridge', 'Ostwick', 'mayor']
    """
    match = _TAGS.match(line)
    if match is None:
        return None
    listed = [entry.strip().removeprefix("#") for entry in regex.split(r"[,;|·•、，]| #", match["list"])]
    entries = [entry for entry in listed if entry]
    return entries if entries and all(len(entry.split()) <= 5 and len(entry) <= 60 for entry in entries) else None


def read_dateline(text: str) -> Dateline | None:
    """Return the dateline at the beginning of a text. Its place is in capitals, or a day or an agency follows it.

    >>> read_dateline("LENN, March 5 (Northpress) — The ferry is late.")
    Dateline(text='LENN, March 5 (Northpress)', location='Lenn')
    >>> read_dateline("Well — it rained.")
    """
    match = _DATELINE.match(text[:LONGEST])
    if match is None or match["place"].split()[0].strip(",") in _NO_PLACE:
        return None
    place = match["place"]
    first = place.partition(",")[0]
    sure = match["agency"] or match["day"] or "," in place
    capitals = len(first) > 2 and first.isupper() and (sure or len(first.split()) <= 2)
    if not capitals and not match["agency"]:
        return None
    rest = place[len(first) :]
    return Dateline(match["whole"].strip(), f"{_in_title_case(first)}{rest}".strip())


def read_section(line: str) -> str | None:
    """Return the section that a breadcrumb trail ends in. Its last name can be the headline, which is longer.

    >>> read_section("Home > News > Politics"), read_section("Home » Harbour » Night bus survives the vote in council")
    ('Politics', 'Harbour')
    """
    names = [name.strip() for name in _MARKS.split(line)] if len(line) <= LONGEST else []
    names = [name for name in names if name and not _HOME.fullmatch(name)]
    if names and len(names[-1].split()) > _LONGEST_SECTION:
        names.pop()
    return names[-1] if names and len(names[-1].split()) <= _LONGEST_SECTION and names[-1][0].isalpha() else None


def read_site(line: str) -> str | None:
    """Return the site that a feed names at the end of an article, or the source behind a Chinese date.

    >>> read_site("The post Bread in winter appeared first on Ostwick Kitchen.")
    'Ostwick Kitchen'
    """
    match = _APPEARED.search(" ".join(line.split()).rstrip(".。 ")) or _SITE_LINE.match(line[:LONGEST])
    return match["site"].strip(" 《》〈〉「」«»“”\"'") or None if match else None


def read_reporters(line: str) -> list[dict[str, str | None]] | None:
    """Return the reporters of "(Reporting by A; Editing by B)"."""
    match = _REPORTERS.match(line)
    return (
        [{"name": name, "url": None, "role": None} for name in regex.split(_BETWEEN, match["people"])]
        if match
        else None
    )


def read_credit(line: str) -> list[dict[str, str | None]] | None:
    """Return the credit of a picture as that of an image without an address."""
    match = _PICTURE.match(line)
    return [{"url": None, "caption": None, "credit": match["credit"]}] if match else None


def _in_title_case(name: str) -> str:
    """Return a name in capitals with its small letters; other names as they are."""
    if not name.isupper() or "." in name:
        return name
    written: str = regex.sub(r"\p{L}[\p{L}\p{M}]*", lambda word: word[0][0] + word[0][1:].lower(), name)
    return written


READERS: dict[str, Callable[[str], Any]] = {
    "authors": lambda line: read_byline(line) or read_reporters(line),
    "keywords": read_tags,
    "images": read_credit,
    "section": read_section,
    "source_name": read_site,
}
"""How the value of a field is read from a line. Dates are read by `read_dates`, which names the field."""


def differs(field: str, own: Any, lifted: Any) -> bool:
    """Return whether a value in the text is another than the record's own."""
    if field == "authors":
        return not _words_of(own) & _words_of(lifted)
    if field.startswith("date_"):
        own_time = own if own.tzinfo else own.replace(tzinfo=timezone.utc)
        return bool(abs(own_time - lifted.time) > timedelta(days=1, hours=12))
    if field in ("section", "source_name", "location"):
        one, other = own.casefold(), lifted.casefold()
        return one not in other and other not in one
    return False


def _words_of(people: list[dict[str, str | None]]) -> set[str]:
    return {word.casefold() for person in people for word in regex.findall(r"\p{L}{2,}", person["name"] or "")}
