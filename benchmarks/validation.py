"""Validation beside Great Expectations, pandera and pointblank, on invented records of 2 to 5 kB.

    python benchmarks/validation.py [--rows 1000000] [--small 100000] [--peers]

Prints, as a table and as JSON: the `article` suite on `--rows` records in Parquet (seconds, MB/s, peak memory of the
process, and the same at twice the rows); on `--small` records, the suite beside expectations of Great Expectations on
the bodies and fields themselves that say the same as far as they can; with `--peers`, ten checks that all four can
express. Each measurement is a process of its own, the ones that are compared run in turn, and the best of three
counts. pandera and pointblank must be installed: pip install 'pandera[polars]' pointblank.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

PIECE = 5_000
_WORDS = (
    "the a of to and in that it was for on with as his they at be this from have or by one had not but what all "
    "were when we there can an your which their said if do will each about how up out them then she many some so "
    "these would other into has more her two like him see time could no make than first been its who now people "
    "my made over did down only way find use may water long little very after words called just where most know "
    "harbour ferry council mayor bridge winter library market school teacher river museum farmer hospital railway "
    "budget committee orchard "
).split()


def main() -> None:
    """Make the records, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        measure_here(options.engine, options.file)
        return
    found: dict[str, object] = {"python": platform.python_version(), "machine": platform.machine()}
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("rows", options.rows), ("twice", 2 * options.rows)):
            path = Path(folder) / f"{name}.parquet"
            size = write_records(path, rows)
            one = measure("article", path)
            found[name] = {"records": rows, "bytes_of_text": size, "MB_per_second": size / 1e6 / one["seconds"], **one}
            path.unlink()
            print(f"{rows:>10,} records: {one['seconds']:.1f} s, {found[name]['MB_per_second']:.1f} MB/s, "
                  f"peak {one['peak_mib']:.0f} MiB", flush=True)  # fmt: skip
        path = Path(folder) / "small.parquet"
        write_records(path, options.small)
        groups = [("suite", ["article", "gx"])]
        if options.peers:
            groups.append(("ten checks", ["ten", "ten-gx", "ten-pandera", "ten-pointblank"]))
        for group, engines in groups:
            best = measure_in_turn(engines, path, options.times)
            found[group] = best
            print(f"{group}, {options.small:,} records")
            for engine, one in best.items():
                ratio = one["seconds"] / best[engines[0]]["seconds"]
                print(f"  {engine:16} {one['seconds']:8.2f} s  {ratio:6.2f}  peak {one['peak_mib']:.0f} MiB  "
                      f"failures {one['failures']}", flush=True)  # fmt: skip
    print(json.dumps(found))


def measure_in_turn(engines: list[str], path: Path, times: int) -> dict[str, dict[str, float]]:
    """Measure engines in turn, several times; return the best of each."""
    runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(times):
        for engine in engines:
            runs[engine].append(measure(engine, path))
    return {engine: min(mine, key=lambda one: one["seconds"]) for engine, mine in runs.items()}


def measure(engine: str, path: Path) -> dict[str, float]:
    """Run one engine in a process of its own."""
    command = [sys.executable, __file__, "--engine", engine, "--file", str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return result


def measure_here(engine: str, path: Path) -> None:
    """Run one engine in this process; print what it took, imports not counted, and how many failures it found."""
    run = RUNS[engine]
    prepared = run(path, prepare=True)
    started = time.perf_counter()
    failures = run(path, prepared=prepared)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "failures": failures}))


def write_records(path: Path, rows: int) -> int:
    """Write invented records, one in fifty with something wrong; give the bytes of their bodies."""
    chance = random.Random(7)
    pool = [_paragraph(chance) for _ in range(4000)]
    size = 0
    names = ("id", "title", "text", "url", "date", "language", "author")
    schema = pa.schema([(name, pa.large_string()) for name in names])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, rows, PIECE):
            records = [_record(chance, pool, number) for number in range(start, min(start + PIECE, rows))]
            size += sum(len(record["text"]) for record in records)
            writer.write_table(pa.Table.from_pylist(records, schema))
    return size


def _paragraph(chance: random.Random) -> str:
    sentences = []
    for _ in range(chance.randint(2, 5)):
        words = [chance.choice(_WORDS) for _ in range(chance.randint(8, 22))]
        sentences.append(" ".join(words).capitalize() + ".")
    return " ".join(sentences)


