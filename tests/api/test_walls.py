"""Walls are judged before they are cut: `clean` rejects the stubs that `validate` rejects."""

from __future__ import annotations

import pytest

import copydesk

STUB = "The harbour office said on Tuesday that the eastern quay would stay closed."
PROSE = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm. By noon the fishermen had gathered on the pier, and a woman who mends nets "
    "told them that her grandfather had once waited four days for the same key.\n\n"
    "The harbour master said that a new chain would cost more than the boat that it was meant to keep out. The council "
    "will decide in May whether it wants a chain at all, or a lamp, or a man with a whistle.\n\n"
    "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound with its lamps "
    "lit and two hundred passengers on deck who sang until the far shore came into view. Nobody has found the key yet."
    "\n\nThe fishermen want the old rule back, under which each of them kept the key for one winter and had to answer "
    "for it with his boat. It was given up in 1971, after a winter in which the key was lost under the ice."
)
PAYWALLS = {
    "en": "To continue reading this article, subscribe now.\n\nAlready a subscriber? Log in",
    "en metered": "You have reached your limit of free articles.\nSubscribe to continue reading.",
    "en login": "You must be logged in to read this article.\nLog in",
    "de": "Jetzt abonnieren und weiterlesen\nSie haben schon ein Abo? Anmelden",
    "fr": "Cet article est réservé aux abonnés.\nDéjà abonné ? Connectez-vous",
    "es": "Para seguir leyendo, suscríbete.\n¿Ya eres suscriptor? Inicia sesión",
    "it": "Per continuare a leggere, abbonati.\nSei già abbonato? Accedi",
    "sv": "Logga in eller bli prenumerant för att läsa vidare.",
    "cs": "Přihlaste se a pokračujte ve čtení.",
    "tr": "Haberin devamını okumak için abone olun.",
    "id": "Berlangganan untuk lanjut membaca.",
    "vi": "Đăng nhập để đọc tiếp.",
    "ar": "اشترك لمواصلة القراءة.",
    "ko": "이 기사는 유료회원 전용입니다. 로그인 후 계속 읽을 수 있습니다.",
}
PAGES = {
    "en cookies": "We value your privacy\n\nWe and 31 partners use cookies to show you ads.\n\nAccept all\nReject all",
    "de cookies": "Wir verwenden Cookies, um unsere Seite zu verbessern.\nAlle akzeptieren\nAblehnen",
    "tr cookies": "Size daha iyi hizmet vermek için çerezleri kullanıyoruz.\n\nKabul et",
    "sv cookies": "Vi använder kakor för att förbättra webbplatsen.\n\nGodkänn alla",
    "cs cookies": "Používáme soubory cookies. Souhlasíte s jejich použitím?\n\nSouhlasím",
    "ar cookies": "نستخدم ملفات تعريف الارتباط لتحسين تجربتك.\n\nموافق",
    "ko cookies": "이 사이트는 쿠키를 사용합니다.\n\n동의",
    "en script": "Please enable JavaScript to use this site.",
    "tr script": "Bu sayfa için JavaScript'i etkinleştirin.",
    "en robot": "Are you a robot?\nPlease confirm that you are a human.",
    "tr robot": "Ben robot değilim\nGüvenlik kontrolü",
    "en age": "You must be 18 or older to enter this site.\nEnter\nLeave",
    "en birthday": "Please verify your age\nDay\nMonth\nYear",
    "es age": "¿Eres mayor de edad?\nSí\nNo",
}
PROMPTS = [
    "Subscribe to continue reading.",
    "We use cookies. Accept all",
    "Please enable JavaScript to see the comments.",
    "You must be logged in to post a comment.",
    "Jetzt abonnieren und weiterlesen",
    "Are you a robot?",
]


def accepts(text: str) -> bool:
    return copydesk.clean({"title": "Harbour news", "text": text}).accepted


@pytest.mark.parametrize("wall", PAYWALLS.values(), ids=PAYWALLS)
def test_a_stub_before_a_paywall_is_turned_away(wall):
    assert not accepts(f"{STUB}\n\n{wall}")


@pytest.mark.parametrize("wall", PAYWALLS.values(), ids=PAYWALLS)
def test_a_stub_before_a_paywall_is_turned_away_in_html(wall):
    lines = "".join(f"<p>{line}</p>\n" for line in f"{STUB}\n{wall}".split("\n") if line)
    assert not accepts(f"<div>{lines}</div>")


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_other_walls_are_turned_away(page):
    assert not accepts(page)


@pytest.mark.parametrize("page", [*PAYWALLS.values(), *PAGES.values(), *PROMPTS])
def test_a_long_article_with_a_prompt_stays(page):
    assert accepts(f"{PROSE}\n\n{page}")
    assert accepts(f"{page}\n\n{PROSE}")


def test_results_on_a_page_with_a_cookie_banner_stay():
    results = "\n".join(f"{place}. Runner {place} (Lowmoor) 2:{10 + place}:05" for place in range(1, 25))
    assert accepts(f"{results}\n\nWe use cookies. Accept all\nPlease enable JavaScript to see the comments.")


def test_the_reason_names_the_wall():
    cleaned = copydesk.clean(f"{STUB}\n\n{PAYWALLS['en']}")
    assert cleaned.article.body == STUB
    assert [reason.check for reason in cleaned.reasons if reason.severity == "error"] == ["page/paywall"]
