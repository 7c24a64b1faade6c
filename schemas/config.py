"""The configuration: what `[tool.copydesk]` in pyproject.toml, or copydesk.toml, may say.

The same model checks the file, gives its JSON Schema (`copydesk schema config`) and the page in docs/.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .severity import Severity  # pydantic needs it at run time

Profile = Literal["rules", "article", "page", "auto"]


def _with_hyphens(name: str) -> str:
    return name.replace("_", "-")


class Suppression(BaseModel):
    """A finding of `check` that somebody has looked at and means to leave, for one record or one host."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_with_hyphens)

    rules: list[str] = Field(min_length=1, description="Rules and checks: ids, families, or all.")
    record: str | None = Field(None, description="Id of the record.")
    host: str | None = Field(None, description="Host of the record's URL, without www.; * stands for anything.")
    reason: str = Field(min_length=3, description="Why.")
    expires: date | None = Field(None, description="Last day on which it holds.")

    @model_validator(mode="after")
    def _of_one_thing(self) -> Suppression:
        if (self.record is None) == (self.host is None):
            raise ValueError("name either a record or a host")
        return self


class Config(BaseModel):
    """Settings of a project. What stands on the command line wins; paths are taken from the file's own directory."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_with_hyphens, title="copydesk")

    required_version: str = Field("", description="Versions of copydesk that may run, as in >=0.1,<1.")
    profile: Profile = Field("article", description="What the texts are: see the README.")
    suite: str = Field("article", description="Checks to run: a suite's name, or a .toml file.")
    rules: list[str] = Field([], description="Rule files of your own, or folders of them.")
    unsafe: bool = Field(False, description="Run rules that are marked unsafe, too.")
    select: list[str] = Field(
        ["all"],
        description="Rules and checks to run: ids, families, or all. An unsafe rule that is named by its id runs.",
    )
    extend_select: list[str] = Field([], description="Rules and checks to run beside those of select.")
    ignore: list[str] = Field([], description="Rules and checks to leave out; an id wins over a family, that over all.")
    per_source_ignores: dict[str, list[str]] = Field(
        {}, description="Rules and checks to leave out for records of some hosts, or of some files: by glob."
    )
    severity: dict[str, Severity] = Field({}, description="Severity of rules and checks, by id or family.")
    map: dict[str, str] = Field({}, description="Input fields that article fields are read from.")
    strict_plugins: bool = Field(False, description="A plugin that cannot be used is an error; else it is left out.")
    suppressions: list[Suppression] = Field([], description="Findings of check to leave, each with its reason.")
