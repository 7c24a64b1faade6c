"""Logbooks: each line is an entry with a date, a tab and a text."""

from __future__ import annotations

from copydesk.plugins import Bad, reader


@reader(suffixes=[".logbook"])
def read_logbook(file):
    """Yield the entries of a logbook, and a `Bad` for each line that is not an entry."""
    offset = 0
    for number, raw in enumerate(file, 1):
        date, tab, text = raw.decode("utf-8", "replace").rstrip("\r\n").partition("\t")
        if tab:
            yield {"date": date, "text": text}
        else:
            yield Bad(raw, "there is no tab between date and text", line=number, byte_offset=offset)
        offset += len(raw)
