"""The line gate: a small network that says of each line of a text how likely it is boilerplate."""
