"""The results of a run: its output folder, opened and read again."""
