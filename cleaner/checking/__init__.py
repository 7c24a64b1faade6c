"""`check`: findings, which of them are known, and what is remembered of files."""
