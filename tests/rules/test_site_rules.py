"""Rules with hosts cut only records of these hosts."""

from __future__ import annotations

import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.rule_tools.examples import OPENING, run_examples
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.errors import RuleError

LINE = "Lamps, ropes and tar since 1888"
RULE = f"""
[[rule]]
id = "house/lamps"
summary = "Tagline of the house"
match = ['lamps, ropes and tar since [0-9]+']
removes = ["{LINE}"]
keeps = ["{LINE}, the sign says."]
since = "1"
"""
OF_RULE = RULE.replace("match =", 'hosts = ["lantern.example"]\nmatch =')
OF_FILE = f'hosts = ["lantern.example"]\n{RULE}'


@pytest.fixture(params=[OF_RULE, OF_FILE], ids=["of the rule", "of the file"])
def path(request, tmp_path):
    path = tmp_path / "lantern.toml"
    path.write_text(request.param, "utf-8")
    return path


@pytest.mark.parametrize(
    ("record", "cut"),
    [
        ({"url": "https://lantern.example/a"}, True),
        ({"url": "https://www.lantern.example/a"}, True),
        ({"url": "https://Sport.Lantern.example:443/a"}, True),
        ({"source_domain": "lantern.example"}, True),
        ({"url": "https://otherlantern.example/a"}, False),
        ({"url": "https://lantern.example.org/a"}, False),
        ({"url": "https://example/a"}, False),
        ({}, False),
    ],
)
def test_it_cuts_records_of_its_host(path, record, cut):
    cleaned = Cleaner(path).clean({"text": f"{OPENING}\n\n{LINE}", **record})
    assert [edit.rule for edit in cleaned.edits] == (["house/lamps"] if cut else [])


def test_a_batch_of_several_hosts(path):
    records = [{"text": f"{OPENING}\n\n{LINE}", "source_domain": f"{name}.example"} for name in ("a", "lantern", "b")]
    assert [len(cleaned.edits) for cleaned in Cleaner(path).clean_many(records)] == [0, 1, 0]


def test_inside_a_line(tmp_path):
    path = tmp_path / "lantern.toml"
    path.write_text(
        OF_RULE.replace("since =", 'where = "inline"\nsince =').replace("keeps", "seen = 'x'\nkeeps"), "utf-8"
    )
    text = f"{OPENING} {LINE} {OPENING}"
    bodies = [
        Cleaner(path).clean({"text": text, "source_domain": host}).article.body
        for host in ("lantern.example", "b.example")
    ]
    assert LINE not in bodies[0]
    assert bodies[1] == text


def test_its_examples_are_tried_on_its_host(path):
    tried = run_examples([path])
    assert (tried.examples, tried.failures) == (2, [])


def test_a_rule_may_name_other_hosts_than_its_file(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(f'hosts = ["a.example"]\n{OF_RULE}', "utf-8")
    rule = next(rule for rule in load_ruleset([path]).phrases if rule.id == "house/lamps")
    assert rule.hosts == ["lantern.example"]


@pytest.mark.parametrize(
    "host", ["https://lantern.example", "Lantern.example", "www.lantern.example", "lantern.example/a", ""]
)
def test_a_host_is_written_plainly(host, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(OF_RULE.replace("lantern.example", host), "utf-8")
    with pytest.raises(RuleError, match="is not a host"):
        load_ruleset([path])


def test_a_text_in_the_place_of_the_hosts_of_a_file(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(f'hosts = "lantern.example"\n{RULE}', "utf-8")
    with pytest.raises(RuleError, match=r"hosts"):
        load_ruleset([path])
