"""`copydesk schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic import BaseModel


@click.command()
@click.argument("model", type=click.Choice(["article", "raw-article", "edit", "config"]), default="article")
def command(model: str) -> int:
    """Print the JSON Schema of articles, edits or settings.

    MODEL is article, raw-article, edit or config.

    \b
    Example:
      copydesk schema > article.schema.json
    """
    import json

    from ...schemas.article import Article, RawArticle
    from ...schemas.config import Config
    from ...schemas.edits import Edit

    models: dict[str, type[BaseModel]] = {
        "article": Article,
        "raw-article": RawArticle,
        "edit": Edit,
        "config": Config,
    }
    click.echo(json.dumps(models[model].model_json_schema(), indent=2, ensure_ascii=False))
    return 0
