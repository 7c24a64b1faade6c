"""Paths to values in nested records: `source.name`, `content[0].value`, `authors[].name`, `body.sections.**`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

EACH = "[]"  # each item of a list
TEXTS = "**"  # all texts below, in order
Path = tuple["str | int", ...]
_STEP = re.compile(r"\[(\d*)\]|\.?([^.\[]+)|\.")
_DEEPEST = 40  # steps of a path, and levels that are searched for texts


@lru_cache(maxsize=8192)
def parse_path(written: str) -> Path:
    """Return the steps of a path: names, positions in lists, `[]` for each item of a list, `**` for all texts below.

    >>> parse_path("authors[].name"), parse_path("content[0].value")
    (('authors', '[]', 'name'), ('content', 0, 'value'))
    """
    steps: list[str | int] = []
    for match in _STEP.finditer(written):
        if match[2] is not None:
            steps.append(match[2])
        elif match[1] is not None:
            steps.append(int(match[1][:9]) if match[1] else EACH)
    return tuple(steps) if len(steps) <= _DEEPEST else (written,)


@lru_cache(maxsize=8192)
def fold_name(name: str) -> str:
    """Return a name without case, separators and camel case, to compare it with others.

    >>> fold_name("publishedAt"), fold_name("Published At"), fold_name("PUBLISHED_AT"), fold_name("dc:creator")
    ('publishedat', 'publishedat', 'publishedat', 'dccreator')
    """
    # Turkish has an i with a dot and one without, and both as capitals
    letters = unicodedata.normalize("NFC", name[:200]).translate({0x130: "i", 0x131: "i"})
    return re.sub(r"[\W_]+", "", letters).casefold()


# Words within names that only say what the record is: "Titre de l'article", "texto_noticia", "documentUrl".
_OF_RECORD = frozenset(
    "article articles news story post document doc item entry artikel beitrag noticia nota articolo artigo wpis berita "
    "haber статья статьи новость новости artykul record".split()
)
_CJK_RECORD = re.compile("(?:文章|新闻|新聞|記事|기사|뉴스)_?")
_SMALL_WORDS = frozenset("of the de du des la le l del della dell do da der des von van o a".split())
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=8192)
def core_name(name: str) -> str | None:
    """Return a name, folded, without words that only say that it is part of an article; None if it has none.

    >>> core_name("Titre de l'article"), core_name("texto_noticia"), core_name("article"), core_name("title")
    ('titre', 'texto', None, None)
    """
    plain = unicodedata.normalize("NFC", name[:200])
    if (prefix := _CJK_RECORD.match(plain)) and len(plain) > prefix.end():
        return fold_name(plain[prefix.end() :])
    words = [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", unicodedata.normalize("NFC", name[:200])))]
    core = [word for word in words if word not in _OF_RECORD]
    if len(core) == len(words):
        # "Date of publication" is a name of its own, "Language of publication" is not
        core = words[:-2] if words[-2:] == ["of", "publication"] else words
    core = [word for word in core if word not in _SMALL_WORDS]
    return "".join(core) if core and len(core) < len(words) else None


def look_up(value: Any, path: Path) -> Any:
    """Return what a path leads to, or None. A name takes each item of a list; its results are a list, then.

    >>> look_up([{"name": "Ada"}, {"name": "Bo"}], ("[]", "name")), look_up({"Name": "Ada"}, ("name",))
    (['Ada', 'Bo'], 'Ada')
    """
    for at, step in enumerate(path):
        if value is None:
            return None
        if step == TEXTS:
            return _texts(value, _DEEPEST) or None
        if step == EACH or (isinstance(step, str) and isinstance(value, (list, tuple))):
            items = value if isinstance(value, (list, tuple)) else [value]
            rest = path[at + 1 :] if step == EACH else path[at:]
            return _flat([look_up(item, rest) for item in items]) or None
        if isinstance(step, int):
            value = value[step] if isinstance(value, (list, tuple)) and step < len(value) else None
        else:
            value = value[name] if isinstance(value, Mapping) and (name := find_key(value, step)) is not None else None
    return value


def find_key(value: Mapping[Any, Any], name: str) -> str | None:
    """Return the key of an object that has a name, exactly or without regard to its case and separators."""
    if name in value:
        return name
    folded = fold_name(name)
    return next((key for key in value if isinstance(key, str) and fold_name(key) == folded), None)


def without(value: Any, path: Path) -> Any:
    """Return a copy of a value without what a path leads to; None if nothing is left.

    >>> without({"id": None, "name": "Daily"}, ("name",)), without({"id": "d", "name": "Daily"}, ("name",))
    (None, {'id': 'd'})
    """
    if not path:
        return None
    step = path[0]
    if isinstance(value, (list, tuple)):
        if isinstance(step, int):
            rest = [without(item, path[1:]) if at == step else item for at, item in enumerate(value)]
        elif step == TEXTS:
            rest = [_without_texts(item, _DEEPEST) for item in value]
        else:
            rest = [without(item, path[1:] if step == EACH else path) for item in value]
        rest = [item for item in rest if not is_empty(item)]
        return rest or None
    if step == TEXTS:
        return _without_texts(value, _DEEPEST)
    if step == EACH:
        return without(value, path[1:])
    if not isinstance(value, Mapping) or not isinstance(step, str):
        return value
    taken = find_key(value, step)
    parts = {key: without(item, path[1:]) if key == taken else item for key, item in value.items()}
    return {key: item for key, item in parts.items() if not is_empty(item)} or None


def is_empty(value: Any) -> bool:
    """Return whether a value says nothing: None, a blank text, an empty list or object."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, (list, tuple, Mapping)) and not value


def _flat(values: list[Any]) -> list[Any]:
    flat = []
    for value in values:
        if isinstance(value, list):
            flat.extend(value)
        elif not is_empty(value):
            flat.append(value)
    return flat


def _texts(value: Any, levels: int) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if not levels or not isinstance(value, (list, tuple, Mapping)):
        return []
    items = value.values() if isinstance(value, Mapping) else value
    return [text for item in items for text in _texts(item, levels - 1)]


def _without_texts(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return None
    if not levels or not isinstance(value, (list, tuple, Mapping)):
        return value
    if isinstance(value, Mapping):
        parts = {key: _without_texts(item, levels - 1) for key, item in value.items()}
        return {key: item for key, item in parts.items() if not is_empty(item)} or None
    return [rest for item in value if not is_empty(rest := _without_texts(item, levels - 1))] or None
