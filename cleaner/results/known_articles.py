"""The articles that an earlier run accepted, as a later run asks for duplicates of them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...schemas.arrow import ARTICLE
from ...schemas.checks.frame import Frame
from ...schemas.checks.runner import run_suite
from ..runs.run_files import ARTICLES, read_parts
from ..runs.seen_records import RunDuplicateIndex

if TYPE_CHECKING:
    from pathlib import Path

    from ...schemas.checks.suites import Suite


def index_articles(out: Path, suite: Suite) -> RunDuplicateIndex:
    """Return an index of the articles in an output folder, for the checks of a suite that look for duplicates.

    It is empty if the folder has no `articles.parquet`, as one of `validate` has none.
    """
    seen = RunDuplicateIndex()
    if not (out / ARTICLES).exists():
        return seen
    now = datetime.now(timezone.utc)
    for articles in read_parts(out / ARTICLES, ARTICLE.names):
        run_suite(Frame(articles.cast(ARTICLE), now, seen), suite)
    return seen
