"""Other tools on the same file and the same core: python benchmarks/peers.py DUMP.jsonl --environments DIR.

Each peer is installed into an environment of its own below DIR, once, and run by a script of `adapters/`, which reads
the dump as JSON Lines (`id`, `text`), cleans it, and writes JSON Lines. The whole of `copydesk clean`, with its checks
and edits, stands beside them. All are processes on one core that take turns, and the median of `--runs` counts. Their
tasks are not the same: what each one does is said. A peer that cannot be installed or run is named with the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measured import Part, Row, arguments, in_turn, part, print_table, report

from copydesk.cleaner.bench.measure import pin
from copydesk.cleaner.bench.stages import measure_clean, measure_floor

ADAPTERS = Path(__file__).parent / "adapters"
PHRASES = 500
PROFILES = ("rules", "article")
OURS = "copydesk clean, "
INSTALLING, RUNNING = 1800, 7200  # seconds at most


@dataclass(frozen=True)
class Peer:
    """A tool: the name of its adapter, what it does there, and what is installed for it, step by step."""

    name: str
    adapter: str
    does: str
    install: tuple[tuple[str, ...], ...]
    more: tuple[str, ...] = ()
    """Arguments of the adapter."""


# dolma pins versions of which pip finds no set in good time: what its taggers import is installed as it is
_DOLMA = (
    "anyascii blingfire boto3 charset-normalizer fasttext-wheel fsspec jq jsonpath-ng LTpycld2 msgspec necessary nltk "
    "numpy omegaconf platformdirs python-dotenv pyyaml requests rich s3fs smart-open tokenizers tqdm uniseg zstandard"
)
PEERS = (
    Peer(
        "datatrove, C4 filter", "datatrove", "drops lines and documents, no sentence count", (("datatrove", "regex"),)
    ),
    Peer("dolma, c4_v2", "dolma", "marks lines", (("--no-deps", "dolma"), tuple(_DOLMA.split()))),
    Peer(
        "NeMo Curator, 4 modifiers",
        "nemo_curator",
        "characters, line feeds, links, C4 lines",
        (("nemo-curator", "ftfy"),),
    ),
    Peer(
        "data-juicer, 5 mappers", "data_juicer", "characters, spaces, links, e-mail", (("py-data-juicer", "aiohttp"),)
    ),
    Peer("ftfy", "ftfy", "characters", (("ftfy",),)),
    Peer("clean-text", "clean_text", "characters, links, e-mail", (("clean-text",),)),
    Peer("re", "alternation", f"{PHRASES} phrases, line by line", (), ("re",)),
    Peer("regex", "alternation", f"{PHRASES} phrases, line by line", (("regex",),), ("regex",)),
)


class LeftOut(Exception):  # noqa: N818
    """Report why a peer could not be installed or run."""


def install(peer: Peer, folder: Path) -> Path:
    """Return the Python of a peer's environment. Make one if there is none. Raises `LeftOut`."""
    home = folder / (peer.adapter if not peer.more else f"{peer.adapter}-{peer.more[-1]}")
    python = home / "bin" / "python"
    steps = (*peer.install, ("msgspec",))
    done = home / "installed"
    if done.exists() and done.read_text("utf-8") == repr(steps):
        return python
    _call([sys.executable, "-I", "-m", "venv", "--clear", str(home)], INSTALLING, "cannot be installed")
    for packages in steps:
        _call([str(python), "-I", "-m", "pip", "install", "-q", *packages], INSTALLING, "cannot be installed")
    done.write_text(repr(steps), "utf-8")
    return python


def _call(command: list[str], seconds: int, what: str, cores: int | None = None) -> str:
    # an adapter imports what stands beside it
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
            env=env,
            preexec_fn=partial(pin, cores),
        )
    except subprocess.TimeoutExpired:
        raise LeftOut(f"{what}: not done after {seconds} seconds") from None
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines or [f"exit code {error.returncode}"]
        raise LeftOut(f"{what}: {errors[-1].strip()[:200]}") from None
    return done.stdout


