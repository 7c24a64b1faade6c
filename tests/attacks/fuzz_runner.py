"""Run fuzz targets: each in a process of its own, so that a crash of the interpreter is noticed.

A target is made with the folder of its case, and `run` tries one case that a random generator decides. The case must
end in a result or in a `CopydeskError`. It is kept under the folder of findings if anything else happens: a crash, a
hang, too much memory or another error.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import os
import random
import resource
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLOW = 30  # seconds that a case may take
MEMORY = 6 << 30  # bytes of addresses that a process may have
MOST_CRASHES = 20  # of a target


class Target(Protocol):
    """Tries one case after the other."""

    def run(self, random_: random.Random) -> None:
        """Make a case, and try it."""


def fuzz(make_target: Callable[[Path], Target], folder: Path, seconds: float, seed: int) -> None:
    """Run one target in this process. Write what it did to `stats.json`, and unexpected errors beside it."""
    logging.disable()
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.environ["COPYDESK_CACHE_DIR"] = str(folder.parent / f"cache-{folder.name}")
    case = folder / "case"
    case.mkdir(exist_ok=True)
    target = make_target(case)
    stats = {"cases": 0, "errors": 0, "findings": 0, "slowest": 0.0}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        random_ = random.Random(f"{seed} {stats['cases']}")
        faulthandler.dump_traceback_later(SLOW, exit=True)
        started = time.monotonic()
        try:
            target.run(random_)
        except CopydeskError:
            stats["errors"] += 1
        except BaseException as error:  # a finding, whatever it is
            stats["findings"] += _keep_finding(error, folder, f"seed {seed} {stats['cases']}")
        faulthandler.cancel_dump_traceback_later()
        stats["cases"] += 1
        stats["slowest"] = max(stats["slowest"], time.monotonic() - started)
        if not stats["cases"] % 20:
            (folder / "stats.json").write_text(json.dumps(stats))
        if not stats["cases"] % 2000:
            shutil.rmtree(os.environ["COPYDESK_CACHE_DIR"], ignore_errors=True)
    stats["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    (folder / "stats.json").write_text(json.dumps(stats))


def _keep_finding(error: BaseException, folder: Path, title: str) -> bool:
    """Keep the case of an error, unless there is one of the same line of code. Return whether it was kept."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = folder / f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"
    if place.exists():
        return False
    shutil.copytree(folder / "case", place)
    text = "".join(traceback.format_exception(error))
    place.with_name(f"{place.name}.txt").write_text(f"{title}\n{text}", "utf-8", "replace")
    return True


def run_targets(script: str, description: str | None, targets: Mapping[str, Callable[[Path], Target]]) -> int:
    """Run all targets of a script, or one, by its command line. Return 1 if there are findings."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--findings", type=Path, required=True)
    parser.add_argument("--only", choices=targets)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        fuzz(targets[options.only], options.findings, options.seconds, options.seed)
        return 0
    failed = False
    for kind in [options.only] if options.only else targets:
        folder = options.findings / kind
        folder.mkdir(parents=True, exist_ok=True)
        crashes = _run_processes(script, kind, folder, options.seconds, options.seed)
        stats = json.loads((folder / "stats.json").read_text()) if (folder / "stats.json").exists() else {}
        failed = failed or bool(crashes or stats.get("findings"))
        print(f"{kind:16} crashes {crashes}, {stats}", flush=True)
    return 1 if failed else 0


def _run_processes(script: str, kind: str, folder: Path, seconds: float, seed: int) -> int:
    """Run a target until the time is up, in a new process after each crash. Return the number of crashes."""
    end = time.monotonic() + seconds
    crashes = 0
    while (left := end - time.monotonic()) > 1 and crashes <= MOST_CRASHES:
        command = [sys.executable, script, "--child", "--only", kind, "--findings", str(folder)]
        command += ["--seconds", str(left), "--seed", str(seed + 1000 * crashes)]
        ran = subprocess.run(command, stderr=subprocess.PIPE, check=False)
        if ran.returncode:
            crashes += 1
            shutil.copytree(folder / "case", folder / f"crash-{crashes}", dirs_exist_ok=True)
            (folder / f"crash-{crashes}.txt").write_bytes(ran.stderr)
    return crashes
