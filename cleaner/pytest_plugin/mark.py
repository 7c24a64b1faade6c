"""The mark of data tests."""

from __future__ import annotations

MARK = "copydesk"
