"""Findings as reports: for people, for CI services and for other programs."""
