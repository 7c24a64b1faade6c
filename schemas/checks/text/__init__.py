"""Measurements of texts for the checks: sentences, language, similarity, phrases of pages that are not articles."""
