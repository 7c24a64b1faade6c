"""Values of a dump, converted to the types of the article's fields: one module for each kind of value."""
