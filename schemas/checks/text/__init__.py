"""What checks measure texts with: sentences, language, similarity, phrases of pages that are no articles."""
