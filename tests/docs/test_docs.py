"""README and docs: every command runs, every piece of Python runs, every file of settings can be read."""

from __future__ import annotations

import glob
import importlib.util
import json
import re
import shlex
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import click
import pytest

from copydesk.cleaner.cli.main import cli

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_spec = importlib.util.spec_from_file_location("docs_blocks", Path(__file__).parent / "conftest.py")
docs = importlib.util.module_from_spec(_spec)
sys.modules["docs_blocks"] = docs
_spec.loader.exec_module(docs)

BLOCKS = [block for page in docs.pages() for block in docs.read_blocks(page)]
STORIES = ("README.md", "docs/start.md")  # pages whose blocks follow on each other
# Pages whose Python needs libraries or data of its own, and the test that runs it.
RUN_ELSEWHERE = {
    "docs/arrow.md": "tests/api/test_arrow.py",
    "docs/integrations.md": "tests/integrations/test_integrations.py",
}
INSTALLS = re.compile(r"pip install |git clone |python -m venv |cd ")
MARKED_BLOCKS = 20  # more blocks that are not run need a look: can they not be made to run?


def name_of(block) -> str:
    return f"{block.page}:{block.line}"


def shown(page: str, kind: str) -> list:
    """Return the blocks of a page that are run: its commands, or its Python."""
    chosen = [block for block in BLOCKS if block.page == page and not block.not_run]
    return [block for block in chosen if (block.language == "python" if kind == "python" else block.commands)]


def with_commands() -> list:
    blocks = [block for block in BLOCKS if block.commands and not block.not_run and block.page not in STORIES]
    return [pytest.param([block], id=name_of(block)) for block in blocks] + [
        pytest.param([block for block in BLOCKS if block.page == page], id=page) for page in STORIES
    ]


@pytest.fixture
def run_line(copydesk_command, monkeypatch):
    """Run the first program of a line of a shell if it is copydesk, and write what it redirects."""

    def run(line: str, page: str) -> None:
        words = shlex.split(line, comments=True)
        if INSTALLS.match(line):
            return
        assert words[0] == "copydesk", f"{page}: {line!r} is not run: mark the block with its reason"
        end = next((at for at, word in enumerate(words) if word in ("|", ">")), len(words))
        arguments = [name for word in words[1:end] for name in (sorted(glob.glob(word)) or [word])]
        # these take a minute, or do not end of themselves, and their own tests run them
        if arguments[0] in ("bench", "review") or "spark" in arguments:
            assert cli.get_command(click.Context(cli), arguments[0]).make_context(arguments[0], arguments[1:])
            return
        _clear_results(arguments)
        few = ["1" if option == "--workers" else word for option, word in pairwise(["", *arguments])]
        ran = copydesk_command(*few, stdin=b"a\n" * 20)  # `rules review` asks
        assert ran.code in (0, 1), f"{page}: {line}\n{ran.err}"
        assert "Traceback" not in ran.err

    return run


def _clear_results(arguments: list[str]) -> None:
    """Remove the results that an earlier block left where a command of a how-to writes its own."""
    options = dict(pairwise(arguments))
    if arguments[0] in ("clean", "validate") and "--overwrite" not in arguments:
        shutil.rmtree(options.get("--out", "-"), ignore_errors=True)
    elif arguments[0] == "restore":
        shutil.rmtree(options["--to"], ignore_errors=True)
    elif arguments[:2] == ["baseline", "create"]:
        Path(".copydesk-baseline.json").unlink(missing_ok=True)
    elif arguments[:2] == ["suite", "new"]:
        Path(arguments[-1]).unlink(missing_ok=True)


@pytest.mark.parametrize("blocks", with_commands())
def test_commands_run(blocks, run_line, folder):
    if blocks[0].page in STORIES:  # they begin without results and rules
        shutil.rmtree("cleaned")
        Path("house.toml").unlink()
    for block in blocks:
        if block.file:
            (folder / block.file).write_text(block.text + "\n", "utf-8")
        for line in [] if block.not_run else block.commands:
            run_line(line, name_of(block))


@pytest.mark.parametrize("page", sorted({block.page for block in BLOCKS if block.language == "python"}))
def test_python_runs(page, folder):
    if page in RUN_ELSEWHERE:
        assert Path(page).name in (docs.ROOT / RUN_ELSEWHERE[page]).read_text("utf-8")
        return
    names: dict = {"__name__": "docs"}
    for block in shown(page, "python"):
        exec(compile(block.text, name_of(block), "exec"), names)


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language in ("toml", "yaml", "json")], ids=name_of
)
def test_settings_can_be_read(block):
    if block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "json":
        assert json.loads(block.text)
    else:
        yaml = pytest.importorskip("yaml", reason="blocks of YAML need it")
        assert yaml.safe_load(block.text)


def test_blocks_that_are_not_run_say_why():
    marked = [block for block in BLOCKS if block.not_run]
    assert [name_of(block) for block in marked if len(block.not_run) < 8] == []
    assert len(marked) <= MARKED_BLOCKS, [name_of(block) for block in marked]
    assert len([block for block in BLOCKS if block.commands and not block.not_run]) > 60


def test_a_command_that_does_not_work_is_found(run_line, folder):
    with pytest.raises(AssertionError, match="no-such-option"):
        run_line("copydesk clean dump.jsonl --no-such-option", "a page")
    with pytest.raises(AssertionError, match="not run"):
        run_line("docker build .", "a page")
