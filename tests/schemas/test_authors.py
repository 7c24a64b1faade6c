"""Authors: 305 bylines with the names and roles in them, in tests/data/authors.jsonl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import copydesk
from copydesk.schemas.values.authors import authors

DATA = Path(__file__).parent.parent / "data/authors.jsonl"
BYLINES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


def test_names_and_roles_of_bylines_are_read():
    assert len(BYLINES) >= 300
    wrong = []
    for entry in BYLINES:
        try:
            people = [(one["name"], one["role"]) for one in authors(entry["written"])]
        except ValueError:
            people = []
        roles = entry.get("roles", [role for _, role in people])
        if [name for name, _ in people] != entry["names"] or [role for _, role in people] != roles:
            wrong.append((entry["written"], people))
    assert len(wrong) <= 0.05 * len(BYLINES), wrong


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1042", "a number"),
        ("https://www.lantern.example/petra.quill", "an address"),
        ("NewsDesk", "no person"),
        ("11 January 2022", "a date"),
        ("Senior Reporter", "a role"),
        ({"foo": 1}, "an object without a name"),
        (b"Petra", "a name expected, bytes found"),
        ("x" * 3000, "a text of 3,000 characters"),
    ],
)
def test_what_is_nobody_is_refused_with_the_reason(value, reason):
    with pytest.raises(ValueError, match=reason) as error:
        authors(value)
    assert len(str(error.value)) < 200


def test_what_is_left_out_is_named_in_the_record():
    cleaned = copydesk.clean({"text": "It rained.", "author": ["Petra Quill", "11 January 2022"]})
    assert [author.name for author in cleaned.article.authors] == ["Petra Quill"]
    (assumed,) = cleaned.article.provenance.assumed
    assert (assumed.field, assumed.how) == ("authors", "left out '11 January 2022': a date")
    assert "authors/assumed" in [reason.check for reason in cleaned.reasons]


def test_a_value_without_a_name_stays_under_extra():
    cleaned = copydesk.clean({"text": "It rained.", "author": "NewsDesk"})
    assert (cleaned.article.authors, cleaned.article.extra) == ([], {"author": "NewsDesk"})
    (reason,) = [reason for reason in cleaned.reasons if reason.check.startswith("authors/")]
    assert (reason.check, reason.message) == ("authors/not-a-name", "not a name: 'NewsDesk': no person")


def test_articles_that_are_read_again_keep_their_authors():
    article = copydesk.clean({"text": "It rained.", "author": "By Petra Quill | Reuters"}).article
    again = copydesk.clean(article.model_dump(mode="json")).article
    assert again.authors == article.authors


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("BELL Maria ; O'LEARY-PETIT Jean Luc", ["Maria Bell", "Jean Luc O'Leary-Petit"]),
        ("Opracowanie: Jan Nowak", ["Jan Nowak"]),
        ("Maria Bell in Lowmoor and Dan Leary in Skarnes", ["Maria Bell", "Dan Leary"]),
        ("by mbell@lantern.example (Maria Bell)", ["Maria Bell"]),
        ("By MARIA BELL and DAN LEARY Associated Press", ["Maria Bell", "Dan Leary", "Associated Press"]),
        ("Words: Maria Bell, Photography: Dan Leary", ["Maria Bell", "Dan Leary"]),
        ("Reporter: Dewi Lestari | Editor: Budi Santoso", ["Dewi Lestari", "Budi Santoso"]),
        ("Text: Karin Lind Foto: Olle Berg", ["Karin Lind", "Olle Berg"]),
        ("Ein Gastbeitrag von Klara Weiß", ["Klara Weiß"]),
        ("Von unserer Redakteurin Klara Weiß", ["Klara Weiß"]),
        ("von Klara Weiß, Stefan von der Heide", ["Klara Weiß", "Stefan von der Heide"]),
        ("Propos recueillis par Élodie Marchand", ["Élodie Marchand"]),
        ("De notre correspondant à Lenn, Jean-Luc Petit", ["Jean-Luc Petit"]),
        ("Élodie MARCHAND", ["Élodie Marchand"]),
        ("Beatriz Nogueira, da Folha do Mar", ["Beatriz Nogueira"]),
        ("Por Beatriz Nogueira — Lenn", ["Beatriz Nogueira"]),
        ("di Giulia Ferri e Marco Sala", ["Giulia Ferri", "Marco Sala"]),
        ("Giulia Ferri, corrispondente da Lenn", ["Giulia Ferri"]),
        ("oprac. Ewa Nowicka", ["Ewa Nowicka"]),
        ("Rozmawiała Ewa Nowicka", ["Ewa Nowicka"]),
        ("Текст: Ольга Серова, фото: Иван Громов", ["Ольга Серова", "Иван Громов"]),
        ("Haber: Ayşe Demir", ["Ayşe Demir"]),
        ("湖城日报记者 王小明 李红", ["王小明", "李红"]),
        ("記者王小明／台北報導", ["王小明"]),
        ("佐藤健 記者", ["佐藤健"]),
        ("[레른=뉴시스] 김민수 기자", ["김민수"]),
        ("كتبت سارة حداد", ["سارة حداد"]),
        ("Γράφει ο Νίκος Δήμου", ["Νίκος Δήμου"]),
        ("Dewi Lestari - lenn.example", ["Dewi Lestari"]),
        ("dpa/lno", ["dpa"]),
    ],
)
def test_bylines_as_sites_write_them(written, names):
    assert [person["name"] for person in authors(written)] == names
