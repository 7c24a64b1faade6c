"""What is removed: one file for each family of artifacts, phrase rules as TOML, logic rules as Python."""
