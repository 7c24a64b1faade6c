"""A run over files: the work in pieces, by several processes, and the files that it leaves."""
