"""Lines of a text that may be headlines: their shape, their words, and the publisher's name behind them."""

from __future__ import annotations

import itertools
from functools import lru_cache

import regex

from ...schemas.lifted_values import read_byline, read_dates
from ..patterns.alphabet import CLOSERS, NO_HEADLINE_END, fold

MAX_LENGTH = 200  # characters
MIN_WORDS = 4
STEM = 4  # letters that words with the same beginning share
SAME = 90  # similarity, of 100, at which two headlines count as one

_WORDS = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.-]*")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
# The last separator with white space around it, and a short name after it.
_SUFFIX = regex.compile(r"^(?P<head>.{8,})\s+(?P<mark>[—–|·•»\-]|::)\s+(?P<name>[^—–|·•»]{2,48})$", regex.DOTALL)
_SEPARATOR = regex.compile(r"\s(?:[—–|·•»\-]|::)\s")
_DOMAIN = regex.compile(r"^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$", regex.IGNORECASE)
# A byline: the word before a name, and a few capitalised words after it.
_BYLINE = regex.compile(
    r"^(?:(?:(?i:written|words|text|story|reported|posted) )?(?i:by)|(?i:von|par|por|di|door))"
    r"(?: (?:[\p{Lu}][\p{L}\p{M}'’.-]*|and|und|et|e|y|en|&|de|van|von|der)[,]?){1,9}$"
)
# The credit of a picture: its label with a colon or a name, or an agency after a stroke.
_CREDIT = regex.compile(
    r"^\W*(?:(?:file )?(?:photo|image|picture|illustration|foto|bild|fotografia|photograph|credit|quelle)s?"
    r"(?: credits?| courtesy)?(?: ?[:/©]| by )"
    r"|.*[/|(©] ?(?:getty images|reuters|afp|ap|epa|dpa|shutterstock|alamy)\W*$)",
    regex.IGNORECASE,
)
# What only lines about an article, its pictures or its page have.
_ABOUT = regex.compile(
    r"^(?i:by) \p{Lu}\S+ \p{Lu}\S+(?: \S+){0,5}$"  # a byline with more than names: "By Ina Brod lowmoor.example"
    r"|^(?:\p{L}+ )?\d+ (?i:of|von|de|di|da|z|ze|из|/) \d+$"  # the number of a page
    r"|^[»*•†‹→]|^«[^»]*$"  # a link to the next article, a footnote
    r"|/ ?(?:\p{L}+ ){0,3}\p{L}*(?i:stock|images?|press|news|photos?)\w*$|/[\p{L} -]+ — [\p{L} ]+$"  # a credit
    r"|(?i:\b\d+ (?:comments?|kommentare|commentaires|comentarios|comentários|commenti|комментари\p{L}+)\b)"
    r"|^\W*\d*(?i:posted|published|updated|last updated|publié|publicado|aktualisiert|veröffentlicht|обновлено)\b.*\d"
    r"|\d{4}\b.* (?i:by|von|par|por) ?:? \p{Lu}"  # a date, and who wrote it
    r"|^\p{Lu}\p{L}+(?: \p{Lu}[\p{L}.]*){1,3}(?:, \p{Lu}{2,5})+$"  # a name with its degrees
    r"|!!|^(?i:hi|hello|hey|thanks|thank you|welcome to)\b"  # a remark
    r"|^(?i:by) \p{Lu}\S+ \p{Lu}\S+ (?:on|in|at|for) .*\d"  # a byline with its date
    r"|^(?i:by) \p{Lu}\S+(?: \p{Lu}\S+){1,3}, \p{Lu}\p{L}+ \p{L}"  # and with what the author is
    r"|^\p{Lu}{3}[\p{Lu} .]*(?:—|, \d{1,2} \p{L}{3,9}\.? [—–-] )"  # a dateline, from which the prose was cut
    r"|^\p{Lu}\S+ \p{Lu}\S+, [^:]{3,40}: [\"“„«]"  # who says something, and what
    r"|^(?i:from) (?:\p{L}+day)['’]s \p{Lu}"  # the issue of a newspaper
    r"|^(?i:click|tap) (?i:for|here|on|to)\b|^(?i:join|get|sign up|subscribe|download)\b.* (?i:free)\b"
)
_LABEL = regex.compile(
    r"^(?:above|below|left|right|pictured|oben|unten|links|rechts|im bild|ci-dessus|ci-contre|arriba|abajo|in alto"
    r"|sopra|name|author|title|location|type|price|category|(?:full )?list of \p{L}+|categories) ?:",
    regex.IGNORECASE,
)
# Where somebody stands in a picture, and who took it.
_IN_PICTURE = regex.compile(
    r"\((?:(?:far |second |third )?(?:from )?(?:left|right|centre|center|above|below|pictured)|[lr]\.|links|rechts"
    r"|mitte|à (?:gauche|droite)|(?:a la )?(?:izquierda|derecha)|слева|справа)\)|[(（][^()（）]{1,20}[摄攝影][)）]$",
    regex.IGNORECASE,
)
_UNQUOTED = r"(?:[^'‘“\"]|(?<=\w)'(?=\w))*"
_AUXILIARY = regex.compile(rf"{_UNQUOTED} (?:has|have|had) ")
_VERB = regex.compile(rf"{_UNQUOTED} (?:has|have|had|is|are|was|were|will|says?|said|do|does|don['’]t)\b")
_LONGEST_ASIDE = 500  # characters of a line that is a credit, a caption or a date
# A date or a time with no words but the names of its day and month and AM or PM.
_DATE = regex.compile(r"^(?=.*(?:\b(?:19|20)\d\d\b|\d:\d\d))\P{L}*(?:\p{L}+\P{L}*){0,3}$")
# A name and what it writes for: "Ada Quill, The Lowmoor Lantern".
_CREDITED = regex.compile(
    r"^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}.'’-]*){1,3}(?:, | - )(?:[Tt]he )?\p{Lu}\p{L}+(?: \p{Lu}\p{L}+){0,3}$"
)
_CREDITED_CJK = regex.compile(r"^記者.*報導|／.*報導|^.{1,12}(?:记者|記者|기자)$|/(?:The )?\p{Lu}[\p{L} ]+$")
# What captions and lines about the article have and headlines do not.
_CAPTION = regex.compile(
    r"\b(?:photo(?:graph)?s?|pictures?|pics?|foto|bild|sources?|quelle|illustration|иллюстрация) ?[:/]"
    r"|file photo|enlarge image|\((?:pics?|photo|via|upi|ap|reuters|getty)\b[^()]*\)$|\.(?:reuters|ap|afp|getty)$"
    r"|^(?:tested|reviewed) by\b|^last updated|\| ?(?:tags|updated) ?:|^\p{L}[\p{L} .]+\| \w{3} \w{3} \d",
    regex.IGNORECASE,
)
_YEAR, _CLOCK = regex.compile(r"\b(?:19|20)\d\d\b"), regex.compile(r"\d[:.]\d\d\b")
# Small words inside the name of a publisher, which are not capitalised.
_SMALL = frozenset(
    """
    a an and at by de del der des di die do du e el en et for i in la las le les los of on the und van von y
    """.split()
)
# Words that English headlines do not capitalise.
_SMALL_ENGLISH = frozenset(
    """
    a an and are as at be but by for from if in into is it its nor not of off on onto or out over per so than that the
    this to up via vs was were with
    """.split()
)
# Words that publishers have in their names, in all languages.
_PUBLISHER = frozenset(
    """
    news newspaper times post daily weekly herald tribune gazette journal guardian telegraph observer
    chronicle examiner inquirer courier dispatch sentinel bulletin mail express mirror standard independent
    globe press wire agency radio tv television broadcasting network media magazine review digest today online
    blog magazin zeitung anzeiger tageblatt nachrichten rundschau kurier allgemeine presse tagblatt morgenpost
    journalen diario periódico noticias prensa jornal notícias folha correio corriere giornale gazzetta
    notizie quotidiano nieuws krant dagblad gazeta dziennik wiadomości новости газета известия вести εφημερίδα
    νέα ειδήσεις bbc cnn nbc cbs abc npr pbs msnbc reuters afp dpa rt aljazeera euronews politico axios
    """.split()
)


