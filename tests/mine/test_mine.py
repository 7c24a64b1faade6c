"""Lines that recur in a data set become rules that have their examples, and that cut them."""

from __future__ import annotations

import json
import random

import pyarrow as pa
import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.mine.candidates import is_date
from copydesk.cleaner.mine.line_counts import LineCounts
from copydesk.cleaner.mine.line_keys import LONGEST, key_lines
from copydesk.cleaner.mine.miner import mine
from copydesk.cleaner.mine.reach import ReachCounter
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.rule_tools.examples import run_examples
from copydesk.rules.ruleset.loader import load_file

PLACES = ["Ostwick", "Lowmoor", "Lenn", "Harbour End", "Mill Street", "the quay", "the old bridge", "Fell Farm"]
ACTS = ["was closed on Tuesday", "will be repaired in spring", "drew a crowd of hundreds", "has a new owner since May",
        "stood empty for eleven years", "was painted by the children of the school"]  # fmt: skip
ENDS = ["as the council had promised", "which nobody had expected", "and the mayor was there", "said Marta Lindqvist",
        "because the money had run out", "after a long night of talks"]  # fmt: skip


def prose(source: random.Random, sentences: int = 3) -> str:
    def sentence() -> str:
        place, act, end = map(source.choice, (PLACES, ACTS, ENDS))
        return f"{place.capitalize()} {act}, {end}, on day {source.randrange(900)}."

    return " ".join(sentence() for _ in range(sentences))


def page(source: random.Random, host: str | None, *, junk: tuple[str, ...] = (), quoted: str = "") -> dict:
    paragraphs = [prose(source) for _ in range(4)]
    if quoted:
        paragraphs[1] = f"He read “{quoted}” on the door and went home, as he had done on each of the days before it."
    text = "\n\n".join([*paragraphs, *junk, "Scroll to Top"])
    return {"text": text, **({"url": f"https://{host}/{source.randrange(10**9)}"} if host else {})}


@pytest.fixture
def dump(tmp_path):
    def write(records: list[dict]) -> list:
        path = tmp_path / "dump.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        return find_sources([str(path)], "auto")

    return write


@pytest.fixture
def hosts_with():
    """Return records of eight hosts that have some junk, and of a ninth that has a line of its own."""

    def make(*junk: str) -> list[dict]:
        source = random.Random(7)
        records = [page(source, f"h{n}.example", junk=junk) for n in range(8) for _ in range(3)]
        return records + [page(source, "lantern.example", junk=("Zest of lamp oil 44",)) for _ in range(6)]

    return make


def test_a_line_of_many_hosts_becomes_a_rule(dump, hosts_with, tmp_path):
    mined = mine(dump(hosts_with("Grab the Wugglefeed widget 12")))
    path = tmp_path / "candidates.toml"
    path.write_text(mined.render(), "utf-8")
    rules = {rule.id: rule for rule in load_file(path).phrases}
    rule = rules["mined/grab-the-wugglefeed-widget-12"]
    assert rule.match == ["grab the wugglefeed widget [0-9]+"]
    assert rule.removes == ["Grab the Wugglefeed widget 12"]
    assert (rule.hosts, rule.summary) == ([], "Line on 24 records of 8 hosts")
    assert run_examples([path]).success
    text = f"{prose(random.Random(1))}\n\nGRAB the Wugglefeed widget 99"
    assert Cleaner(path).clean(text).article.body == prose(random.Random(1))


def test_a_line_of_one_host_becomes_a_rule_of_that_host(dump, hosts_with, tmp_path):
    mined = mine(dump(hosts_with("Grab the Wugglefeed widget 12")))
    path = tmp_path / "candidates.toml"
    path.write_text(mined.render(), "utf-8")
    (rule,) = [rule for rule in load_file(path).phrases if rule.hosts]
    assert (rule.hosts, rule.removes) == (["lantern.example"], ["Zest of lamp oil 44"])


def test_what_rules_know_already_is_no_candidate(dump, hosts_with):
    names = [candidate.name for candidate in mine(dump(hosts_with("Grab the Wugglefeed widget"))).candidates]
    assert "scroll-to-top" not in names


def test_a_phrase_that_articles_use_is_no_candidate(dump):
    source = random.Random(3)
    phrase = "Grab the Wugglefeed widget"
    records = [page(source, f"h{n}.example", junk=(phrase,), quoted=phrase) for n in range(8) for _ in range(2)]
    assert [candidate for candidate in mine(dump(records)).candidates if "wugglefeed" in candidate.name] == []


