"""NeMo Curator's modifiers of texts: characters, line feeds, addresses, lines of C4; on pandas, as its stages do."""

import pandas as pd
from layout import run
from nemo_curator.stages.text.modifiers.modifier import Modify
from nemo_curator.stages.text.modifiers.string.c4 import BoilerPlateStringModifier
from nemo_curator.stages.text.modifiers.string.newline_normalizer import NewlineNormalizer
from nemo_curator.stages.text.modifiers.string.url_remover import UrlRemover
from nemo_curator.stages.text.modifiers.unicode.unicode_reformatter import UnicodeReformatter
from nemo_curator.tasks import DocumentBatch

modify = Modify([UnicodeReformatter(), NewlineNormalizer(), UrlRemover(), BoilerPlateStringModifier()])


def clean(texts: list[str]) -> list[str]:
    """Run the modifiers over a batch."""
    batch = DocumentBatch(dataset_name="dump", data=pd.DataFrame({"text": texts}))
    return modify.process(batch).to_pandas()["text"].tolist()


run(clean, "nemo-curator")