def split_suffix(
    line: str, source_name: str | None, source_domain: str | None, others: list[str], *, strict: bool = True
) -> tuple[str | None, str]:
    """Return the publisher's name behind a headline, or None, and the headline without it.

    A name counts if the record or one of its `others`, its other headlines, proves it, if it is a domain, or if it has
    a word that publishers have in their names. After `|` and `·` any capitalised name counts; if not `strict`, after a
    dash too.

    >>> split_suffix("Night bus survives — Lowmoor Evening News", None, None, [])
    ('Lowmoor Evening News', 'Night bus survives')
    >>> split_suffix("The end of an era — and what comes next", None, None, [])
    (None, 'The end of an era — and what comes next')
    """
    match = _SUFFIX.match(line) if _SEPARATOR.search(line) else None
    # a repeated separator makes a breadcrumb or a menu, not a headline
    if not match or word_count(match["head"]) < 2 or (line.count(match["mark"]) > 1 and match["mark"] != "-"):
        return None, line
    name, kept = match["name"].strip(), match["head"].rstrip()
    words = _WORDS.findall(name)
    if not words or len(words) > 6 or name.endswith(tuple(".!?…:;,")):
        return None, line
    folded = fold(name)
    proven = (
        (source_name is not None and fold(source_name) in (folded, folded.removeprefix("the ")))
        or (source_domain is not None and folded.replace(" ", "") in fold(source_domain))
        or any(essence(kept) == essence(other) for other in others)
        or bool(_DOMAIN.match(name))
    )
    if proven:
        return name, kept
    capitalised = all(
        word[0].isupper() or word[0].isdigit() or fold(word) in _SMALL or not word[0].islower() for word in words
    )
    if not capitalised or not words[0][0].isupper():
        return None, line
    if _PUBLISHER.intersection(fold(word) for word in words) or (
        len(words) <= 4 and (match["mark"] in "|·•»" or not strict)
    ):
        return name, kept
    return None, line


