"""Prompts within flow: the label and its headline go together, the prose around them stays."""

from __future__ import annotations

import pytest

import copydesk

# prose, label, headline, full stop, prose
TEXTS = {
    "en": (
        "The night bus between Lowmoor and the harbour will run for another year, the council decided on Tuesday.",
        "Also read:",
        "New library opens in June",
        "Swimmers want a second vote on the fares, and nobody in the hall expected them to fall. The ferry waits.",
    ),
    "de": (
        "Die Hafenbehörde teilte am Dienstag mit, dass der östliche Kai bis zum Ende des Monats geschlossen bleibt.",
        "Lesen Sie auch:",
        "Neue Bibliothek öffnet im Juni",
        "Die Fähren legen so lange vom westlichen Kai ab, zehn Minuten später als im Fahrplan steht.",
    ),
    "fr": (
        "Le conseil municipal a décidé mardi soir que le bus de nuit circulerait encore une année entre Lowmoor et le "
        "port.",
        "À lire aussi :",
        "Pourquoi le vieux moulin ne tourne plus",
        "Un second vote sur les tarifs aura lieu en juin, et personne dans la salle ne croyait à une baisse.",
    ),
    "id": (
        "Dewan kota memutuskan pada Selasa malam bahwa bus malam antara Lowmoor dan pelabuhan akan beroperasi lagi.",
        "Baca juga:",
        "Perpustakaan Baru Dibuka pada Juni",
        "Pada Juni akan ada pemungutan suara lagi soal tarif, dan tidak seorang pun mengira tarif akan turun.",
    ),
    "ru": (
        "Городской совет решил во вторник вечером, что ночной автобус между Лоумуром и портом будет ходить ещё год.",
        "Читайте также:",
        "Новая библиотека откроется в июне",
        "В июне пройдёт ещё одно голосование о ценах, и никто в зале не ждал, что они снизятся.",
    ),
    "zh": (
        "市议会星期二晚上决定，洛穆尔与港口之间的夜间巴士将再运行一年。司机们曾威胁说，如果取消最后两班车，他们就停工。"
        "渡轮现在从西码头出发，比时刻表上写的晚十分钟。",
        "相关阅读：",
        "老磨坊为何停止转动",
        "六月还要就票价再投票一次，会场里没有人认为票价会下降。工程师想听听第二种意见。",
    ),
}
STOPS = {"zh": "。"}


def clean(text: str) -> str | None:
    return copydesk.clean({"text": text}).article.body


@pytest.mark.parametrize("closed", [True, False], ids=["with a full stop", "without"])
@pytest.mark.parametrize("language", TEXTS)
def test_label_and_headline_go_together(language: str, closed: bool) -> None:
    before, label, headline, after = TEXTS[language]
    stop = STOPS.get(language, ".") if closed else ""
    assert clean(f"{before} {label} {headline}{stop} {after}") == f"{before} {after}"


@pytest.mark.parametrize(
    "sentence",
    [
        "She had one more thing to say. Also read: that was all she wrote on the wall.",
        "She wrote it down: Nobody reads the timetable.",
        "Read more: “The keys,” she said, “are with the smith.”",
    ],
)
def test_prose_behind_a_label_stays(sentence: str) -> None:
    before, _, _, after = TEXTS["en"]
    body = clean(f"{before} {sentence} {after}")
    assert body is not None
    assert sentence.split(": ")[1] in body


def test_prompt_whose_end_nobody_can_tell_stays_whole() -> None:
    text = (
        "قرر مجلس المدينة مساء الثلاثاء أن تستمر الحافلة الليلية بين لومور والميناء عاما آخر. "
        "اقرأ أيضا: مكتبة جديدة تفتح أبوابها في يونيو وسيجرى في يونيو تصويت آخر على الأسعار، ولم يتوقع أحد أن تنخفض."
    )
    assert clean(text) == text


def test_headline_ends_before_the_next_known_phrase() -> None:
    before, _, _, after = TEXTS["en"]
    text = f"{before} Also read: Why the old mill has stood still since March Advertisement {after}"
    assert clean(text) == f"{before} {after}"
