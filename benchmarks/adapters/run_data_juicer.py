"""data-juicer's mappers: characters, punctuation, white space, links, e-mail addresses."""

from data_juicer.ops.mapper.clean_email_mapper import CleanEmailMapper
from data_juicer.ops.mapper.clean_links_mapper import CleanLinksMapper
from data_juicer.ops.mapper.fix_unicode_mapper import FixUnicodeMapper
from data_juicer.ops.mapper.punctuation_normalization_mapper import PunctuationNormalizationMapper
from data_juicer.ops.mapper.whitespace_normalization_mapper import WhitespaceNormalizationMapper
from layout import run

mappers = [
    FixUnicodeMapper(),
    PunctuationNormalizationMapper(),
    WhitespaceNormalizationMapper(),
    CleanLinksMapper(),
    CleanEmailMapper(),
]


def clean(texts: list[str]) -> list[str]:
    """Run the mappers over a batch."""
    samples = {"text": texts}
    for mapper in mappers:
        samples = mapper.process_batched(samples)
    return samples["text"]


run(clean, "py-data-juicer")
