"""Names of XML as the readers compare them: each namespace with the prefix that its documentation uses."""

from __future__ import annotations

_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://www.georss.org/georss": "georss",
}
_WORDPRESS = "http://wordpress.org/export/"


class Names:
    """The names of a document: `prefix:name`, with the usual prefix of the namespace, whatever the document calls it.

    Names without a prefix stay as they are. A prefix that is not declared stays, too, as feeds forget it often.
    """

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}

    def declare(self, attributes: dict[str, str]) -> dict[str, str]:
        """Learn the namespaces that an element declares; return its other attributes."""
        others = {}
        for name, value in attributes.items():
            if name.startswith("xmlns:"):
                self._prefixes[name[6:]] = usual_prefix(value) or name[6:]
            elif name != "xmlns":
                others[self.usual(name)] = value
        return others

    def usual(self, name: str) -> str:
        """Return a name with the usual prefix of its namespace."""
        prefix, colon, local = name.partition(":")
        return f"{self._prefixes.get(prefix, prefix)}:{local}" if colon else name


def usual_prefix(namespace: str) -> str:
    """Return the usual prefix of a namespace, empty for one that no reader knows."""
    if namespace.startswith(_WORDPRESS):
        return "excerpt" if namespace.rstrip("/").endswith("excerpt") else "wp"
    return _PREFIXES.get(namespace, "")
