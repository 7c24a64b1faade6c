"""`copydesk completion`."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the script that completes commands in your shell.

    Load it where your shell starts: for bash, add the first line to ~/.bashrc; for zsh, the same line with zsh to
    ~/.zshrc; for fish, write the script to the file of the second line.

    \b
    Example:
      eval "$(copydesk completion bash)"
      copydesk completion fish > ~/.config/fish/completions/copydesk.fish
    """
    from click.shell_completion import get_completion_class

    shell_class = get_completion_class(shell)
    assert shell_class is not None  # click has all of these
    script = shell_class(context.find_root().command, {}, "copydesk", "_COPYDESK_COMPLETE")
    # `source` of click asks bash for its version, which fails where there is no bash
    click.echo(script.source_template % script.source_vars())
    return 0
