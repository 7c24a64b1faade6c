"""How rules are declared, found and selected."""
