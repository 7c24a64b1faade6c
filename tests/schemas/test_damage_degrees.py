"""How much damage turns an article bad, and how little does not."""

from __future__ import annotations

import base64
import json

import pytest

import copydesk

PROSE = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm. By noon the fishermen had gathered on the pier. "
)
GARBAGE = "".join(chr(1 + 7 * number % 250) for number in range(400))
BAD = {
    "pdf": f"%PDF-1.4\n%\ufffd\ufffd\ufffd\n3 0 obj\n{GARBAGE}",
    "zip": f"PK\x03\x04\x14\x00{GARBAGE}",
    "png": f"\ufffdPNG\r\n\x1a\n\x00\x00{GARBAGE}",
    "base64": base64.b64encode(GARBAGE.encode() * 3).decode(),
    "script": "var a = 1;\nfunction foo(x) {\n  return x + a;\n}\nwindow.data = window.data || [];\n" * 4,
    "style": ".head { color: red; margin: 0; }\n@media (max-width: 600px) { .x { display: block; } }\n" * 4,
    "json": json.dumps({"id": 1, "items": [{"n": number, "title": "Rain in Lenn"} for number in range(20)]}),
    "addresses": "\n".join(f"https://lenn.example/news/{number}/rain" for number in range(8)),
    "replaced": (2 * PROSE).replace("e", "\ufffd"),
    "asked": "????? ??? ???????? ?? ??????, ??? ???? ?????? ???????. " * 4,
    "service": "The server is temporarily unable to service your request due to maintenance downtime or capacity.",
    "titles": "\n".join(f"{title} this week" for title in ("Ferry aground", "Key in net", "Chain cut", "Mill turns",
                                                           "Keeper found", "Fees to rise")),
}  # fmt: skip
GOOD = {
    "cyrillic that can be mended": "Êîðàáëü âûøåë èç ïîðòà ðàíî óòðîì, ñîîáùèëè â àäìèíèñòðàöèè ãîðîäà. " * 4,
    "prose": 3 * PROSE,
    "one lost character": f"{3 * PROSE}The caf\ufffd was closed.",
    "code in prose": f"{2 * PROSE}\n\nvar x = 1;\nfunction f() {{ return x; }}\n\n{2 * PROSE}",
    "french": "Le café était fermé à cinq heures, mais l’employé a ouvert la porte à l’été dernier. " * 4,
    "icelandic": "Það er ekki hægt að fá þetta í búðinni á þessum árstíma, segir Þórður Ægisson. " * 4,
    "vietnamese": "Tiếng Việt: Ổ bánh mì kẹp thịt ở Đà Nẵng rất ngon, bà ấy nói vào hôm qua. " * 4,
    "questions": "Who has the key? Nobody. Where is it? Who knows? Is it lost? No? Yes? Maybe? Why? Ask! " * 3,
    "results": "Council election\n\nMill ward\nDerya Kaplan 1,204\nTom Asher 988\n\nHarbour ward\nBo Renk 1,410\n\n"
    "Kaplan holds the seat. In Harbour ward there will be a recount on Friday.",
    "verse": "the lamps go out\nalong the quay\nand no one counts\nthe boats tonight\n\nthe tide comes in\n"
    "without a word\nand leaves a key\nupon the stones",
    "live": "16.45: The fire brigade counts 140 calls.\n\n16.20: No trains run.\n\n15.58: Stay away from the quay.\n\n"
    "15.30: Two trees fell on the mill road. Nobody was hurt.\n\n15.10: Good afternoon and welcome.",
}


@pytest.mark.parametrize("name", BAD)
def test_a_text_of_no_use_is_turned_away(name):
    cleaned = copydesk.clean({"title": "Ferry late", "text": BAD[name]})
    assert not cleaned.accepted
    assert cleaned.reasons


@pytest.mark.parametrize("name", GOOD)
def test_a_text_with_little_damage_or_of_another_form_is_accepted(name):
    cleaned = copydesk.clean({"title": "Ferry late", "text": GOOD[name]})
    assert [reason.check for reason in cleaned.reasons if reason.severity == "error"] == []


def test_lost_letters_are_told_from_questions():
    def flagged(text: str) -> bool:
        return "body/lost-letters" in {reason.check for reason in copydesk.check({"text": text})}

    assert flagged(f"{PROSE}The caf? by the harbour doesn?t open.")
    assert not flagged(f"{PROSE}Who?, he said. See https://lenn.example/a?id=7 and /b?page=2.")


def test_words_of_korean_may_be_short():
    text = "그는 어제 항구 앞 길에 서 있던 배 한 척을 보고 집에 와서 그 일을 글로 적어 두고 잠이 들었다고 한다. " * 12
    checks = {reason.check for reason in copydesk.Cleaner(suite="training").clean({"text": text}).reasons}
    assert "corpus/word-length" not in checks


TURNED = (
    "хРТБЧМЕОЙЕ РПТФБ УППВЭЙМП ЧП ЧФПТОЙЛ, ЮФП ЧПУФПЮОЩК РТЙЮБМ ПУФБОЕФУС ЪБЛТЩФЩН ДП ЛПОГБ НЕУСГБ. "
    "чПДПМБЪЩ ОБЫМЙ ДЧЕ ФТЕЭЙОЩ. рТЙЮБМ УФБТЩК. тЩВБЛЙ ЦДХФ. пОЙ РТЙЧЩЛМЙ."
)


CODE_LINES = "".join(f"const part{number} = lines(text, {number});\n" for number in range(12))
TITLES = ["Kai gesperrt", "Fähre zu spät", "Neuer Bäcker am Hafen", "Sturm vorbei", "Fischpreise fallen"]
LISTING = "\n".join(f"{day}. April 2024\n{title}\nmehr" for day, title in enumerate(TITLES, 1))


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("body/damaged", TURNED),
        ("body/damaged", PROSE.strip().replace(" ", "%20")),
        ("body/damaged", "Die F\\u00e4hre verlie\\u00df den Kai am sp\\u00e4ten Abend."),
        ("body/mostly-markup", CODE_LINES),
        ("page/error", "404 – Seite nicht gefunden"),
        ("page/error", "503 Service Unavailable"),
        ("page/only-titles", LISTING),
    ],
)
def test_what_scrapers_leave_is_turned_away(check, text):
    assert flags(check, text) == 1


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("body/damaged", "ВСЕМ КАПИТАНАМ: ВОСТОЧНЫЙ ПРИЧАЛ ЗАКРЫТ ДО КОНЦА МЕСЯЦА. ИДИТЕ В СЕВЕРНЫЙ БАССЕЙН."),
        ("body/damaged", f"{PROSE} See https://a.example/a%20b%20c%20d%20e%20f%20g."),
        ("body/damaged", f"{PROSE} The sign \\u00e4 is written so."),
        ("body/mostly-markup", f"{PROSE.strip()}\n\n{CODE_LINES}"),
        ("page/error", "Zutaten:\n\n500 g Kartoffeln\n2 Zwiebeln\nDie Kartoffeln von beiden Seiten backen."),
    ],
)
def test_what_looks_like_it_is_kept(check, text):
    assert flags(check, text) == 0


def flags(check: str, text: str) -> int:
    found = copydesk.validate({"title": "A key and a chain", "text": text})
    [result] = [one for one in found.checks if one.id == check]
    return result.flagged


def test_a_headline_that_is_there_twice_is_no_body():
    twice = copydesk.validate({"title": "A key and a chain", "text": "A key and a chain\n\nA key and a chain"})
    assert [one.flagged for one in twice.checks if one.id == "headline/equals-body"] == [1]
