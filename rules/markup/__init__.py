"""Markup: what HTML, WordPress and Markdown put around a text, and how it is taken off."""
