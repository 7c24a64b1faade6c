"""`validate`, `suite` and `profile`: verdicts, what they leave, and what they say of misuse."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.schemas.checks.declare import Check
from copydesk.schemas.checks.frame import Frame
from copydesk.schemas.checks.profile import load_profile
from copydesk.schemas.checks.registry import load_checks
from copydesk.schemas.checks.suites import Override, Suite, SuiteCheck

FAST = ("--verdict-by", "flags")


@pytest.fixture
def dump(jsonl, article):
    good = {"title": "A key, a chain and a ferry", "url": "https://lantern.example/ferry", "date": "2024-05-04"}
    records = [{**good, "id": str(n), "url": f"{good['url']}/{n}", "text": f"{article} Day {n}."} for n in range(8)]
    empty = {**good, "id": "e", "url": "https://lantern.example/e", "text": ""}
    both = {"id": "m", "title": "", "text": "Rain.", "date": "2900-01-01"}
    return jsonl(*records, empty, both, b"{")


def test_every_reason_of_every_record_is_given(copydesk_command, dump, tmp_path, quarantine):
    ran = copydesk_command("validate", dump, "--out", tmp_path / "out")
    assert ran.code == 1
    assert "failed: 11 records read, 8 accepted, 3 rejected" in ran.out
    found = {entry["line"]: [reason["check"] for reason in entry["reasons"]] for entry in quarantine(tmp_path / "out")}
    assert found == {
        9: ["body/empty"],
        10: ["body/too-short", "body/short", "headline/missing", "date/future"],
        11: ["input/not-json"],
    }
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["records"] == {"read": 11, "accepted": 8, "quarantined": 3, "unreadable": 1}
    assert (summary["success"], summary["engine"]) == (False, "great-expectations")
    checks = {check["id"]: check for check in summary["checks"]}
    assert checks["input/not-json"]["message"] == "the line is not JSON"
    assert checks["input/not-json"]["examples"][0]["message"].startswith("not JSON: Expecting property name")
    assert (checks["date/future"]["flagged"], checks["date/future"]["success"]) == (1, False)
    assert checks["date/future"]["examples"] == [
        {"id": "m", "file": "dump.jsonl", "line": 10, "message": checks["date/future"]["message"]}
    ]
    flags = pq.read_table(tmp_path / "out" / "flags.parquet").to_pydict()
    assert flags["row"] == list(range(10))
    assert [row for row in flags["row"] if flags["body/empty"][row]] == [8]


def test_the_report_is_one_file_without_outside_addresses(copydesk_command, dump, tmp_path):
    copydesk_command("validate", dump, "--out", tmp_path / "out", *FAST)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "dump.jsonl" in page
    assert "date/future" in page
    assert not re.search(r"(?:src|href)\s*=|url\(|@import", page)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--max-fail-ratio", "0.3"), 0),
        (("--max-fail-ratio", "0.2"), 1),
        (("--fail-on", "warning", "--max-fail-ratio", "0.3"), 0),
        (("--suite", "none", "--max-fail-ratio", "0.1"), 0),
    ],
)
def test_the_exit_code_is_the_verdict(copydesk_command, dump, options, code):
    ran = copydesk_command("validate", dump, *FAST, *options, "-q")
    assert ran.code == code
    assert ran.out.startswith("passed: " if code == 0 else "failed: ")


def test_both_engines_come_to_one_verdict(copydesk_command, dump, tmp_path):
    summaries = []
    for engine in ("flags", "great-expectations"):
        copydesk_command("validate", dump, "--verdict-by", engine, "--out", tmp_path / engine, "-q")
        summary = json.loads((tmp_path / engine / "summary.json").read_text("utf-8"))
        summaries.append({key: summary[key] for key in ("success", "records", "checks", "set")})
    assert summaries[0] == summaries[1]


def test_plain_great_expectations_comes_to_the_same_verdict(copydesk_command, dump, tmp_path):
    import great_expectations as gx

    suite = tmp_path / "mine.toml"
    suite.write_text('extends = "article"\n[checks]\n"body/empty" = { mostly = 0.8 }\n', "utf-8")
    assert copydesk_command("suite", "export", suite, "--to", "gx", tmp_path / "suite.json").code == 0
    copydesk_command("validate", dump, "--suite", suite, *FAST, "--out", tmp_path / "out", "-q")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    ours = {
        check["id"]: (check["flagged"], check["success"])
        for check in summary["checks"]
        if check["id"] != "input/not-json"
    }

    data = json.loads((tmp_path / "suite.json").read_text("utf-8"))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("flags")
    frame = pq.read_table(tmp_path / "out" / "flags.parquet").to_pandas()
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    loaded = context.suites.add(gx.ExpectationSuite(name=data["name"], expectations=data["expectations"]))
    theirs = {
        result.expectation_config.kwargs["column"]: (result.result["unexpected_count"], result.success)
        for result in batch.validate(loaded).results
    }
    assert theirs == ours
    assert theirs["body/empty"] == (1, True)
    assert theirs["date/future"] == (1, False)


def test_a_suite_of_great_expectations_runs_on_the_articles(copydesk_command, dump, tmp_path):
    suite = tmp_path / "own.json"
    expectations = [
        {
            "type": "expect_column_value_lengths_to_be_between",
            "kwargs": {"column": "body", "min_value": 10, "mostly": 0.7},
        },
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "url"}},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1, "max_value": 100}},
    ]
    suite.write_text(json.dumps({"name": "own", "expectations": expectations}), "utf-8")
    ran = copydesk_command("validate", dump, "--gx-suite", suite)
    assert (ran.code, ran.err) == (1, "")
    before = copydesk_command("validate", dump, "--suite", suite)
    assert before.err == "copydesk: a suite of Great Expectations is now named with --gx-suite\n"
    assert before.out == ran.out
    assert re.search(r"passed  expect_column_value_lengths_to_be_between\(.*\): 2 of 10", ran.out)
    assert re.search(r"failed  expect_column_values_to_not_be_null\(.*\): 1 of 10", ran.out)
    assert "observed 10" in ran.out


def test_data_docs_are_built(copydesk_command, dump, tmp_path):
    copydesk_command("validate", dump, "--data-docs", tmp_path / "docs", "-q")
    assert "body/empty" in "".join(page.read_text("utf-8") for page in (tmp_path / "docs").rglob("*.html"))


def test_hosts_have_checks_of_their_own(copydesk_command, jsonl, tmp_path, article):
    path = jsonl(
        {"id": "1", "title": "Rain", "text": "Rain in Ostwick, and no end.", "url": "https://a.wire.example/1"},
        {"id": "2", "title": "Rain", "text": "Rain in Ostwick, and no end.", "url": "https://lantern.example/1"},
        {"id": "3", "text": article, "url": "https://b.wire.example/1"},
    )
    (tmp_path / "s.toml").write_text(
        'extends = "minimal"\n[checks]\n"body/too-short" = { characters = 100 }\n"headline/missing" = "error"\n'
        '[[sources]]\nhost = "*.wire.example"\n'
        'checks = { "body/too-short" = { characters = 20 }, "headline/missing" = "off" }\n',
        "utf-8",
    )
    found = copydesk.validate(pl.read_ndjson(path), suite=tmp_path / "s.toml")
    flagged = {check.id: [example.id for example in check.examples] for check in found.checks if check.flagged}
    assert flagged == {"body/too-short": ["2"]}


BAD_SUITES = {
    "a circle": ('extends = "s.toml"', "suites extend each other in a circle: s.toml -> s.toml"),
    "an unknown check": (
        '[checks]\n"body/emtpy" = "error"',
        "s.toml:2: no check 'body/emtpy', did you mean 'body/empty'?",
    ),
    "an unknown key": ('extend = "article"', "s.toml:1: unknown key 'extend', did you mean 'extends'?"),
    "an unknown parameter": ('[checks]\n"body/short" = { character = 3 }', "did you mean 'characters'?"),
    "an unknown severity": ('[checks]\n"body/short" = "eror"', "unknown severity 'eror', did you mean 'error'?"),
    "a share above 1": (
        '[checks]\n"body/short" = { mostly = 99 }',
        "mostly = 99 is out of range; it must be between",
    ),
    "a text for a number": ('[checks]\n"body/short" = { characters = "3" }', "characters must be a whole number"),
    "no TOML": ("[checks", "not TOML"),
    "an unknown parent": ('extends = "artcle"', "no suite 'artcle', did you mean 'article'?"),
    "an unknown field": (
        '[checks]\n"set/missing" = { share = { headlin = 0.1 } }',
        "no field 'headlin', did you mean 'headline'?",
    ),
    "no number": ('[checks]\n"body/short" = { mostly = nan }', "mostly = nan is out of range"),
    "a source without a host": ("[[sources]]\nchecks = {}", "a source needs its host"),
}


@pytest.mark.parametrize("what", BAD_SUITES)
def test_a_bad_suite_is_one_clear_line(copydesk_command, dump, tmp_path, what):
    content, message = BAD_SUITES[what]
    (tmp_path / "s.toml").write_text(content, "utf-8")
    ran = copydesk_command("validate", dump, "--suite", tmp_path / "s.toml", "--out", tmp_path / "out")
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_profile_is_saved_shown_and_compared(copydesk_command, jsonl, article, tmp_path):
    records = [{"id": str(n), "text": f"{article} Day {n}.", "language": "en", "title": "Day"} for n in range(100)]
    before = jsonl(*records, name="before.jsonl")
    assert copydesk_command("describe", before, "--out", tmp_path / "p.json").code == 0
    profile = load_profile(tmp_path / "p.json")
    assert (profile.records, profile.missing["url"], profile.languages) == (100, 100, {"en": 100})
    length = len(records[0]["text"])
    assert all(abs(value / length - 1) < 0.05 for value in profile.quantiles.values())
    page = (tmp_path / "p.html").read_text("utf-8")
    assert "Languages" in page
    assert not re.search(r"(?:src|href)\s*=|url\(", page)
    same = copydesk_command("validate", before, "--against", tmp_path / "p.json", *FAST)
    assert "drift" not in same.out
    after = jsonl(
        *[{**r, "language": "de", "title": None, "text": r["text"][:50]} for r in records], name="after.jsonl"
    )
    changed = copydesk_command("validate", after, "--against", tmp_path / "p.json", *FAST)
    for check in ("set/length-drift", "set/language-drift", "set/missing-drift"):
        assert check in changed.out


def test_a_suite_from_a_profile_passes_its_own_data(copydesk_command, jsonl, article, tmp_path):
    path = jsonl(*[{"id": str(n), "text": f"{article} Day {n}."} for n in range(60)])
    copydesk_command("describe", path, "--out", tmp_path / "p.json")
    assert copydesk_command("suite", "new", "--from", tmp_path / "p.json", tmp_path / "s.toml").code == 0
    ran = copydesk_command("validate", path, "--suite", tmp_path / "s.toml", *FAST, "--fail-on", "warning")
    assert ran.code == 0
    assert "headline/missing" not in ran.out


def test_the_skeleton_of_a_suite_is_a_suite(copydesk_command, dump, tmp_path):
    copydesk_command("suite", "new", tmp_path / "s.toml")
    assert copydesk_command("validate", dump, "--suite", tmp_path / "s.toml", *FAST, "-q").code == 1


def test_what_is_no_profile_is_refused(copydesk_command, dump, tmp_path):
    (tmp_path / "p.json").write_text("{}x", "utf-8")
    ran = copydesk_command("validate", dump, "--against", tmp_path / "p.json", *FAST)
    assert ran.code == 2
    assert "not a file of `copydesk describe` (Extra data" in ran.err
    assert "make one: copydesk describe DATA" in ran.err


def test_suites_and_checks_are_listed_and_shown(copydesk_command):
    assert [line.split()[0] for line in copydesk_command("suite", "list").out.splitlines()] == [
        "archive", "article", "minimal", "none", "training",
    ]  # fmt: skip
    assert "error    body/too-short" in copydesk_command("suite", "show", "article").out
    assert "Gopher" in copydesk_command("suite", "checks", "corpus/words").out
    ran = copydesk_command("suite", "checks", "corpus/wrods")
    assert (ran.code, "did you mean 'corpus/words'?" in ran.err) == (2, True)


def test_numbers_of_checks_are_the_same_wherever_they_are_told(copydesk_command, dump):
    (listed,) = (line for line in copydesk_command("suite", "list").out.splitlines() if line.startswith("article "))
    of_records, of_set = map(int, re.search(r"(\d+) checks of records, (\d+) of the set", listed).groups())
    told = copydesk_command("validate", dump, *FAST).out
    ran, ran_on_set = re.search(r"found by \d+ of (\d+) checks of records, and \d+ of (\d+) checks of", told).groups()
    shown = copydesk_command("suite", "show", "article").out.splitlines()
    suite = copydesk.find_suite("article")
    against = sum(entry.check.against for entry in suite.set_entries)  # they need an earlier profile
    assert (int(ran), int(ran_on_set)) == (of_records, of_set - against)
    assert of_records + of_set == len(shown)


def test_the_library_validates_records_and_frames(article):
    found = copydesk.validate(pl.DataFrame({"id": ["1", "1", "2"], "text": [article, article, ""]}))
    flagged = {check.id: check.flagged for check in found.checks if check.flagged and check.severity == "error"}
    assert flagged == {"body/empty": 1, "identity/duplicate-id": 1}
    assert (found.records, found.passed, found.success) == (3, 1, False)


def test_flags_do_not_depend_on_how_a_set_is_cut(jsonl, article):
    frame = pl.DataFrame({"id": [str(n % 7) for n in range(30)], "text": [f"{article} {n % 5}" for n in range(30)]})
    counts = []
    for size in (30, 7, 1):
        parts = [frame.slice(start, size) for start in range(0, 30, size)]
        found = copydesk.validate(parts, suite="training")
        counts.append({check.id: check.flagged for check in found.checks})
    assert counts[0] == counts[1] == counts[2]
    assert counts[0]["identity/duplicate-id"] == 23
    assert counts[0]["body/duplicate"] == 25


def test_texts_without_spaces_have_words_all_the_same():
    line = "渡轮星期一晚了一个小时才离开码头，因为没有人找得到铁链的钥匙。到了中午，渔民们聚集在防波堤上。"
    long = "\n".join(f"{number}号{line}" for number in "一二三四五")
    numbers = f"{line}\n" + "12 4 – 88 | 7 3 + 9 = 12 44 8 : 9\n" * 20
    frame = pl.DataFrame({"text": [line, long, numbers], "language": ["zh"] * 3})
    found = {check.id: check.flagged for check in copydesk.validate(frame, suite="training").checks}
    assert (found["corpus/words"], found["corpus/sentences"], found["corpus/word-length"]) == (1, 2, 1)


def test_a_check_that_is_off_for_all_records_of_a_batch_says_nothing():
    entries = tuple(
        SuiteCheck(c, c.severity, dict(c.parameters)) for c in load_checks().values() if isinstance(c, Check)
    )
    off = Override("lantern.example", {entry.id: None for entry in entries})
    record = {"id": "1", "text": "", "url": "https://lantern.example/1", "date": "2900-01-01"}
    suite = Suite("all", entries=entries)
    assert not copydesk.validate(record, suite=suite).success
    found = copydesk.validate(record, suite=replace(suite, overrides=(off,)))
    assert (found.success, sum(check.flagged for check in found.checks)) == (True, 0)


def test_a_frame_counts_bytes_and_characters():
    from datetime import datetime, timezone

    import pyarrow as pa

    frame = Frame(pa.table({"body": pa.array(["a1é", ""], pa.large_string())}), datetime.now(timezone.utc))
    assert frame.length.tolist() == [3, 0]
    assert frame.count(b"1").tolist() == [1, 0]
    assert frame.count(range(0xC0, 0x100)).tolist() == [1, 0]


def test_languages_are_told_as_py3langid_tells_them():
    import pyarrow as pa
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    from copydesk.schemas.checks.text.language import SAMPLE, detect, group

    texts = [
        "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain.",
        "Die Fähre verließ den Kai am Montag eine Stunde zu spät, weil niemand den Schlüssel fand.",
        "LE BAC A QUITTÉ LE QUAI AVEC UNE HEURE DE RETARD, PERSONNE NE TROUVANT LA CLÉ DE LA CHAÎNE.",
        "Паром отошёл от причала на час позже, потому что никто не мог найти ключ от цепи.",
        "渡船星期一晚了一个小时才离开码头,因为没有人找得到锁链的钥匙。",
        "",
    ]
    known = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    told = detect(pa.array(texts, pa.large_string()))
    expected = [group(known.classify(text.encode()[:SAMPLE].decode("utf-8", "ignore"))[0]) for text in texts[:5]]
    assert told.language.to_pylist()[:5] == expected == ["en", "de", "fr", "ru", "zh"]
    assert (told.sure[0].as_py(), told.sure[5].as_py()) == (True, False)


def test_a_crashed_expectation_is_no_verdict_on_the_data(copydesk_command, monkeypatch, dump, tmp_path):
    from copydesk.cleaner import gx_verdict as verdict

    sound = verdict.run_expectations
    monkeypatch.setattr(
        verdict,
        "run_expectations",
        lambda columns, *rest: sound({name: flag for name, flag in columns.items() if name != "body/empty"}, *rest),
    )
    ran = copydesk_command("validate", dump, "--out", tmp_path / "out")
    assert ran.code == 3
    (line,) = ran.err.splitlines()
    report = re.search(r"report it with (\S+\.txt)", line)[1]
    assert "great_expectations" in Path(report).read_text("utf-8")
    assert "body/empty" in ran.err
    assert "passed" not in ran.out + ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", ["a truncated table", "no text field", "no record", "no file"])
def test_what_cannot_be_read_ends_in_2_and_leaves_nothing(copydesk_command, jsonl, article, tmp_path, what):
    path, message = tmp_path / "in.parquet", ""
    if what == "a truncated table":
        pl.DataFrame({"text": [article] * 50}).write_parquet(path)
        path.write_bytes(path.read_bytes()[:-100])
        message = "not a sound Parquet file"
    elif what == "no text field":
        path, message = jsonl({"headline": "Rain", "views": 3}), "no text field found"
    elif what == "no record":
        path, message = jsonl(b"", end=b""), "no record in it"
    else:
        message = "no such file"
    ran = copydesk_command("validate", path, "--out", tmp_path / "out", *FAST)
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_foreign_suite_runs_whole_or_not_at_all(copydesk_command, dump, tmp_path):
    suite = tmp_path / "own.json"
    known = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "headline"}, "severity": "warning"}
    suite.write_text(json.dumps({"name": "own", "expectations": [known, {**known, "type": "expect_nothing"}]}), "utf-8")
    ran = copydesk_command("validate", dump, "--gx-suite", suite)
    assert (ran.code, "there is no expectation 'expect_nothing'" in ran.err) == (2, True)
    suite.write_text(json.dumps({"name": "own", "expectations": []}), "utf-8")
    assert copydesk_command("validate", dump, "--gx-suite", suite).code == 2
    suite.write_text(json.dumps({"name": "own", "expectations": [known]}), "utf-8")
    assert copydesk_command("validate", dump, "--gx-suite", suite, "--out", tmp_path / "out").code == 2


def test_a_suite_that_was_exported_is_not_for_articles(copydesk_command, dump, tmp_path):
    assert copydesk_command("suite", "export", "article", "--to", "gx", tmp_path / "suite.json").code == 0
    ran = copydesk_command("validate", dump, "--gx-suite", tmp_path / "suite.json")
    assert (ran.code, "is for flags.parquet" in ran.err) == (2, True), ran.err


def test_the_results_of_clean_are_not_mixed_with_those_of_validate(copydesk_command, dump, tmp_path):
    assert copydesk_command("clean", dump, "--out", tmp_path / "out").code == 1
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    ran = copydesk_command("validate", dump, *FAST, "--out", tmp_path / "out", "--overwrite")
    assert (ran.code, "it holds the results of `copydesk clean`; give another --out" in ran.err) == (2, True), ran.err
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert copydesk_command("validate", dump, *FAST, "--out", tmp_path / "checked").code == 1
    assert copydesk_command("clean", dump, "--out", tmp_path / "checked", "--overwrite").code == 1
    assert {path.name for path in (tmp_path / "checked").iterdir()} == set(before)


def test_mostly_of_a_warning_fails_the_set(copydesk_command, jsonl, article, tmp_path):
    path = jsonl(*[{"id": str(n), "title": "Ferry" if n else None, "text": f"{article} {n}"} for n in range(10)])
    for mostly, code in ((0.9, 0), (0.95, 1)):
        text = f'extends = "minimal"\n[checks]\n"headline/missing" = {{ mostly = {mostly} }}\n'
        (tmp_path / "s.toml").write_text(text, "utf-8")
        ran = copydesk_command("validate", path, "--suite", tmp_path / "s.toml", *FAST, "-q")
        assert ran.code == code
        assert "10 accepted" in ran.out


def test_near_duplicates_can_be_asked_for_in_every_suite(copydesk_command, jsonl, article):
    words = article.split()
    dump = jsonl({"id": "a", "text": article}, {"id": "b", "text": " ".join([*words[:-4], "and", "then", "rain"])})
    arguments = ["validate", dump, "--suite", "minimal", "--isolated"]
    assert "near" not in copydesk_command(*arguments).out
    near = copydesk_command(*arguments, "--near-duplicates", "0.5").out
    assert "nearly the same body (similarity of at least 50%)" in near
    assert "near" not in copydesk_command(*arguments, "--near-duplicates", "0.99").out.partition("nothing found")[0]
    wrong = copydesk_command(*arguments, "--near-duplicates", "7")
    assert (wrong.code, "--near-duplicates" in wrong.err) == (2, True)


def test_a_host_can_have_a_similarity_of_its_own(article, tmp_path):
    words = article.split()
    near = " ".join([*words[:-4], "and", "then", "rain"])
    suite = tmp_path / "near.toml"
    suite.write_text(
        '[checks]\n"body/near-duplicate" = { similarity = 0.99 }\n'
        '[[sources]]\nhost = "a.example"\nchecks = { "body/near-duplicate" = { similarity = 0.5 } }\n'
    )
    rows = [{"id": "1", "text": article, "url": "https://c.example/0"}]
    rows += [{"id": host, "text": near, "url": f"https://{host}.example/1"} for host in ("a", "b")]
    rows.append({"id": "c", "text": near, "url": "https://c.example/1"})
    found = copydesk.validate(pa.Table.from_pylist(rows), suite=suite)
    [check] = found.checks
    assert [(example.id, example.message.rpartition(": ")[2]) for example in check.examples] == [
        ("a", "id 1, similarity 92%"),
        ("b", "id a, similarity 100%"),
        ("c", "id a, similarity 100%"),
    ]
