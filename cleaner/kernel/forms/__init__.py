"""The form of a text: lines, one long line, wrapped lines, Markdown or HTML, and what makes lines of each."""
