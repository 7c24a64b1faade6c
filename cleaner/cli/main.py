"""The command line: parse, call the library, print. Data goes to stdout, messages to stderr."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ..._version import __version__
from .error_lines import explain_error
from .exit_codes import INTERRUPTED, NOTHING_WRITTEN
from .streams import drop_output, safe_streams

# The module of each command. It is imported when the command is called or listed.
_COMMANDS = {
    "clean": "clean",
    "validate": "validate",
    "check": "check",
    "baseline": "baseline",
    "explain": "explain",
    "diff": "diff",
    "undo": "undo",
    "review": "review",
    "decisions": "decisions",
    "convert": "convert",
    "inspect": "inspect",
    "report": "report",
    "restore": "restore",
    "quarantine": "quarantine",
    "mine": "mine",
    "describe": "describe",
    "bench": "bench",
    "rules": "rules",
    "checks": "checks",
    "suite": "suite",
    "plugins": "plugins",
    "schema": "schema",
    "doctor": "doctor",
    "completion": "completion",
    "help": "start_page",
}
# Names that commands had before.
_FORMER = {"profile": "describe"}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f".{_COMMANDS[cmd_name]}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in _FORMER:
            name = _FORMER[args[0]]
            click.echo(f"copydesk: the command {args[0]} is now called {name}", err=True)
            args = [name, *args[1:]]
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            from ...schemas.errors import nearest

            raise click.UsageError(f"unknown command {args[0]!r}{nearest(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from .start_page import write_help

        write_help(self, ctx, formatter)


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the version, and with `--verbose` which kernel runs. Then exit."""
    if not wanted:
        return
    click.echo(f"copydesk {__version__}")
    if context.params.get("verbose"):
        from ..kernel.loops import describe_kernel

        click.echo(f"kernel: {describe_kernel()}")
    context.exit()


@click.group(cls=_Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", is_flag=True, is_eager=True, help="With --version: say which kernel runs, too.")
@click.option("--version", is_flag=True, expose_value=False, callback=_show_version, help="Show the version and exit.")
@click.pass_context
def cli(context: click.Context, verbose: bool) -> None:
    """Clean scraped articles, explain every cut, and set malformed records aside with their reasons."""
    if context.invoked_subcommand is None:
        from .start_page import print_start

        print_start()


def main() -> None:
    """Run the command and exit with its code."""
    with safe_streams():
        _show_log()
        code = _run()
    sys.exit(code)


def _run() -> int:
    """Run the command and return its exit code, whatever it raises."""
    try:
        code = cli.main(prog_name="copydesk", standalone_mode=False)
        sys.stdout.flush()  # a full disk is reported here, not by the interpreter at its end
        return code if isinstance(code, int) else 0
    except click.NoSuchOption as error:
        near = list(error.possibilities or ())[:1]  # the nearest; click would list three by their letters
        click.NoSuchOption(error.option_name, possibilities=near, ctx=error.ctx).show()
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo(NOTHING_WRITTEN, err=True)
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return 1
    except Exception as error:
        return explain_error(error)


def _show_log() -> None:
    """Show the warnings of the library and, on a terminal, its messages about long work."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("copydesk: %(message)s"))
    logger = logging.getLogger("copydesk")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO if sys.stderr.isatty() else logging.WARNING)
