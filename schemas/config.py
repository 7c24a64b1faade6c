"""The configuration: the settings of copydesk.toml, or of `[tool.copydesk]` in pyproject.toml.

The same model checks the file, makes its JSON Schema (`copydesk schema config`) and the page in docs/.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from .severity import Severity  # pydantic needs it at run time
from .sizes import read_size

Profile = Literal["rules", "article", "page", "auto"]
Form = Literal["auto", "text", "flow", "wrapped", "html", "markdown"]
FORMS: tuple[str, ...] = get_args(Form)


MAX_ENTRIES = 10_000  # of each list or table: longer ones would take minutes to go through
_BOUNDED = Field(max_length=MAX_ENTRIES)


LEAST_RECORD, MOST_RECORD = 1000, 1 << 30  # bytes: more than a reader gets at once


def _require_record_size(written: str) -> str:
    if not LEAST_RECORD <= read_size(written) <= MOST_RECORD:
        raise ValueError(f"{written} is not between 1kB and 1GiB")
    return written


def _with_hyphens(name: str) -> str:
    return name.replace("_", "-")


class Suppression(BaseModel):
    """Findings of `check` that you have reviewed and accept, for one record or one host."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_with_hyphens)

    rules: Annotated[list[str], _BOUNDED] = Field(min_length=1, description="Rules and checks: ids, families, or all.")
    record: str | None = Field(None, description="Id of the record.")
    host: str | None = Field(None, description="Host of the record's URL, without www.; * matches anything.")
    reason: str = Field(min_length=3, description="Why you accept them.")
    expires: date | None = Field(None, description="Last day on which the suppression applies.")

    @model_validator(mode="after")
    def _of_one_thing(self) -> Suppression:
        if (self.record is None) == (self.host is None):
            raise ValueError("name either a record or a host")
        return self


class Config(BaseModel):
    """Settings of a project. The command line overrides them. Paths are relative to the directory of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_with_hyphens, title="copydesk")

    required_version: str = Field("", description="Versions of copydesk that may run, as in >=0.1,<1.")
    profile: Profile = Field("article", description="Kind of the texts: see docs/cleaning.md.")
    form: Form = Field(
        "auto", description="Form of the texts: text, flow (one long line), wrapped, html, markdown, or auto."
    )
    per_source_forms: Annotated[dict[str, Form], _BOUNDED] = Field(
        {}, description="Form of the texts of some sources, by a glob of hosts or files. The first that matches counts."
    )
    keep_markup: bool | None = Field(
        None,
        description="Whether texts keep HTML and Markdown, and lose boilerplate alone. By default, Markdown with "
        "fenced code or a table of data does.",
    )
    unwrap: bool = Field(False, description="Whether the lines of hard-wrapped paragraphs are joined.")
    suite: str = Field("article", description="Checks to run: the name of a suite, or a .toml file.")
    near_duplicates: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Similarity from which on bodies are reported as near-duplicates, as in 0.8. It is that of "
        "body/near-duplicate, which joins the suite. With 0, the suite decides.",
    )
    checks: Annotated[list[str], _BOUNDED] = Field([], description="Your own files of checks, or folders of them.")
    rules: Annotated[list[str], _BOUNDED] = Field([], description="Your own rule files, or folders of them.")
    unsafe: bool = Field(False, description="Also run the rules that are marked unsafe.")
    select: Annotated[list[str], _BOUNDED] = Field(
        ["all"],
        description="Rules and checks to run: ids, families, or all. An unsafe rule runs if you name its id.",
    )
    extend_select: Annotated[list[str], _BOUNDED] = Field(
        [], description="Rules and checks to run in addition to select."
    )
    ignore: Annotated[list[str], _BOUNDED] = Field(
        [],
        description="Rules and checks to skip. An id overrides a family, and a family overrides all.",
    )
    per_source_ignores: Annotated[dict[str, Annotated[list[str], _BOUNDED]], _BOUNDED] = Field(
        {}, description="Rules and checks to skip, by a glob of hosts or files."
    )
    severity: Annotated[dict[str, Severity], _BOUNDED] = Field(
        {}, description="Severity of rules and checks, by id or family."
    )
    exclude: Annotated[list[str], _BOUNDED] = Field(
        [], description="Input files to leave out: globs of their paths or names, as in *.stats.json."
    )
    max_record: Annotated[str, AfterValidator(_require_record_size)] = Field(
        "64MiB",
        description="Size that a record may have, unpacked. A longer one is set aside with the reason input/too-large.",
    )
    map: Annotated[dict[str, str], _BOUNDED] = Field({}, description="Input field for each article field.")
    timezone: str = Field("", description="Zone of times without one, such as Europe/Berlin or +02:00.")
    date_order: Literal["", "day-first", "month-first"] = Field(
        "",
        description="Order of dates such as 03/04/2024: day-first or month-first. Otherwise other dates of the file "
        "decide.",
    )
    per_source_timezone: Annotated[dict[str, str], _BOUNDED] = Field(
        {}, description="Zone of times without one, by a glob of hosts or files."
    )
    per_source_date_order: Annotated[dict[str, Literal["day-first", "month-first"]], _BOUNDED] = Field(
        {}, description="Order of dates, by a glob of hosts or files."
    )
    strict_plugins: bool = Field(False, description="Stop if a plugin cannot be used. Otherwise it is skipped.")
    suppressions: Annotated[list[Suppression], _BOUNDED] = Field(
        [], description="Findings of check to accept, each with its reason."
    )