# A line of a menu: "Skip to content", "« Older | Main | Newer »", "Home » Town » Parks", and words that have lost the
# spaces between them.
_MENU = regex.compile(
    r"(?i:\bskip to (?:the )?(?:main |primary )?(?:content|navigation|footer|sidebar|menu)\b)|^«.*\|.*»$"
    r"|(?:\p{Ll}\p{Lu}\p{Ll}.*?){3}|(?:\S ?[|»›>▸•] .*?){2}|^[|·•] "
)


def looks_like_headline(line: str) -> bool:
    """Return whether a line may be a headline: short, and not a sentence, label, date or credit of a picture."""
    bare = line.rstrip(CLOSERS)
    if len(line) > MAX_LENGTH or not bare or bare.endswith(tuple(NO_HEADLINE_END)):
        return False
    if _MENU.search(line):
        return False
    first = next((c for c in line if c.isalnum()), "")
    return bool(first) and not first.islower() and word_count(line) >= 2 and not is_aside(line)


@lru_cache(maxsize=4096)
def is_byline(line: str) -> bool:
    """Return whether a line is a byline and nothing else.

    >>> is_byline("By Ina Brod and Tobias Renk"), is_byline("By dawn nothing was left of the mill")
    (True, False)
    """
    return (len(line) <= 80 and bool(_BYLINE.match(line))) or read_byline(line) is not None


