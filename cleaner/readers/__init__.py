"""Readers: each reads the sources of one kind, as a generator of batches of raw records."""
