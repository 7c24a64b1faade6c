"""Structure is content: entries of live blogs, interviews, recipes, results and verse stay as they are."""

from __future__ import annotations

import pytest

import copydesk

ENTRIES = {
    "en": [
        ("Trains stop at Lowmoor", "All trains north of Ostwick have stopped, and tickets are valid on buses."),
        ("Quay closed", "The harbour master has closed the eastern quay, but nobody was hurt."),
        (None, "Good afternoon and welcome to our live coverage of the storm at the coast."),
        ("Mayor: stay at home", "Derya Kaplan has asked people not to drive to the harbour tonight."),
    ],
    "de": [
        ("Züge halten in Lowmoor", "Nördlich von Ostwick fahren keine Züge mehr, und Fahrkarten gelten im Bus."),
        ("Kai gesperrt", "Der Hafenmeister hat den östlichen Kai gesperrt, verletzt wurde aber niemand."),
        (None, "Guten Tag und willkommen zu unserem Ticker über den Sturm an der Küste."),
        ("Bürgermeisterin mahnt", "Derya Kaplan bittet alle, heute Abend nicht zum Hafen zu fahren."),
    ],
    "fr": [
        ("Les trains s'arrêtent", "Plus aucun train ne circule au nord d'Ostwick, les billets valent dans le bus."),
        ("Quai fermé", "Le capitaine du port a fermé le quai, mais personne n'est blessé."),
        (None, "Bonjour et bienvenue dans ce direct consacré à la tempête sur la côte."),
        ("La maire appelle au calme", "Derya Kaplan demande à chacun de ne pas venir au port ce soir."),
    ],
    "es": [
        ("Los trenes se detienen", "Ningún tren circula al norte de Ostwick y los billetes valen en el autobús."),
        ("Muelle cerrado", "El capitán del puerto ha cerrado el muelle, pero no hay heridos."),
        (None, "Buenas tardes y bienvenidos a nuestra cobertura en directo de la tormenta."),
        ("La alcaldesa pide calma", "Derya Kaplan ha pedido a todos que no vayan al puerto esta noche."),
    ],
    "it": [
        ("Treni fermi a Lowmoor", "Nessun treno viaggia a nord di Ostwick e i biglietti valgono sugli autobus."),
        ("Molo chiuso", "Il capitano del porto ha chiuso il molo, ma nessuno è rimasto ferito."),
        (None, "Buongiorno e benvenuti alla nostra diretta sulla tempesta lungo la costa."),
        ("La sindaca: state a casa", "Derya Kaplan ha chiesto a tutti di non andare al porto questa sera."),
    ],
}
STAMPS = {"plain": "14:{:02}", "Uhr": "14.{:02} Uhr", "GMT": "14:{:02} GMT", "a.m.": "9:{:02} a.m.", "h": "14h{:02}"}
BETWEEN = ["Share", "Copy link", "Share on Facebook\nShare on X", "Updated at 14.01", ""]
TEXTS = {
    "interview": "Who keeps the key?\nThe harbour master does.\n\nAnd if he is away?\nThen nobody leaves.\n\n"
    "Why a chain?\n"
    "It is older than the lamp.\n\nWould you change it?\nNot before May.",
    "interview de": "Wer hat den Schlüssel?\nDer Hafenmeister.\n\nUnd wenn er nicht da ist?\nDann fährt niemand.\n\n"
    "Warum eine Kette?\nSie ist älter als die Lampe.",
    "recipe": "Soup of the harbour\n\nIngredients\n\n- 2 onions\n- 500 g of potatoes\n- 1 litre of stock\n- salt\n\n"
    "Method\n\n1. Cut the onions.\n2. Boil the potatoes in the stock.\n3. Add salt and serve.",
    "recette": "Soupe du port\n\n- 2 oignons\n- 500 g de pommes de terre\n- 1 litre de bouillon\n- du sel\n\n"
    "1. Couper les oignons.\n2. Cuire les pommes de terre.\n3. Saler et servir.",
    "results": "Lowmoor 2 Ostwick 1\nMarlow 0 Kettle 0\nHarrow 3 Fen End 2\nQuill 1 Brod 4\nDunmere 2 Salt 2",
    "times": "1. Ina Brod (Lowmoor) 2:10:05\n2. Tobias Renk (Ostwick) 2:10:41\n3. Petra Quill (Marlow) 2:11:02",
    "verse": "The rope is old\nthe knot is new\nand nobody asks\nwhat the tide will do\n\nThe lamp is out",
    "Verse": "Das Seil ist alt\nder Knoten neu\nund niemand fragt\nwas die Flut uns tut\n\nDie Lampe ist aus",
    "versos": "La cuerda es vieja\nel nudo es nuevo\ny nadie pregunta\nqué hará la marea",
    "versi": "La corda è vecchia\nil nodo è nuovo\ne nessuno chiede\nche cosa farà la marea",
}  # fmt: skip


def body_of(text: str) -> str:
    return copydesk.clean({"title": "Notes from the coast this week", "text": text}).article.body


@pytest.mark.parametrize("language", ENTRIES)
@pytest.mark.parametrize("stamp", STAMPS.values(), ids=STAMPS)
def test_the_entries_of_a_live_blog_stay(language, stamp):
    entries = []
    for number, (headline, text) in enumerate(ENTRIES[language]):
        entries.append("\n".join(filter(None, [stamp.format(50 - 9 * number), headline, text])))
    raw = "".join(f"{entry}\n\n{between}\n\n" for entry, between in zip(entries, BETWEEN, strict=False))
    body = body_of(f"{raw}Load more\nNewer\nOlder")
    for entry in entries:
        assert entry in body
    assert "Copy link" not in body
    assert "Load more" not in body


@pytest.mark.parametrize("stamp", ["14:{:02}: ", "14:{:02} – ", "14.{:02} Uhr: "])
def test_a_time_stamp_may_stand_in_the_line_of_its_entry(stamp):
    entries = [stamp.format(50 - 9 * number) + text for number, (_, text) in enumerate(ENTRIES["en"])]
    assert body_of("\n\nCopy link\n\n".join(entries)) == "\n\n".join(entries)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_structured_text_stays(text):
    assert body_of(text) == text
