"""For people who write rules: examples, drafts, contracts, locks, statistics, pages."""