@lru_cache(maxsize=4096)
def is_aside(line: str) -> bool:
    """Return whether a line is a date, a credit, a caption or a note about the article or its page."""
    if len(line) > _LONGEST_ASIDE:  # the patterns take quadratic time
        return False
    if _CREDIT.match(line) or _DATE.match(line) or _CREDITED.match(line) or read_dates(line):
        return True
    if (
        _ABOUT.search(line)
        or _CREDITED_CJK.search(line)
        or _CAPTION.search(line)
        or _LABEL.match(line)
        or _IN_PICTURE.search(line)
        or (line.startswith("(") and line.endswith(")"))
    ):
        return True
    words = line.split()
    is_publisher = len(words) <= 4 and fold(words[-1]) in _PUBLISHER and all(word[0].isupper() for word in words)
    return is_publisher or (_YEAR.search(line) is not None and _CLOCK.search(line) is not None)


def word_count(line: str) -> int:
    """Count words; in scripts without spaces between words, two characters count as one word."""
    return len(_WORDS.findall(_UNSPACED.sub("", line))) + len(_UNSPACED.findall(line)) // 2


def similar(one: str, other: str) -> bool:
    """Return whether two headlines have the same words but for a few letters."""
    a, b = essence(one), essence(other)
    if a == b:
        return True
    if min(len(a), len(b)) < 12:
        return False
    from rapidfuzz import fuzz  # slow to load, and few texts need it

    return fuzz.ratio(a, b) >= SAME


def essence(line: str) -> str:
    """Return the words of a line, folded, with one space between them."""
    return " ".join(_WORDS.findall(fold(line)))


def belong_together(lines: list[str], split: list[tuple[str | None, str]]) -> bool:
    """Return whether every line but one is a variant of another, or ends in a publisher's name."""
    alone = 0
    for i, (name, kept) in enumerate(split):
        others = [other for j, (_, other) in enumerate(split) if j != i]
        if not name and not any(similar(kept, other) for other in others):
            alone += 1
    return alone <= 1 and max(word_count(line) for line in lines) >= MIN_WORDS


def has_title_case(line: str) -> bool:
    """Return whether a line is written as English headlines are: a capital begins each word, but for small words.

    >>> has_title_case("Ferry Strike Enters Its Third Week"), has_title_case("Ferry strike enters its third week")
    (True, False)
    """
    words = _WORDS.findall(line)
    large = [word for word in words if not word[0].islower()]
    small = {word for word in words if word[0].islower()}
    return len(large) >= MIN_WORDS and small <= _SMALL_ENGLISH and any(word[0].isupper() for word in large[1:])


def tells_a_fact(line: str, *, below_date: bool = False) -> bool:
    """Return whether a line has an auxiliary verb that captions and standfirsts have, and headlines leave out.

    What stands below the date of a page is a caption if it has any common verb: its headline stands above the date.

    >>> tells_a_fact("Marta Lindqvist has mended nets in Lenn"), tells_a_fact("Critics 'have lost the key'")
    (True, False)
    >>> tells_a_fact("The mill was for sale"), tells_a_fact("The mill was for sale", below_date=True)
    (False, True)
    """
    return (_VERB if below_date else _AUXILIARY).match(line) is not None


def shares_words(line: str, following: str, least: float) -> bool:
    """Return whether most words of a line, but for the short ones, stand in the text below it, too.

    Words are compared by their first letters, because their endings differ. `least` is the share, from 0 to 1. A line
    of fewer than four such words shares too little for any certainty.

    >>> shares_words("Ferry strike enters third week", "The ferries strike. In the third week, nobody", 0.6)
    True
    """
    stems = {fold(word)[:STEM] for word in _WORDS.findall(_UNSPACED.sub(" ", line)) if len(word) >= STEM}
    unspaced = _UNSPACED.findall(line)
    stems |= {one + other for one, other in itertools.pairwise(unspaced)}
    below = fold(following)
    return len(stems) >= MIN_WORDS and sum(stem in below for stem in stems) >= least * len(stems)
