"""`copydesk doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .options import color_option

if TYPE_CHECKING:
    from ..doctor.diagnosis import Diagnosis
    from ..reports.screen import Screen

_STYLES = {"ok": "green", "note": "blue", "warning": "yellow", "broken": "bold red"}


@click.command()
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@color_option
def command(output: str) -> int:
    """Say what is installed, what works, and what to do if not.

    It looks at Python, the packages, the kernel, the extras, the plugins, the settings, the cache and the folder for
    temporary files, and cleans a short text as a trial. The first trial compiles the rules, which takes some seconds.
    The exit code is 1 if something is broken.

    \b
    Example:
      copydesk doctor
      copydesk doctor --format json
    """
    import logging

    from ..._version import __version__
    from ..doctor.checkup import examine

    # The list shows what is broken: no warning beside it.
    logging.getLogger("copydesk").setLevel(logging.ERROR)
    if sys.stderr.isatty():
        click.echo("looking; the first time, the rules are compiled ...", err=True)
    diagnoses = examine()
    broken = [each for each in diagnoses if each.state == "broken"]
    if output == "json":
        import json

        document = {"version": __version__, "ok": not broken, "diagnoses": [each.as_dict() for each in diagnoses]}
        click.echo(json.dumps(document, indent=1))
    else:
        _print(diagnoses, __version__)
    return 1 if broken else 0


def _print(diagnoses: list[Diagnosis], version: str) -> None:
    """Print the diagnoses by area. Packages that are in order share one line."""
    from ...schemas.messages import counted
    from ..reports.screen import Screen

    screen = Screen(sys.stdout)
    screen.write((f"copydesk {version}", "bold"))
    sound = [each for each in diagnoses if each.area == "packages" and each.state == "ok"]
    shown = [each for each in diagnoses if each not in sound]
    area = ""
    for diagnosis in shown:
        if diagnosis.area != area:
            area = diagnosis.area
            screen.write((area, "bold"))
        _print_one(screen, diagnosis)
    if sound:
        names = ", ".join(f"{each.name} {each.text}" for each in sound)
        screen.write(("packages", "bold"))
        screen.write("  ", ("ok", "green"), f"       {names}", hanging=11)
    counts = {state: sum(each.state == state for each in diagnoses) for state in ("broken", "warning")}
    if counts["broken"]:
        screen.write((f"{counted(counts['broken'], 'thing')} broken: see above what to do", "bold red"))
    elif counts["warning"]:
        screen.write((f"works, with {counted(counts['warning'], 'warning')}", "yellow"))
    else:
        screen.write(("all is well", "green"))


def _print_one(screen: Screen, diagnosis: Diagnosis) -> None:
    state = diagnosis.state
    screen.write("  ", (f"{state:<7}", _STYLES[state]), f"  {diagnosis.name}: {diagnosis.text}", hanging=11)
    if diagnosis.remedy:
        screen.write(f"           {diagnosis.remedy}", hanging=11)