def _record(chance: random.Random, pool: list[str], number: int) -> dict[str, str | None]:
    target, parts, length = chance.randint(2000, 5000), [], 0
    while length < target:
        parts.append(chance.choice(pool))
        length += len(parts[-1]) + 2
    text = "\n\n".join(parts)
    record: dict[str, str | None] = {
        "id": str(number),
        "title": parts[0].split(".")[0][:80],
        "text": text,
        "url": f"https://site{number % 300}.example/{number}",
        "date": f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}",
        "language": "en",
        "author": "Marta Lindqvist",
    }
    fault = number % 50
    if fault == 0:
        wrong = (number // 50) % 6
        record |= (
            {"text": ""}, {"title": None}, {"date": "2900-01-01"}, {"url": "/relative"},
            {"text": text[:150]}, {"text": f"{text} <div>more</div>"},
        )[wrong]  # fmt: skip
    return record


def run_article(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run the `article` suite, all reasons kept, verdict by Great Expectations."""
    from copydesk.cleaner.validate.validate_run import validate_files
    from copydesk.cleaner.validate.validator import Validator

    if prepare:
        import great_expectations  # noqa: F401

        return Validator("article")
    return validate_files([str(path)], prepared).failed


def run_gx(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run expectations on the bodies and fields that say what the suite says, as far as there are any."""
    return _run_gx(path, _expectations(), prepare=prepare, prepared=prepared)


def _run_gx(
    path: Path, expectations: list[tuple[str, dict[str, object]]], *, prepare: bool, prepared: object
) -> object:
    import great_expectations as gx
    import pandas as pd

    if prepare:
        return gx.get_context(mode="ephemeral")
    context = prepared
    context.variables.progress_bars = {"globally": False}
    frame = pd.read_parquet(path)
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
    suite = context.suites.add(gx.ExpectationSuite(name="s"))
    for name, arguments in expectations:
        suite.add_expectation(getattr(gx.expectations, name)(**arguments))
    # row numbers of every failure, as all reasons of each record need them
    found = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    return sum(result.result.get("unexpected_count", 0) for result in found.results)


def _expectations() -> list[tuple[str, dict[str, object]]]:
    """Return expectations that say what checks of `article` say; sentences that repeat no expectation can find."""
    body, title, url, date = ({"column": name} for name in ("text", "title", "url", "date"))
    unlike, like = "ExpectColumnValuesToNotMatchRegex", "ExpectColumnValuesToMatchRegex"
    length = "ExpectColumnValueLengthsToBeBetween"
    pages = (
        r"(?i)page not found|error 404|404 not found|unavailable", r"(?i)enable javascript|browser is not supported",
        r"(?i)checking your browser|are you a robot|unusual traffic", r"(?i)we use cookies|your privacy|consent to",
        r"(?i)subscribers only|to continue reading|already a subscriber", r"(?i)lorem ipsum|placeholder text",
        r"(?i)domain is for sale|under construction", r"(?i)fatal error|traceback|\[object object\]",
        r"(?i)live (?:blog|coverage) will begin|no updates yet", r"(?i)^\d+ ?/ ?\d+$|image \d+ of \d+",
        r"(?i)^latest news$|page \d+ of \d+",
    )  # fmt: skip
    return [
        ("ExpectColumnValuesToNotBeNull", body), ("ExpectColumnValuesToNotBeNull", title),
        (length, {**body, "min_value": 1}), (length, {**body, "min_value": 25}), (length, {**body, "min_value": 200}),
        (length, {**body, "max_value": 200_000}), (length, {**title, "max_value": 300}),
        ("ExpectColumnValuesToBeUnique", {"column": "id"}), ("ExpectColumnValuesToBeUnique", url),
        ("ExpectColumnValuesToBeUnique", body),
        (like, {**url, "regex": r"^https?://[^\s/?#]+"}), (unlike, {**url, "regex": r"^[a-z]+://[^/?#]*@"}),
        (unlike, {**url, "regex": r"[?&](?:utm_[a-z]+|fbclid|gclid)="}),
        ("ExpectColumnValuesToBeBetween", {**date, "min_value": "1990-01-01", "max_value": "2030-01-01"}),
        (like, {**body, "regex": r"[a-z)][.!?]"}), (unlike, {**body, "regex": r"[a-z,]\s*$"}),
        (unlike, {**body, "regex": r"(?i)(?:…|\.\.\.|read more)\s*$"}),
        (unlike, {**body, "regex": "Ã[\x80-\xbf©¨]|â€|Â[\xa0-\xbf]"}), (unlike, {**body, "regex": "\ufffd"}),
        (unlike, {**body, "regex": r"[\x00-\x08\x0b\x0c\x0e-\x1f]"}),
        (unlike, {**body, "regex": r"(?i)</?(?:p|div|span|br|a|img|script|style|li|ul|table)\b[^>]*>"}),
        (unlike, {**body, "regex": r"[^\n]{20000}"}),
        (unlike, {**body, "regex": r"(?i)^(?:leave a comment|scroll to top|share this|related posts)"}),
        (unlike, {**title, "regex": r"(?:…|\.\.\.)\s*$"}), (unlike, {"column": "author", "regex": r"[0-9@]|https?:"}),
        *((unlike, {**body, "regex": pattern}) for pattern in pages),
    ]  # fmt: skip


# ten checks that all can express: (kind, column, argument)
TEN = (
    ("not null", "text", None), ("not null", "title", None), ("least", "text", 25), ("least", "text", 200),
    ("most", "title", 300), ("unique", "id", None), ("matches", "url", r"^https?://[^\s/?#]+"),
    ("lacks", "text", "\ufffd"), ("lacks", "text", r"(?i)</?(?:p|div|span|br|a|img|script|style|li|ul|table)\b"),
    ("lacks", "text", r"[\x00-\x08\x0b\x0c\x0e-\x1f]"),
)  # fmt: skip
_OURS = (
    "body/empty", "headline/missing", "body/too-short", "body/short", "headline/too-long", "identity/duplicate-id",
    "url/not-absolute", "body/replacement-characters", "body/markup", "body/control-characters",
)  # fmt: skip


def run_ten(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run the ten checks by flags, all reasons kept."""
    from copydesk.cleaner.validate.validate_run import validate_files
    from copydesk.cleaner.validate.validator import Validator
    from copydesk.schemas.checks.registry import load_checks
    from copydesk.schemas.checks.suites import Suite, SuiteCheck

    if prepare:
        chosen = [load_checks()[name] for name in _OURS]
        return Validator(Suite("ten", entries=tuple(SuiteCheck(c, c.severity, dict(c.parameters)) for c in chosen)))
    found = validate_files([str(path)], prepared, engine="flags")
    return sum(check.flagged for check in found.checks)


def run_ten_gx(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run the ten checks as expectations."""
    names = {
        "not null": lambda _: ("ExpectColumnValuesToNotBeNull", {}),
        "least": lambda value: ("ExpectColumnValueLengthsToBeBetween", {"min_value": value}),
        "most": lambda value: ("ExpectColumnValueLengthsToBeBetween", {"max_value": value}),
        "unique": lambda _: ("ExpectColumnValuesToBeUnique", {}),
        "matches": lambda value: ("ExpectColumnValuesToMatchRegex", {"regex": value}),
        "lacks": lambda value: ("ExpectColumnValuesToNotMatchRegex", {"regex": value}),
    }
    made = []
    for kind, column, value in TEN:
        name, arguments = names[kind](value)
        made.append((name, {"column": column, **arguments}))
    return _run_gx(path, made, prepare=prepare, prepared=prepared)


def run_ten_pandera(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run the ten checks in pandera, lazily, so that all failures are kept."""
    import pandera.polars as pa_polars
    import polars as pl

    if prepare:
        return None
    expressions = {
        "least": lambda column, value: pl.col(column).str.len_chars() >= value,
        "most": lambda column, value: pl.col(column).str.len_chars() <= value,
        "matches": lambda column, value: pl.col(column).str.contains(value),
        "lacks": lambda column, value: ~pl.col(column).str.contains(value),
    }
    columns: dict[str, dict[str, object]] = {}
    for kind, column, value in TEN:
        entry = columns.setdefault(column, {"nullable": True, "unique": False, "checks": []})
        if kind == "not null":
            entry["nullable"] = False
        elif kind == "unique":
            entry["unique"] = True
        else:
            test = expressions[kind](column, value)
            entry["checks"].append(pa_polars.Check(lambda data, test=test: data.lazyframe.select(test)))
    schema = pa_polars.DataFrameSchema({name: pa_polars.Column(str, **entry) for name, entry in columns.items()})
    frame = pl.read_parquet(path)
    try:
        schema.validate(frame, lazy=True)
    except pa_polars.errors.SchemaErrors as error:
        return len(error.failure_cases)
    return 0


def run_ten_pointblank(path: Path, *, prepare: bool = False, prepared: object = None) -> object:
    """Run the ten checks in pointblank."""
    import pointblank as pb
    import polars as pl

    if prepare:
        return None
    plan = pb.Validate(data=pl.read_parquet(path))
    for kind, column, value in TEN:
        if kind == "not null":
            plan = plan.col_vals_not_null(columns=column)
        elif kind == "unique":
            plan = plan.rows_distinct(columns_subset=column)
        elif kind in ("least", "most"):
            length = pl.col(column).str.len_chars()
            plan = plan.col_vals_expr(expr=length >= value if kind == "least" else length <= value)
        elif kind == "matches":
            plan = plan.col_vals_regex(columns=column, pattern=value, na_pass=True)
        else:
            plan = plan.col_vals_expr(expr=~pl.col(column).str.contains(value))
    return sum(plan.interrogate().n_failed(scalar=False).values())


RUNS = {
    "article": run_article,
    "gx": run_gx,
    "ten": run_ten,
    "ten-gx": run_ten_gx,
    "ten-pandera": run_ten_pandera,
    "ten-pointblank": run_ten_pointblank,
}

if __name__ == "__main__":
    main()
