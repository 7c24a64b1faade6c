"""A session of Spark: one that is there, or one that is started; and whether its executors can do the work."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from ...schemas.errors import CopydeskError, InternalError, SettingError, needs_extra
from .errors import error_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa
    from pyspark.sql import SparkSession

LEAST_JAVA = 17
_NO_MODULE = re.compile(r"No module named '?([\w.]+)")
_NO_PROGRAM = re.compile(r'Cannot run program "([^"]+)"')
_VERSIONS = re.compile(r"\[PYTHON_VERSION_MISMATCH\] (.*?)\.(?:\s|$)")
_SHIP = "install it in their Python, or ship an environment: docs/clusters.md says how"
_MASTERS = re.compile(r"local(\[([1-9]\d*|\*)(, *[1-9]\d*)?\])?|local-cluster\[\d+, *\d+, *\d+\]|yarn|\w+://\S+")
_SETTINGS = {
    "spark.app.name": "copydesk",
    "spark.executorEnv.PYTHONSAFEPATH": "1",  # no module of the working directory is imported
    "spark.log.level": "OFF",  # what fails is told by an error
    "spark.ui.showConsoleProgress": "false",
}
# Records go through Java as they are packed: to compile its code once more, for speed, takes longer than it saves.
_LOCAL_SETTINGS = {"spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1"}


def start_session(master: str | None = None, settings: Mapping[str, str] | None = None) -> SparkSession:
    """Give the session that is there, or start one: on `master`, else as Spark's own settings say, else here.

    What Spark says on stderr is shown only if it does not start, or if `settings` have a `spark.log.level`.

    Raises `SettingError` if PySpark or a Java that it runs on is missing, if `master` is not of a form that Spark
    knows, or if Spark does not start.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise needs_extra("running on Spark", "pyspark", "spark") from None
    active: SparkSession | None = SparkSession.getActiveSession()
    if active is not None:
        return active
    if master and not _MASTERS.fullmatch(master):
        hint = "write local[2,4] (two cores, four attempts), spark://HOST:PORT, yarn or k8s://URL"
        raise SettingError(f"Spark knows no master of the form {master!r}", hint=hint)
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if not submitted and "SPARK_REMOTE" not in os.environ:
        require_java()
    if (master or "local").startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    given = {**_SETTINGS, **(settings or {})}
    if master or not submitted:
        given["spark.master"] = master or "local[*]"
        if given["spark.master"].startswith("local"):
            given = _LOCAL_SETTINGS | given
    builder = SparkSession.builder.config(map=given)
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True  # they print as JSON what is raised as well
    logging.getLogger().addFilter(_is_news)
    quiet = not submitted and "SPARK_REMOTE" not in os.environ and "spark.log.level" not in (settings or {})
    try:
        with _started_quietly(given) if quiet else nullcontext():
            return builder.getOrCreate()
    except (PySparkException, Py4JError, RuntimeError) as error:
        raise SettingError(f"Spark does not start ({_first_line(error)})", hint="see what it printed above") from None


def _is_news(record: logging.LogRecord) -> bool:
    """Say whether a record is none of Py4J's, which logs each error of a call that it then raises, too."""
    return "while sending command" not in str(record.msg)


@contextmanager
def _started_quietly(settings: Mapping[str, str]) -> Iterator[None]:
    """Start Java with a file as its stderr, which is shown if that or what is done in the context fails.

    If Java runs already, it says what it says where it was told to.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    with tempfile.TemporaryFile("a+b") as said:  # Java appends to it, wherever this process reads
        try:
            if SparkContext._gateway is None:
                conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
                SparkContext._ensure_initialized(gateway=launch_gateway(conf, {"stderr": said}))
            yield
        except Exception:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise


def require_java() -> None:
    """Raise `SettingError` unless there is a Java, where Spark looks for one, that Spark runs on."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java") or ""
    hint = f"install Java {LEAST_JAVA} or 21, and let JAVA_HOME name its directory"
    where = f"JAVA_HOME={home}" if home else "PATH"
    if not java:
        raise SettingError("Spark needs Java, and there is none", where=where, hint=hint)
    try:
        ran = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or "no answer"
        raise SettingError(f"Spark needs Java, and {java} cannot be run ({why})", where=where, hint=hint) from None
    found = re.search(r'version "(?:1\.)?(\d+)', ran.stderr + ran.stdout)
    if not found:
        raise SettingError(f"{java} does not say which version of Java it is", where=where, hint=hint)
    if int(found[1]) < LEAST_JAVA:
        raise SettingError(f"{java} is Java {found[1]}, which Spark does not run on", where=where, hint=hint)


def require_package(spark: SparkSession) -> None:
    """Raise `SettingError` unless the executors have this version of copydesk, and what it needs."""
    with plain_errors():
        found = {row[0] for row in spark.range(256).mapInArrow(_make_probe(), "found string").collect()}
    for other in sorted(found - {__version__}):
        if missing := _NO_MODULE.search(other):
            raise SettingError(f"the executors of Spark do not have the package {missing[1]!r}", hint=_SHIP)
        raise SettingError(f"the executors of Spark have copydesk {other}, and this is {__version__}", hint=_SHIP)


def _make_probe() -> Any:
    """Give a function that says which version an executor has, or what it lacks; it needs nothing of this package."""

    def probe(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            import copydesk.cleaner.spark.tasks

            found = copydesk.__version__
        except ImportError as error:
            found = str(error)
        for _ in batches:
            yield pa.record_batch([pa.array([found])], names=["found"])

    return probe


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what Spark says of a failure into an error of ours: one line, with what to do about it.

    Raises `InternalError` for what nobody has foreseen, with all that Spark said as its trace.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise explained(str(error)) from None


def explained(message: str) -> CopydeskError:
    """Give the error that a message of Spark stands for."""
    if ours := error_in(message):
        return ours
    if missing := _NO_MODULE.search(message):
        return SettingError(f"the executors of Spark do not have the package {missing[1]!r}", hint=_SHIP)
    if program := _NO_PROGRAM.search(message):
        hint = "let PYSPARK_PYTHON name a Python that they have"
        return SettingError(f"the executors of Spark cannot run {program[1]}", hint=hint)
    if other := _VERSIONS.search(message):
        return SettingError(f"the executors of Spark run another Python: {other[1]}", hint="set PYSPARK_PYTHON")
    last = next((line for line in reversed(message.splitlines()) if re.match(r"[\w.]+(Error|Exception)\b", line)), "")
    return InternalError(f"Spark failed ({last or message.strip().partition(chr(10))[0]})", trace=message)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
