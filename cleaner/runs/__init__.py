"""`clean` over files: checked, written, kept for --resume, and restored."""
