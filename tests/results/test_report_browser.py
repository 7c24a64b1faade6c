"""The page of a run in a headless Chromium: it renders, filters, obeys keys, and loads and runs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
HOSTILE = (
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=1> said the mayor\u202e of \x1b[31mOstermoor, and "
    "nobody in the hall objected to any of it, although the meeting lasted until the early hours of the morning.\n\n"
    "<a href='javascript:window.pwned=1' onmouseover='window.pwned=1'>The minutes</a> run to forty pages."
)


@pytest.fixture
def open_page(browser):
    """Open a page at a width; fail at the end if it asked for anything else or wrote to the console."""
    opened = []

    def open_at(path: Path, width: int = 1200, scheme: str = "light"):
        opened.append(path.as_uri())
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get_log("performance")
        browser.get(path.as_uri())
        return browser

    yield open_at
    assert browser.get_log("browser") == []
    sent = [entry["message"] for entry in browser.get_log("performance") if 'requestWillBeSent"' in entry["message"]]
    assert [message for message in sent if not any(address in message for address in opened)] == []
    assert browser.execute_script("return window.pwned") is None


@pytest.fixture
def page(copydesk_command, jsonl, article, tmp_path) -> Path:
    rows = [
        {
            "id": f"r{number}",
            "url": f"https://lantern.example/{number}",
            "headline": f"A key and a chain, part {number}",
            "text": f"{article}\n\nDay {number} ended.\n\nShare this article\n\nSubscribe to our newsletter\n",
        }
        for number in range(5)
    ]
    hostile = {
        "id": "hostile",
        "url": "https://lantern.example/x",
        "headline": "'\"><svg onload=pwn()>",
        "text": HOSTILE,
    }
    long = {"id": "long", "url": "https://lantern.example/y", "headline": "W" * 900, "text": f"{article} {'w' * 9_000}"}
    dump = jsonl(*rows, hostile, long, {"id": "none", "text": ""}, b"{" + b"x" * 1_000_000)
    copydesk_command("clean", dump, "--out", tmp_path / "out", "-q")
    return tmp_path / "out" / "report.html"


OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
BEYOND = """
return [...document.querySelectorAll("main *:not(.hidden):not(.hidden *):not(table.wide > thead *)")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 200));
"""
SHOWN = """
return [...document.querySelectorAll("#gallery > .record")]
  .filter((one) => !one.hidden)
  .map((one) => one.querySelector("code").textContent);
"""


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("command", ["clean", "validate"])
def test_nothing_overflows(open_page, copydesk_command, page, width, command):
    if command == "validate":
        copydesk_command(
            "validate", page.parents[1] / "dump.jsonl", "--out", page.parents[1] / "checked", "--verdict-by", "flags"
        )
        page = page.parents[1] / "checked" / "report.html"
    browser = open_page(page, width)
    browser.execute_script(OPEN_ALL)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(BEYOND) == []


def shown(browser) -> list[str]:
    return sorted(browser.execute_script(SHOWN))


def test_records_are_searched_and_filtered(open_page, page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    browser = open_page(page)
    assert len(shown(browser)) == 6
    query = browser.find_element(By.ID, "query")
    query.send_keys("DAY 3")
    assert shown(browser) == ["r3"]
    assert browser.find_element(By.ID, "count").text == "1 of 6 records"
    query.send_keys(Keys.ESCAPE)
    Select(browser.find_element(By.ID, "family")).select_by_visible_text("newsletter")
    assert shown(browser) == ["r0", "r1", "r2", "r3", "r4"]
    browser.find_element(By.ID, "rulequery").send_keys("newsletter/")
    rows = browser.find_elements(By.CSS_SELECTOR, "#ruletable tr[data-rule]")
    assert [row.get_attribute("data-rule") for row in rows if row.is_displayed()] == ["newsletter/prompt"]


def test_keys_lead_from_cut_to_cut_and_name_the_rule(open_page, page):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    browser = open_page(page)
    browser.find_element(By.ID, "query").send_keys("newsletter/prompt", "\t")

    def press(keys: str) -> None:
        for key in keys:
            ActionChains(browser).send_keys(key).perform()

    browser.execute_script("document.activeElement.blur()")
    press("jn")
    assert browser.find_element(By.ID, "why").text.startswith("sharing/button: ")
    press("n")
    assert browser.find_element(By.ID, "why").text.startswith("newsletter/prompt: ")
    press("p")
    assert browser.switch_to.active_element.text.strip() == "Share this article"
    press("jk/x")
    assert browser.find_element(By.ID, "query").get_attribute("value") == "newsletter/promptx"


def test_before_and_after_are_shown(open_page, page):
    from selenium.webdriver.common.by import By

    browser = open_page(page)
    browser.find_element(By.ID, "query").send_keys("r3")
    record = browser.find_element(By.CSS_SELECTOR, "#gallery > .record:not([hidden])")
    browser.execute_script("arguments[0].open = true", record)
    texts = {}
    for view in ("before", "after"):
        browser.find_element(By.CSS_SELECTOR, f"input[value={view}]").click()
        texts[view] = record.find_element(By.CLASS_NAME, "text").text
    assert texts["before"].endswith("Share this article\n\nSubscribe to our newsletter")
    assert texts["after"].endswith("Day 3 ended.")


CONTRAST = """
const linear = (share) => share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const [red, green, blue] = numbers(color).slice(0, 3).map((value) => linear(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const behind = (one) => {
  for (; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (numbers(color)[3] !== 0) return color;
  }
  return "rgb(255, 255, 255)";
};
const poor = [];
document.querySelectorAll("details").forEach((one) => { one.open = true; });
for (const one of document.querySelectorAll("body *")) {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || ["SCRIPT", "STYLE", "TITLE", "OPTION"].includes(one.tagName)) continue;
  const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort();
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) poor.push([one.outerHTML.slice(0, 120), contrast]);
}
return poor;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast_and_controls_have_labels(open_page, page, scheme):
    browser = open_page(page, scheme=scheme)
    assert browser.execute_script(CONTRAST) == []
    unnamed = "return [...document.querySelectorAll('input, select')].filter((one) => !one.labels.length).length"
    assert browser.execute_script(unnamed) == 0
    tags = "return ['main', 'nav', 'h1', 'section[aria-labelledby]'].filter((one) => !document.querySelector(one))"
    assert browser.execute_script(tags) == []


def test_hostile_texts_are_shown_as_they_are(open_page, page):
    browser = open_page(page)
    browser.execute_script(OPEN_ALL)
    text = browser.execute_script("return document.querySelector('#gallery').innerText")
    assert "'\"><svg onload=pwn()>" in text
    assert (
        browser.execute_script("return document.querySelectorAll('#gallery img, #gallery a, #gallery svg').length") == 0
    )
