"""The line gate: a small network that estimates for each line how likely it is boilerplate."""
