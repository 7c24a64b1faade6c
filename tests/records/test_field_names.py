"""Fields are found whatever a dump calls them: names in any spelling, nested records, several names for one field."""

from __future__ import annotations

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.records.loader import Loader, Place
from copydesk.schemas.dialects.catalogue import load_dialects, recognise
from copydesk.schemas.errors import NoTextFieldError, SettingError
from copydesk.schemas.field_aliases import ALIASES
from copydesk.schemas.field_paths import look_up, parse_path, without
from copydesk.schemas.values.date_settings import DateSettings


def load(record, mapping=None) -> dict:
    """Return the fields of a record as the loader reads them, from rows and from a table, which must agree."""
    columns = []
    for read in ("from_rows", "from_table"):
        loader = Loader(mapping)
        data = [record] if read == "from_rows" else pa.Table.from_pylist([record])
        records = getattr(loader, read)(data, Place())
        found = {name: column[0].as_py() for name, column in records.columns.items()}
        columns.append({name: value for name, value in found.items() if value not in (None, [])})
        columns[-1]["extra"] = copydesk.clean(record).article.extra if not mapping else {}
    assert columns[0] == columns[1]
    return columns[0]


@pytest.mark.parametrize("name", ["publishedAt", "Published At", "PUBLISHED_AT", "published-at", "published.at"])
def test_names_match_in_any_spelling(name):
    assert load({"Text": "It rained.", name: "2024-05-01"})["date_published"].year == 2024


@pytest.mark.parametrize(
    "names",
    [
        "Titel Inhalt Verfasser Datum Rubrik",
        "Titre Contenu Auteur Date_de_publication Rubrique",
        "TÍTULO Contenido Autor Fecha Sección",
        "titulo conteudo autores data editoria",
        "Titolo Testo Autore Data_pubblicazione Sezione",
        "Tytuł Treść Autorzy Data_publikacji Dział",
        "Başlık İçerik Yazar Tarih Kategori",
        "judul isi_berita penulis tanggal kategori",
        "Заголовок Текст Автор Дата Рубрика",
        "标题 正文 作者 发布时间 栏目",
        "タイトル 本文 著者 公開日 カテゴリ",
        "제목 본문 기자 입력일 카테고리",
        "العنوان النص الكاتب التاريخ القسم",
    ],
)
def test_names_of_other_languages(names):
    values = ("Rain", "It rained.", "Ada Lind", "2024-05-01", "Weather")
    article = load(dict(zip(names.split(), values, strict=True)))
    assert (article["headline"], article["body"]) == ("Rain", "It rained.")
    assert article["date_published"].year == 2024
    assert article["authors"][0]["name"] == "Ada Lind"
    assert article["section"] == "Weather"


@pytest.mark.parametrize("data", [{"views": 3}, "none", ["2024-05-01"], "1"])
def test_a_word_of_several_meanings_fills_a_date_only_with_a_date(data):
    assert load({"text": "It rained.", "data": data}).get("date_published") is None


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"source": {"id": "d", "name": "Daily"}}, "source_name", "Daily"),
        ({"source": "Daily"}, "source_name", "Daily"),
        ({"source": "https://lenn.example/a"}, "url", "https://lenn.example/a"),
        ({"title": {"rendered": "Rain"}}, "headline", "Rain"),
        ({"headline": "", "title": "Rain"}, "headline", "Rain"),
        ({"headline": " ", "title": None, "heading": "Rain"}, "headline", "Rain"),
        ({"guid": "https://lenn.example/a"}, "url", "https://lenn.example/a"),
    ],
)
def test_a_field_comes_from_the_first_place_that_has_a_value(record, field, value):
    assert load({"text": "It rained.", **record})[field] == value


@pytest.mark.parametrize(
    "record",
    [
        {"article": {"body": "It rained."}},
        {"maintext": "", "text": "It rained."},
        {"content": [{"type": "text/html", "value": "It rained."}]},
        {"content": {"rendered": "It rained.", "protected": False}},
        {"paragraphs": ["It rained."]},
        {"text": None, "html": "<p>It rained.</p>"},
    ],
)
def test_the_body_may_be_nested_or_elsewhere(record):
    assert "It rained." in load(record)["body"]


def test_each_record_has_its_own_first_name():
    rows = [{"text": "One.", "body": ""}, {"text": "Two.", "body": "Three."}]
    for records in (Loader().from_rows(rows, Place()), Loader().from_table(pa.Table.from_pylist(rows), Place())):
        assert records.body.to_pylist() == ["One.", "Three."]
        assert records.text_field == ["text", "body"]
        assert records.extra == [None, b'{"text":"Two."}']


