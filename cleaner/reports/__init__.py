"""Reports of findings: for people, for CI services and for other programs."""
