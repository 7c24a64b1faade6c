"""A request for a run of `clean`: its inputs, the place and the form of its results, and how it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...schemas.errors import InputError, SettingError
from ..readers.discovery import find_sources, name_inputs
from ..readers.dispatch import check_encoding
from ..readers.exclusions import NOTHING, Exclusions
from .exports import EXPORT_FORMATS, Export
from .run_files import TEXTS, check_article_format, names_of_run
from .watched_sources import WatchedSource, watch_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..readers.source import Source


@dataclass(frozen=True)
class RunInputs:
    """The inputs of a run, found once: everything that reads them takes them from here."""

    names: tuple[str, ...]
    """The inputs as the user named them."""
    sources: tuple[Source, ...]
    kind: str = "auto"
    """The format that the user asked for."""
    encoding: str | None = None
    """The encoding that the user asked for, by Python's name for it."""
    exclude: Exclusions = NOTHING
    """The files that are left out."""
    strict: bool = True
    """Whether a file that cannot be read, or has no text field, ends the run. Otherwise it is set aside."""

    @classmethod
    def find(
        cls,
        names: list[str],
        *,
        kind: str = "auto",
        encoding: str | None = None,
        exclude: Exclusions = NOTHING,
        strict: bool = True,
        allow_empty: bool = False,
    ) -> RunInputs:
        """Find the files, tables and streams of the inputs.

        Raises `InputError` for an input that does not exist or cannot be read, `SettingError` for an unknown format
        or encoding.
        """
        encoding = check_encoding(encoding)
        found = find_sources(names, kind, exclude=exclude, strict=strict, allow_empty=allow_empty)
        sources = watch_sources(found)
        return cls(tuple(names), sources, kind, encoding, exclude, strict)

    @property
    def size(self) -> int:
        """The bytes on disk, as far as they are known."""
        return sum(source.size for source in self.sources)

    @property
    def rereadable(self) -> bool:
        """Whether an interrupted run can read them again: standard input, pipes and databases cannot be."""
        return all(isinstance(source, WatchedSource) or source.problem for source in self.sources)

    def no_record(self) -> InputError:
        """Return the error of inputs without a record."""
        return InputError("no record in it", where=name_inputs(list(self.names)), hint="add --allow-empty to accept it")


@dataclass(frozen=True)
class SparkOptions:
    """The options of a run on Spark."""

    master: str | None = None
    """Where Spark runs; None: as its own settings say, or else on this machine."""
    settings: Mapping[str, str] | None = None
    """Settings of Spark, for a session that is started for the run."""
    partition_by: str | None = None
    """What the folders of articles are named after: "source", "date", or None for no folders."""


@dataclass(frozen=True)
class RunRequest:
    """What the user asked of a run. The command fills it, and passes it to the local runner or to that of Spark.

    Raises `SettingError` for an unknown format, and for an option that a run on Spark does not have.
    """

    inputs: RunInputs
    out: Path
    to: str = "parquet"
    """The format of the articles, one of `OUTPUT_FORMATS`."""
    names: str = "article"
    """Whether records are written with the fields of an "article", or as the "input" has them."""
    columns: tuple[str, ...] = ()
    """The fields that are written, all if there are none."""
    raw_csv: bool = False
    """Whether cells of CSV may begin as a formula does."""
    overwrite: bool = False
    """Whether to replace the results of an earlier run in `out`."""
    allow_empty: bool = False
    """Whether to accept inputs without a record."""
    gx: bool = False
    """Whether Great Expectations validates the run."""
    workers: int = 1
    """The number of processes, 0 for one for each core. It changes the time that a run takes, and nothing else."""
    resume: bool = False
    """Whether to continue an interrupted run."""
    spark: SparkOptions | None = None
    """The options of a run on Spark, None for a run on this machine."""

    def __post_init__(self) -> None:
        check_article_format(self.to)
        if self.to not in ("csv", "jsonl"):
            for option, value in (("--columns", self.columns), ("--names input", self.names == "input")):
                if value:
                    raise SettingError(f"{option} cannot be used with --to {self.to}", hint="use --to csv or jsonl")
        _ = self.export
        if self.spark is None:
            return
        for name, default in (("to", "parquet"), ("gx", False), ("workers", 1), ("resume", False)):
            if getattr(self, name) != default:
                hint = "leave it out; see docs/clusters.md for the options of Spark"
                raise SettingError(f"--{name} cannot be used with --engine spark", hint=hint)

    @property
    def is_stream(self) -> bool:
        """Whether the articles go to standard output, and nothing else is written."""
        return str(self.out) == "-"

    @property
    def export(self) -> Export | None:
        """How articles are written beside articles.parquet, or to standard output. Raises `SettingError`."""
        if self.is_stream and self.to not in EXPORT_FORMATS:
            hint = f"use --to {', '.join(EXPORT_FORMATS)}, or name a directory"
            raise SettingError(f"--to {self.to} cannot be written to standard output", hint=hint)
        plain = self.to == "jsonl" and not self.columns and self.names == "article"
        if self.is_stream or (self.to in ("csv", "jsonl") and not plain):
            return Export(self.to, self.columns, self.names == "input", self.raw_csv)
        return None

    @property
    def stored(self) -> str:
        """The format, of `ARTICLE_FORMATS`, of the file that holds all fields of the articles."""
        return "parquet" if self.export is not None or self.to == "txt" else self.to

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of the files and folders that the run leaves, `TEXTS` first."""
        texts = (TEXTS,) if self.to == "txt" else ()
        export = (self.export.name,) if self.export is not None else ()
        return (*texts, *export, *names_of_run(self.stored))
