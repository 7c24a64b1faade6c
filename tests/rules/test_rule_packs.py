"""Rules of plugins: what an entry point adds, and what makes up its digest."""

from __future__ import annotations

import sys
import types

import pytest

from copydesk.rules.ruleset import rule_packs
from copydesk.rules.ruleset.declare import find_code_rules
from copydesk.schemas.errors import RuleError

TOML = """[[rule]]
id = "pack/tagline"
summary = "Tagline of the house"
match = ['lit since 1888']
removes = ["Lit since 1888"]
keeps = ["Lit since 1888, it went out."]
since = "1"
"""
CODE = """from copydesk.plugins import page_rule, rule

@rule("pack/text", summary="A rule of texts", removes=["a"], keeps=["b"], since="1")
def find_text(text):
    return []

@page_rule("pack/page", summary="A rule of pages", removes=["a"], keeps=["b"], since="1")
def find_page(page):
    return []

again = find_text
"""


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """Make and import a package of rules."""

    def pack(**files):
        folder = tmp_path / "small_pack"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("_toml", ".toml").replace("_py", ".py").replace("init", "__init__")).write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        for name in [name for name in sys.modules if name.partition(".")[0] == "small_pack"]:
            del sys.modules[name]
        __import__("small_pack")
        return sys.modules["small_pack"]

    return pack


def classify(module):
    return rule_packs._classify(module, None)


def test_a_package_adds_its_files_and_its_functions(pack):
    adds = classify(pack(init_py=CODE, a_toml=TOML))
    assert {rule_id: source.name.rpartition("/")[2] for rule_id, source in adds.items()} == {
        "pack/tagline": "a.toml",
        "pack/text": "small_pack",
        "pack/page": "small_pack",
    }


def test_rules_are_found_once_in_the_order_of_the_module(pack):
    assert [rule.info.id for rule in find_code_rules(pack(init_py=CODE))] == ["pack/text", "pack/page"]


def test_rules_of_a_module_inside_count_where_they_are_imported(pack):
    module = pack(init_py="from .inner import find_page", inner_py=CODE)
    assert list(classify(module)) == ["pack/page"]


def test_the_digest_is_that_of_all_code_of_the_package(pack):
    def digest(**files):
        return classify(pack(**files))["pack/page"].digest

    first = digest(init_py=CODE, other_py="x = 1")
    assert digest(init_py=CODE, other_py="x = 1") == first
    assert digest(init_py=CODE, other_py="x = 2") != first
    assert digest(init_py=f"{CODE}# more", other_py="x = 1") != first


REFUSED = {
    "an object": (lambda pack: 7, "it does not name a module"),
    "no rule": (lambda pack: types.ModuleType("nothing"), "it has no rule"),
    "one id twice": (
        lambda pack: pack(init_py=CODE, a_toml=TOML.replace("tagline", "page")),
        "pack/page is declared twice",
    ),
    "an alias of another family": (
        lambda pack: pack(init_py="", a_toml=f'{TOML}aliases = ["navigation/top"]'),
        "pack/tagline: an alias is of another family",
    ),
}


@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(make, said, pack):
    with pytest.raises(RuleError, match=said):
        classify(make(pack))