def test_what_no_field_takes_stays_under_extra():
    record = {
        "text": "It rained.",
        "publisher": {"name": "Daily", "logo": "x.png"},
        "source": {"id": "d", "name": "Weekly"},
        "section": ["News", "Rain"],
        "byline": "By Ada Quill",
        "author": "Ada Quill",
        "views": 3,
    }
    found = load(record)
    assert found["source_name"] == "Daily"
    kept = {"publisher": record["publisher"], "source": record["source"], "section": ["News", "Rain"], "views": 3}
    assert found["extra"] == {**kept, "byline": "By Ada Quill"}


def test_what_is_left_of_a_nested_record_is_kept():
    record = {"text": "It rained.", "source": {"id": "d", "name": "Weekly"}}
    assert load(record)["extra"] == {"source": {"id": "d"}}


def test_a_mapping_can_be_a_path():
    record = {"meta": {"when": "2024-05-01", "by": [{"who": "Ada"}, {"who": "Bo"}]}, "parts": {"main": "It rained."}}
    mapping = {"body": "parts.main", "date_published": "meta.when", "authors": "meta.by[].who"}
    found = load(record, mapping)
    assert (found["body"], found["date_published"].year) == ("It rained.", 2024)
    assert [author["name"] for author in found["authors"]] == ["Ada", "Bo"]
    loader = Loader({"body": "parts.main", "headline": "nothing.here"})
    loader.from_rows([record], Place())
    assert loader.unseen == {"nothing.here"}


def test_a_dialect_can_be_named():
    record = {"text": "It rained.", "source": "https://lenn.example/a", "hostname": "lenn.example"}
    assert load(record, {"dialect": "trafilatura"})["url"] == "https://lenn.example/a"
    with pytest.raises(SettingError, match="unknown dialect 'trafilatur'"):
        copydesk.Cleaner(mapping={"dialect": "trafilatur"})


def test_a_suggestion_is_a_field_with_a_long_text_or_none():
    prose = "It rained in Lenn all day, and nobody came to the fair. " * 10
    with pytest.raises(NoTextFieldError, match="--map body=words"):
        Loader().require_text([["views", "words"]], "dump", [{"views": "3", "words": prose}])
    with pytest.raises(NoTextFieldError, match="no field looks like one"):
        Loader().require_text([["views", "textual"]], "dump", [{"views": "3", "textual": "yes"}])


def test_every_dialect_names_fields_of_the_article():
    for dialect in load_dialects().values():
        assert dialect.fields.keys() <= ALIASES.keys(), dialect.name
        assert "body" in dialect.fields
        assert dialect.signs, dialect.name
        signs = [sign.partition("|")[0] for sign in dialect.signs]
        assert recognise(signs)[0] == dialect, dialect.name


@pytest.mark.parametrize(
    "names", [["text"], ["title", "text", "url"], ["id", "headline", "body", "date", "author"], []]
)
def test_ordinary_names_are_of_no_dialect(names):
    assert recognise(names)[0] is None


def test_paths():
    record = {"a": [{"b": "x"}, {"b": ["y"]}, 3], "deep": {"Name One": {"c": 1}}}
    assert look_up(record, parse_path("a[].b")) == ["x", "y"]
    assert look_up(record, parse_path("a[0].b")) == "x"
    assert look_up(record, parse_path("a[7].b")) is None
    assert look_up(record, parse_path("deep.name_one.c")) == 1
    assert look_up(record, parse_path("a.**")) == ["x", "y"]
    assert without(record, parse_path("a[].b")) == {"a": [3], "deep": {"Name One": {"c": 1}}}
    assert without(record, parse_path("deep.name_one")) == {"a": record["a"]}
    assert parse_path("a." * 1000) == ("a." * 1000,)


