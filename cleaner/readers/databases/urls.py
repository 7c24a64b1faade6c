"""Tables named by URL: `sqlite:///news.db::articles`, `postgresql://user@host/news::SELECT ...`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from urllib.parse import parse_qs, unquote

from ....schemas.errors import InputError, nearest
from ..file_names import readable_name

# The schemes that are read, each with its name in `provenance.reader`.
SCHEMES = {"sqlite": "sqlite", "duckdb": "duckdb", "postgresql": "postgresql", "postgres": "postgresql"}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.]+)://(.*)", re.DOTALL)
_QUERY = re.compile(r"\(*\s*(select|with|values)\b[\s(]", re.IGNORECASE)
_SECRET = re.compile(r"(?<=password=)[^&]*")


@dataclass(frozen=True)
class Database:
    """A table, or a query, of a database."""

    kind: str
    address: str = field(repr=False)
    """The path of its file; for PostgreSQL its URL, with the password if there is one."""
    base: str
    """Its URL in messages, without a password."""
    selection: str
    """The name of a table, or a query; empty if you named neither."""

    @property
    def is_query(self) -> bool:
        """Return whether the selection is a query."""
        return _QUERY.match(self.selection) is not None

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"{self.base}::{self.selection}" if self.selection else self.base

    @property
    def name(self) -> str:
        """The name of the database and of the table; of a query, its digest."""
        path = self.base.partition("?")[0].partition("://")[2]
        digest = hashlib.sha256(self.selection.encode()).hexdigest()[:8]
        return f"{PurePath(path).name}::{f'query-{digest}' if self.is_query else self.selection}"

    def hide(self, message: str) -> str:
        """Return the message of a driver without the password."""
        for secret in self._secrets:
            message = message.replace(secret, "***")
        return message

    @cached_property
    def _secrets(self) -> list[str]:
        authority, _, rest = self.address.partition("://")[2].partition("/")
        written = authority.rpartition("@")[0].partition(":")[2]
        secrets = {written, unquote(written), *_SECRET.findall(rest)}
        secrets |= set(parse_qs(rest.partition("?")[2]).get("password", []))
        return sorted(secrets - {""}, key=len, reverse=True)


def parse_database(text: str) -> Database | None:
    """Return the database of a URL, None if the text is not a URL. Raises `InputError` for any other URL."""
    match = _URL.fullmatch(text)
    if match is None:
        return None
    if readable_name(text) != text or "\0" in text:
        raise InputError("this URL is not UTF-8, or has a NUL", where=readable_name(text), hint="write it in UTF-8")
    scheme, rest = match[1].lower(), match[2]
    kind = SCHEMES.get(scheme)
    if kind is None:
        hint = "name a file, a folder, or a table as in sqlite:///FILE::TABLE, duckdb:/// or postgresql://"
        raise InputError(f"{scheme}:// is not read{nearest(scheme, SCHEMES)}", where="input", hint=hint)
    # the authority may have colons, too
    slash = rest.find("/") if "/" in rest else len(rest.rpartition("::")[0]) or len(rest)
    address, _, selection = rest[slash:].partition("::")
    selection = selection.strip().rstrip(";").rstrip()
    if kind == "postgresql":
        authority = rest[:slash]
        user = authority.rpartition("@")[0].partition(":")[0]
        shown = f"{user}@{authority.rpartition('@')[2]}" if "@" in authority else authority
        base = f"{scheme}://{shown}{_SECRET.sub('***', address)}"
        return Database(kind, f"{scheme}://{authority}{address}", base, selection)
    base = f"{scheme}://{rest[:slash]}{address}"
    if slash or len(address) < 2:
        hint = f"write {scheme}:///FILE::TABLE, with a fourth slash if the path begins with one"
        raise InputError("no file is named", where=base, hint=hint)
    return Database(kind, address[1:], base, selection)
