"""The words of dates: names of months and weekdays, and words for the halves of the day.

Those of English are here, so that most dumps need nothing else. Those of the other languages are the tables of
dateparser, which come from the Unicode CLDR. They are loaded with the first date that has a word which is not English.
"""

from __future__ import annotations

import unicodedata
import warnings
from dataclasses import dataclass, field
from functools import lru_cache

import regex

LANGUAGES = (
    "ar bg bn ca cs da de el en es et eu fa fi fil fr gl he hi hr hu id is it ja ko lt lv mk ms nb nl nn pl pt ro ru "
    "sk sl sq sr sr-Latn sv sw ta th tr uk ur vi zh"
).split()
_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_BETWEEN = frozenset(
    "of de del den der the го е st nd rd th e er re eme ο η al la d di da dal en r год года г р року m a i o ta te le "
    "el año ano an anno dne dnia ngay nam year day и um ja".split()
)
# Words that may stand beside a date in English without being part of it. Others lead to the tables of all languages.
_ENGLISH = frozenset(
    "published publish posted post updated update modified created last first on at in by date time edited revised "
    "added uploaded issued written release released st nd rd th of the and from local noon am pm h hrs hours".split()
)
# Words that the tables lack.
_OTHER_MONTHS = {
    1: "يناير جانفي ינואר января",
    2: "فبراير فيفري",
    3: "مارس آذار",
    4: "أبريل ابريل أفريل نيسان",
    5: "مايو ماي أيار",
    6: "يونيو جوان حزيران",
    7: "يوليو جويلية تموز",
    8: "أغسطس اغسطس أوت غشت آب",
    9: "سبتمبر شتنبر أيلول",
    10: "أكتوبر اكتوبر",
    11: "نوفمبر نونبر",
    12: "ديسمبر دجنبر desember",
}
_AM = (
    "am a.m. vorm vormittags morgens früh matin mañana madrugada manhã mattina утра ночи صباحا صباحًا ص ق.ظ π.μ. πμ "
    "öö sa sáng sang pagi सुबह"
)
_PM = (
    "pm p.m. nachm nachmittags abends soir tarde noche noite pomeriggio sera вечера дня مساء مساءً م ب.ظ μ.μ. μμ ös ch "
    "chiều chieu tối toi sore malam siang शाम रात दोपहर"
)


@dataclass(frozen=True)
class Words:
    """The words of some languages, folded. A word of several languages has several meanings."""

    months: dict[str, frozenset[int]]
    days: dict[str, frozenset[int]]
    """Weekdays, Monday is 0."""
    halves: dict[str, str]
    """`am` or `pm`."""
    others: frozenset[str] | None = None
    """The other words that may occur; None: any."""
    owners: dict[str, dict[str, int]] = field(default_factory=dict)
    """For a month of several meanings, the one of each language."""

    def month(self, word: str, language: str | None) -> frozenset[int]:
        """Return the months that a word stands for; only that of `language` if it has the word."""
        months = self.months.get(word, frozenset())
        if len(months) > 1 and language and language in self.owners.get(word, {}):
            return frozenset((self.owners[word][language],))
        return months


