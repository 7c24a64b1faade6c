"""Make the rule catalogue from what the rules declare: a page for each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...rules.ruleset.measures import measures
from ...rules.ruleset.model import Case, PhraseRule

if TYPE_CHECKING:
    from ...rules.ruleset.model import Example, RuleInfo
    from ...rules.ruleset.ruleset import Ruleset

NOTE = "<!-- made by docs/make.py from the rules: change those -->"
_ZONES = {
    "anywhere": "anywhere in the text",
    "head": "before the first prose",
    "tail": "after the last prose",
    "margin": "before the first or after the last prose",
    "below": "from the line to the end of the text, where little prose follows",
    "inline": "inside a line",
}

_MEASURED = """\
Lines that each rule cut on pages with gold texts, the sites that they are on, and the share that is not in the gold
text. Rules without figures cut nothing there; most of them are for languages that those pages hardly have."""
_ENDS = {"any": "", "colon": ", a line with a colon at its end", "open": ", a line that does not end like a sentence"}


def render_catalogue(ruleset: Ruleset) -> dict[str, str]:
    """Return the pages in Markdown, by file name: one for each family, and an index."""
    families: dict[str, list[RuleInfo]] = {}
    for info in ruleset.infos.values():
        families.setdefault(info.family, []).append(info)
    pages = {f"{family}.md": _render_family(family, infos) for family, infos in families.items()}
    rows = [f"| [{family}]({family}.md) | {len(infos)} | {_languages(infos)} |" for family, infos in families.items()]
    count = len(ruleset.infos)
    head = [NOTE, "", "# Rules", "", f"{count} rules in {len(families)} families.", ""]
    pages["index.md"] = "\n".join([*head, "| family | rules | languages |", "|---|---|---|", *rows]) + "\n"
    return pages


def _languages(infos: list[RuleInfo]) -> str:
    found = sorted({language for info in infos for language in info.languages})
    return ", ".join("any" if language == "*" else language for language in found)


def _render_family(family: str, infos: list[RuleInfo]) -> str:
    rules = (line for info in infos for line in _render_rule(info))
    return "\n".join([NOTE, "", f"# {family}", "", *_render_measures(infos), *rules])


def _render_measures(infos: list[RuleInfo]) -> list[str]:
    """Return a table of rules: how many lines each cut on pages with gold texts, and the share that was right."""
    rows = []
    for info in infos:
        figures = measures().get(info.id)
        cells = ["", "", ""]
        if figures:
            right = "" if figures.precision is None else f"{100 * figures.precision:.1f} %"
            cells = [f"{figures.lines:,}", f"{figures.hosts:,}", right]
        rows.append(" | ".join([f"[{info.id}](#{info.id.replace('/', '')})", _languages([info]), *cells]))
    head = ["| rule | languages | lines | sites | right |", "|---|---|--:|--:|--:|"]
    return [_MEASURED, "", *head, *(f"| {row} |" for row in rows), ""]


def _render_rule(info: RuleInfo) -> list[str]:
    lines = [f"## {info.id}", "", f"{info.summary}.", ""]
    lines += [f"{info.why}", ""] if info.why else []
    facts = [("languages", _languages([info]))]
    if isinstance(info, PhraseRule):
        run = f", in runs of at least {info.min_run} lines of the family" if info.min_run > 1 else ""
        facts.append(("where", _ZONES[info.where] + _ENDS[info.ends] + run))
        facts += [("hosts", ", ".join(info.hosts))] if info.hosts else []
    facts.append(("runs", "always" if info.safety == "safe" else "only with `--unsafe`"))
    facts.append(("severity in `check`", info.severity))
    facts += [("fills", ", ".join(f"`{name}`" for name in info.fills))] if info.fills else []
    facts += [("seen in", info.seen)] if info.seen else []
    if info.id in measures():
        facts.append(("measured", str(measures()[info.id])))
    facts.append(("since", info.since))
    lines += [f"- {name}: {value}" for name, value in facts]
    lines += ["", "Removes:", "", *_render_examples(info.removes), "", "Keeps:", "", *_render_examples(info.keeps), ""]
    return lines


def _render_examples(examples: list[Example]) -> list[str]:
    lines: list[str] = []
    for example in examples:
        if isinstance(example, Case):
            title = f"headline field: {example.title}\n\n" if example.title else ""
            changed = example.before != example.after
            after = f"\n\nbecomes\n\n{example.after}" if changed else ""
            text = f"{title}{example.before}{after}"
        else:
            text = example
        lines += [f"    {_visible(line)}".rstrip() for line in text.split("\n")]
        lines += ["", "<!-- -->", ""] if isinstance(example, Case) and example is not examples[-1] else []
    return lines


def _visible(text: str) -> str:
    r"""Write characters that cannot be seen, or look like a space, as Python does.

    >>> print(_visible("a\u00a0b\u200b"))
    a\xa0b\u200b
    """
    return "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in text)
