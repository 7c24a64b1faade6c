"""What the archive of The Lowmoor Lantern adds to copydesk."""

COPYDESK_API = 1
