"""A page on this machine to look at the records of a run, to take cuts back, and to make rules of junk lines."""
