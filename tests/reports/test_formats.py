"""The formats of `check`: each as its readers want it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
import xmlschema

import copydesk
from copydesk.cleaner.reports import reporter as reporters
from copydesk.cleaner.reports.formats import sarif
from copydesk.schemas.findings import CheckSummary, Finding

SCHEMAS = Path(__file__).parent.parent / "data" / "formats"
FORMATS = ("text", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit", "markdown", "html")


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    """A text with cuts on lines 5 and 7, and a dump: a cut, a bad record with awkward characters, a good record."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copydesk.toml").write_text('ignore = ["body/duplicate"]', "utf-8")
    data = tmp_path / "data, odd"
    data.mkdir()
    (data / "a.txt").write_text(f"{article}\n\n  Leave a Comment\n\nScroll to Top\n", "utf-8")
    records = [
        {"id": "r1", "title": "One", "text": f"{article}\n\nScroll to Top", "url": "https://www.lowmoor.example/1"},
        {"id": "r2", "title": "<b>|*: 100%\x0b, two", "text": "", "url": "no\nplace"},
        {"id": "r3", "title": "Three", "text": article},
    ]
    (data / "dump.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    return tmp_path


@pytest.fixture
def plugins(tmp_path_factory, monkeypatch):
    """Install a distribution with reporters: one that counts, one that cannot be imported, one that is none."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "tally.py").write_text(PLUGIN, "utf-8")
    (folder / "broken.py").write_text("import nothing_of_this_name\n", "utf-8")
    info = folder / "lantern_tally-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lantern-tally\nVersion: 1.2\n", "utf-8")
    points = "tally = tally:Tally\nbroken = broken:Tally\nnone = tally:text"
    (info / "entry_points.txt").write_text(f"[copydesk.reporters]\n{points}\n", "utf-8")
    monkeypatch.syspath_prepend(folder)


PLUGIN = """
from copydesk.cleaner.reports.reporter import Reporter

text = "no reporter"


class Tally(Reporter):
    def close(self, outcome):
        self.out.write(f"{outcome.findings}\\n")
"""


@pytest.fixture
def report(project, copydesk_command):
    def run(name: str, *options: object) -> str:
        ran = copydesk_command("check", "data, odd", "--format", name, *options)
        assert ran.code == 1
        return ran.out

    return run


PLACES = [
    ("data, odd/a.txt", 5, "comments"),
    ("data, odd/a.txt", 7, "navigation/top"),
    ("data, odd/a.txt", None, "headline/missing"),
    ("data, odd/dump.jsonl", 1, "navigation/top"),
    ("data, odd/dump.jsonl", 2, "body/empty"),
    ("data, odd/dump.jsonl", 2, "url/not-absolute"),
]


def agrees(found: list[tuple[str, int | None, str]]) -> bool:
    return len(found) == len(PLACES) and all(
        (file, line) == (f, n) and code.startswith(c)
        for (file, line, code), (f, n, c) in zip(found, PLACES, strict=True)
    )


def test_jsonl_has_all_there_is_to_know(report):
    found = [json.loads(line) for line in report("jsonl").splitlines()]
    assert agrees([(f["file"], f["line"], f["code"]) for f in found])
    first, top, _, second, *_ = found
    assert (first["column"], first["snippet"], first["field"]) == (3, "Leave a Comment", "body")
    assert (second["column"], second["record"], second["host"]) == (None, "r1", "lowmoor.example")
    assert top["end"] - top["start"] >= len("Scroll to Top")
    assert len({f["key"] for f in found}) == len(found)


def test_json_is_one_document(report, copydesk_command, project, article):
    document = json.loads(report("json"))
    assert agrees([(f["file"], f["line"], f["code"]) for f in document["findings"]])
    assert document["summary"] == {"records": 4, "findings": 6, "suppressed": 0, "known": 0}
    (project / "good.jsonl").write_text(json.dumps({"title": "Fine", "text": article}), "utf-8")
    nothing = json.loads(copydesk_command("check", "good.jsonl", "--format", "json").out)
    assert (nothing["findings"], nothing["copydesk"]) == ([], copydesk.__version__)


@pytest.mark.parametrize("name", FORMATS)
def test_each_finding_of_a_dump_names_its_record(report, name):
    assert "r1" in report(name)


def test_text_and_concise(report):
    assert "data, odd/a.txt:5:3: warning: comments/" in report("text")
    assert "\n    Leave a Comment\n" in report("text")
    lines = report("concise").splitlines()
    assert len(lines) == len(PLACES)
    assert lines[1] == "data, odd/a.txt:7:1: warning: navigation/top: Link back to the top of the page: Scroll to Top"


def test_github_commands(report):
    lines = report("github").splitlines()
    assert len(lines) == len(PLACES)
    assert lines[1] == (
        "::warning file=data%2C odd/a.txt,line=7,col=1,title=navigation/top"
        "::Link back to the top of the page: Scroll to Top"
    )
    assert lines[4].startswith("::error file=data%2C odd/dump.jsonl,line=2,title=body/empty::")


def test_gitlab_report(report):
    found = json.loads(report("gitlab"))
    assert [f["location"]["path"] for f in found] == [file for file, _, _ in PLACES]
    assert [f["location"]["lines"]["begin"] for f in found] == [5, 7, 1, 1, 2, 2]
    assert {f["severity"] for f in found} == {"minor", "major"}
    assert len({f["fingerprint"] for f in found}) == len(found)


def validate_sarif(text: str) -> dict:
    document = json.loads(text)
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(document)
    return document["runs"][0]


def test_sarif_is_valid_and_points_to_rules(report):
    run = validate_sarif(report("sarif"))
    rules = run["tool"]["driver"]["rules"]
    for result, (file, line, code) in zip(run["results"], PLACES, strict=True):
        where = result["locations"][0]["physicalLocation"]
        assert where["artifactLocation"] == {
            "uri": file.replace(" ", "%20").replace(",", "%2C"),
            "uriBaseId": "%SRCROOT%",
        }
        assert where["region"]["startLine"] == (line or 1)
        assert result["ruleId"].startswith(code)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def fingerprints(text: str) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in validate_sarif(text)["results"]]


def test_fingerprints_stay_when_records_move(report, project):
    before = fingerprints(report("sarif"))
    assert len(set(before)) == len(before)
    dump = project / "data, odd" / "dump.jsonl"
    lines = dump.read_text("utf-8").splitlines()
    (project / "data, odd" / "z.jsonl").write_text("\n\n" + "\n".join(reversed(lines)), "utf-8")
    dump.unlink()
    assert sorted(fingerprints(report("sarif"))) == sorted(before)


def test_sarif_stays_within_the_limits(report, monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 5)
    monkeypatch.setattr(sarif, "MAX_LOCATIONS", 1)
    run = validate_sarif(report("sarif"))
    assert len(run["results"]) == len({result["ruleId"] for result in run["results"]}) == 5
    (top,) = (result for result in run["results"] if result["ruleId"] == "navigation/top")
    assert len(top["locations"]) == 1
    assert "2 findings" in top["message"]["text"]


def test_a_dump_of_many_findings_is_a_report_too(tmp_path, copydesk_command, jsonl, article):
    dump = jsonl(*({"id": str(n), "title": "Same", "text": f"{article}\n\nScroll to Top"} for n in range(5001)))
    copydesk_command("check", dump, "--ignore", "body/duplicate", "--format", f"sarif={tmp_path / 'x.sarif'}")
    (result,) = validate_sarif((tmp_path / "x.sarif").read_text("utf-8"))["results"]
    assert len(result["locations"]) == 100
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == dump.as_uri()
    assert "5,001 findings" in result["message"]["text"]


def test_junit_is_valid(report, copydesk_command, project, article):
    schema = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
    document = report("junit")
    schema.validate(document)
    assert 'tests="6" failures="6"' in document
    (project / "good.jsonl").write_text(json.dumps({"title": "Fine", "text": article}), "utf-8")
    document = copydesk_command("check", "good.jsonl", "--format", "junit").out
    schema.validate(document)
    assert 'tests="1" failures="0"' in document


def test_markdown_shows_texts_as_they_are(report):
    document = report("markdown")
    assert "| `navigation/top` | warning | 2 | Link back to the top of the page |" in document
    assert document.count("\n- ") == len(PLACES)
    assert "data, odd/a.txt:5:3: comments/" in document


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href")]


def test_html_needs_nothing_from_outside(report):
    document = report("html")
    page = Page()
    page.feed(document)
    assert page.outside == []
    assert "script" not in page.tags
    assert not re.search(r"url\(|@import|https?://", document)
    assert page.tags.count("details") == len({code for _, _, code in PLACES})


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_marks_in_a_text_do_not_become_marks_of_the_report(name, tmp_path):
    with (tmp_path / "out").open("w+", encoding="utf-8") as out:
        reporter = reporters.find_reporter(name)(out, {})
        reporter.add(Finding("a/b", "error", "wrong", "x.txt", 1, text="<script>alert(1)</script> [a](b) *c*"))
        reporter.close(CheckSummary(1, 1))
        out.seek(0)
        written = out.read()
    assert "<script>" not in written
    assert "&lt;script&gt;" in written
    assert name == "html" or "\\[a\\](b) \\*c\\*" in written


def test_several_formats_at_once(project, copydesk_command):
    options = [f"--format={name}=out/report.{name}" for name in FORMATS if name != "github"]
    ran = copydesk_command("check", "data, odd", "--format", "github", *options)
    assert ran.out.startswith("::warning ")
    for name in FORMATS:
        if name != "github":
            alone = copydesk_command("check", "data, odd", "--format", name).out
            assert (project / "out" / f"report.{name}").read_text("utf-8") == alone
    assert [path for path in (project / "out").iterdir() if path.name.startswith(".")] == []


def test_an_output_file(project, copydesk_command):
    ran = copydesk_command("check", "data, odd", "--format", "sarif", "--output-file", "copydesk.sarif")
    assert (ran.code, ran.out) == (1, "")
    validate_sarif((project / "copydesk.sarif").read_text("utf-8"))


def test_nothing_is_left_of_a_report_that_was_not_finished(project, copydesk_command):
    (project / "data, odd" / "z.jsonl").write_text('{"no": "text"}', "utf-8")
    before = sorted(project.rglob("*"))
    assert copydesk_command("check", "data, odd", "--format", "json=report.json").code == 2
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "sarfi"), "did you mean 'sarif'"),
        (("--format", "json", "--format", "github"), "two formats go to standard output"),
        (("--format", "json=x", "--format", "github=x"), "two formats go to x"),
        (("--format", "json=x", "--output-file", "y"), "--output-file"),
    ],
)
def test_formats_that_make_no_sense(options, said, project, copydesk_command):
    ran = copydesk_command("check", "data, odd", *options)
    assert ran.code == 2
    assert said in ran.err
    assert not (project / "x").exists()


def test_an_installed_reporter_is_found(report, plugins):
    assert report("tally") == "6\n"


@pytest.mark.parametrize(
    ("name", "cause"), [("broken", "nothing_of_this_name"), ("none", "is not a subclass of Reporter")]
)
def test_a_reporter_that_does_not_work_is_named(name, cause, project, plugins, copydesk_command):
    ran = copydesk_command("check", "data, odd", "--format", name)
    assert ran.code == 2
    assert "of lantern-tally 1.2 " in ran.err
    assert cause in ran.err
    assert ran.err.count("\n") == 1
    assert "tally" in copydesk_command("check", "data, odd", "--format", "tall").err


@pytest.mark.parametrize("root", ["git", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_services_are_given_paths_of_the_repository(root, project, copydesk_command, monkeypatch):
    if root == "git":
        (project / ".git").write_text("gitdir: elsewhere", "utf-8")  # as in a work tree
    else:
        monkeypatch.setenv(root, str(project))
    monkeypatch.chdir(project / "data, odd")
    ran = copydesk_command("check", "a.txt", *(f"--format={name}={name}" for name in ("github", "gitlab", "sarif")))
    assert ran.code == 1
    github, gitlab, sarif = (Path(name).read_text("utf-8") for name in ("github", "gitlab", "sarif"))
    assert {re.search(r" file=([^,]+),", line)[1] for line in github.splitlines()} == {"data%2C odd/a.txt"}
    assert {found["location"]["path"] for found in json.loads(gitlab)} == {"data, odd/a.txt"}
    places = [found["locations"][0]["physicalLocation"] for found in validate_sarif(sarif)["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"data%2C%20odd/a.txt"}
    assert {place["artifactLocation"]["uriBaseId"] for place in places} == {"%SRCROOT%"}


def test_what_is_no_file_has_no_path_of_the_repository(project, copydesk_command):
    (project / ".git").mkdir()
    ran = copydesk_command("check", "-", "--format", "github", stdin=b'{"text": ""}')
    assert "file=standard input,line=1," in ran.out


def test_records_of_one_line_are_told_apart(copydesk_command, tmp_path, article):
    records = [{"id": f"r{n}", "title": "A key", "text": f"{article} {n}\n\nShare this article"} for n in range(2)]
    (tmp_path / "a.json").write_text(json.dumps(records), "utf-8")
    for name in ("text", "github"):
        ran = copydesk_command("check", tmp_path / "a.json", "--select", "sharing", "--format", name)
        assert all(f"(id r{n})" in ran.out for n in range(2))
