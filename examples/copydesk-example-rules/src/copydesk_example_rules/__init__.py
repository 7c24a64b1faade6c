"""The plugins of the archive of The Lowmoor Lantern."""

COPYDESK_API = 1
