"""The page of a review in a headless Chromium: by keys, from the first record to a saved rule."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytestmark = [pytest.mark.sockets, pytest.mark.filterwarnings("ignore::ResourceWarning")]
WAIT = 30.0


@pytest.fixture
def page(browser, served):
    """Open the page; fail at the end if it asked for anything else, wrote to the console, or ran a text."""
    size = {"width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(served.url)
    until(browser, "document.querySelectorAll('#records button').length === 8")
    until(browser, "document.querySelector('#text .line')")
    yield browser
    assert browser.get_log("browser") == []
    sent = [entry["message"] for entry in browser.get_log("performance") if 'requestWillBeSent"' in entry["message"]]
    assert [message for message in sent if served.url not in message] == []
    assert browser.execute_script("return window.pwned") is None
    browser.get("about:blank")


def until(browser, condition: str) -> None:
    end = time.monotonic() + WAIT
    while not browser.execute_script(f"return Boolean({condition})"):
        assert time.monotonic() < end, (condition, browser.find_element("id", "why").text)
        time.sleep(0.02)


def press(browser, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def said(browser) -> str:
    return browser.find_element("id", "why").text


def test_keys_lead_through_records_and_cuts(page):
    assert page.find_element("id", "record-title").text == "A key and a chain, part 0"
    press(page, "n")
    assert said(page).startswith("comments/form: ")
    assert page.switch_to.active_element.text.strip() == "Leave a Comment"
    press(page, "p", "j")
    until(page, "document.getElementById('record-title').textContent.endsWith('part 1')")
    press(page, "k")
    until(page, "document.getElementById('record-title').textContent.endsWith('part 0')")
    press(page, "?")
    assert page.find_element("id", "help").is_displayed()


def test_records_are_filtered_and_found_by_id(page):
    query = page.find_element("id", "query")
    query.send_keys("DAY 3")
    until(page, "document.querySelectorAll('#records button').length === 1")
    assert "part 3" in page.find_element("css selector", "#records button").text
    query.clear()
    query.send_keys("hostile")
    until(page, "document.getElementById('count').textContent === '1 with this id'")
    until(page, "document.getElementById('record-title').textContent.includes('<svg onload=pwn()>')")
    text = page.find_element("id", "text").text
    assert "\\u202e" in text
    assert "<script>" in text
    assert (
        page.execute_script("return document.querySelectorAll('#text a, #text img, #text b, #text script').length") == 0
    )


def test_a_cut_is_accepted_and_another_is_taken_back(page, run_folder, copydesk_command):
    press(page, "n", "a")
    until(page, "document.querySelectorAll('#text del.accepted').length === 1")
    until(page, "document.getElementById('facts').textContent.includes('1 accepted')")
    assert "[[accept]]" in Path("copydesk.decisions.toml").read_text()
    before = pq.read_table(run_folder / "articles.parquet").to_pylist()
    press(page, "u")
    until(page, "document.getElementById('why').textContent.includes('1 record cleaned again')")
    assert "0 taken back" not in page.find_element("id", "facts").text
    until(page, "document.querySelectorAll('#text del').length === 2")  # the third one is white space
    after = pq.read_table(run_folder / "articles.parquet").to_pylist()
    changed = [new["id"] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["r0"]
    assert "newsletter" in after[0]["body"]
    assert copydesk_command("restore", "out", "--to", "raw").code == 0


def test_a_host_is_asked_for_once_more(page, run_folder):
    press(page, "n", "h")
    assert said(page).startswith("Press h once more")
    assert not Path("copydesk.decisions.toml").exists()
    press(page, "h")
    until(page, "document.getElementById('why').textContent.includes('4 records cleaned again')")
    bodies = pq.read_table(run_folder / "articles.parquet").column("body").to_pylist()
    assert ["Leave a Comment" in body for body in bodies[:4]] == [True, False, True, False]


def test_a_junk_line_becomes_a_tested_rule_in_eight_keys(page, copydesk_command):
    from selenium.webdriver.common.keys import Keys

    down = [Keys.ARROW_DOWN] * 4  # two paragraphs, "Day 0 ended.", and the line
    keys = [*down, "x", "g", Keys.ENTER]
    assert len(keys) <= 8
    press(page, *keys[:5])
    until(page, "document.getElementById('draft-count').textContent === 'It would cut 6 lines in 6 records.'")
    assert page.find_element("id", "draft-tests").text.startswith("Tested: 3 of 3 examples hold")
    press(page, keys[5])
    until(page, "document.getElementById('draft-rule').textContent.includes('[0-9.,:]+')")
    until(page, "!document.getElementById('draft-save').disabled")
    press(page, keys[6])
    until(page, "document.getElementById('why').textContent.includes('is in ')")
    assert copydesk_command("rules", "test", "review.toml").code == 0
    text = Path("review.toml").read_text()
    assert 'removes = ["Ring 5 lanterns for the evening desk"]' in text


BEYOND = """
return [...document.querySelectorAll("main *:not(.hidden):not(.dock .buttons *)")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 200));
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_overflows(page, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for number in (6, 7):
        page.execute_script(f"document.querySelectorAll('#records button')[{number}].click()")
        until(page, f"document.querySelectorAll('#records button')[{number}].hasAttribute('aria-current')")
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        assert page.execute_script(BEYOND) == []
