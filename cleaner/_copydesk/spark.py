"""copydesk on Spark: data frames in; data frames of articles, quarantine and edits out.

import copydesk.spark

cleaned = copydesk.spark.clean(spark.read.parquet("s3a://news/raw"), profile="article")
cleaned.write("s3a://news/clean", partition_by="date")
"""

from __future__ import annotations

from .schemas.errors import needs_extra

try:
    from .cleaner.spark.frames import CleanedFrames, clean, clean_files, learn_templates
    from .cleaner.spark.session import start_session
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("pyspark", "py4j"):
        raise
    raise needs_extra("running on Spark", "pyspark", "spark") from None

__all__ = ["CleanedFrames", "clean", "clean_files", "learn_templates", "start_session"]
