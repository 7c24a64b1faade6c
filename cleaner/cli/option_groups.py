"""The help of a command with many options: in groups with names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY = 12  # options; fewer are one list
_OTHERS = "Options"
# Names of parameters. A group is shown in this order.
_GROUPS = {
    _OTHERS: "",
    "Results": "out to names columns raw_csv overwrite no_report against data_docs formats output_file statistics diff",
    "Run": "workers resume gx templates cache",
    "Spark": "engine master conf partition_by",
    "Verdict": "fail_on max_fail_ratio baseline baseline_strict partial",
    "Input": "kind encoding mapping dialect timezone date_order exclude max_record strict_inputs allow_empty",
    "Rules and checks": (
        "profile form keep_markup unwrap unsafe rules suite select extend_select ignore locked lock_file removes keeps"
    ),
    "Settings": "config isolated show_settings strict_plugins",
    "Messages": "verbose quiet no_progress color help",
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names.split()}


class Grouped(click.Command):
    """A command whose help shows its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group under its name."""
        params = [param for param in self.get_params(ctx) if isinstance(param, click.Option) and not param.hidden]
        if len(params) < _MANY:
            super().format_options(ctx, formatter)
            return
        has_cluster = any(param.name == "master" for param in params)
        for group, members in _group(params, has_cluster=has_cluster):
            with formatter.section(group):
                formatter.write_dl([record for param in members if (record := param.get_help_record(ctx))])


def _group(params: list[click.Option], *, has_cluster: bool) -> Iterator[tuple[str, list[click.Option]]]:
    names = {**_GROUP_OF, **({} if has_cluster else {"engine": "Verdict"})}
    groups = ["Messages" if "--help" in param.opts else names.get(param.name or "", _OTHERS) for param in params]
    for group in _GROUPS:
        if members := [param for param, own in zip(params, groups, strict=True) if own == group]:
            yield group, members
