"""How texts are cleaned: a batch of them in, clean texts and edits out."""
