"""What a run is asked for: inputs found once, options that fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.cleaner.readers import discovery
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest, SparkOptions
from copydesk.schemas.errors import InputError, SettingError

OUT = Path("out")


def test_inputs_are_found_with_their_sizes(long_dump):
    inputs = RunInputs.find([str(long_dump)], encoding="UTF8")
    assert [source.kind for source in inputs.sources] == ["jsonl"]
    assert (inputs.names, inputs.encoding, inputs.kind) == ((str(long_dump),), "utf-8", "auto")
    assert inputs.size == long_dump.stat().st_size


def test_standard_input_and_databases_are_read_once(long_dump):
    assert RunInputs.find([str(long_dump)]).rereadable
    assert not RunInputs.find([str(long_dump), "-"]).rereadable
    assert not RunInputs.find(["sqlite:///x.db::t"]).rereadable


@pytest.mark.parametrize(
    ("names", "options"), [(["gone.jsonl"], {}), (["-"], {"kind": "odd"}), (["-"], {"encoding": "odd"})]
)
def test_inputs_that_cannot_be_read(names, options):
    with pytest.raises((InputError, SettingError)):
        RunInputs.find(names, **options)


def test_the_error_of_inputs_without_a_record_names_them():
    error = RunInputs.find(["-", "sqlite:///x.db::t"]).no_record()
    assert "-, sqlite:///x.db::t" in str(error)
    assert "--allow-empty" in str(error)


@pytest.mark.parametrize("options", [{"to": "jsonl"}, {"gx": True}, {"workers": 2}, {"resume": True}])
def test_options_that_spark_does_not_have(options, long_dump):
    inputs = RunInputs.find([str(long_dump)])
    RunRequest(inputs, OUT, **options)
    [name] = options
    with pytest.raises(SettingError, match=f"--{name} cannot be used with --engine spark"):
        RunRequest(inputs, OUT, spark=SparkOptions(), **options)


def test_unknown_format_of_articles(long_dump):
    with pytest.raises(SettingError, match="unknown format 'xml'"):
        RunRequest(RunInputs.find([str(long_dump)]), OUT, to="xml")


@pytest.mark.parametrize("options", [[], ["--workers", "2"], ["--templates"]])
def test_a_run_looks_for_its_inputs_once(options, long_dump, copydesk_command, monkeypatch, tmp_path):
    searches = []
    search = discovery._describe_file
    monkeypatch.setattr(discovery, "_describe_file", lambda path, *rest: searches.append(path) or search(path, *rest))
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "out", "-q", *options).code == 1
    assert searches == [long_dump]
