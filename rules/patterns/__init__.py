"""The pattern language of phrase rules."""
