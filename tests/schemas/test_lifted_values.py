"""Bylines and dates of lines above an article, in the forms of many languages."""

from __future__ import annotations

import pytest

from copydesk.schemas.lifted_values import read_byline, read_dates, read_site

DATES = {
    "3 marzo 2024 - Aggiornato alle 10:30": {"date_published": "03T00:00", "date_modified": "03T10:30"},
    "2024年3月3日（日） 10:15": {"date_published": "03T10:15"},
    "2024年3月3日 10:15 更新": {"date_modified": "03T10:15"},
    "الأحد، 3 مارس 2024": {"date_published": "03T00:00"},
    "입력 2024.03.03. 오전 10:15": {"date_published": "03T10:15"},
    "Giriş: 03.03.2024 10:15 Güncelleme: 04.03.2024 11:20": {"date_published": "03T10:15", "date_modified": "04T11:20"},
    "2024-03-03 10:15 来源:湖城日报": {"date_published": "03T10:15"},
    "Thứ ba, 5 tháng 3 năm 2024": {"date_published": "05T00:00"},
    "Publicerad 3 mars 2024 kl. 10.15": {"date_published": "03T10:15"},
    "3 mars 2024 à 10h15, mis à jour le 4 mars 2024 à 11h20": {
        "date_published": "03T10:15",
        "date_modified": "04T11:20",
    },
    "3 марта 2024 г., 10:15": {"date_published": "03T10:15"},
    "प्रकाशित: 3 मार्च 2024": {"date_published": "03T00:00"},
    "Atualizado em 3 de março de 2024 às 10h15": {"date_modified": "03T10:15"},
}
OTHER_LINES = [
    "Battle of 5 May 1862",
    "10.03.2024 Bürgerfest",
    "Der 3. Oktober 1990",
    "12 Apostel 2024",
    "Team 12 Berlin 2024",
    "Stand 12 2024",
    "3 marzo 2024 - Aggiornamenti dal ponte",
]
BYLINES = {
    "Автор: Иван Петров": ["Иван Петров"],
    "di Marco Rossi": ["Marco Rossi"],
    "박서준 기자 sjpark@lowmoornews.example": ["박서준"],
    "作者：王小明、李红": ["王小明", "李红"],
    "بقلم أحمد علي": ["أحمد علي"],
    "Giornalista: Ina Brod": ["Ina Brod"],
}
OTHER_BYLINES = [
    "文章の書き方",
    "文化 交流",
    "记者 获悉",
    "كتب الوزير رسالة",
    "di sera",
    "Автор двух книг",
    "Von Die Redaktion",
]


@pytest.mark.parametrize(("line", "times"), DATES.items())
def test_a_line_with_a_date_and_nothing_else(line, times):
    assert {name: moment.time.strftime("%dT%H:%M") for name, moment in read_dates(line).items()} == times


@pytest.mark.parametrize("line", OTHER_LINES)
def test_a_line_with_more_than_a_date(line):
    assert read_dates(line) == {}


@pytest.mark.parametrize(("line", "names"), BYLINES.items())
def test_a_byline(line, names):
    assert [author["name"] for author in read_byline(line)] == names


@pytest.mark.parametrize("line", OTHER_BYLINES)
def test_a_line_that_is_no_byline(line):
    assert read_byline(line) is None


def test_the_source_behind_a_chinese_date():
    assert read_site("2024-03-03 10:15 来源:湖城日报") == "湖城日报"
