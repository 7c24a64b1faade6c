"""What HTML names as no part of the article goes; prose stays, whatever it stands in."""

from __future__ import annotations

import pytest

import copydesk

BODY = (
    "<p>The night bus between Lowmoor and the harbour will run for another year, the council decided on Tuesday.</p>"
    "<p>Drivers had threatened to stop work if the last two trips were dropped, she said. A vote follows in June.</p>"
)
CLEAN = BODY.replace("</p><p>", "\n\n").replace("<p>", "").replace("</p>", "")
MENU = '<nav><a href="/">Home</a> <a href="/m">Ferries and mills</a></nav>'
FOOTER = '<footer>© 2024 Lowmoor Times. Printed at the quay. <a href="/i">Imprint and contact</a></footer>'


@pytest.mark.parametrize("profile", ["article", "page"])
@pytest.mark.parametrize(
    "text",
    [
        f"{MENU}{BODY}{FOOTER}",
        f"<div role='navigation'>Ferries and mills</div>{BODY}<div role='contentinfo'>Printed at the quay</div>",
        f'{BODY}<aside class="related"><a href="/m">Why the mill stands still</a></aside>',
        f'{BODY}<ul class="related-posts"><li><a href="/m">Why the mill stands still</a></li></ul>',
        f'<div class="share-bar"><a href="#">Pass it on</a></div>{BODY}',
        f'{BODY}<div class="cookie-banner">We like biscuits on this site. <a href="/c">Details</a></div>',
        f"{BODY}<form>The harbour letter, each morning <button>Join in</button></form>",
        f'<form id="aspnetForm">{MENU}{BODY}{FOOTER}</form>',
    ],
    ids=["nav and footer", "roles", "aside", "related", "share bar", "cookies", "form", "form around all"],
)
def test_containers_go(text: str, profile: str) -> None:
    cleaned = copydesk.clean(text, profile=profile)
    assert cleaned.article.body == CLEAN
    assert cleaned.restore() == text


@pytest.mark.parametrize("profile", ["article", "page"])
@pytest.mark.parametrize("container", ["nav", "footer", "form", "aside", 'div class="share"', 'div class="modal"'])
def test_body_in_a_container_stays(container: str, profile: str) -> None:
    text = f"<{container}>{BODY}</{container.split()[0]}>"
    assert copydesk.clean(text, profile=profile).article.body == CLEAN


def test_prose_in_the_footer_of_a_longer_article_stays() -> None:
    prose = "The Lowmoor Times was founded in 1871 by two sisters, who printed it in the cellar of the mill."
    cleaned = copydesk.clean(f"<article>{BODY * 3}</article><footer><p>{prose}</p></footer>", profile="rules")
    assert prose in (cleaned.article.body or "")


def test_the_reason_is_in_words() -> None:
    cleaned = copydesk.clean(f"{MENU}{BODY}")
    assert {edit.detail for edit in cleaned.edits if edit.rule == "markup/navigation"} == {"it stands in <nav>"}


@pytest.mark.parametrize("text", [f"{MENU}<h1>Night bus stays for a year</h1>{BODY}", f"# Bus *stays*\n\n{CLEAN}"])
def test_main_heading_fills_the_headline(text: str) -> None:
    cleaned = copydesk.clean(text)
    assert cleaned.article.headline in ("Night bus stays for a year", "Bus stays")
    assert cleaned.article.body == CLEAN


def test_headline_of_the_record_wins() -> None:
    record = {"text": f"<h1>The bus that stays</h1>{BODY}", "headline": "Council keeps buses"}
    assert copydesk.clean(record).article.headline == "Council keeps buses"


@pytest.mark.parametrize(
    "text",
    [
        f"<h1>Harbour</h1>{BODY}<h1>Mill and quay</h1>{BODY}",
        f"{BODY}<h1>What happens next in town</h1>{BODY}",
        f'<header><h1><a href="/">Lowmoor Evening Paper</a></h1></header>{BODY}',
    ],
    ids=["two headings", "below a paragraph", "name of the site"],
)
def test_other_headings_are_no_headline(text: str) -> None:
    edits = copydesk.clean(text).edits
    assert "headlines/heading" not in {edit.rule for edit in edits}


def test_main_heading_above_short_paragraphs() -> None:
    text = f"{MENU}<h1>Night bus stays for a year</h1><p>It runs each night.</p><p>It will, she said.</p>"
    cleaned = copydesk.clean(text)
    assert cleaned.article.headline == "Night bus stays for a year"
    assert cleaned.article.body == "It runs each night.\n\nIt will, she said."


def test_links_alone_are_a_list_that_stays() -> None:
    links = "".join(f'<li><a href="/{n}">The mill stands still for a week, part {n}</a></li>' for n in "abcd")
    assert "part c" in copydesk.clean(f'<ul class="latest">{links}</ul>', profile="rules").article.body
