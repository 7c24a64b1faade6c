"""The report formats, one in each module."""
