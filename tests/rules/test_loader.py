"""Rule files: what is found, what is read, and where an error is."""

from __future__ import annotations

import shutil

import pytest

from copydesk.rules.ruleset import loader
from copydesk.rules.ruleset.declare import PageRule, RepairRule
from copydesk.rules.ruleset.model import Case, PhraseRule
from copydesk.schemas.errors import RuleError

RULE = """[[rule]]
id = "house/tagline"
summary = "Tagline of the house"
match = ['lit since 1888']
removes = ["Lit since 1888"]
keeps = ["Lit since 1888, it went out."]
since = "1"
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="house.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def test_built_in_files_are_found_by_looking(tmp_path, monkeypatch):
    files = ["phrases/any/a.toml", "phrases/xx/new.toml", "code/b.py", "code/__init__.py", "code/notes.txt", "x.toml"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name, folder in (("RULES", ""), ("PHRASES", "phrases"), ("CODE", "code")):
        monkeypatch.setattr(loader, name, tmp_path / folder)
    found = [path.relative_to(tmp_path).as_posix() for path in loader.find_builtin_files()]
    assert found == ["code/b.py", "phrases/any/a.toml", "phrases/xx/new.toml"]


def test_every_built_in_source_has_rules_and_a_name_of_its_own():
    sources = loader.load_builtin()
    assert len({source.name for source in sources}) == len(sources)
    assert [source.name for source in sources if not source.infos] == ["code/headline_lines.py"]
    assert all(source.built_in for source in sources)
    assert "phrases/de/comments.toml" in {source.name for source in sources}


def test_a_module_declares_its_rules_in_order():
    characters = loader.load_module(loader.CODE / "characters.py")
    assert [type(rule) for rule in characters.code] == [RepairRule] * 4
    assert [info.id for info in characters.infos][:3] == [
        "characters/mojibake",
        "characters/entities",
        "characters/soft-hyphens",
    ]
    (headlines,) = loader.load_module(loader.CODE / "headlines.py").code
    assert isinstance(headlines, PageRule)
    assert [info.id for info in headlines.infos] == ["headlines/lift", "headlines/repeat", "headlines/suffix"]


def test_the_digest_of_the_gate_is_that_of_its_code_and_weights(tmp_path, monkeypatch):
    before = loader.load_gate().digest
    shutil.copytree(loader.GATE, tmp_path / "gate", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(loader, "GATE", tmp_path / "gate")
    assert loader.load_gate().digest == before
    with (tmp_path / "gate" / "rule.py").open("a") as file:
        file.write("# more\n")
    assert loader.load_gate().digest != before


def test_a_file_of_rules(write):
    source = loader.load_file(write(RULE))
    assert (source.name, len(source.digest), source.built_in) == ("house.toml", 64, False)
    (rule,) = source.phrases
    assert isinstance(rule, PhraseRule)
    assert (rule.id, rule.family, rule.where, rule.languages, rule.min_run) == (
        "house/tagline",
        "house",
        "anywhere",
        ["*"],
        1,
    )


ERRORS = {
    "not-toml": ("[[rule", "house.toml: not a TOML file: "),
    "not-utf-8": (RULE.encode() + b"# \xff", "house.toml: not a TOML file: "),
    "empty": ("", "house.toml: the file has no rule; write at least one [[rule]]"),
    "no-list": ("rule = 7", "house.toml: the file has no rule"),
    "other-key": (f"{RULE}\n[rules]\n", "house.toml:9: unknown key 'rules', did you mean 'rule'?"),
    "unknown-key": (f"{RULE}were = 'tail'\n", "house.toml:8: rule house/tagline: unknown key 'were', did you mean"),
    "bad-id": (RULE.replace("house/", ""), "house.toml:2: rule tagline: id: 'tagline' is not FAMILY/NAME"),
    "bad-language": (f"{RULE}languages = ['klingon']", "'klingon' is not a language tag"),
    "no-keeps": (RULE.replace("keeps", "seen"), "the key 'keeps' is missing"),
    "few-keeps": (RULE.replace('888"]', '888", "x"]', 1), "2 removes but only 1 keeps: give at least as many"),
    "anchor": (
        RULE.replace("lit since", "^lit"),
        "house.toml:4: rule house/tagline: match: '^lit 1888' is not a valid pattern: '^' is not needed",
    ),
    "twice": (f"{RULE}\n{RULE}", "house.toml:10: duplicate id 'house/tagline'; give each rule an id of its own"),
    "number": ("rule = [7]", "house.toml:1: rule number 1: "),
}


@pytest.mark.parametrize(("text", "said"), ERRORS.values(), ids=ERRORS)
def test_an_error_names_its_place(text, said, write):
    path = write("")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RuleError) as caught:
        loader.load_file(path)
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RuleError, match=r"none\.toml: the rule file cannot be read \(No such file"):
        loader.load_file(tmp_path / "none.toml")
    with pytest.raises(RuleError, match="the rule file cannot be read"):
        loader.load_checked(tmp_path / "none.toml")


def test_a_pattern_that_does_not_compile_names_its_line_each_time(write):
    path = write(RULE.replace("lit since", "lit (since"))
    for _ in range(2):
        with pytest.raises(RuleError, match=r"house\.toml:4: rule house/tagline: match: .* is not a valid pattern"):
            loader.load_checked(path)


def test_a_file_that_has_passed_is_not_checked_again(write, monkeypatch):
    path = write(RULE.replace("1888", "1889"))
    first = loader.load_checked(path)
    monkeypatch.setattr(loader, "_require_patterns", lambda *_: pytest.fail("it was checked again"))
    assert loader.load_checked(path) == first


def test_rule_files_of_folders(write, tmp_path):
    files = [write(RULE, name) for name in ("own/b.toml", "own/a.toml", "own/below/c.toml", "one.toml")]
    found = loader.find_rule_files([files[3], tmp_path / "own"])
    assert found == [files[3], files[1], files[0], files[2]]
    (tmp_path / "none").mkdir()
    with pytest.raises(RuleError, match="the folder has no rule file"):
        loader.find_rule_files([tmp_path / "none"])


def test_the_line_of_a_rule(write):
    path = write(f"# a comment\n{RULE}\n{RULE.replace('tagline', 'other')}")
    assert loader.find_rule_line(path, "house/other") == f"{path}:11"


def test_a_case_knows_the_former_name_of_host_documents():
    assert Case(before="a", after="b", corpus=["c"]) == Case(before="a", after="b", host_documents=["c"])
    with pytest.raises(ValueError, match="corpus"):
        Case(before="a", after="b", corpus=["c"], host_documents=["d"])
