"""`clean` over files: judged, written, kept for --resume, and restored."""
