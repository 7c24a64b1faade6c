"""An item pipeline for Scrapy that cleans each item, and drops those that the checks reject.

ITEM_PIPELINES = {"copydesk.integrations.scrapy.CleaningPipeline": 300}
COPYDESK = {"profile": "page", "suite": "article"}  # arguments of copydesk.Cleaner; the default is {}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from ..cleaner.api import Cleaner
from ..schemas.field_plan import rename_fields

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_FIELDS = ("body", "headline")


class CleaningPipeline:
    """Clean the text and the headline of each item, in the fields that it has them in.

    An item with a reason of severity `error` is dropped. The statistics of the crawl count what happened.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings.getdict("COPYDESK")
        self._mapping: dict[str, str] = settings.get("mapping", {})
        self._cleaner = Cleaner(**settings)
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CleaningPipeline:
        """Make the pipeline of a crawl."""
        return cls(crawler)

    def process_item(self, item: Any, spider: Any = None) -> Any:
        """Return the item with its clean text. Raise `DropItem` if the checks reject it."""
        adapter = ItemAdapter(item)
        record = adapter.asdict()
        cleaned = self._cleaner.clean(record)
        errors = [reason for reason in cleaned.reasons if reason.severity == "error"]
        self._count("cleaned" if not errors else "dropped")
        for reason in cleaned.reasons:
            self._count(f"{reason.severity}/{reason.check}")
        if errors:
            raise DropItem("; ".join(f"{reason.check}: {reason.message}" for reason in errors))
        for name, field in rename_fields(list(record), self._mapping).items():
            if field in _FIELDS and isinstance(record.get(name), str):
                adapter[name] = getattr(cleaned.article, field)
        return item

    def _count(self, name: str) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"copydesk/{name}")
