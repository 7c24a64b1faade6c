"""The options of a command: in groups with names, what matters first, and the names that options had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY = 12  # options; fewer are one list
_OTHERS = "Options"
FIRST = "Options that matter first"
# The names of parameters that most users need, by command; `rules list` is "list".
_FIRST = {
    "clean": "out mapping profile rules workers",
    "validate": "suite out fail_on max_fail_ratio mapping",
    "check": "formats fail_on baseline profile rules",
    "explain": "record rules_cut changed profile rules",
    "inspect": "output_format mapping profile exclude kind",
    "convert": "to out columns mapping kind",
    "describe": "out output_format mapping exclude kind",
    "undo": "named record host line profile",
    "mine": "out top min_records min_hosts mapping",
    "bench": "megabytes runs workers as_json profile",
    "review": "into on port no_browser mapping kind select ignore",
    "diff": "named host limit output select",
    "retry": "out mapping suite rules profile",
    "create": "path overwrite mapping profile rules",
    "prune": "path mapping profile rules suite",
    "list": "family language search profile rules suite checks select",
    "show": "rules profile config isolated color",
    "stats": "against as_json profile rules select",
    "lock": "lock_file profile rules unsafe select",
}
# Names that options had before, by command.
_FORMER = {"validate": {"--engine": "--verdict-by"}}
# Names of parameters. A group is shown in this order.
_GROUPS = {
    _OTHERS: "",
    "Results": "out to names columns raw_csv overwrite no_report against data_docs formats output_file statistics diff",
    "Run": "workers resume gx templates cache",
    "Spark": "engine master conf partition_by",
    "Verdict": "fail_on max_fail_ratio verdict_by baseline baseline_strict partial",
    "Input": "kind encoding mapping dialect timezone date_order exclude max_record strict_inputs allow_empty",
    "Rules and checks": (
        "profile form keep_markup unwrap unsafe rules suite checks gx_suite near_duplicates select extend_select ignore"
        " locked lock_file removes keeps"
    ),
    "Settings": "config isolated show_settings strict_plugins",
    "Messages": "verbose quiet no_progress color help",
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names.split()}


class Grouped(click.Command):
    """A command whose help shows its options in groups."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. A former name of an option works, with a note."""
        return super().parse_args(ctx, _rename(args, _FORMER.get(ctx.info_name or "", {})))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options that matter first, then those of each group under its name."""
        params = [param for param in self.get_params(ctx) if isinstance(param, click.Option) and not param.hidden]
        if len(params) < _MANY:
            super().format_options(ctx, formatter)
            return
        for group, members in _group(params, _FIRST.get(ctx.info_name or "", "").split()):
            with formatter.section(group):
                formatter.write_dl([record for param in members if (record := param.get_help_record(ctx))])


def _rename(args: list[str], names: dict[str, str]) -> list[str]:
    """Return the arguments with the names that options have today."""
    end = args.index("--") if "--" in args else len(args)
    renamed = []
    for arg in args[:end]:
        option, equals, value = arg.partition("=")
        if option in names:
            click.echo(f"copydesk: {option} is now called {names[option]}", err=True)
        renamed.append(f"{names.get(option, option)}{equals}{value}")
    return renamed + args[end:]


def _group(params: list[click.Option], first: list[str]) -> Iterator[tuple[str, list[click.Option]]]:
    by_name = {param.name: param for param in params}
    if most_used := [by_name[name] for name in first if name in by_name][:5]:
        yield FIRST, most_used
    rest = [param for param in params if param not in most_used]
    groups = ["Messages" if "--help" in param.opts else _GROUP_OF.get(param.name or "", _OTHERS) for param in rest]
    for group in _GROUPS:
        if members := [param for param, own in zip(rest, groups, strict=True) if own == group]:
            yield group, members


def group_options(command: click.Command, name: str, context: click.Context) -> list[tuple[str, list[click.Option]]]:
    """Return the shown options of a command in groups, as its help has them; few options are one group."""
    params = [param for param in command.get_params(context) if isinstance(param, click.Option) and not param.hidden]
    return list(_group(params, _FIRST.get(name, "").split())) if len(params) >= _MANY else [(_OTHERS, params)]
