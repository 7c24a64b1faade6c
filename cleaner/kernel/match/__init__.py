"""Which lines match which phrase rule, and where in a text they count."""
