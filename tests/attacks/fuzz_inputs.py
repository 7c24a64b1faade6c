"""Fuzz what people write or damage beside their data: rules, settings, suites, interrupted and finished runs, records.

    python tests/attacks/fuzz_inputs.py --seconds 1200 --findings /tmp/findings [--only rules] [--seed 7]

Each case must end in a result or in one clear error. `fuzz_runner` runs the targets.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fuzz_runner import run_targets

if TYPE_CHECKING:
    import random

TEXT = (
    "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master had lost a key.\n"
    "Leave a comment\nHolt &amp; Sons won&#8217;t sell it.\n"
)
VALUES = ["", "0", "-1", "1e999", "nan", "true", "[]", "{}", "''", "[[]]", "[1, 'a']", "{a = 1}", "9" * 30,
          "1979-05-27", "'../x'", "'/etc/passwd'", "'\\u0000'", "'\\ud800'", "['a'", "'''", "'all'", "['*']",
          "['(a+)+b']", "['(?<=a)b', '\\\\p{L}{9,}']", "['{x}']", "'x/y'", "['related/word']"]  # fmt: skip
WORDS = ["(", ")", "[", "]", "|", "*", "+", "?", "{1,9}", "\\b", "\\x41", "(?i)", "..", "/", "\0", "\u2028", "\ud800",
         "é", "’", "&lt;", "&amp;", "<p>", "</p>", "<", "&#8203;", "\u200b", "\r\n", "\n", "  ", "\u00a0", "Ã©",
         "Leave a comment\n", '[gallery ids="1"]', "# A\n", "* b\n", "| a | b |\n", "```\n", "Tags: html\n", "1" * 400,
         "x" * 300, "//", "C:\\x", "nul.txt", "http://", "\x1b[2J", "::error::", "=1+1"]  # fmt: skip


def set_value(random_: random.Random, text: str) -> str:
    """Replace what a line of TOML assigns."""
    lines = text.split("\n")
    number = random_.randrange(len(lines))
    name, equals, _ = lines[number].partition("=")
    lines[number] = name + equals + random_.choice(VALUES) if equals else lines[number] + random_.choice(VALUES)
    return "\n".join(lines)


def put_word(random_: random.Random, text: str) -> str:
    """Insert a word anywhere, in place of some characters or none."""
    at = random_.randrange(len(text) + 1)
    return text[:at] + random_.choice(WORDS) + text[at + random_.choice((0, 0, 1, 5, 40)) :]


def repeat_lines(random_: random.Random, text: str) -> str:
    """Write some lines once more, or elsewhere, or not at all."""
    lines = text.split("\n")
    start = random_.randrange(len(lines))
    some = lines[start : start + random_.randrange(1, 9)]
    if random_.random() < 0.5:
        del lines[start : start + len(some)]
    at = random_.randrange(len(lines) + 1)
    lines[at:at] = some * random_.choice((0, 1, 2, 30))
    return "\n".join(lines)


def flip(random_: random.Random, text: str) -> str:
    """Change a character."""
    at = random_.randrange(len(text) + 1)
    return text[:at] + chr(random_.randrange(1, 0x3000)) + text[at + 1 :]


def damage(random_: random.Random, text: str) -> str:
    """Change a text in one to six ways."""
    for _ in range(random_.choice((1, 1, 1, 2, 3, 6))):
        text = random_.choice((set_value, put_word, put_word, repeat_lines, flip))(random_, text)
    return text


def damage_bytes(random_: random.Random, data: bytes) -> bytes:
    """Damage a file, as text or as bytes."""
    if random_.random() < 0.5:
        text = data.decode("latin-1")
        return damage(random_, text).encode("latin-1", "replace")
    changed = bytearray(data)
    for _ in range(random_.choice((1, 2, 5))):
        at = random_.randrange(len(changed) + 1)
        changed[at : at + random_.choice((0, 1, 4, 9))] = random_.randbytes(random_.choice((0, 1, 4)))
    return bytes(changed)


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


class Rules:
    """Rule files: load them, and clean by some of those that load."""

    def __init__(self, folder: Path) -> None:
        import copydesk.rules

        phrases = Path(copydesk.rules.__file__).parent / "phrases"
        self._seeds = [path.read_text("utf-8") for path in sorted(phrases.glob("*/*.toml"))]
        self._seeds = (
            sorted(self._seeds, key=len)[:60]
            + [
                '[lists]\nx = ["a", "b"]\n[[rule]]\nid = "evil/one"\nsummary = "A rule of patterns"\n'
                'match = ["get the {x}"]\n'
                f'where = "{where}"\nremoves = ["get the a"]\nkeeps = ["y"]\nsince = "1"\nunless = ["q+"]\n'
                for where in ("anywhere", "head", "tail", "inline", "below")
            ]
            * 12
        )
        self._path = folder / "rules.toml"

    def run(self, random_: random.Random) -> None:
        """Load a damaged file."""
        from copydesk.cleaner.api import Cleaner
        from copydesk.rules.ruleset.loader import load_checked
        from copydesk.rules.ruleset.ruleset import Ruleset

        write(self._path, damage(random_, random_.choice(self._seeds)))
        source = load_checked(self._path)
        if random_.random() < 0.2:
            Cleaner(Ruleset((source,)), suite="none").clean(TEXT)


class Settings:
    """Settings: load them, and ask for all that they name."""

    SEED = """\
