"""How rules run, and the command."""
