"""What those who write rules need: examples run, drafts, locks, pages, promises tried."""