required-version = ">=0"
profile = "article"
select = ["all", "comments/form"]
ignore = ["sharing", "related/word"]
suite = "strict"
rules = ["house.toml"]
unsafe = false
workers = 2
fail-on = "error"
map = { title = "headline", "body.text" = "x" }
extend-select = ["a"]
exclude = ["*.tmp"]
[per-source-ignores]
"*.example" = ["comments"]
[severity]
"quality/too-short" = "info"
[[suppressions]]
check = "quality/too-short"
record = "a"
until = 2030-01-01
reason = "x"
[dates]
timezone = "Europe/Oslo"
"""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "copydesk.toml"
        self._good = ""
        for line in self.SEED.splitlines(keepends=True):  # keys that this version does not have are left out
            write(self._path, self._good + line)
            with contextlib.suppress(Exception):
                self._load()
                self._good += line

    def _load(self) -> None:
        from copydesk.cleaner.settings import load_settings

        loaded = load_settings(file=self._path)
        loaded.describe()
        _ = loaded.selection, loaded.rule_files, loaded.suite, loaded.dates, loaded.lock_file

    def run(self, random_: random.Random) -> None:
        """Load damaged settings."""
        write(self._path, damage(random_, random_.choice((self._good, self.SEED))))
        self._load()


class Suites:
    """Suites of ours, and of Great Expectations."""

    FOREIGN = json.dumps({
        "name": "s", "meta": {},
        "expectations": [
            {"type": "expect_column_values_to_match_regex",
             "kwargs": {"column": "title", "regex": "^[A-Z]+", "mostly": 0.9}},
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "word_count", "min_value": 1},
             "row_condition": 'col("language") == "en"', "condition_parser": "great_expectations"},
            {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "language", "value_set": ["en"]}},
        ],
    }, indent=1)  # fmt: skip

    def __init__(self, folder: Path) -> None:
        from copydesk.schemas.checks.suites import builtin_suites, suite_text

        self._own = [suite_text(name) for name in builtin_suites()]
        self._folder = folder

    def run(self, random_: random.Random) -> None:
        """Load a damaged suite."""
        from copydesk.cleaner.validate.gx_suite_file import load_foreign_suite
        from copydesk.schemas.checks.suites import find_suite

        if random_.random() < 0.5:
            write(self._folder / "suite.toml", damage(random_, random_.choice(self._own)))
            find_suite(self._folder / "suite.toml")
        else:
            write(self._folder / "suite.json", damage(random_, self.FOREIGN))
            load_foreign_suite(self._folder / "suite.json")


class Runs:
    """Prepares runs of one quick rule."""

    def __init__(self, folder: Path) -> None:
        from copydesk.cleaner.api import Cleaner
        from copydesk.cleaner.readers import batches
        from copydesk.cleaner.runs import pieces
        from copydesk.rules.ruleset.loader import load_file
        from copydesk.rules.ruleset.ruleset import Ruleset

        batches.BATCH_BYTES, pieces.PIECE_BYTES = 1000, 1500
        rules = folder / "house.toml"
        write(rules, Rules(folder)._seeds[-1])
        self._cleaner = Cleaner(Ruleset((load_file(rules),)), suite="none")
        self._dump, self._kept, self._out = folder / "a.jsonl", folder / "kept", folder / "out"
        records = [{"id": f"{n % 30}", "text": f"{n} {TEXT}get the a\n", "file": f"x{n}"} for n in range(50)]
        write(self._dump, "".join(json.dumps(record) + "\n" for record in records) + "{\n")
        for place in (self._kept, self._out):
            shutil.rmtree(place, ignore_errors=True)
        self.prepare()

    def prepare(self) -> None:
        """Make what is damaged."""
        raise NotImplementedError

    def clean(self, *, resume: bool = False) -> None:
        """Clean the dump."""
        from copydesk.cleaner.runs.clean_run import clean_files
        from copydesk.cleaner.runs.run_request import RunInputs, RunRequest

        request = RunRequest(RunInputs.find([str(self._dump)]), self._out, to="jsonl", resume=resume)
        clean_files(request, self._cleaner)

    def damage_file(self, random_: random.Random, folder: Path) -> None:
        """Damage one or two files of a folder."""
        files = sorted(path for path in folder.iterdir() if path.is_file())
        for path in random_.sample(files, random_.choice((1, 1, 2))):
            path.write_bytes(damage_bytes(random_, path.read_bytes()))


class Journal(Runs):
    """Interrupted runs with damaged files: resumed to the same bytes, or refused."""

    def prepare(self) -> None:
        """Interrupt a run after some pieces."""
        from copydesk.cleaner.runs import checkpoints

        self.clean()
        self._expected = {name: (self._out / name).read_bytes() for name in ("articles.jsonl", "quarantine.jsonl")}
        shutil.rmtree(self._out)
        add = checkpoints.Checkpoints.add

        def add_and_stop(self: Any, *args: Any) -> None:
            add(self, *args)
            if self.count == 3:
                raise KeyboardInterrupt

        checkpoints.Checkpoints.add = add_and_stop  # type: ignore[method-assign]
        with contextlib.suppress(KeyboardInterrupt):
            self.clean()
        checkpoints.Checkpoints.add = add  # type: ignore[method-assign]
        self._work = self._out.with_name(".out.partial")
        shutil.copytree(self._work, self._kept)

    def run(self, random_: random.Random) -> None:
        """Resume a damaged run."""
        for place in (self._out, self._work):
            shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._kept, self._work)
        self.damage_file(random_, self._work)
        self.clean(resume=True)
        for name, data in self._expected.items():
            assert (self._out / name).read_bytes() == data, f"{name} is not what it was"


class Restore(Runs):
    """Finished runs with damaged files: restored below the folder, or refused."""

    def prepare(self) -> None:
        """Finish a run."""
        self.clean()
        shutil.copytree(self._out, self._kept)
        self._to = self._out.with_name("to")
        self._before = {path.name for path in self._out.parent.iterdir()}

    def run(self, random_: random.Random) -> None:
        """Restore a damaged run."""
        from copydesk.cleaner.runs.restore import restore_run

        shutil.rmtree(self._out)
        shutil.rmtree(self._to, ignore_errors=True)
        shutil.copytree(self._kept, self._out)
        path = self._out / "articles.jsonl"
        if random_.random() < 0.6:  # a value that fits, so that more than the parser is tried
            records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            for record in random_.sample(records, 3):
                table = random_.choice((record, record.get("provenance") or record, record.get("raw") or record))
                name = random_.choice([*table])
                table[name] = random_.choice(
                    [None, 1, -1, 1e400, [], {}, True, *WORDS, table[name], "../a", "names.jsonl"]
                )
            path.write_bytes("".join(json.dumps(record) + "\n" for record in records).encode())
        else:
            self.damage_file(random_, self._out)
        restore_run(self._out, self._to)
        beyond = {path.name for path in self._out.parent.iterdir()} - self._before - {"to", "stats.json"}
        assert not {name for name in beyond if not name.startswith(("Assertion", "crash"))}, beyond


class Records:
    """Records from Python: cleaned, restored, and stable."""

    FIELDS = ("text", "title", "url", "date", "language", "authors", "tags", "id", "body", "content", "extra", "raw")

    PROFILES = ("rules", "article", "page", "auto")

    def __init__(self, folder: Path) -> None:
        import copydesk

        self._path = folder / "record.json"
        for profile in self.PROFILES:  # to compile the rules takes longer than a case may
            copydesk.clean(TEXT, profile=profile)

    def _value(self, random_: random.Random, depth: int = 0) -> object:
        way = random_.randrange(9 if depth < 3 else 6)
        if way < 4:
            return damage(random_, TEXT) if way else random_.choice(WORDS)
        if way < 6:
            return random_.choice([None, True, 0, -1, 2**70, 1e308, float("nan"), "2024-02-30", "http://a.example/x"])
        if way == 6:
            return [self._value(random_, depth + 1) for _ in range(random_.randrange(4))]
        return {random_.choice(WORDS): self._value(random_, depth + 1) for _ in range(random_.randrange(4))}

    def run(self, random_: random.Random) -> None:
        """Clean a record twice."""
        import copydesk

        record: Any = {name: self._value(random_) for name in random_.sample(self.FIELDS, random_.randrange(1, 5))}
        if random_.random() < 0.3:
            record = damage(random_, TEXT * random_.randrange(3))
        self._path.write_text(json.dumps(record))
        profile = random_.choice(self.PROFILES)
        cleaned = copydesk.clean(record, profile=profile)
        cleaned.restore()
        if isinstance(record, str) and cleaned.article.body != record:
            again = copydesk.clean(cleaned.article.body, profile=profile)
            assert again.article.body == cleaned.article.body, "it is not stable"


TARGETS: dict[str, Any] = {
    "rules": Rules, "settings": Settings, "suites": Suites, "journal": Journal, "restore": Restore, "records": Records,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(run_targets(__file__, __doc__, TARGETS))
