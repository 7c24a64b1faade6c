"""The scripts of benchmarks/: that they measure what they say, on small inputs. How fast anything is, no test asks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
MACHINE = {
    "processor": "Lamp 3000", "cores": 2, "memory_mib": 4096, "load": 0.1, "system": "Linux x86_64", "python": "3.12.1",
    "copydesk": "9.9", "libraries": {"pyarrow": "20.0"},
}  # fmt: skip


def figures(benchmark: str, **tables: list) -> dict:
    return {"benchmark": benchmark, "date": "2001-02-03", "machine": MACHINE, "runs": 3, "tables": tables}


THROUGHPUT = figures(
    "throughput",
    parts=[{"dump": "d", "profile": "rules", "part": "clean", "seconds": 2.5, "mb_per_second": 1234.5}],
    stages=[
        {"dump": "d", "profile": profile, "stage": stage, "seconds": seconds, "share": 0.5}
        for profile in ("rules", "article")
        for stage, seconds in (("read", 0.2), ("rules", 0.3))
    ],
    hits=[{"dump": "d", "hits": 3, "calls_per_hit": 7.5, "functions": [{"function": "f", "calls_per_hit": 1}]}],
    start=[{"start": "import copydesk", "ms_over_empty": 12.0}],
)
PEERS = figures(
    "peers",
    peers=[
        {"tool": "copydesk clean, rules", "does": "all that it does", "mb_per_second": 90.0, "rules_times": 1.0},
        {"tool": "a | b", "does": "characters", "mb_per_second": 0.31, "rules_times": 290.3},
        {"tool": "gone", "does": "lines", "left_out": "cannot be installed: no such package"},
    ],
)
SCALING = figures(
    "scaling",
    rules=[{"rules": n, "mb_per_second": 100 / n, "peak_mib": 300, "ratio": 1.0} for n in (100, 5000)],
    lengths=[{"bytes_a_record": n, "mb_per_second": 50.0, "peak_mib": 300, "ratio": 1.0} for n in (100, 10**7)],
    rows=[{"records": n, "mb_per_second": 40.0, "peak_mib": None, "ratio": 1.0} for n in (10**4, 10**6)],
    spark=[{"by": "Spark", "left_out": "pyspark is not installed"}],
    memory=[{"input_mb": n, "workers": w, "peak_mib": 300 * w} for n in (1000, 5000) for w in (1, 2)],
)


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    """Make the scripts importable, as they import each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def results(tmp_path):
    """Return a folder of invented figures."""
    folder = tmp_path / "results"
    folder.mkdir()
    for found in (THROUGHPUT, PEERS, SCALING):
        (folder / f"{found['benchmark']}.json").write_text(json.dumps(found))
    return folder


def test_the_page_has_every_figure_and_its_plots(results, tmp_path):
    pytest.importorskip("matplotlib", reason="the plots are drawn by it")
    from results import make

    stale = tmp_path / "docs" / "benchmarks" / "old.svg"
    stale.parent.mkdir(parents=True)
    stale.touch()
    make(results, tmp_path / "docs")
    page = (tmp_path / "docs" / "benchmarks.md").read_text("utf-8")
    for shown in ("Lamp 3000, 2 cores, 4 GiB", "2001-02-03", "| 1,234.5 |", "no such package", "| 7.5 |", "a \\| b"):
        assert shown in page
    plots = sorted(path.name for path in stale.parent.iterdir())
    assert plots == ["memory.svg", "peers.svg", "scaling.svg", "stages.svg"]
    make(results, tmp_path / "again")
    for name in plots:
        assert f"(benchmarks/{name})" in page
        drawn = (stale.parent / name).read_bytes()
        assert ET.fromstring(drawn).tag.endswith("svg")
        assert len(drawn) < 60_000
        assert (tmp_path / "again" / "benchmarks" / name).read_bytes() == drawn
    assert "Spark" in page


def test_a_script_without_figures_has_no_part_in_the_page(results, tmp_path):
    from results import load, render

    (results / "throughput.json").unlink()
    page = render(load(results), set())
    assert "Comparison with other tools" in page
    assert "Lamp 3000" in page
    assert "Throughput" not in page
    assert ".svg" not in page


