"""Settings: where they are found, what they do to each command, and what is said of those that make no sense."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

import copydesk

ROOT = Path(__file__).parent.parent.parent
RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    """A project with articles in which two rules of two families cut something; settings are written by a test."""
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.txt").write_text(f"{article}\n\nScroll to Top\n\nLeave a Comment", "utf-8")
    monkeypatch.chdir(folder)

    def write(text: str, name: str = "copydesk.toml") -> Path:
        (folder / name).write_text(text, "utf-8")
        return folder

    return write


def cuts(ran) -> set[str]:
    return {line.split(": ")[2].split("/")[0] for line in ran.out.splitlines() if not line.startswith(" ")}


def test_the_nearest_file_counts(project, copydesk_command, monkeypatch):
    folder = project('[tool.copydesk]\nselect = ["comments"]', "pyproject.toml")
    monkeypatch.chdir(folder / "data")
    assert cuts(copydesk_command("check", "a.txt")) == {"comments"}
    (folder / "data" / "pyproject.toml").write_text("[project]\nname = 'another'\n", "utf-8")
    assert cuts(copydesk_command("check", "a.txt")) == {"comments"}
    (folder / "copydesk.toml").write_text('select = ["navigation"]', "utf-8")
    assert cuts(copydesk_command("check", "a.txt")) == {"navigation"}
    (folder / "data" / "copydesk.toml").write_text('select = ["headline"]', "utf-8")
    assert cuts(copydesk_command("check", "a.txt")) == {"headline"}
    assert cuts(copydesk_command("check", "a.txt", "--config", folder / "pyproject.toml")) == {"comments"}
    assert cuts(copydesk_command("check", "a.txt", "--isolated")) == {"comments", "navigation", "headline"}


@pytest.mark.parametrize("command", ["clean", "explain", "check"])
def test_every_command_goes_by_it(command, project, copydesk_command):
    project('ignore = ["comments", "headline/missing"]')
    if command == "clean":
        assert copydesk_command("clean", "data", "--out", "out", "-q").code == 0
        assert set(pq.read_table("out/edits.parquet")["rule"].to_pylist()) == {"navigation/top"}
        assert pq.read_table("out/articles.parquet")["body"][0].as_py().endswith("Leave a Comment")
        assert json.loads(Path("out/summary.json").read_text("utf-8"))["checks"] == {}
    elif command == "explain":
        ran = copydesk_command("explain", "data/a.txt")
        assert "  Leave a Comment" in ran.out.splitlines()
        assert "- Scroll to Top" in ran.out
    else:
        assert cuts(copydesk_command("check", "data")) == {"navigation"}


def test_the_command_line_wins(project, copydesk_command):
    project('ignore = ["comments", "headline"]\nprofile = "rules"')
    ran = copydesk_command("check", "data", "--ignore", "navigation")
    assert cuts(ran) == {"comments", "headline"}
    ran = copydesk_command("clean", "--show-settings", "--profile", "page", "--map", "body=story")
    assert ran.code == 0
    shown = dict(line.split(" = ", 1) for line in ran.out.splitlines())
    assert shown["profile"].split() == ['"page"', "#", "command", "line"]
    assert shown["map"].startswith('{ "body" = "story" }')
    assert shown["ignore"].endswith(f"# {Path('copydesk.toml').resolve()}")
    assert shown["suite"].endswith("# default")


def test_the_narrowest_selector_counts(project, copydesk_command):
    project('ignore = ["all"]\nextend-select = ["navigation/top"]')
    assert cuts(copydesk_command("check", "data")) == {"navigation"}
    project('select = ["navigation", "comments"]\nignore = ["navigation/top"]')
    assert cuts(copydesk_command("check", "data")) == {"comments"}


def test_an_unsafe_rule_runs_when_it_is_named(project, copydesk_command, tmp_path, article):
    folder = project('rules = ["own"]')
    (folder / "own").mkdir()
    (folder / "own" / "house.toml").write_text(f'{RULE}safety = "unsafe"\n', "utf-8")
    (folder / "data" / "a.txt").write_text(f"{article}\n\nThe Lowmoor Lantern, lit since 1888", "utf-8")
    assert "house" not in cuts(copydesk_command("check", "data"))
    assert "house" not in cuts(copydesk_command("check", "data", "--extend-select", "house"))
    assert "house" in cuts(copydesk_command("check", "data", "--extend-select", "house/tagline"))
    assert "house" in cuts(copydesk_command("check", "data", "--unsafe"))


def test_rule_folders_are_taken_from_the_files_own_directory(project, copydesk_command, monkeypatch):
    folder = project('rules = ["own"]')
    (folder / "own").mkdir()
    (folder / "own" / "house.toml").write_text(RULE, "utf-8")
    monkeypatch.chdir(folder / "data")
    assert copydesk_command("rules", "show", "house/tagline").code == 0
    ran = copydesk_command("rules", "list", "--rules", folder / "data")
    assert ran.code == 2
    assert "the folder has no rule file" in ran.err


def test_severity_of_rules_and_checks(project, copydesk_command):
    project('[severity]\nnavigation = "error"\n"headline/missing" = "error"\n"comments" = "info"')
    ran = copydesk_command("check", "data")
    assert "error: navigation/top" in ran.out
    assert "comments" not in ran.out
    assert copydesk_command("clean", "data", "--out", "out", "-q").code == 1
    assert json.loads(Path("out/summary.json").read_text("utf-8"))["rejections"] == {"headline/missing": 1}


RECORDS = [
    {"id": "1", "title": "One", "url": "https://www.lowmoor.example/1"},
    {"id": "2", "title": "Two", "url": "https://news.harbour.example/2"},
    {"id": "3", "title": "Three", "url": "relative"},
]


def test_sources_are_spared(project, copydesk_command, jsonl, article):
    text = f"{article}\n\nScroll to Top\n\nLeave a Comment"
    dump = jsonl(*({**record, "text": text} for record in RECORDS))
    project(
        '[per-source-ignores]\n"lowmoor.example" = ["navigation"]\n"*.harbour.example" = ["comments", "navigation"]\n'
        f'"*/{dump.name}" = ["url/not-absolute"]\n'
    )
    assert copydesk_command("clean", dump, "--out", "out", "-q").code == 0
    edits = pq.read_table("out/edits.parquet").to_pylist()
    assert {(edit["id"], edit["rule"].split("/")[0]) for edit in edits} == {
        ("1", "comments"), ("3", "comments"), ("3", "navigation"),
    }  # fmt: skip
    bodies = pq.read_table("out/articles.parquet")["body"].to_pylist()
    assert bodies == [f"{article}\n\nScroll to Top", text, article]
    assert copydesk_command("clean", dump, "--out", "plain", "-q", "--isolated").code == 1
    digests = [
        json.loads(Path(f"{out}/summary.json").read_text("utf-8"))["ruleset"]["digest"] for out in ("out", "plain")
    ]
    assert digests[0] != digests[1]
    assert copydesk_command("restore", "out", "--to", "raw").code == 0


def test_validate_goes_by_them_too(project, copydesk_command, jsonl):
    folder = project('suite = "own.toml"\nignore = ["headline"]\n[per-source-ignores]\n"*.harbour.example" = ["body"]')
    (folder / "own.toml").write_text('[checks]\n"body/empty" = "error"\n"headline/missing" = "error"\n', "utf-8")
    dump = jsonl(*({**record, "title": None, "text": ""} for record in RECORDS))
    ran = copydesk_command("validate", dump, "--verdict-by", "flags")
    assert (ran.code, "2 rejected" in ran.out) == (1, True)
    assert "headline" not in ran.out
    ran = copydesk_command("validate", dump, "--verdict-by", "flags", "--isolated", "--suite", "own.toml")
    assert "3 rejected" in ran.out
    assert "headline/missing" in ran.out
    ran = copydesk_command("validate", dump, "--verdict-by", "flags", "--show-settings")
    assert 'suite = "own.toml"' in ran.out


def test_severity_wins_over_that_of_the_suite(project, copydesk_command, jsonl):
    project('[severity]\n"body/empty" = "info"')
    dump = jsonl(*({**record, "text": ""} for record in RECORDS[:2]))
    assert copydesk_command("validate", dump, "--verdict-by", "flags", "-q").code == 0
    assert copydesk_command("validate", dump, "--verdict-by", "flags", "-q", "--isolated").code == 1


def test_files_are_spared_by_paths_below_the_settings(project, copydesk_command, monkeypatch):
    folder = project('[per-source-ignores]\n"data/*" = ["navigation", "headline"]')
    assert cuts(copydesk_command("check", "data")) == {"comments"}
    assert cuts(copydesk_command("check", folder / "data" / "a.txt")) == {"comments"}
    monkeypatch.chdir(folder / "data")
    assert cuts(copydesk_command("check", "a.txt")) == {"comments"}


def test_code_rules_the_gate_and_spans_can_be_left_out(article):
    text = (
        f"The harbour key\n\nThe harbour key\n\n{article}\n\nMore in Sport\nTop stories\nSign up now for our newsletter"
    )
    everything = copydesk.Cleaner(profile="page").clean({"title": "The harbour key", "text": text})
    found = {edit.rule for edit in everything.edits}
    for rule in sorted(found - {"layout/edges"}):
        chosen = copydesk.Cleaner(profile="page", selection=copydesk.Selection(ignore=(rule,)))
        cleaned = chosen.clean({"title": "The harbour key", "text": text})
        assert rule not in {edit.rule for edit in cleaned.edits}
        assert cleaned.restore() == text
        again = chosen.clean({"title": cleaned.article.headline, "text": cleaned.article.body})
        assert again.article.body == cleaned.article.body


def test_leaving_a_rule_out_everywhere_is_leaving_it_out(seeds):
    texts = [path.read_text("utf-8") for path in sorted(seeds.glob("*.txt"))]
    records = [{"title": text.split("\n")[0], "text": text, "url": "https://a.example/1"} for text in texts]
    plain = copydesk.Cleaner(profile="page")
    rules = sorted({edit.rule for record in records for edit in plain.clean(record).edits} - {"layout/edges"})
    records.append(
        {"title": "Amp", "text": f"Tom &amp; Ann row\u00a0home.\r\n{texts[0]}", "url": "https://a.example/2"}
    )
    for rule in (*rules[::4], "gate", "headlines", "characters", "headlines/lift"):
        ways = (copydesk.Selection(ignore=(rule,)), copydesk.Selection(sources=(("*.example", (rule,)),)))
        off, spared = (copydesk.Cleaner(profile="page", selection=selection) for selection in ways)
        for record in records:
            one, other = off.clean(record), spared.clean(record)
            assert one.edits == other.edits
            assert one.article.headline == other.article.headline


WRONG = {
    "unknown key": ('selct = ["all"]', "did you mean 'select'"),
    "unknown key of a suppression": (
        '[[suppressions]]\nrules = ["all"]\nhots = "a"\nreason = "why"',
        "did you mean 'host'",
    ),
    "unknown rule": ('ignore = ["navigation/tpo"]', "did you mean 'navigation/top'"),
    "unknown suite": ('suite = "artcle"', "did you mean 'article'"),
    "unknown field": ('map = { boddy = "text" }', "did you mean 'body'"),
    "unknown profile": ('profile = "pages"', "did you mean 'page'"),
    "wrong type": ('ignore = "comments"', "ignore: 'comments' is not a list; write it in brackets"),
    "wrong type in a list": ('select = ["all", 3]', "select: 3 is not a text; write it in quotes"),
    "wrong truth value": ('unsafe = "perhaps"', "unsafe: 'perhaps' is not true or false; write it without quotes"),
    "no date": (
        '[[suppressions]]\nrules = ["all"]\nhost = "a"\nreason = "why"\nexpires = "soon"',
        "suppressions.expires: 'soon' is not a date; write it as in 2030-12-31",
    ),
    "empty list": ('[[suppressions]]\nrules = []\nhost = "a"\nreason = "why"', "suppressions.rules: the list is empty"),
    "suppression of an unknown rule": (
        '[[suppressions]]\nrules = ["nosuch"]\nhost = "a"\nreason = "why"',
        "copydesk.toml:1: suppressions: no rule, check or family 'nosuch'",
    ),
    "unknown severity": ('[severity]\ncomments = "warn"', "did you mean 'warning'"),
    "suppression of nothing": ('[[suppressions]]\nrules = ["all"]\nreason = "why"', "either a record or a host"),
    "suppression without a reason": (
        '[[suppressions]]\nrules = ["all"]\nhost = "a"',
        "suppressions: the key 'reason' is missing; add: reason = ...",
    ),
    "another version": ('required-version = "<0.0.1"', f"this is copydesk {copydesk.__version__}"),
    "no version": ('required-version = "newest"', "'newest' is not a range of versions"),
    "not TOML": ("ignore = [", "not TOML"),
}


@pytest.mark.parametrize("what", WRONG)
def test_settings_that_make_no_sense(what, project, copydesk_command):
    text, said = WRONG[what]
    folder = project(text)
    ran = copydesk_command("check", "data")
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.startswith(f"copydesk: {folder / 'copydesk.toml'}:")
    assert ran.err.count("\n") == 1


def test_settings_that_make_no_sense_are_told_with_their_line(project, copydesk_command):
    first = 'profile = "page"\n\n[severity]\n"tags" = "info"\n'
    suppression = '[[suppressions]]\nrules = ["tags"]\nhost = "a.example"\nreason = "known"\n'
    for text, line in (
        (first + '"navigation/top" = "eror"\n', 5),
        (first + suppression + suppression.replace("host", "hots"), 11),
        (first + suppression + suppression.replace('reason = "known"', ""), 9),
        ('severity = { "tags" = "info", "captions" = "no" }', 1),
        ('profile = "page"\nignore = ["nosuch"]\n', 2),
    ):
        folder = project(text)
        assert copydesk_command("check", "data").err.startswith(f"copydesk: {folder / 'copydesk.toml'}:{line}: "), text
    assert copydesk_command("check", "data", "--isolated").code == 1


def test_a_file_that_is_named_must_be_there(project, copydesk_command):
    project("")
    assert copydesk_command("check", "data", "--config", "other.toml").code == 2
    project("[project]\nname = 'x'\n", "pyproject.toml")
    ran = copydesk_command("check", "data", "--config", "pyproject.toml")
    assert (ran.code, "[tool.copydesk]" in ran.err) == (2, True)
    assert copydesk_command("check", "data", "--config", "copydesk.toml", "--isolated").code == 2


def test_the_version_that_is_required_may_be_this_one(project, copydesk_command):
    project(f'required-version = ">={copydesk.__version__}"')
    assert copydesk_command("check", "data").code == 1


def test_the_schema_of_settings(copydesk_command):
    schema = json.loads(copydesk_command("schema", "config").out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate({"per-source-ignores": {"*.example": ["tags"]}, "select": ["all"], "severity": {"tags": "info"}})
    assert not validator.is_valid({"selct": ["all"]})
    assert not validator.is_valid({"severity": {"tags": "warn"}})


def test_the_page_names_every_key(copydesk_command):
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for key in json.loads(copydesk_command("schema", "config").out)["properties"]:
        assert f"| `{key}` |" in page


def test_long_settings_do_not_push_the_others_aside(project, copydesk_command):
    many = ", ".join(f'"host-{number}.example" = ["tags"]' for number in range(20))
    folder = project(f"per-source-ignores = {{ {many} }}\n")
    shown = copydesk_command("check", "--show-settings").out.splitlines()
    assert max(len(line.partition("  #")[0]) for line in shown if "# default" in line) <= 60
    assert any(line.endswith(f"  # {folder / 'copydesk.toml'}") for line in shown)


def test_settings_in_python(project):
    project('ignore = ["comments"]\nsuite = "none"')
    cleaner = copydesk.load_settings().cleaner()
    assert cleaner.suite.columns() == []
    assert cleaner.clean(Path("data/a.txt").read_text("utf-8")).article.body.endswith("Leave a Comment")
