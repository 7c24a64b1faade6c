"""The session of Spark: an active one, or a new one, and the checks that its executors can do the work."""

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
    "spark.log.level": "OFF",  # failures are raised as errors
    "spark.ui.showConsoleProgress": "false",
}
# Records pass through Java packed, so its second compiler takes longer than it saves.
_LOCAL_SETTINGS = {"spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1"}


def start_session(master: str | None = None, settings: Mapping[str, str] | None = None) -> SparkSession:
    """Return the active session, or start one: on `master`, else where Spark's own settings say, else on this machine.

    The standard error of Spark is shown only if it does not start, or if `settings` have a `spark.log.level`.

    Raises `SettingError` if PySpark or a suitable Java is missing, if Spark does not know the form of `master`, or if
    Spark does not start.
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
        logging.getLogger(name).disabled = True  # they print errors that are raised, too
    logging.getLogger().addFilter(_is_news)
    quiet = not submitted and "SPARK_REMOTE" not in os.environ and "spark.log.level" not in (settings or {})
    try:
        with _started_quietly(given) if quiet else nullcontext():
            return builder.getOrCreate()
    except (PySparkException, Py4JError, RuntimeError) as error:
        raise SettingError(f"Spark does not start ({_first_line(error)})", hint="see what it printed above") from None


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a log record is not one of Py4J, which logs errors that it raises, too."""
    return "while sending command" not in str(record.msg)


@contextmanager
def _started_quietly(settings: Mapping[str, str]) -> Iterator[None]:
    """Start Java with a file as its standard error. The file is shown if the start or the context fails.

    A Java that runs already keeps its standard error.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    with tempfile.TemporaryFile("a+b") as messages:  # Java appends to it, wherever this process reads
        try:
            if SparkContext._gateway is None:
                conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
                SparkContext._ensure_initialized(gateway=launch_gateway(conf, {"stderr": messages}))
            yield
        except Exception:
            messages.seek(0)
            sys.stderr.write(messages.read().decode(errors="replace"))
            raise


def require_java() -> None:
    """Raise `SettingError` unless Spark finds a Java that it runs on."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java") or ""
    hint = f"install Java {LEAST_JAVA} or 21, and set JAVA_HOME to its directory"
    where = f"JAVA_HOME={home}" if home else "PATH"
    if not java:
        raise SettingError("Spark needs Java, and no Java was found", where=where, hint=hint)
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
    """Raise `SettingError` unless the executors have this version of copydesk and its dependencies."""
    with plain_errors():
        found = {row[0] for row in spark.range(256).mapInArrow(_make_probe(), "found string").collect()}
    for other in sorted(found - {__version__}):
        if missing := _NO_MODULE.search(other):
            raise SettingError(f"the executors of Spark do not have the package {missing[1]!r}", hint=_SHIP)
        raise SettingError(f"the executors of Spark have copydesk {other}, and this is {__version__}", hint=_SHIP)


def _make_probe() -> Any:
    """Return a function that reports the version on an executor, or the missing module, without this package."""

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
    """Turn an error of Spark into an error of copydesk: one line, with a hint.

    Raises `InternalError` for other failures, with Spark's whole message as its trace.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise explained(str(error)) from None


def explained(message: str) -> CopydeskError:
    """Return the error of copydesk for a message of Spark."""
    if ours := error_in(message):
        return ours
    if missing := _NO_MODULE.search(message):
        return SettingError(f"the executors of Spark do not have the package {missing[1]!r}", hint=_SHIP)
    if program := _NO_PROGRAM.search(message):
        hint = "set PYSPARK_PYTHON to a Python that they have"
        return SettingError(f"the executors of Spark cannot run {program[1]}", hint=hint)
    if other := _VERSIONS.search(message):
        return SettingError(f"the executors of Spark run another Python: {other[1]}", hint="set PYSPARK_PYTHON")
    last = next((line for line in reversed(message.splitlines()) if re.match(r"[\w.]+(Error|Exception)\b", line)), "")
    return InternalError(f"Spark failed ({last or message.strip().partition(chr(10))[0]})", trace=message)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