def test_no_figures_make_no_page(tmp_path):
    from results import make

    with pytest.raises(FileNotFoundError, match=r"everything\.py"):
        make(tmp_path, tmp_path / "docs")
    assert not (tmp_path / "docs").exists()


@pytest.mark.skipif(not (BENCHMARKS / "results").exists(), reason="no figures are committed")
def test_the_committed_page_is_made_of_the_committed_figures():
    from results import DOCS, RESULTS, load, render

    plots = {path.stem for path in (DOCS / "benchmarks").glob("*.svg")}
    assert (DOCS / "benchmarks.md").read_text("utf-8") == render(load(RESULTS), plots)


def test_parts_take_turns_and_the_median_counts():
    from measured import in_turn

    order, seconds = [], iter([3.0, 1.0, 2.0])

    def fails():
        order.append("fails")
        return {"left_out": "not here"}

    def works():
        order.append("works")
        return {"seconds": next(seconds)}

    found = in_turn({"works": works, "fails": fails}, 3)
    assert order == ["works", "fails", "works", "works"]
    assert found == {"works": {"seconds": 2.0}, "fails": {"left_out": "not here"}}


def test_ratios_are_to_the_first_row():
    from measured import with_ratios

    rows = with_ratios([{"mb_per_second": 8.0}, {"mb_per_second": 2.0}, {"left_out": "x"}])
    assert [row["ratio"] for row in rows] == [1.0, 0.25, None]


def test_a_dump_is_repeated_with_new_ids(jsonl, tmp_path):
    from dumps import read, repeat

    small = jsonl({"id": "a", "text": "äbc"}, {"id": "b", "text": "de"})
    assert repeat(small, tmp_path / "big.jsonl", 17) == 6
    assert list(read(tmp_path / "big.jsonl")) == [
        {"id": f"{name}{turn}", "text": text} for turn in ("", "/1", "/2") for name, text in (("a", "äbc"), ("b", "de"))
    ]
    with pytest.raises(ValueError, match="no text"):
        repeat(jsonl({"id": "a", "text": ""}), tmp_path / "big.jsonl", 17)


def test_a_dump_is_divided_into_records_of_one_length(jsonl, tmp_path):
    from dumps import divide, read

    sentences = [f"Ferry {number} left the quay an hour late on Monday." for number in range(10, 40)]
    small = jsonl(
        *({"id": str(number), "text": " ".join(sentences)} for number in range(2)), {"id": "s", "text": "No."}
    )
    count = divide(small, tmp_path / "short.jsonl", size=10_000, length=100)
    records = list(read(tmp_path / "short.jsonl"))
    assert len(records) == count == len({record["id"] for record in records})
    assert [record["text"] for record in records] == ["\n".join(sentences[at : at + 2]) for at in range(0, 30, 2)]
    assert divide(small, tmp_path / "short.jsonl", size=150, length=100) == 2


def test_invented_records_have_their_length_and_phrases(tmp_path):
    from dumps import invent, read

    assert invent(tmp_path / "made.jsonl", size=20_000, length=2000) == 10
    texts = [record["text"] for record in read(tmp_path / "made.jsonl")]
    assert {len(text) for text in texts} == {2000}
    assert any("Scroll to Top" in text for text in texts)


def test_threads_and_processes_do_the_same_work(tmp_path):
    from dumps import invent
    from scaling import clean, process_pieces

    dump = tmp_path / "made.jsonl"
    invent(dump, size=30_000, length=1000)
    whole = clean(str(dump), "rules", 1)
    assert whole["records"] == 30
    assert whole["cuts"] > 0
    for kind, count in (("threads", 2), ("processes", 1)):
        found = process_pieces(str(dump), "rules", kind, count)
        assert {name: found[name] for name in ("records", "bytes", "cuts")} == {
            name: whole[name] for name in ("records", "bytes", "cuts")
        }


def test_rules_are_those_of_the_file_alone(tmp_path, jsonl):
    from scaling import clean, make_phrases, write_rules

    phrases = make_phrases()[:20]
    write_rules(tmp_path / "rules.toml", phrases)
    text = f"It rained all day.\n{phrases[3]}\nIt snowed all night.\nScroll to Top"
    found = clean(str(jsonl({"id": "a", "text": text})), "rules", 1, str(tmp_path / "rules.toml"))
    assert found["cuts"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="environments have another layout there")
