"""`bench`: how fast this machine works on a user's own data."""
