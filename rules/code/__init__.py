"""Rules that need logic: headlines, repetition, site templates, damaged characters, lines below the article."""