def fold(text: str) -> str:
    """Return a text in lower case, without accents, invisible marks and dots within words.

    >>> fold("5. März, 9 a.m.")
    '5. marz, 9 am.'
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = _MARKS.sub("", plain)
    return str(_INNER_DOT.sub("", unicodedata.normalize("NFC", plain)))


# Accents of Latin, Greek and Cyrillic; joiners and marks of direction. Vowel signs of other scripts stay.
_MARKS = regex.compile("[\u0300-\u036f\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u0970\u093c]")
_INNER_DOT = regex.compile(r"(?<=[\p{L}\p{M}])\.(?=[\p{L}\p{M}])")


def _english() -> Words:
    months = {}
    for number, name in enumerate(_MONTHS, 1):
        months.update({name: frozenset((number,)), name[:3]: frozenset((number,))})
    months["sept"] = frozenset((9,))
    days = {}
    for number, name in enumerate(_DAYS):
        days.update({word: frozenset((number,)) for word in (name, name[:3])})
    days.update(tues=frozenset((1,)), thur=frozenset((3,)), thurs=frozenset((3,)))
    return Words(months, days, {"am": "am", "pm": "pm"}, _ENGLISH)


ENGLISH = _english()


def is_between(word: str, words: Words) -> bool:
    """Return whether a word may stand between the parts of a date."""
    return word in _BETWEEN or word in words.days or (words is not ENGLISH and word in _all_skipped())


@lru_cache(maxsize=1)
def _all_skipped() -> frozenset[str]:
    words: set[str] = set()
    for _, info in _tables():
        words.update(fold(word) for key in ("skip", "pertain") for word in info.get(key, ()))
    return frozenset(word for word in words if word.isalpha())


@lru_cache(maxsize=1)
def all_words() -> Words:
    """Return the words of all languages."""
    months: dict[str, set[int]] = {}
    days: dict[str, set[int]] = {}
    halves: dict[str, str] = {}
    owners: dict[str, dict[str, int]] = {}
    for language, info in _tables():
        for meanings, names, start in ((months, _MONTHS, 1), (days, _DAYS, 0)):
            for number, name in enumerate(names, start):
                for word in map(fold, info.get(name, ())):
                    if (start == 0 and (len(word) < 3 or word in _BETWEEN)) or not any(map(str.isalpha, word)):
                        continue
                    meanings.setdefault(word, set()).add(number)
                    if start:
                        owners.setdefault(word, {})[language] = number
        for half in ("am", "pm"):
            for word in map(fold, info.get(half, ())):
                if word not in _BETWEEN:
                    halves.setdefault(word, half)
    for number, other in _OTHER_MONTHS.items():
        for word in other.split():
            months.setdefault(fold(word), set()).add(number)
    for name, numbers in ENGLISH.months.items():
        months.setdefault(name, set()).update(numbers)
    for half, other in (("am", _AM), ("pm", _PM)):
        halves.update({fold(word): half for word in other.split()})
    return Words(
        {word: frozenset(numbers) for word, numbers in months.items()},
        {word: frozenset(numbers) for word, numbers in days.items()},
        halves,
        None,
        {word: by_language for word, by_language in owners.items() if len(months[word]) > 1},
    )


@lru_cache(maxsize=1)
def _tables() -> list[tuple[str, dict[str, list[str]]]]:
    """Return the tables of dateparser, with their languages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dateparser.languages.loader import default_loader

        return [(locale.shortname, locale.info) for locale in default_loader.get_locales(languages=LANGUAGES)]


# Languages in which figures with slashes are day, month and year. English is none: it depends on the country.
_DAY_FIRST = frozenset(
    "ar bg ca cs da de el es fi fr he hi hr id it nb nl nn no pl pt ro ru sk sr sv th tr uk vi".split()
)
# Words beside such figures that only these languages have, folded; 7h41 and 7:41h are no English either.
_DAY_FIRST_WORD = regex.compile(
    r"\b(?:publie|publiee|mis a jour|modifie|le|publicado|publicada|actualizado|atualizado|em|el|las|as|alle|pubblicato"
    r"|aggiornato|gepubliceerd|bijgewerkt|op|om|opublikowano|dodano|aktualizacja|опубликовано|обновлено|дата|yayin|giris"
    r"|guncelleme|eklenme|diterbitkan|cap nhat|ngay|thu|публикация|δημοσιευση)\b|\d{1,2}h\d\d|\d:\d\d ?h\b"
)


def writes_day_first(text: str, language: str | None) -> bool:
    """Return whether a folded text, or the language of its record, writes figures such as 5/3/2024 with the day first.

    >>> writes_day_first("mis a jour le 05/03/2024", None), writes_day_first("updated 05/03/2024", None)
    (True, False)
    """
    return language in _DAY_FIRST or _DAY_FIRST_WORD.search(text) is not None
