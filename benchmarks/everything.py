"""Run every measure of speed, and make the page of them.

    python benchmarks/everything.py --bench DIR --environments DIR [--quick]

DIR of `--bench` has dumps/trafilatura_recall.jsonl.zst and dumps/get_text.jsonl.zst, which are repeated with new ids.
The figures go to benchmarks/results, the page to docs/benchmarks.md, or both below `--out`. It takes hours on a quiet
machine; `--quick` takes minutes and shows that everything works, not how fast. `--only` takes some scripts anew.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from dumps import repeat
from results import DOCS, HERE, RESULTS, SCRIPTS, make

DUMPS = ("trafilatura_recall", "get_text")


def main() -> None:
    """Measure, and make the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--environments", type=Path, required=True, help="where peers are installed, and kept")
    parser.add_argument("--quick", action="store_true", help="small inputs, one run of each")
    parser.add_argument("--out", type=Path, help="where results/ and docs/ go instead")
    parser.add_argument("--only", nargs="+", choices=SCRIPTS, default=SCRIPTS)
    options = parser.parse_args()
    results, docs = (options.out / "results", options.out / "docs") if options.out else (RESULTS, DOCS)
    runs = "1" if options.quick else "3"
    megabytes, peers, scaling = (2, 1, 2) if options.quick else (1000, 50, 200)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def dump(kind: str, size: float, group: str) -> str:
            path = folder / group / f"{kind}.jsonl"
            path.parent.mkdir(exist_ok=True)
            repeat(options.bench / "dumps" / f"{kind}.jsonl.zst", path, int(size * 1e6))
            return str(path)

        if "throughput" in options.only:
            _run("throughput", results, *(dump(kind, megabytes, "whole") for kind in DUMPS), "--runs", runs)
        if "peers" in options.only:
            given = (dump(DUMPS[0], peers, "peers"), "--environments", str(options.environments))
            _run("peers", results, *given, "--runs", runs)
        if "scaling" in options.only:
            sizes = ["--megabytes", str(scaling), "--memory-megabytes", str(megabytes)]
            sizes += ["--rows-up-to", "10000" if options.quick else "10000000"]
            sizes += ["--longest", "100000" if options.quick else "10000000"]
            _run("scaling", results, "--input", dump(DUMPS[0], scaling, "scaling"), *sizes, "--runs", runs)
    docs.mkdir(parents=True, exist_ok=True)
    make(results, docs)
    print(f"made {docs / 'benchmarks.md'}")


def _run(script: str, results: Path, *arguments: str) -> None:
    command = [sys.executable, str(HERE / f"{script}.py"), *arguments, "--out", str(results / f"{script}.json")]
    print(" ".join(command[1:]), flush=True)
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"{script}.py failed: see above; with --only, the others need not be run again")


if __name__ == "__main__":
    main()
