"""ftfy repairs characters, as one of our rules does."""

import ftfy
from layout import each, run

run(each(ftfy.fix_text), "ftfy")
