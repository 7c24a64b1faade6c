"""`check`: findings, baselines, suppressions and the cache of results."""