@pytest.mark.parametrize(
    "record",
    [
        {"story": {"headline": "Rain", "body": "It rained.", "bylines": [{"name": "Ada Lind"}], "date": "2024-05-01"}},
        {"data": {"attributes": {"title": "Rain", "text": "It rained.", "author": "Ada Lind", "date": "2024-05-01"}}},
        {"webTitle": "Rain", "fields": {"bodyText": "It rained.", "byline": "Ada Lind"},
         "webPublicationDate": "2024-05-01"},
        {"_id": "1", "_source": {"title": "Rain", "content": "It rained.", "author": "Ada Lind", "date": "2024-05-01"}},
        {"title": {"rendered": "Rain"}, "content": {"rendered": "It rained."}, "link": "https://a.example/1",
         "id": 4, "date": "2024-05-01", "excerpt": {"rendered": ""}, "author_name": "Ada Lind"},
        {"title": [{"value": "Rain"}], "body": [{"value": "It rained.", "format": "plain"}],
         "created": [{"value": "2024-05-01T00:00:00Z"}], "author": [{"fullname": "Ada Lind"}]},
        {"texto_noticia": "It rained.", "titulo_noticia": "Rain", "autor_noticia": "Ada Lind",
         "fecha_noticia": "2024-05-01"},
        {"Titre de l'article": "Rain", "Texte de l'article": "It rained.", "Auteur(s)": "LIND Ada",
         "Date of publication": "2024-05-01"},
        {"news_title": "Rain", "news_content": "It rained.", "newsAuthor": "Ada Lind", "news_date": "2024-05-01"},
        {"rubrik": "Rain", "brödtext": "It rained.", "skribent": "Ada Lind", "publicerad": "2024-05-01",
         "kategori": "Väder"},
        {"文章标题": "Rain", "文章正文": "It rained.", "文章作者": "Ada Lind", "发表时间": "2024-05-01"},
        {"Заголовок статьи": "Rain", "Текст статьи": "It rained.", "Автор статьи": "Ada Lind", "дата": "2024-05-01"},
        {"τίτλος": "Rain", "κείμενο": "It rained.", "συντάκτης": "Ada Lind", "ημερομηνία": "2024-05-01"},
    ],
    ids=lambda record: next(iter(record)),
)  # fmt: skip
def test_fields_are_found_in_wrappers_and_in_compound_names(record):
    article = load(record)
    assert (article["headline"], article["body"]) == ("Rain", "It rained.")
    assert [one["name"] for one in article["authors"]] == ["Ada Lind"]
    assert article["date_published"].isoformat() == "2024-05-01T00:00:00+00:00"


def test_the_fields_of_the_record_come_before_those_of_a_wrapper():
    record = {"title": "Rain", "text": "It rained.", "meta": {"title": "Rain | Daily", "lang": "en", "views": 3}}
    article = load(record)
    assert (article["headline"], article["language"]) == ("Rain", "en")
    assert article["extra"] == {"meta": {"title": "Rain | Daily", "views": 3}}


def test_a_wrapper_without_a_text_is_no_text_field(jsonl):
    dump = jsonl({"title": "Rain", "data": {"views": 3}})
    with pytest.raises(NoTextFieldError, match="no text field found; the fields are: title, data"):
        Loader().require_text([["title", "data"]], str(dump), [{"title": "Rain", "data": {"views": 3}}])


def test_descriptions_lose_their_markup():
    record = {"text": "It rained.", "summary": "<p>It <b>rained</b> &amp; rained.</p><img src='a.png'><p>Twice.</p>"}
    assert load(record)["description"] == "It rained & rained. Twice."
    assert load({"text": "It rained.", "publisher": "{'name': 'Daily'}"})["source_name"] == "Daily"


def test_the_loader_knows_which_place_has_given_a_field():
    record = {
        "id": 4,
        "link": "https://a.example/1",
        "title": {"rendered": "Rain"},
        "content": {"rendered": "It rained."},
        "excerpt": {"rendered": ""},
        "date_gmt": "2024-05-01T00:00:00",
    }
    loader = Loader()
    loader.from_rows([record], Place())
    places = {field: loader.places[field] for field in ("body", "headline", "url")}
    assert places == {"body": "content.rendered", "headline": "title.rendered", "url": "link"}
    assert "description" not in loader.places


@pytest.mark.parametrize("name", ["date_gmt", "post_date_gmt", "publishedAtUtc"])
def test_times_of_names_that_state_their_zone(name):
    record = {"text": "It rained.", name: "2024-05-01T10:00:00", "modified": "2024-05-02T10:00:00"}
    records = Loader(dates=DateSettings(timezone="Europe/Berlin")).from_rows([record], Place())
    dates = {field: records.columns[field][0].as_py().hour for field in ("date_published", "date_modified")}
    assert dates == {"date_published": 10, "date_modified": 8}
    assert records.columns["date_published_precision"].to_pylist() == ["second"]


def test_a_hit_of_elasticsearch_is_no_source():
    hit = {"_id": "7", "_source": {"title": "Rain", "content": "It rained.", "deck": "Wet."}}
    found = load(hit)
    assert (found["headline"], found["description"], "source_name" in found) == ("Rain", "Wet.", False)
