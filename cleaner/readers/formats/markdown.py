"""Markdown, and texts with front matter: a file is one article. The front matter fills its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....rules.markup.front_matter import MAX_SIZE, find_front_matter, read_front_matter
from ..declare import Bad, Record, reader
from .text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..source import InputFile

_RENAMED = {"lastmod": "date_modified", "last_modified_at": "date_modified", "permalink": "url", "cover": "image"}
_DEEPEST = 20  # levels of values


def _sniff(start: bytes) -> float:
    return 0.9 if start[:3] in (b"---", b"+++") and find_front_matter(start.decode("utf-8", "replace")) else 0


@reader(
    name="markdown",
    suffixes=[".md", ".markdown"],
    shared_suffixes=[".txt"],
    sniff=_sniff,
    one_record_a_file=True,
    form="markdown",
)
def read_markdown(file: InputFile) -> Iterator[Record | Bad]:
    """Read a file as text, and the fields of its front matter, which stays in the text: a rule cuts it.

    Of front matter that is not YAML or TOML, the lines that name a text are read.
    """
    for item in read_text(file):
        if isinstance(item, Record):
            text = str(item.fields["text"])
            yield Record({**_read_fields(text), "body": text}, raw=item.raw, encoding=item.encoding)
        elif isinstance(item, Bad):
            yield item


def _read_fields(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in (_read_yaml(text) or read_front_matter(text)).items():
        fields[_RENAMED.get(name.lower(), name)] = value
    if "status" not in fields and str(fields.get("draft", "")).lower() == "true":
        fields["status"] = "draft"
    return fields


def _read_yaml(text: str) -> dict[str, Any]:
    """Return the fields of YAML, each value as it is written; none if it is not YAML, or has aliases.

    Aliases can make a few lines hold more than any memory.
    """
    end = find_front_matter(text[: MAX_SIZE * 2])
    lines = text[:end].removeprefix("\ufeff").splitlines()
    if not lines or not lines[0].startswith("---"):
        return {}
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError, YAMLStreamError

    written = "\n".join(lines[1:-1])
    try:
        if not _is_plain(YAML(typ="base", pure=True).parse(written)):
            return {}
        fields = YAML(typ="base", pure=True).load(written)
    except (YAMLError, YAMLStreamError, ValueError, RecursionError):
        return {}
    return {str(name): _plain(value) for name, value in fields.items()} if isinstance(fields, dict) else {}


def _is_plain(events: Iterable[Any]) -> bool:
    """Return whether YAML has neither aliases nor levels that nobody writes. The parser is slow on those."""
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    level = 0
    for event in events:
        level += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent) or level > _DEEPEST:
            return False
    return True


def _plain(value: Any) -> Any:
    """Return a value as plain objects, lists and texts."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    text = str(value)
    return "" if text in ("~", "null") else text
