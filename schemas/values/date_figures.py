"""Dates that name each part: 2024年3月5日, 2024년 3월 5일, ngày 5 tháng 3 năm 2024. They become figures."""

from __future__ import annotations

import regex

from .date_words import fold

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
# East Asian and Vietnamese dates name each part. They become Y-MM-DD and H:MM:SS.
_ERA = regex.compile(r"(令和|平成|昭和)\s?(\d{1,2}|元)\s?年")
_NAMED = regex.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일号號])?")
_CHINESE = regex.compile(r"[〇○零一二三四五六七八九十]+(?=\s?[年月日号時时点])")
_NAMED_TIME = regex.compile(r"(\d{1,2})\s?[時时시點点]\s?(?:(\d{1,2})\s?[分분]?)?(?:\s?(\d{1,2})\s?[秒초])?")
_AM = regex.compile(r"上午|午前|오전|凌晨|清晨|早上|새벽")
_PM = regex.compile(r"下午|午後|오후|晚上|傍晚|中午|저녁|밤(?=\s?\d)")
_VIETNAMESE = regex.compile(r"(\d{1,2})\s?thang\s?(\d{1,2})\s?[,/-]?\s?(?:nam\s)?\s?(\d{4})")
_VIETNAMESE_MONTH = regex.compile(r"thang\s?(\d{1,2})\s?[,/-]?\s?(?:nam\s)?\s?(\d{4})")
_VIETNAMESE_DAY = regex.compile(r"\b(?:thu\s(?:([2-7])\b|(hai|ba|tu|nam|sau|bay)\b)|t([2-7])(?=,)|(chu nhat|cn\b))")
_VIETNAMESE_DAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_LEVANTINE = {"كانون الثاني": "يناير", "كانون الاول": "ديسمبر", "تشرين الاول": "اكتوبر", "تشرين الثاني": "نوفمبر"}
_WEEKDAY_NAMES = "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()  # any language but English


def spell_out(text: str) -> str:
    """Return a text with dates and times that name each part in figures.

    >>> spell_out("2024年3月5日 下午3点20分").strip()
    '2024-3-5   pm 3:20:00'
    """
    if text.isascii() and "thang" not in text and "thu " not in text and not _VIETNAMESE_DAY.search(text):
        return text
    text = _CHINESE.sub(lambda found: _chinese_number(found.group()), text)
    text = _ERA.sub(lambda found: f"{_ERAS[found[1]] + (1 if found[2] == '元' else int(found[2]))}年", text)
    text = _NAMED.sub(lambda found: f"{'-'.join(filter(None, found.groups()))} ", text)
    text = _NAMED_TIME.sub(lambda found: f"{found[1]}:{int(found[2] or 0):02}:{int(found[3] or 0):02} ", text)
    text = _PM.sub(" pm ", _AM.sub(" am ", text))
    text = _VIETNAMESE.sub(lambda found: f"{found[3]}-{found[2]}-{found[1]} ", text)
    text = _VIETNAMESE_MONTH.sub(lambda found: f"{found[2]}-{found[1]} ", text)
    text = _VIETNAMESE_DAY.sub(_name_weekday, text)
    for name, other in _LEVANTINE.items():
        text = text.replace(fold(name), fold(other)).replace(fold(name).replace("ا", "أ"), fold(other))
    return text


def _name_weekday(found: regex.Match[str]) -> str:
    number, name, short, _ = found.groups()
    day = _VIETNAMESE_DAYS[name] if name else int(number or short) - 2 if number or short else 6
    return f" {_WEEKDAY_NAMES[day]} "


def _chinese_number(figures: str) -> str:
    """Return a number in Chinese figures.

    >>> _chinese_number("二〇二四"), _chinese_number("二十五"), _chinese_number("十")
    ('2024', '25', '10')
    """
    digits = {figure: str(value) for value, figure in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
    if "十" not in figures:
        return "".join(digits[figure] for figure in figures)
    tens, _, ones = figures.partition("十")
    return f"{digits.get(tens, '1')}{digits.get(ones, '0')}"
