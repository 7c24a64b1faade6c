"""Build the wheel and the source distribution, install each into a clean environment, and clean the seeds with it.

    python .ci/check_release.py [--dist DIR]

`tox -e release` runs it. With --dist, the two files stay in DIR.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = {"articles.parquet", "edits.parquet", "quarantine.jsonl", "report.html", "summary.json"}


def main() -> None:
    """Build, check and try both files. Raise an error at the first fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", type=Path, help="folder for the two files")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        dist = (parser.parse_args().dist or work / "dist").resolve()
        run(sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT))  # the wheel is built from the source
        files = sorted(dist.glob("copydesk-*"))
        if [file.suffix for file in files] != [".whl", ".gz"]:
            sys.exit(f"{dist} should hold one wheel and one source distribution: {[file.name for file in files]}")
        run(sys.executable, "-m", "twine", "check", "--strict", *map(str, files))
        for file in files:
            try_file(file, work / file.suffix)
            print(f"{file.name} can be installed, and cleans the seeds")


def try_file(file: Path, folder: Path) -> None:
    """Install one file into a clean environment, and clean the seeds there, away from the checkout."""
    venv.create(folder / "venv", with_pip=True)
    bin_folder = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    run(str(bin_folder / "python"), "-m", "pip", "install", "--quiet", str(file))
    command = str(bin_folder / "copydesk")
    shown = run(command, "--version", cwd=folder).split()[1]
    if shown != (expected := read_version()):
        sys.exit(f"{file.name} is version {shown}, not {expected}")
    run(command, "clean", str(ROOT / "seeds"), "--out", "cleaned", "--quiet", cwd=folder)
    records = json.loads((folder / "cleaned" / "summary.json").read_bytes())["records"]
    if {path.name for path in (folder / "cleaned").iterdir()} != RESULTS or not records["accepted"]:
        sys.exit(f"{file.name} did not clean the seeds: {records}")


def read_version() -> str:
    """Return the version of the checkout."""
    text = (ROOT / "cleaner" / "_copydesk" / "_version.py").read_text("utf-8")
    return re.findall(r'__version__ = "(.+)"', text)[0]


def run(*words: str, cwd: Path | None = None) -> str:
    """Run a program with caches of its own, and return what it printed. End with its code if it fails."""
    caches = {"COPYDESK_CACHE_DIR": str(cwd / "cache")} if cwd else {}
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **caches}, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
