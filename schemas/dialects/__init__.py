"""Dialects: how known tools name the fields of an article, one TOML file each; see `catalogue`."""
