"""What an article is: its records, its edits, its checks."""
