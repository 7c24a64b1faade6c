"""dolma's tagger `c4_v2` marks lines and documents, and cuts nothing; what it marks is cut here."""

from dolma.core.data_types import Document
from dolma.taggers.c4 import FasterC4Tagger
from layout import each, run

tagger = FasterC4Tagger()


def clean(text: str) -> str | None:
    """Return what no mark on a line covers."""
    kept, last = [], 0
    for span in tagger.predict(Document(source="", version="", id="", text=text)).spans:
        if span.type.startswith("lines_with") and span.start >= last:
            kept.append(text[last : span.start])
            last = span.end
    return "".join([*kept, text[last:]])


run(each(clean), "dolma")
