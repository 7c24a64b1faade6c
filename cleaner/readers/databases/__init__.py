"""One reader for each kind of database."""
