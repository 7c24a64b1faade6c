"""Make the pictures of README, docs/report.md and docs/review.md: a run on `seeds/` and broken records, in Chromium.

    python docs/screenshots.py

It needs Chromium with its driver, and selenium.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.wait import WebDriverWait

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "pictures"
FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars".split()
# name: width, height, colours, the part of the page, a key to press
SHOTS = {
    "report-top": (1100, 700, "light", "main", ""),
    "report-record": (1100, 700, "light", "records", "document.querySelector('.record del').focus()"),
    "report-phone": (390, 700, "dark", "plots", ""),
}
# name: width, height, colours, the keys to press
DOWN = "\ue015"
REVIEW = {
    "review": (1200, 760, "light", "jnn"),
    "review-draft": (1200, 760, "light", f"{DOWN}{DOWN}{DOWN}x"),
    "review-phone": (390, 760, "dark", "jn"),
}
# The picture of the README: one record of the page, before and after; for phones, its cuts alone.
BEFORE_AFTER = {
    "before-after": ("light", 1120),
    "before-after-dark": ("dark", 1120),
    "before-after-phone": ("light", 430),
    "before-after-phone-dark": ("dark", 430),
}
RECORD = "bakery-levy.txt"
SIDE_BY_SIDE = """
const record = [...document.querySelectorAll("#gallery details")].find(one => one.textContent.includes(arguments[0]));
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const column = (title, view) => {
  const part = make("div", {className: view});
  part.append(make("h3", {textContent: title}), record.querySelector(".text").cloneNode(true));
  return part;
};
const before = column("As it was scraped, and what copydesk cuts", ""), after = column("The clean article", "after");
for (const cut of before.querySelectorAll("del")) {  // the rule stands behind the words, before the line ends
  const [, head, words, tail] = cut.textContent.match(/^(\\s*)([^]*?)(\\s*)$/);
  cut.textContent = words;
  cut.before(head);
  cut.after(make("small", {className: "soft", textContent: "  " + cut.dataset.rule}), tail);
}
after.querySelector(".text").prepend(make("b", {textContent: record.querySelector("summary b").textContent}), "\\n\\n");
const both = make("main", {id: "both", className: "panel"});
both.style.cssText = `display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 2.4rem; padding: 1rem 1.6rem`;
both.style.width = `${arguments[1]}px`;
both.append(...arguments[1] > 600 ? [before, after] : [before]);
document.body.replaceChildren(both);
document.body.style.background = "var(--paper)";
"""
# The first record of the review. Its last line is junk that no rule knows.
SIGNED = {
    "id": "ferry",
    "title": "Ferry Crosses the Bay Without Its Captain",
    "url": "https://gleaner.example/ferry",
    "date": "2024-03-07",
    "text": "The ferry of Ostermoor crossed the bay without a captain on Thursday, and nobody on board took notice."
    "\n\nThe captain had stepped ashore to look for his cap. “The engine knows the way,” he said when he had found it."
    "\n\nOstermoor Gleaner, printed on both sides since 1911",
}
BROKEN = (
    {"id": "no-text", "title": "Harbour master resigns", "text": ""},
    {"id": "stub", "title": "Ferry late", "text": "The ferry was late.", "date": "2900-01-01"},
)


def main() -> None:
    """Clean the records, open the page, and write the pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "seeds", folder / "seeds")
        (folder / "seeds" / "a-ferry.jsonl").write_text(json.dumps(SIGNED))
        lines = [json.dumps(record) for record in BROKEN]
        (folder / "seeds" / "broken.jsonl").write_text("\n".join([*lines, "{"]) + "\n")
        start = "from copydesk.cleaner.cli.entry import start; start()"
        words = [sys.executable, "-c", start, "clean", str(folder / "seeds"), "--out", str(folder / "out"), "-q"]
        subprocess.run(words, check=False)
        browser = _start()
        _take(browser, folder / "out" / "report.html")
        command = [sys.executable, "-c", start, "review", "out", "--no-browser", "--isolated"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as review:
            assert review.stdout is not None
            try:
                _take_review(browser, review.stdout.readline().strip())
            finally:
                review.send_signal(signal.SIGINT)
        browser.quit()


def _start() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def _take(browser: webdriver.Chrome, page: Path) -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, (width, height, scheme, anchor, script) in SHOTS.items():
        _open(browser, page.as_uri(), width, height, scheme)
        if anchor != "main":
            browser.execute_script(f"document.getElementById('{anchor}').scrollIntoView(); {script}")
        browser.save_screenshot(str(PICTURES / f"{name}.png"))
    for name, (scheme, width) in BEFORE_AFTER.items():
        _open(browser, page.as_uri(), width + 80, 1200, scheme)
        browser.execute_script(SIDE_BY_SIDE, RECORD, width)
        browser.find_element("id", "both").screenshot(str(PICTURES / f"{name}.png"))


def _take_review(browser: webdriver.Chrome, address: str) -> None:
    for name, (width, height, scheme, keys) in REVIEW.items():
        _open(browser, address, width, height, scheme)
        WebDriverWait(browser, 30).until(lambda one: one.find_elements("css selector", "#text .line"))
        for key in keys:
            ActionChains(browser).send_keys(key).perform()
            time.sleep(0.5)
        if "x" in keys:
            WebDriverWait(browser, 60).until(lambda one: one.find_element("id", "draft-tests").text)
        browser.save_screenshot(str(PICTURES / f"{name}.png"))


def _open(browser: webdriver.Chrome, page: str, width: int, height: int, scheme: str) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page)


if __name__ == "__main__":
    main()
