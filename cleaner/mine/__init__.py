"""Find lines that recur in a data set, and draft rules from them, for review.

The input is read three times: `line_counts` counts all lines in bounded memory, `reach` counts exactly
those that recur, `evidence` cleans some records to see where they stand. `candidates` decides which of them make rules.
"""
