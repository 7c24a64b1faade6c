"""clean-text repairs characters and takes out addresses; case and script are left."""

from cleantext import clean
from layout import each, run

run(each(lambda text: clean(text, lower=False, to_ascii=False, no_urls=True, no_emails=True)), "clean-text")