def test_a_heading_over_prose_is_no_candidate(dump):
    source = random.Random(3)
    records = [page(source, f"h{n}.example") for n in range(8)]
    for record in records:
        first, rest = record["text"].split("\n\n", 1)
        record["text"] = f"{first}\n\nWugglefeed and you\n\n{rest}"
    assert [candidate for candidate in mine(dump(records)).candidates if "wugglefeed" in candidate.name] == []


def test_near_misses_are_kept(dump, hosts_with):
    records = hosts_with("Grab the Wugglefeed widget")
    records[0]["text"] = records[0]["text"].replace("\n\n", " Grab the fish, he said.\n\n", 1)
    (candidate,) = [c for c in mine(dump(records)).candidates if "wugglefeed" in c.name]
    assert "Grab the fish" in candidate.keeps[0]


def test_records_without_a_host(dump, hosts_with):
    records = [{"text": record["text"]} for record in hosts_with("Grab the Wugglefeed widget")]
    mined = mine(dump(records))
    assert mined.without_host == mined.records == 30
    assert "grab-the-wugglefeed-widget" in [candidate.name for candidate in mined.candidates]


def test_sentences_of_long_lines_count(dump):
    source = random.Random(3)
    records = []
    for n in range(8):
        text = f"{prose(source, 6)} Grab the Wugglefeed widget today and never look back. {prose(source, 6)}"
        records.append({"text": text, "url": f"https://h{n}.example/a"})
    keys = key_lines(pa.array([record["text"] for record in records], pa.large_string()))
    lines = [keys.lines.text(int(at)) for at in keys.index]
    assert lines.count("Grab the Wugglefeed widget today and never look back.") == 8


def test_the_same_dump_gives_the_same_candidates(dump, hosts_with):
    sources = dump(hosts_with("Grab the Wugglefeed widget"))
    assert mine(sources).render() == mine(sources).render()


def test_few_records_give_none(dump):
    assert mine(dump([page(random.Random(1), "a.example")])).candidates == []


def test_keys_are_those_of_lines_that_read_the_same():
    texts = ["Share 12\nshare  7", "• SHARE 3 •\nShared 3", "x" * (LONGEST + 1), None, ""]
    keys = key_lines(pa.array(texts, pa.large_string()))
    assert keys.rows.tolist() == [0, 0, 1, 1]
    assert len({*keys.keys[:3].tolist()}) == 1
    assert keys.keys[3] != keys.keys[0]


def test_counts_are_never_too_low():
    texts = pa.array(["a line\nanother line\na line", "a line", "a third line"], pa.large_string())
    counts = LineCounts()
    counts.add(texts)
    keys = key_lines(pa.array(["a line\nanother line\nnever"], pa.large_string())).keys
    assert counts.may_reach(keys, 2).tolist() == [True, False, False]
    assert counts.may_reach(keys, 1).tolist() == [True, True, False]


def test_reach_counts_records_and_hosts():
    texts = pa.array(["a line\na line", "a line", "a line", "other"], pa.large_string())
    hosts = ["a.example", "a.example", "b.example", "b.example"]
    counts = LineCounts()
    counts.add(texts)
    counter = ReachCounter(counts, 2)
    counter.add(texts.slice(0, 2), hosts[:2])
    counter.add(texts.slice(2), hosts[2:])
    reach = counter.close(10)
    assert (reach.records.tolist(), reach.hosts.tolist(), reach.only_host) == ([3], [2], [None])


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Monday, November 12, 2012", True),
        ("05/06/2024", True),
        ("2 days ago", True),
        ("12 comments", False),
        ("Top", False),
    ],
)
def test_dates_are_no_candidates(line, date):
    assert is_date(line) is date


def test_the_command(copydesk_command, dump, hosts_with, tmp_path):
    dump(hosts_with("Grab the Wugglefeed widget"))
    ran = copydesk_command("mine", str(tmp_path / "dump.jsonl"), "--out", str(tmp_path / "candidates.toml"))
    assert ran.code == 0, ran.err
    assert "candidates written to" in ran.err
    assert "grab the wugglefeed widget" in (tmp_path / "candidates.toml").read_text("utf-8")
    again = copydesk_command("mine", str(tmp_path / "dump.jsonl"), "--out", str(tmp_path / "dump.jsonl"))
    assert again.code == 2
    assert copydesk_command("mine", "-", "--out", str(tmp_path / "x.toml")).code == 2
