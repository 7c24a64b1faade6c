"""Languages as tags of BCP 47."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .texts import label, shorten

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
_TAG = re.compile(LANGUAGE_TAG)
_USUAL = re.compile(r"(?:ar|cs|da|de|el|en|es|fi|fr|hi|hu|it|ja|ko|nl|no|pl|pt|ro|ru|sv|th|tr|uk|vi|zh)(?:-[A-Z]{2})?$")
# Names in English and in the language itself.
_NAMES_OF = {
    "ar": "arabic العربية عربي",
    "bg": "bulgarian български",
    "bn": "bengali bangla বাংলা",
    "ca": "catalan català",
    "cs": "czech čeština česky",
    "da": "danish dansk",
    "de": "german deutsch allemand alemán tedesco",
    "el": "greek ελληνικά",
    "en": "english englisch anglais inglés inglese inglês",
    "es": "spanish español castellano espanol spanisch espagnol",
    "et": "estonian eesti",
    "eu": "basque euskara",
    "fa": "persian farsi فارسی",
    "fi": "finnish suomi",
    "fr": "french français francais französisch francés",
    "ga": "irish gaeilge",
    "gl": "galician galego",
    "he": "hebrew עברית",
    "hi": "hindi हिन्दी हिंदी",
    "hr": "croatian hrvatski",
    "hu": "hungarian magyar",
    "id": "indonesian",
    "is": "icelandic íslenska",
    "it": "italian italiano italienisch",
    "ja": "japanese 日本語",
    "kk": "kazakh қазақша",
    "ko": "korean 한국어",
    "lt": "lithuanian lietuvių",
    "lv": "latvian latviešu",
    "mk": "macedonian македонски",
    "ms": "malay melayu",
    "nb": "bokmål",
    "nl": "dutch nederlands flemish niederländisch",
    "no": "norwegian norsk",
    "pl": "polish polski",
    "pt": "portuguese português portugues portugiesisch",
    "ro": "romanian română romana",
    "ru": "russian русский russisch",
    "sk": "slovak slovenčina",
    "sl": "slovenian slovenščina",
    "sq": "albanian shqip",
    "sr": "serbian српски srpski",
    "sv": "swedish svenska",
    "sw": "swahili kiswahili",
    "ta": "tamil தமிழ்",
    "te": "telugu తెలుగు",
    "th": "thai ไทย",
    "tl": "tagalog filipino",
    "tr": "turkish türkçe turkce türkisch",
    "uk": "ukrainian українська",
    "ur": "urdu اردو",
    "vi": "vietnamese",
    "zh": "chinese mandarin 中文 汉语 漢語 华语",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文 繁体中文",
}
_NAMES = {name: tag for tag, names in _NAMES_OF.items() for name in names.split()}
_PHRASES = {
    "bahasa indonesia": "id", "tiếng việt": "vi", "bahasa melayu": "ms", "simplified chinese": "zh-Hans",
    "traditional chinese": "zh-Hant", "chinese simplified": "zh-Hans", "chinese traditional": "zh-Hant",
    "brazilian portuguese": "pt-BR", "american english": "en-US", "british english": "en-GB",
}  # fmt: skip
_REGIONS = {"uk": "GB", "usa": "US", "united kingdom": "GB", "united states": "US", "brazil": "BR", "brasil": "BR"}


def language(value: Any) -> str | None:
    """Return a tag of BCP 47 for a tag in any spelling, a code of ISO 639, or the name of a language.

    >>> [language(name) for name in ("eng", "EN", "zh-cn", "en_US.UTF-8", "Deutsch", "English (UK)", "de-DE,de;q=0.9")]
    ['en', 'en', 'zh-CN', 'en-US', 'de', 'en-GB', 'de-DE']
    """
    name = label(value)
    if name is None or _USUAL.match(name):
        return name
    return _read(name)


@lru_cache(maxsize=4096)
def _read(name: str) -> str:
    plain = re.split(r"[,;]", name)[0].strip()
    tag = plain.partition(".")[0].replace("_", "-")
    words = " ".join(plain.casefold().split())
    if (known := _NAMES.get(words) or _PHRASES.get(words)) is not None:
        return known
    if (with_region := re.fullmatch(r"(.+?)\s*[(\[-]\s*([^)\]]+?)\s*[)\]]?", words)) is not None:
        base = _NAMES.get(with_region[1])
        region = _REGIONS.get(with_region[2], with_region[2].upper())
        if base and re.fullmatch(r"[A-Z]{2}", region):
            return f"{base}-{region}"
    if not _TAG.match(tag):
        raise ValueError(f"not a language tag: {shorten(name)}")
    import langcodes  # slow: it loads its tables

    try:
        standard = str(langcodes.standardize_tag(tag))
    except ValueError:  # a tag that the library cannot take apart
        raise ValueError(f"not a language tag: {shorten(name)}") from None
    if not _TAG.match(standard) or standard.partition("-")[0] in ("und", "zxx", "mul", "mis"):
        raise ValueError(f"not a language: {shorten(name)}")
    return standard
