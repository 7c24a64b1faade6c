"""The command itself: help, version, rules, schema, check, explain, and what it says of misuse."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

import copydesk

COMMANDS = (
    ("clean",),
    ("check",),
    ("explain",),
    ("restore",),
    ("baseline", "create"),
    ("baseline", "prune"),
    ("baseline", "show"),
    ("rules", "list"),
    ("rules", "show"),
    ("rules", "test"),
    ("rules", "new"),
    ("rules", "lock"),
    ("rules", "diff"),
    ("rules", "stats"),
    ("schema",),
)
RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def rule_file(tmp_path):
    def write(text: str):
        path = tmp_path / "house.toml"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def messy(tmp_path, article):
    path = tmp_path / "messy.txt"
    path.write_text(f"{article}\n\nLeave a Comment\n\nScroll to Top\n", "utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command, copydesk_command):
    ran = copydesk_command(*command, "--help")
    assert ran.code == 0
    assert f"Example:\n  copydesk {' '.join(command)}" in ran.out.replace("\n    ", "\n  ")


def test_version(copydesk_command):
    assert copydesk_command("--version").out == f"copydesk {copydesk.__version__}\n"


def test_the_version_says_which_kernel_runs(copydesk_command, monkeypatch):
    assert copydesk_command("--version", "-v").out.splitlines()[1].startswith("kernel: ")
    monkeypatch.setenv("COPYDESK_KERNEL", "plain")
    ran = copydesk_command("-v", "--version")
    assert (ran.code, ran.out) == (0, f"copydesk {copydesk.__version__}\nkernel: plain\n")


def test_the_command_runs_as_a_process_away_from_the_checkout(script, tmp_path):
    done = subprocess.run([*script, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, f"copydesk {copydesk.__version__}\n")


def test_unknown_command_names_the_nearest(copydesk_command):
    ran = copydesk_command("claen", "x")
    assert ran.code == 2
    assert "did you mean 'clean'" in ran.err


def test_schema_is_the_articles_own(copydesk_command):
    ran = copydesk_command("schema")
    schema = json.loads(ran.out)
    assert schema == copydesk.Article.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)


def test_clean_articles_are_valid_under_the_schema(copydesk_command, messy, tmp_path):
    assert copydesk_command("clean", messy, "--out", tmp_path / "out", "--to", "jsonl", "-q").code == 0
    for line in (tmp_path / "out" / "articles.jsonl").read_bytes().splitlines():
        jsonschema.Draft202012Validator(copydesk.Article.model_json_schema()).validate(json.loads(line))


def test_check_finds_and_writes_nothing(copydesk_command, messy, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    ran = copydesk_command("check", messy)
    assert ran.code == 1
    assert f"{messy}:5:1: warning: comments/" in ran.out
    assert f"{messy}:7:1: warning: navigation/top" in ran.out
    assert sorted(tmp_path.rglob("*")) == before


def test_check_is_content_with_a_clean_article(copydesk_command, jsonl, article):
    ran = copydesk_command("check", jsonl({"title": "A key, a chain and a ferry", "text": article}))
    assert (ran.code, ran.out) == (0, "")


def test_check_says_what_is_wrong_with_records(copydesk_command, jsonl):
    path = jsonl({"title": "Nothing here", "text": ""}, b"{")
    ran = copydesk_command("check", path, "--fail-on", "error")
    assert ran.code == 1
    assert f"{path}:1: error: body/empty" in ran.out
    assert f"{path}:2: error: input/not-json" in ran.out


def test_explain_shows_what_is_mended_in_the_headline(copydesk_command, jsonl, article):
    ran = copydesk_command("explain", jsonl({"title": "Q&amp;A at the quay | Lowmoor News", "text": article}))
    assert "~ '&amp;' -> '&'  [characters/entities, in headline]" in ran.out
    assert "- ' | Lowmoor News'  [headlines/suffix, in headline]" in ran.out


def test_explain_shows_what_stays_and_what_is_cut(copydesk_command, messy, article):
    ran = copydesk_command("explain", messy)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line for line in lines if line.startswith("  ")] == [f"  {line}" for line in article.split("\n\n")]
    cut = [line for line in lines if line.startswith("- ")]
    assert cut[0].startswith("- Leave a Comment  [comments/")
    assert cut[1].startswith("- Scroll to Top  [navigation/top")


def test_rules_list_names_every_rule(copydesk_command):
    ran = copydesk_command("rules", "list")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == list(copydesk.load_ruleset().infos)


def test_rules_show(copydesk_command):
    ran = copydesk_command("rules", "show", "navigation/top")
    assert ran.code == 0
    assert ran.out.startswith("navigation/top\n")
    assert "Scroll to Top" in ran.out


def test_rules_show_names_the_nearest_id(copydesk_command):
    ran = copydesk_command("rules", "show", "navigation/tpo")
    assert ran.code == 2
    assert "did you mean 'navigation/top'" in ran.err


def test_rules_test_holds_and_fails(copydesk_command, rule_file):
    ran = copydesk_command("rules", "test", rule_file(RULE))
    assert (ran.code, ran.err) == (0, "2 of 2 examples hold\n")
    wrong = RULE.replace('removes = ["The', 'removes = ["Not the')
    ran = copydesk_command("rules", "test", rule_file(wrong))
    assert ran.code == 1
    assert ran.out.startswith("house/tagline: ")
    assert ran.err == "1 of 2 examples hold\n"


def test_a_users_rule_file_counts(copydesk_command, rule_file, tmp_path, article):
    text = tmp_path / "a.txt"
    text.write_text(f"{article}\n\nThe Lowmoor Lantern, lit since 1888\n", "utf-8")
    ran = copydesk_command("explain", text, "--rules", rule_file(RULE))
    assert ran.code == 0
    assert "- The Lowmoor Lantern, lit since 1888  [house/tagline" in ran.out


BROKEN = {
    "bad pattern": (RULE.replace("lit since 1888']", "lit (since 1888']"), 5, "match", "house/tagline"),
    "unknown key": (RULE.replace("summary", "sumary"), 4, "did you mean 'summary'", "house/tagline"),
    "duplicate id": (RULE + RULE, 11, "duplicate id", "house/tagline"),
    "not TOML": (RULE.replace('since = "1"', 'since = "1'), None, "not a TOML file", "line 8"),
    "no rule": ("# nothing\n", None, "no rule", "[[rule]]"),
    "unknown table": (RULE.replace("[[rule]]", "[[rules]]"), 2, "did you mean 'rule'", "'rules'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_file_is_named_with_line_and_rule(what, copydesk_command, rule_file, messy, tmp_path):
    text, line, message, rule = BROKEN[what]
    path = rule_file(text)
    ran = copydesk_command("clean", messy, "--out", tmp_path / "out", "--rules", path)
    assert ran.code == 2
    assert (f"{path}:{line}: " if line else f"{path}: ") in ran.err
    assert message in ran.err
    assert rule in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_id_of_the_built_in_rules_is_taken(copydesk_command, rule_file, messy, tmp_path):
    path = rule_file(RULE.replace("house/tagline", "navigation/top"))
    ran = copydesk_command("clean", messy, "--out", tmp_path / "out", "--rules", path)
    assert ran.code == 2
    assert f"{path}:3: " in ran.err
    assert "duplicate id 'navigation/top'" in ran.err
    assert "navigation.toml" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--profile", "pages"), "page"),
        (("--to", "xml"), "parquet, jsonl, jsonl.zst, csv, txt"),
        (("--suite", "artcle"), "did you mean 'article'"),
        (("--map", "body"), "FIELD=NAME"),
        (("--map", "headlin=x"), "did you mean 'headline'"),
        (("--input-format", "xml"), "jsonl"),
        (("--encoding", "utf-9"), "utf-9"),
    ],
)
def test_an_option_that_makes_no_sense_is_explained(options, said, copydesk_command, messy, tmp_path):
    ran = copydesk_command("clean", messy, "--out", tmp_path / "out", *options)
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "out").exists()
