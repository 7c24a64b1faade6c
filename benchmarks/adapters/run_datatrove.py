"""datatrove's C4 filter drops lines and documents; without its count of sentences, which takes a tokenizer."""

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter
from layout import each, run

c4 = C4QualityFilter(min_num_sentences=-1)


def clean(text: str) -> str | None:
    """Return the lines that are kept."""
    document = Document(text, id="")
    return document.text if c4.filter(document) is True else None


run(each(clean), "datatrove")