def run_peer(python: Path, peer: Peer, dump: Path, phrases: Path, out: Path) -> Row:
    """Run a peer on one core. Raises `LeftOut`."""
    script = str(ADAPTERS / f"run_{peer.adapter}.py")
    more = [str(phrases), *peer.more] if peer.more else []
    printed = _call([str(python), script, str(dump), str(out), *more], RUNNING, "fails", cores=1)
    # what a peer prints itself, even when it ends, is no line of figures
    figures = [line for line in printed.splitlines() if line.startswith('{"seconds"')]
    if not figures:
        raise LeftOut("fails: it gave no figures")
    found: Row = json.loads(figures[-1])
    return found


def choose_phrases(count: int) -> list[str]:
    """Return patterns of the built-in phrase rules, evenly from all of them."""
    from copydesk.rules.patterns.dialect import translate
    from copydesk.rules.ruleset.ruleset import load_ruleset

    found = (pattern for rule in load_ruleset().phrases if rule.where != "inline" for pattern in rule.match)
    patterns = list(dict.fromkeys(map(translate, found)))
    return [patterns[n * len(patterns) // count] for n in range(count)]


def parts_of_peers(peers: list[Peer], dump: Path, environments: Path, folder: Path) -> dict[str, Part]:
    """Install peers; return what measures each, or why it is left out."""
    phrases = folder / "phrases.json"
    phrases.write_text(json.dumps(choose_phrases(PHRASES)), "utf-8")

    def measure(peer: Peer) -> Row:
        try:
            python = install(peer, environments)
            return run_peer(python, peer, dump, phrases, folder / "out.jsonl")
        except LeftOut as error:
            print(f"{peer.name}: left out, {error}", file=sys.stderr)
            return {"left_out": str(error)}

    return {peer.name: partial(measure, peer) for peer in peers}


def parts_of_ours(dump: Path) -> dict[str, Part]:
    """Return what measures the floor (polars reads, pyarrow writes), and all of `clean` by profile."""
    from copydesk.cleaner.api import Cleaner

    inputs = [str(dump)]
    parts = {"floor": part(measure_floor, inputs, Cleaner(profile="rules"), "auto", None, cores=1)}
    for profile in PROFILES:
        parts[f"{OURS}{profile}"] = part(measure_clean, inputs, Cleaner(profile=profile), "auto", None, 1, cores=1)
    return parts


def make_rows(found: dict[str, Row], size: int) -> list[Row]:
    """Return a row for each tool: its rate, and how many times that rate `clean` has."""
    does = {peer.name: peer.does for peer in PEERS} | {"floor": "reads and writes: polars, pyarrow"}
    rows = []
    for name, taken in found.items():
        row: Row = {"tool": name, "does": does.get(name, "all that it does"), "version": taken.get("version")}
        if "seconds" not in taken:
            rows.append({**row, "left_out": taken["left_out"]})
            continue
        row["seconds"] = round(taken["seconds"], 3)
        row["mb_per_second"] = round(size / 1e6 / taken["seconds"], 3)
        row["peak_mib"] = taken["peak_mib"]
        for profile in PROFILES:
            row[f"{profile}_times"] = round(taken["seconds"] / found[f"{OURS}{profile}"]["seconds"], 2)
        rows.append(row)
    return rows


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--environments", type=Path, required=True, metavar="DIR", help="where peers are installed")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[peer.adapter for peer in PEERS], metavar="NAME")
    options = parser.parse_args()
    chosen = [peer for peer in PEERS if not options.only or peer.adapter in options.only]
    with options.dump.open("rb") as file:
        size = sum(len(json.loads(line)["text"].encode()) for line in file)
    with tempfile.TemporaryDirectory() as folder:
        parts = parts_of_peers(chosen, options.dump, options.environments.absolute(), Path(folder))
        found = in_turn({**parts_of_ours(options.dump), **parts}, options.runs)
    rows = make_rows(found, size)
    print_table(f"{options.dump.name}, {size / 1e6:,.1f} MB of text", rows)
    report("peers", {"peers": rows}, options.out, runs=options.runs, text_bytes=size)


if __name__ == "__main__":
    main()
