"""What a notebook shows of results."""

from __future__ import annotations

import pyarrow as pa

import copydesk


def test_a_clean_record_is_one_line_and_a_table(article):
    text = f"{article}\n\n<b>Share this article</b>\n\nShare this article"
    cleaned = copydesk.clean({"id": "r7", "headline": "A key & a <chain>", "text": text})
    assert repr(cleaned).startswith("<Cleaned 'r7': accepted, ")
    assert "\n" not in repr(cleaned)
    assert len(repr(cleaned)) < 200
    view = cleaned._repr_html_()
    assert "A key &amp; a &lt;chain&gt;" in view
    assert "<code>sharing/button</code>" in view
    assert f"{len(text):,} → {len(cleaned.article.body):,} characters" in view


def test_a_validation_is_one_line_and_a_table(article):
    rows = [{"id": str(n), "headline": "A key", "text": f"{article} {n}"} for n in range(3)]
    validation = copydesk.validate(pa.Table.from_pylist([*rows, {"id": "none", "headline": "A key", "text": ""}]))
    assert repr(validation).startswith(
        "<Validation failed: suite 'article', 4 records, 3 passed, 1 failed; findings of "
    )
    assert "<code>body/empty</code>" in validation._repr_html_()
