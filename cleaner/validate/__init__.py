"""`validate`: a verdict on records as they are, and the profile of a set."""
