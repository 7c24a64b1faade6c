"""Checks: what can be wrong with an article or with a set of them, each declared once, and the suites made of them."""
