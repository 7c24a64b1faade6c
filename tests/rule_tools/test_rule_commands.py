"""Rules drafted from examples, and how rules did in a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import copydesk
from copydesk.rules.ruleset.loader import load_file

NEW = ("rules", "new", "mysite/promo", "--out", "rules/mysite.toml")


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_rule_from_examples(copydesk_command):
    ran = copydesk_command(*NEW, "--removes", "Get the app", "--keeps", "Get the app store ready, he said.")
    assert (ran.code, ran.out) == (0, "")
    assert "2 of 2 examples hold; written to rules/mysite.toml" in ran.err
    assert "the built-in rule newsletter/app already removes 'Get the app'" in ran.err
    assert copydesk_command("rules", "test", "rules/mysite.toml").code == 0
    (rule,) = load_file(Path("rules/mysite.toml")).phrases
    assert (rule.id, rule.match, rule.where) == ("mysite/promo", ["get the app"], "anywhere")


AWKWARD = [
    "• Ostwick’s “Lantern” (est. 1888) – read it… [free]",
    "C:\\lantern\\read.exe + 5 $ {now}?",
    "Lisez l'appli « Lanterne » aujourd'hui",
    "Лампа над мысом: читайте на сайте",
]


@pytest.mark.parametrize("line", AWKWARD)
def test_lines_with_characters_that_mean_something(line, copydesk_command, article, directory):
    ran = copydesk_command(*NEW, "--removes", line, "--keeps", f"{line} was what the sign said, and nobody read it.")
    assert (ran.code, ran.out) == (0, "")
    assert load_file(Path("rules/mysite.toml")).phrases[0].removes == [line]
    (directory / "a.txt").write_text(f"{article}\n\n{line}", "utf-8")
    ran = copydesk_command("explain", "a.txt", "--rules", "rules")
    assert "[mysite/promo" in ran.out


def test_a_second_rule_is_added(copydesk_command):
    copydesk_command(*NEW, "--removes", "Read the Lantern app", "--keeps", "Read the Lantern app, she said.")
    before = Path("rules/mysite.toml").read_text("utf-8")
    options = (
        "--removes",
        "Lantern of the day",
        "--keeps",
        "Lantern of the day was out.",
        "--where",
        "tail",
        "--language",
        "en",
    )
    assert copydesk_command("rules", "new", "mysite/more", "--out", "rules/mysite.toml", *options).code == 0
    after = Path("rules/mysite.toml").read_text("utf-8")
    assert after.startswith(before)
    assert [(rule.id, rule.where, rule.languages) for rule in load_file(Path("rules/mysite.toml")).phrases] == [
        ("mysite/promo", "anywhere", ["*"]),
        ("mysite/more", "tail", ["en"]),
    ]
    ran = copydesk_command("rules", "new", "mysite/more", "--out", "rules/mysite.toml", *options)
    assert (ran.code, "rules/mysite.toml:" in ran.err, "duplicate id 'mysite/more'" in ran.err) == (2, True, True)
    assert Path("rules/mysite.toml").read_text("utf-8") == after


def test_nothing_is_written_when_an_example_fails(copydesk_command):
    ran = copydesk_command(*NEW, "--removes", "Lantern of the day", "--keeps", "LANTERN of the day!")
    assert ran.code == 1
    assert ran.out.startswith("mysite/promo: removes 'LANTERN of the day!', which is listed under keeps")
    assert not Path("rules").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rules", "new", "promo", "--removes", "A lamp", "--keeps", "A lamp.", "--out", "x.toml"), "FAMILY/NAME"),
        ((*NEW, "--removes", "A lamp", "--keeps", "A lamp"), "'A lamp' is both removed and kept"),
        ((*NEW, "--removes", "A lamp", "--keeps", "A lamp.", "--language", "klingon"), "not a language tag"),
        ((*NEW, "--removes", "A lamp", "--removes", "Two lamps", "--keeps", "A lamp."), "2 removes but only 1 keeps"),
        ((*NEW, "--removes", "***", "--keeps", "A lamp."), "not a line with words"),
        ((*NEW, "--removes", "A\nlamp", "--keeps", "A lamp."), "not a line with words"),
        ((*NEW, "--removes", "A lamp", "--keeps", "A lamp.", "--where", "tial"), "did you mean 'tail'"),
        (
            ("rules", "new", "navigation/top", "--removes", "A lamp", "--keeps", "A b.", "--out", "x.toml"),
            "duplicate id",
        ),
    ],
)
def test_a_rule_that_cannot_be(arguments, said, copydesk_command, directory):
    ran = copydesk_command(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert str(directory) not in ran.err
    assert list(directory.iterdir()) == []


@pytest.fixture
def runs(jsonl, article, copydesk_command):
    """Two runs: in the first, one of four records has a link to the top; in the second, three have, one of them two."""
    top = f"{article}\n\nScroll to Top"
    texts = {"before": [top, article, article, article], "after": [top, f"Scroll to Top\n\n{top}", top, article]}
    for name, found in texts.items():
        path = jsonl(
            *({"id": str(n), "title": "T", "text": text} for n, text in enumerate(found)), name=f"{name}.jsonl"
        )
        assert copydesk_command("clean", path, "--out", name, "-q").code == 0


def test_stats_of_a_run(runs, copydesk_command):
    document = json.loads(copydesk_command("rules", "stats", "after", "--json").out)
    (top,) = document["rules"]
    assert (top["rule"], top["edits"], top["records"], top["share"]) == ("navigation/top", 4, 3, 0.75)
    assert top["characters"] >= 4 * len("Scroll to Top")
    assert document["often"] == ["navigation/top"]
    assert "navigation/top" not in document["never"]
    assert "comments/form" in document["never"]
    assert json.loads(copydesk_command("rules", "stats", "after", "--json", "--often", "75").out)["often"] == []


def test_stats_against_an_earlier_run(runs, copydesk_command):
    ran = copydesk_command("rules", "stats", "after", "--against", "before")
    assert ran.code == 0
    (line,) = (line for line in ran.out.splitlines() if line.startswith("navigation/top "))
    assert line.split()[1:4] + line.split()[-1:] == ["4", "3", "75.00%", "25.00%"]
    assert "# cuts in 75.0% of the records: navigation/top" in ran.out
    assert ran.err == ""


def test_stats_say_when_the_earlier_run_had_other_rules(runs, copydesk_command):
    assert copydesk_command("clean", "before.jsonl", "--profile", "rules", "--out", "other", "-q").code == 0
    ran = copydesk_command("rules", "stats", "after", "--against", "other")
    assert ran.err == "copydesk: the earlier run had other rules, or another profile\n"


def test_a_rule_in_the_shadow_of_another_is_told(runs, copydesk_command):
    first = next(rule for rule in copydesk.load_ruleset().phrases if rule.where == "anywhere")
    words = (
        "--removes",
        first.removes[0],
        "--keeps",
        f"{first.removes[0]} was what the sign said, and nobody read it.",
    )
    assert copydesk_command("rules", "new", "zzz/copy", *words, "--out", "own.toml").code == 0
    document = json.loads(copydesk_command("rules", "stats", "after", "--rules", "own.toml", "--json").out)
    assert "zzz/copy" in document["never"]
    assert document["shadowed"]["zzz/copy"] == [first.id]
    assert first.id not in document["shadowed"]
    shown = copydesk_command("rules", "stats", "after", "--rules", "own.toml").out
    assert f"#   zzz/copy: {first.id} cuts its examples first\n" in shown


def test_stats_say_when_rules_are_not_those_of_the_run(runs, copydesk_command):
    ran = copydesk_command("rules", "stats", "after", "--ignore", "comments", "--json")
    assert "the run had other rules than those of the settings; add the --profile" in ran.err
    assert not any(rule.startswith("comments/") for rule in json.loads(ran.out)["never"])
    ran = copydesk_command("rules", "stats", "after", "--profile", "page", "--json")
    assert "other rules than those of the settings (profile article, and page here)" in ran.err


def test_a_record_is_counted_once_wherever_batches_end(runs, copydesk_command, monkeypatch):
    import pyarrow.parquet as pq

    whole = json.loads(copydesk_command("rules", "stats", "after", "--json").out)["rules"]
    iterate = pq.ParquetFile.iter_batches
    monkeypatch.setattr(
        pq.ParquetFile, "iter_batches", lambda self, **options: iterate(self, **{**options, "batch_size": 1})
    )
    assert json.loads(copydesk_command("rules", "stats", "after", "--json").out)["rules"] == whole


def test_stats_of_what_is_no_run(copydesk_command, directory, article):
    (directory / "a.txt").write_text(article, "utf-8")
    copydesk_command("validate", "a.txt", "--verdict-by", "flags", "--out", "judged", "-q")
    for out, said in (
        (directory, "no run in it (there is no summary.json)"),
        ("nowhere", "nowhere: no such folder"),
        ("judged", "judged: the run is one of `copydesk validate`"),
    ):
        ran = copydesk_command("rules", "stats", out)
        assert (ran.code, said in ran.err) == (2, True), ran.err
        assert "; name a directory that `copydesk clean` wrote" in ran.err


def test_explain_shows_what_is_kept_of_markup_line_by_line(copydesk_command):
    prose = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
    Path("a.html").write_text(
        f"<p>{prose} It is <a href='/b'>old</a> &amp; grey.</p><script>\nvar a = 1;\n</script>"
        f"<p>{prose}</p><ul><li><a href='#top'>Scroll to Top</a></li></ul>"
    )
    output = copydesk_command("explain", "a.html").out
    assert f"  {prose} It is old & grey.\n" in output
    assert "~ [markup/tag, 3 times]\n" in output
    assert "- </p><script> var a = 1; </script><p>  [markup/hidden, " in output
    assert "- Scroll to Top  [navigation/top, " in output


def test_explain_shows_the_ends_of_a_long_line_beside_its_cuts(copydesk_command):
    prose = " ".join(f"The ferry waits at quay {k} until the fog has gone." for k in range(60))
    Path("a.txt").write_text(f"{prose} Share this article {prose}", "utf-8")
    output = copydesk_command("explain", "a.txt").out
    assert "-  Share this article" in output
    assert "The ferry waits at quay 0 until" in output
    assert max(map(len, output.splitlines())) < 600
