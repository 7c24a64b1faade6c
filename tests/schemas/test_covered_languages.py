"""Which languages the rules have phrases for, and how the texts in others are told."""

from __future__ import annotations

import pyarrow as pa
import pytest

import copydesk
from copydesk.rules.ruleset.loader import PHRASES
from copydesk.schemas.checks.text.covered_languages import COVERED, name_others, seems_covered

FINNISH = (
    "Lautta lähti laiturista maanantaina tunnin myöhässä, koska kukaan ei löytänyt sen ketjun avainta, joka oli "
    "vedetty satama-altaan poikki. Illalla se oli jo kivillä, ja kaikki olivat iloisia, mutta kukaan ei sanonut mitään."
)
THAI = "เรือข้ามฟากออกจากท่าช้าไปหนึ่งชั่วโมงในวันจันทร์ เพราะไม่มีใครหากุญแจของโซ่ที่ขวางปากอ่าวพบ ตอนเที่ยงชาวประมงมารวมตัวกันที่ท่าเรือ"


def test_the_languages_are_the_folders_of_the_phrases():
    assert {path.name for path in PHRASES.iterdir() if path.is_dir()} - {"any", "__pycache__"} == COVERED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."),
        (
            "de",
            "Die Fähre verließ den Kai am Montag eine Stunde zu spät, weil niemand den Schlüssel zu der Kette fand.",
        ),
        (
            "es",
            "El transbordador salió del muelle con una hora de retraso, porque nadie encontraba la llave de la cadena.",
        ),
        (
            "pl",
            "Prom odbił od nabrzeża z godzinnym opóźnieniem, bo nikt nie mógł znaleźć klucza, który leżał na ławce.",
        ),
        ("ru", "Паром отошёл от причала на час позже, потому что никто не мог найти ключ от цепи, а рыбаки были злы."),
        (
            "el",
            "Το πλοίο έφυγε από την προβλήτα με μία ώρα καθυστέρηση, γιατί κανείς δεν έβρισκε το κλειδί της αλυσίδας.",
        ),
        ("zh", "渡轮星期一晚了一个小时才离开码头，因为没有人找得到铁链的钥匙。"),
        ("ko", "연락선은 월요일에 한 시간 늦게 부두를 떠났는데 아무도 쇠사슬 열쇠를 찾지 못했기 때문이다."),
        (
            "sv",
            "Färjan lämnade kajen en timme för sent på måndagen, eftersom ingen kunde hitta nyckeln till den.",
        ),
        (
            "vi",
            "Chuyến phà rời bến muộn một giờ vào thứ hai vì không ai tìm được chìa khóa của sợi xích đã được căng.",
        ),
    ],
)
def test_a_text_that_rules_know(language, text):
    assert seems_covered(pa.array([text], pa.large_string())).tolist() == [True], language


def test_texts_that_no_rule_knows():
    texts = pa.array([FINNISH, THAI, "Ostwick 3 Lowmoor 2"], pa.large_string())
    assert seems_covered(texts).tolist() == [False, False, False]
    assert name_others(texts) == ["fi", "th", None]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"text": FINNISH}, "no rule knows the language 'fi': 100% of the lines could not be judged"),
        (
            {"text": f"{FINNISH}\n\nComments (3)"},
            "no rule knows the language 'fi': 50% of the lines could not be judged",
        ),
        (
            {"text": FINNISH, "language": "fi-FI"},
            "no rule knows the language 'fi-FI': 100% of the lines could not be judged",
        ),
        ({"text": FINNISH, "language": "sv"}, None),
        ({"text": FINNISH[:60]}, None),
    ],
)
def test_the_check(record, expected):
    reasons = copydesk.Cleaner(profile="rules").clean(record).reasons
    assert [reason.message for reason in reasons if reason.check == "language/unsupported"] == [expected] * bool(
        expected
    )
