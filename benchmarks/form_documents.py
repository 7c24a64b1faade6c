"""Invented documents with the junk that sites print around and inside them, in six languages, for benchmarks/forms.py.

They are not easy by design: menus, names, dates and headlines of other articles have no fixed words; prompts stand
inside the text; chains have no punctuation; and the prose quotes the phrases of sites, which must stay.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Block:
    """A paragraph of prose, the headline, or an artifact; `link` marks artifacts that a page would link."""

    text: str
    kind: str
    link: bool = True


class Words(NamedTuple):
    """What the documents of one language are made of."""

    who: list[str]
    what: list[str]
    why: list[str]
    quoted: list[str]
    """Sentences of prose with the words of artifacts in them."""
    headlines: list[str]
    menu: list[str]
    above: list[str]
    inside: list[str]
    below: list[str]


ENGLISH = Words(
    ["The council", "The harbour office", "A spokeswoman of the mill", "Nobody on the pier", "Jo Holt, 61, a miller,"],
    [
        "said on Tuesday that the eastern quay would stay closed",
        "wants a second opinion before the wheel turns again",
        "had asked for a study of the two cracks in the third pillar",
        "found the key to the chain in a drawer of the old customs house",
        "knows who will pay for it",
    ],
    [
        "because the storm had moved the chain across the basin",
        "and the fishermen agreed for once",
        "after a meeting that went on until the lamps were lit",
        "while the western quay took all the boats of the week",
    ],
    [
        "“Leave a comment or leave the hall,” she told the man who had read more of the file than anybody.",
        "Read the sign at the gate: sign up for a newsletter, it says, and share this article with a friend.",
        "The poster asks them to follow us to the harbour, and the children follow.",
        "He subscribed to nothing. Share. That was all he said.",
        "All rights reserved, the baker wrote under her recipe, and she meant it.",
    ],
    ["Night bus survives the vote", "Eastern quay stays closed for now", "Who owns the quarry?", "The fog comes back"],
    ["Home", "News", "Sport", "Harbour", "Lowmoor West", "Business", "Opinion", "Log in", "Tide tables", "Contact"],
    [
        "Skip to content",
        "By Petra Quill",
        "March 3, 2024, 9:14 am",
        "5 min read",
        "Share Tweet Email",
        "Photo: Bo Renk",
    ],
    [
        "Advertisement",
        "READ MORE: {other}",
        "Related: {other}",
        "Sign up for our daily newsletter",
        "Also read: {other}",
    ],
    [
        "Leave a Comment",
        "Your email address will not be published. Required fields are marked *",
        "Most Read",
        "{other}",
        "{other} 3 hours ago",
        "Petra Quill is a reporter in Lowmoor. She writes about boats.",
        "Tags: harbour, quay, storm",
        "12 comments",
        "© 2024 Lowmoor Times. All rights reserved.",
        "Privacy Policy Terms of Use Contact",
        "Sign up for our newsletter and never miss a story",
        "Old Salt on March 4, 2024 at 7:02 am",
    ],
)
GERMAN = Words(
    ["Der Stadtrat", "Die Hafenbehörde", "Eine Sprecherin der Mühle", "Niemand am Kai", "Die Wirtin"],
    [
        "teilte am Dienstag mit, dass der östliche Kai geschlossen bleibt",
        "will eine zweite Meinung hören, bevor sich das Rad wieder dreht",
        "fand den Schlüssel in einer Schublade des alten Zollhauses",
    ],
    ["weil der Sturm die Kette verschoben hatte", "und die Fischer stimmten zu", "nach einer Sitzung bis in die Nacht"],
    [
        "„Lesen Sie auch das Kleingedruckte“, riet sie, und der Saal lachte.",
        "Er wollte den Artikel teilen, hatte aber keine Schere dabei.",
        "Anzeige erstattete niemand.",
    ],
    ["Nachtbus übersteht die Abstimmung", "Wem gehört der Steinbruch?", "Neuer Fahrplan ab Mai"],
    ["Startseite", "Politik", "Wirtschaft", "Sport", "Hafen", "Meinung", "Anmelden", "Gezeiten"],
    ["Zum Inhalt springen", "Von Petra Quill", "03.03.2024, 09:14 Uhr", "Artikel teilen", "Foto: Bo Renk/dpa"],
    ["Anzeige", "Lesen Sie auch: {other}", "Mehr zum Thema: {other}", "Newsletter abonnieren"],
    [
        "Kommentare",
        "{other}",
        "Meistgelesen",
        "Impressum Datenschutz AGB",
        "Schlagworte: Hafen, Kai",
        "© 2024 Lowmoor Bote. Alle Rechte vorbehalten.",
        "Quelle: dpa",
    ],
)
SPANISH = Words(
    ["El ayuntamiento", "La oficina del puerto", "Una portavoz del molino", "Nadie en el muelle"],
    [
        "dijo el martes que el muelle oriental seguirá cerrado",
        "quiere otra opinión antes de que la rueda vuelva a girar",
        "encontró la llave en un cajón de la antigua aduana",
    ],
    ["porque la tormenta había movido la cadena", "y los pescadores estaban de acuerdo", "tras una reunión muy larga"],
    ["«Compartir es vivir», dijo ella, y nadie le pidió más.", "Lea también la letra pequeña, le aconsejó el notario."],
    ["El autobús nocturno sobrevive al voto", "¿De quién es la cantera?", "Nuevo horario desde mayo"],
    ["Inicio", "Política", "Economía", "Deportes", "Puerto", "Opinión", "Mareas"],
    ["Saltar al contenido", "Por Petra Quill", "3 de marzo de 2024", "Compartir en Facebook", "Foto: Bo Renk"],
    ["Publicidad", "Lea también: {other}", "Te puede interesar: {other}", "Suscríbete a nuestro boletín"],
    ["Comentarios", "{other}", "Lo más leído", "Aviso legal Política de privacidad", "Etiquetas: puerto, muelle"],
)
FRENCH = Words(
    ["Le conseil municipal", "Le bureau du port", "Une porte-parole du moulin", "Personne sur le quai"],
    [
        "a annoncé mardi que le quai est resterait fermé",
        "veut un second avis avant que la roue ne tourne",
        "a retrouvé la clé dans un tiroir de l'ancienne douane",
    ],
    ["car la tempête avait déplacé la chaîne", "et les pêcheurs étaient d'accord", "après une réunion tardive"],
    ["« Partager, c'est aimer », dit-elle en riant.", "Lire aussi les petites lignes, conseilla le notaire."],
    ["Le bus de nuit survit au vote", "À qui appartient la carrière ?", "Nouvel horaire dès mai"],
    ["Accueil", "Politique", "Économie", "Sport", "Port", "Opinions", "Marées"],
    [
        "Aller au contenu",
        "Par Petra Quill",
        "Publié le 3 mars 2024 à 09h14",
        "Partager sur Facebook",
        "Photo : Bo Renk",
    ],
    ["Publicité", "Lire aussi : {other}", "À lire aussi : {other}", "Inscrivez-vous à notre newsletter"],
    [
        "Commentaires",
        "{other}",
        "Les plus lus",
        "Mentions légales Confidentialité",
        "© 2024 Le Lowmoor. Tous droits réservés.",
    ],
)
RUSSIAN = Words(
    ["Городской совет", "Управление порта", "Представитель мельницы", "Никто на причале"],
    [
        "сообщил во вторник, что восточный причал останется закрытым",
        "хочет услышать второе мнение до того, как колесо повернётся",
        "нашёл ключ в ящике старой таможни",
    ],
    ["потому что шторм сдвинул цепь", "и рыбаки на этот раз согласились", "после долгого собрания"],
    ["«Поделиться мне нечем», — сказала она.", "Читайте также мелкий шрифт, посоветовал нотариус."],
    ["Ночной автобус пережил голосование", "Кому принадлежит карьер?", "Новое расписание с мая"],
    ["Главная", "Новости", "Политика", "Спорт", "Порт", "Мнения"],
    ["Перейти к содержанию", "3 марта 2024, 09:14", "Автор: Петра Квилл", "Поделиться", "Фото: Бо Ренк"],
    ["Реклама", "Читайте также: {other}", "Подпишитесь на наш канал"],
    ["Комментарии", "{other}", "Самое читаемое", "Политика конфиденциальности", "Теги: порт, причал"],
)
INDONESIAN = Words(
    ["Dewan kota", "Kantor pelabuhan", "Juru bicara pabrik", "Tidak seorang pun di dermaga"],
    [
        "mengatakan pada Selasa bahwa dermaga timur tetap ditutup",
        "ingin mendengar pendapat kedua sebelum roda berputar lagi",
        "menemukan kunci itu di laci kantor bea cukai lama",
    ],
    ["karena badai menggeser rantai", "dan para nelayan setuju", "setelah rapat yang panjang"],
    ["Warga diminta baca juga pengumuman di balai desa.", "Ia ingin bagikan roti itu kepada semua orang."],
    ["Bus malam selamat dari pemungutan suara", "Siapa pemilik tambang itu?", "Jadwal baru mulai Mei"],
    ["Beranda", "Berita", "Politik", "Ekonomi", "Olahraga", "Pelabuhan"],
    ["Penulis: Petra Quill", "Minggu, 3 Maret 2024 09:14 WIB", "Bagikan", "Foto: Bo Renk"],
    ["ADVERTISEMENT", "Baca juga: {other}", "SCROLL TO CONTINUE WITH CONTENT"],
    ["Komentar", "{other}", "Terpopuler", "Tag: pelabuhan, dermaga", "Copyright 2024 Kabar Lowmoor"],
)
LANGUAGES = [ENGLISH, ENGLISH, ENGLISH, GERMAN, SPANISH, FRENCH, RUSSIAN, INDONESIAN]


def make_document(rng: random.Random) -> list[Block]:
    """Return the blocks of one document."""
    words = rng.choice(LANGUAGES)
    headline, *others = rng.sample(words.headlines, len(words.headlines))
    prose = [Block(_make_paragraph(rng, words), "prose") for _ in range(rng.randint(3, 8))]
    for text in rng.sample(words.inside, rng.randint(0, 2)):
        prose.insert(rng.randint(1, len(prose) - 1), Block(text.format(other=rng.choice(others)), "junk"))
    menu = rng.sample(words.menu, rng.randint(3, 6)) if rng.random() < 0.6 else []
    above = rng.sample(words.above, rng.randint(0, 3))
    below = [
        text.format(other=rng.choice(others)) for text in rng.sample(words.below, rng.randint(1, len(words.below)))
    ]
    return [
        *(Block(text, "junk") for text in menu),
        Block(headline, "headline"),
        *(Block(text, "junk", link=False) for text in above),
        *prose,
        *(Block(text, "junk", link=rng.random() < 0.5) for text in below),
    ]


def _make_paragraph(rng: random.Random, words: Words) -> str:
    made = (
        f"{rng.choice(words.who)} {rng.choice(words.what)}, {rng.choice(words.why)}." for _ in range(rng.randint(1, 3))
    )
    sentences = [*made]
    if rng.random() < 0.3:
        sentences.insert(rng.randint(0, len(sentences)), rng.choice(words.quoted))
    return " ".join(sentences)
