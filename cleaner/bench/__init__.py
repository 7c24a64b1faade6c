"""`bench`: how fast this machine cleans a user's own data."""