def test_a_peer_runs_on_the_dump_and_one_that_fails_is_named(jsonl, tmp_path, monkeypatch):
    import peers
    from measured import in_turn

    [naive] = [peer for peer in peers.PEERS if peer.name == "re"]
    [other] = [peer for peer in peers.PEERS if peer.adapter == "datatrove"]
    dump = jsonl({"id": "a", "text": "It rained.\n\nScroll to Top"}, {"id": "b", "text": "Fine."})

    def install(peer, folder):
        if peer is other:
            peers._call([sys.executable, "-c", "raise SystemExit('ERROR: no such package')"], 60, "cannot be installed")
        return Path(sys.executable)

    monkeypatch.setattr(peers, "install", install)
    monkeypatch.setattr(peers, "choose_phrases", lambda count: ["scroll to top"])
    parts = peers.parts_of_peers([naive, other], dump, tmp_path, tmp_path)
    found = in_turn(parts, 2)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines == [{"id": "a", "text": "It rained.\n"}, {"id": "b", "text": "Fine."}]
    assert (found["re"]["records"], found["re"]["bytes"]) == (2, 30)
    ours = {
        f"{peers.OURS}{profile}": {"seconds": found["re"]["seconds"] / 4, "peak_mib": 1} for profile in peers.PROFILES
    }
    rows = peers.make_rows({**ours, **found}, 30)
    assert [row.get("article_times") for row in rows] == [1.0, 1.0, 4.0, None]
    assert rows[-1]["left_out"] == "cannot be installed: ERROR: no such package"


def test_what_a_peer_prints_is_no_figure(tmp_path, monkeypatch):
    import peers

    monkeypatch.setattr(peers, "ADAPTERS", tmp_path)
    adapter = tmp_path / "run_ftfy.py"
    [peer] = [peer for peer in peers.PEERS if peer.adapter == "ftfy"]
    adapter.write_text("print('{\"seconds\": 2.0}')\nprint('Goodbye!')")
    assert peers.run_peer(Path(sys.executable), peer, adapter, adapter, adapter) == {"seconds": 2.0}
    for code, why in (("print('Goodbye!')", "it gave no figures"), ("raise SystemExit(7)", "exit code 7")):
        adapter.write_text(code)
        with pytest.raises(peers.LeftOut, match=why):
            peers.run_peer(Path(sys.executable), peer, adapter, adapter, adapter)


def test_an_environment_is_made_again_for_other_packages(tmp_path, monkeypatch):
    import peers

    called = []
    monkeypatch.setattr(peers, "_call", lambda command, *_: called.append(command))
    peer = peers.Peer("lamp", "lamp", "lights", (("lamp",),))
    for packages in (("lamp",), ("lamp",), ("lamp", "oil")):
        (tmp_path / "lamp").mkdir(exist_ok=True)
        peers.install(replace(peer, install=(packages,)), tmp_path)
    assert [command[-1] for command in called if "pip" in command] == ["lamp", "msgspec", "oil", "msgspec"]


def test_phrases_of_peers_are_different_and_come_from_all_rules():
    import re

    import peers

    phrases = peers.choose_phrases(peers.PHRASES)
    assert len(set(phrases)) == peers.PHRASES
    assert all(re.compile(phrase) for phrase in phrases)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="memory and open files are those of Linux")
def test_a_long_run_is_measured(monkeypatch, tmp_path, capsys):
    import long_run

    monkeypatch.setattr(long_run, "PIECE", 200_000)
    monkeypatch.setattr(long_run, "TOLERANCE", 100)  # how fast the machine is, no test asks
    monkeypatch.setattr(
        sys, "argv", ["long_run.py", "--gigabytes", "0.0006", "--workers", "1", "--folder", str(tmp_path)]
    )
    assert long_run.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["piece 1/3", "piece 2/3", "piece 3/3"]
    assert lines[-1].startswith("first gigabyte ")
    assert not any(tmp_path.iterdir())
