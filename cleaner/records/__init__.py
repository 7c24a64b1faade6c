"""Raw records and articles as columns."""
