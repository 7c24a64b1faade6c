"""Find the texts whose language the rules have no phrases for, by cheap signs and without a model.

Most texts are told by the bytes of their script, by letters that only one language has, or by the share of the most
frequent words of a language that rules know. The others are compared with the frequent words and the scripts of
languages that rules do not know. What is like none of them is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...byte_arrays import count_bytes, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...byte_arrays import Ints, Mask

SAMPLE = 400  # code points at the beginning of each text
SURE = 0.2  # share of its frequent words from which on a text is in a language
_SURE = {"en": 0.14, "id": 0.12}  # the same for languages without close relatives among those that rules do not know
_SCRIPT = 0.4  # share of the bytes of a script whose only language rules know
COVERED = frozenset("ar cs de el en es fr hi id it ja ko nl pl pt ru sv tr vi zh".split())
"""The languages that rules have phrases for: the folders of rules/phrases."""

_SCRIPTS = {
    "el": range(0xCE, 0xD0),  # first bytes of Greek letters
    "zh": range(0xE3, 0xEE),  # of kana, ideographs and Hangul: Chinese, Japanese and Korean are all known
}
_LETTERS = {
    "ru": ("ы", 3, "[іїў]"),
    "pl": ("ł", 2, ""),
    "cs": ("[řě]", 3, ""),
    "tr": ("ı", 4, "ə"),
    "vi": ("[ếệộữạảịọụềểốồổớờợứừử]", 6, ""),
}
"""Letters that only this language has, how many of them a sample needs, and what only its neighbours have."""
_WORDS = {
    "en": "the of and to in a is that for it was on with as be at by this have from are not but has he said his they",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er",
    "es": "de la que el en y a los del se las por un para con no una su al lo como más pero sus le ya o este sí porque",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son à",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao das à seu sua ou já",
    "it": "di e che la il un a per in una sono è del non si da con le della i nel gli al come più ha anche alla dei lo",
    "nl": "de het van een en in is dat op te zijn met voor niet aan er om ook als dan maar bij uit door over hij",
    "pl": "w i na z do się nie to że o jest jak po od za przez ale dla są przed co ma było które tym już tylko także",
    "ru": "и в не на что с по как это из за для от его но к у он а был она так же бы были при об году также то до о",
    "cs": "a se v na je že s z do o i to k za ve pro ale jako by po jsou od které jeho si byl při už podle jen",
    "tr": "ve bir bu da de için ile çok olarak daha ne gibi kadar sonra olan en ama diye her o olduğunu göre ise yeni",
    "sv": "och i att det som på en är av för med den till inte har de ett om var men vi så från kan sig han när under",
    "id": "yang dan di dengan untuk dari ini itu dalam pada tidak akan ke juga oleh ada bisa lebih mereka telah sudah",
    "ar": "في من على إلى أن التي الذي عن مع هذا هذه كان ما لا و قال بعد كما لم بين أو قد ذلك خلال هو وقال كانت حيث",
    "hi": "के में है की को से का और ने पर कि हैं भी एक यह नहीं लिए कर हो इस ही साथ था गया तो रहे किया बाद अपने",
}

_OTHER_WORDS = {
    "da": "og i at det er en til på som af for de med den har der ikke et om var vi fra men han blev efter ved også",
    "no": "og i å det er en til på som av for de med den har ikke et om var vi fra men han ble etter ved også over seg",
    "fi": "ja on ei että se oli hän mutta kun ovat myös joka ole kuin vain sen niin jos tai hänen olisi mukaan sekä",
    "hu": "a az és hogy nem is egy ez azt volt meg már csak de van ki mint még el lehet szerint két amely után vagy ha",
    "ro": "de și în a la cu pe că nu din care se o un mai au fost este pentru sunt ce prin să lui fi după acest va cum",
    "hr": "je i u na da se za su od koji s će nije što o kako ne sam iz to bi koja ali te do biti po je bio samo kao",
    "sl": "je in v na da se za so ki z pa tudi ne bi od kot iz po bo s o še ali bil ni več pri kar le do sta bilo",
    "sk": "a v sa na je že s z do o aj to k za vo pre ale ako by po sú od ktoré jeho si bol ktorý pri už podľa len",
    "lt": "ir kad į yra iš su tai ne bet o kaip jis buvo už jo po per dar jau tik nuo ar apie jau taip apie metų gali",
    "lv": "un ir ar ka no par uz tas bet kas tika lai arī gan pēc tā pie kā ne tikai jau viņš līdz bija vai savu gadā",
    "et": "ja on ei et see oli ka kui aga ta ning mis oma siis või kes selle nad tema pole juba peab veel kuid eest",
    "is": "og að í á er sem um til við með en var af það hann fyrir ekki hafa því þá eru þar sé hefur eftir frá verið",
    "ca": "de la i el que a les els del en per un una amb no és al es dels són més com però ha seva també han per què",
    "sq": "të e në dhe i një për me që nga u se është ka po nuk më si do kanë ishte këtë edhe duke tij por kjo pas",
    "af": "die en van in is het nie om te dat vir met op hy was sy aan as sal ook by kan sê word deur uit maar oor na",
    "sw": "ya na wa kwa ni katika la za kuwa cha hiyo huo hii kama alisema hayo pia wakati watu baada hilo yake ambao",
    "zu": "ukuthi futhi uma kodwa ngoba yena lokhu lapho kanye ngesikhathi kusho wathi abantu yakhe ngemva",
    "tl": "ang ng sa na mga at ay si ni ito para siya kung hindi may din nang kanyang isang mula rin pa dahil",
    "uk": "і в на не що з у до та за як це від про для він але його які був який після також є було року буде або",
    "bg": "на и да в се за от с е че не по са си като до които но към при това ще бе има след беше само още му",
    "sr": "је и у на да се за су од који с ће није што о како не из то би која али те до по био само као",
    "fa": "و در به از که این را با است برای آن یک خود تا بر هم شد کرد می های شده بود اما او نیز باید گفت",
    "ur": "کے میں کی ہے اور سے کا کو نے پر کہ یہ ہیں بھی تھا ایک اس ہو گیا تھے کر لیے جو نہیں رہے دیا",
}
_OTHER_SCRIPTS = {
    "he": "Hebrew", "th": "Thai", "bn": "Bengali", "ta": "Tamil", "te": "Telugu", "my": "Myanmar", "ka": "Georgian",
    "hy": "Armenian", "km": "Khmer", "lo": "Lao", "am": "Ethiopic", "gu": "Gujarati", "kn": "Kannada",
    "ml": "Malayalam", "pa": "Gurmukhi", "si": "Sinhala",
}  # fmt: skip
_SPACED = np.arange(256, dtype=np.uint8)  # each byte as it is, but for those between words
_SPACED[[*b"\t\n\f\r.,;:!?"]] = ord(" ")
_WIDE = range(0xD4, 0xF5)  # bytes that begin the letters of these scripts, and others
OTHER = 0.14  # share of its frequent words from which on a text is in a language that rules do not know
CLEARER = 1.2  # and how much larger it must be than the share of any language that they know


def is_covered(language: str) -> bool:
    """Return whether rules have phrases for the language of a tag.

    >>> is_covered("pt-BR"), is_covered("fi")
    (True, False)
    """
    return language.split("-")[0].lower() in COVERED


def seems_covered(texts: pa.Array) -> Mask:
    """Return which texts are in a language that rules know, as far as script and frequent words tell."""
    sample = pc.utf8_slice_codeunits(texts, 0, SAMPLE)
    size = np.maximum(np.asarray(pc.binary_length(sample).to_numpy(zero_copy_only=False)), 1)
    known = np.zeros(len(texts), np.bool_)
    for leads in _SCRIPTS.values():
        letters = count_bytes(sample, leads)
        # a letter of Greek takes two bytes, one of the others three
        known |= letters * (2 if leads.start < 0xE0 else 3) >= _SCRIPT * size
    rest = np.flatnonzero(~known)
    lower = pc.utf8_lower(sample.take(pa.array(rest)))
    counts, words = _count_words(lower, _WORDS)
    least_share = np.array([_SURE.get(language, SURE) for language in _WORDS])
    known[rest] = (counts >= least_share * words[:, None]).any(axis=1)
    rest = np.flatnonzero(~known)
    lower = pc.utf8_lower(sample.take(pa.array(rest)))
    for letters_of, least, foreign in _LETTERS.values():
        has = _count(lower, letters_of) >= least
        if foreign and has.any():
            has &= _count(lower, foreign) == 0
        known[rest] |= has
    return known


def name_others(texts: pa.Array) -> list[str | None]:
    """Return the language of each text among those that rules do not know, or None if it is like none of them."""
    sample = pc.utf8_slice_codeunits(texts, 0, SAMPLE)
    length = np.maximum(np.asarray(pc.utf8_length(sample).to_numpy(zero_copy_only=False)), 1)
    lower = pc.utf8_lower(sample)
    counts, words = _count_words(lower, _WORDS | _OTHER_WORDS)
    shares = counts / words[:, None]
    least = np.maximum(shares[:, : len(_WORDS)].max(axis=1) * CLEARER, OTHER)
    scripts = np.zeros((len(texts), len(_OTHER_SCRIPTS)))
    wide = np.flatnonzero(count_bytes(sample, _WIDE))
    letters = sample.take(pa.array(wide))
    for column, script in enumerate(_OTHER_SCRIPTS.values() if len(wide) else ()):
        scripts[wide, column] = _count(letters, rf"\p{{{script}}}") / length[wide]
    names = [*_OTHER_WORDS, *_OTHER_SCRIPTS]
    table = np.concatenate([shares[:, len(_WORDS) :], scripts], axis=1)
    best = table.argmax(axis=1)
    return [names[at] if table[row, at] >= least[row] else None for row, at in enumerate(best.tolist())]


def _count(texts: pa.Array, pattern: str) -> Any:
    return np.asarray(pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))


def _count_words(lower: pa.Array, frequent: Mapping[str, str]) -> tuple[Ints, Ints]:
    """Count how many words of each text are among the frequent words of each language: shape (texts, languages).

    Return also about how many words each text has: its gaps between words, and one more.
    """
    spaced, gaps = _space_words(lower)
    parts = pc.split_pattern(spaced, " ")
    encoded_words = parts.flatten().dictionary_encode()
    row = np.repeat(np.arange(len(lower)), np.asarray(pc.list_value_length(parts)))
    words = encoded_words.dictionary
    # most words are frequent in no language
    chosen = np.flatnonzero(pc.is_in(words, pa.array(sorted({*" ".join(frequent.values()).split()}), words.type)))
    number = np.full(len(words), -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    code = number[encoded_words.indices.to_numpy()]
    row, code, words = row[code >= 0], code[code >= 0], words.take(pa.array(chosen))
    counts = np.zeros((len(lower), len(frequent)), np.int64)
    for column, of_language in enumerate(frequent.values()):
        among = np.asarray(pc.is_in(words, pa.array(of_language.split(), words.type)))
        if among.any():
            counts[:, column] = np.bincount(row[among[code]], minlength=len(lower))
    return counts, gaps + 1


def _space_words(texts: pa.Array) -> tuple[pa.LargeStringArray, Ints]:
    """Return texts with nothing but spaces between words, and the number of gaps between words in each.

    >>> spaced, gaps = _space_words(pa.array(["Rain, again.", "", "no"], pa.large_string()))
    >>> spaced.to_pylist(), gaps.tolist()
    (['Rain  again ', '', 'no'], [2, 0, 0])
    """
    for mark in "،।":
        texts = pc.replace_substring(texts, mark, " ")
    data, offsets = encoded(texts)
    data, offsets = _SPACED[data[offsets[0] : offsets[-1]]], offsets - offsets[0]
    is_space = data == ord(" ")
    opens = is_space.copy()
    opens[1:] &= ~is_space[:-1]
    first = offsets[:-1][offsets[:-1] < offsets[1:]]  # of each text: the gap before is that of another text
    opens[first] = is_space[first]
    gaps = np.diff(np.concatenate([[0], np.cumsum(opens)])[offsets])
    buffers = (pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data))
    return pa.LargeStringArray.from_buffers(len(texts), *buffers), gaps
