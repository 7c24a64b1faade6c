"""What a release is made of agrees: versions, dates, workflows."""

from __future__ import annotations

import re
from pathlib import Path

import copydesk

ROOT = Path(__file__).parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def newest_release() -> tuple[str, str]:
    return re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)[0]


def test_the_changelog_has_the_version_and_dates():
    assert newest_release()[0] == copydesk.__version__
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])
    assert headings[1:] == sorted(headings[1:], key=lambda heading: heading.split(" - ")[1], reverse=True)


def test_the_citation_is_of_the_newest_release():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    fields = dict(re.findall(r"^([\w-]+): (.+)$", citation, re.MULTILINE))
    assert (fields["version"], fields["date-released"]) == newest_release()
    assert fields["license"] == "MIT"


def test_every_workflow_says_what_it_may_do():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert {path.stem for path in workflows} >= {"ci", "docs", "image", "release"}
    for path in workflows:
        text = path.read_text("utf-8")
        assert "\npermissions:\n  contents: read\n" in text, path
        assert text.count("timeout-minutes:") == text.count("runs-on:"), path


def test_the_image_is_pinned_and_not_run_by_root():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert bases
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", base) for base in bases)
    assert [line for line in lines if line.startswith("USER ")][-1] != "USER root"
    assert lines.index("USER copydesk") < lines.index('ENTRYPOINT ["copydesk"]')
