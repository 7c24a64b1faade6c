"""List the licences of all that `pip install copydesk` installs: python docs/licences.py [--check].

Writes docs/licences.md from what is installed beside copydesk. Exits with 1 if a package has a licence that asks
something of programs that only use it, or none that is known; those that were looked at are in `REVIEWED`.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parent / "licences.md"
EXTRAS = ("", "duckdb", "excel", "html", "postgres", "remote", "review", "spark", "warc")
SHARES = re.compile(
    r"GPL|General Public|MPL|Mozilla|EUPL|CDDL|EPL|Eclipse|SSPL|BUSL|CC-BY-(NC|SA)|unknown", re.IGNORECASE
)
REVIEWED = {
    "certifi": "MPL-2.0 covers changes of its own files; copydesk changes none",
    "pyromark": "the file LICENSE of it is the MIT licence",
    "tld": "the MPL-1.1 is one of its licences; it covers changes of its own files; copydesk changes none",
    "tqdm": "MPL-2.0 covers changes of its own files; copydesk changes none",
}
HEAD = """\
# Licences

What `pip install copydesk` installs, and the licence that each package names. `python docs/licences.py` writes this
page from an installation. Packages that only the tests or the benchmarks need are not in it.

| package | licence | comes with |
|---|---|---|
"""


def name_licence(package: Distribution) -> str:
    """Return the licence of a package: the expression, else the classifiers, else the first line of the text."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [
        value.split(" :: ")[-1] for value in metadata.get_all("Classifier", []) if value.startswith("License")
    ]
    named = sorted({value for value in classifiers if value != "OSI Approved"})
    if named:
        return ", ".join(named)
    text = str(metadata.get("License") or "").strip()
    return text.splitlines()[0][:80].strip() if text else "unknown"


def find_packages(name: str, extra: str, found: dict[str, Distribution]) -> None:
    """Add a package, and all that it needs here, to `found`."""
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        key = canonicalize_name(requirement.name)
        if key in found:
            continue
        try:
            found[key] = distribution(key)
        except PackageNotFoundError:
            print(f"{key} is not installed, which {name} needs", file=sys.stderr)
            continue
        for part in ("", *requirement.extras):
            find_packages(key, part, found)


def main() -> int:
    """Write or check the page. Return 1 if it is not up to date, or a licence has to be looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a package is missing in the page")
    options = parser.parse_args()
    origins: dict[str, str] = {}
    packages: dict[str, Distribution] = {}
    for extra in EXTRAS:
        found: dict[str, Distribution] = {}
        find_packages("copydesk", extra, found)
        for key, package in found.items():
            packages[key] = package
            origins.setdefault(key, f"`copydesk[{extra}]`" if extra else "`copydesk`")
    licences = {key: name_licence(package) for key, package in sorted(packages.items())}
    open_ones = [f"{key}: {text}" for key, text in licences.items() if SHARES.search(text) and key not in REVIEWED]
    for line in open_ones:
        print(f"look at {line}", file=sys.stderr)
    rows = [
        f"| {key} | {text}{f' ({REVIEWED[key]})' if key in REVIEWED else ''} | {origins[key]} |\n"
        for key, text in licences.items()
    ]
    if options.check:
        page = PAGE.read_text("utf-8")
        missing = [key for key in licences if f"| {key} |" not in page]
        print("\n".join(f"{key} is not in {PAGE}" for key in missing), file=sys.stderr)
        return 1 if missing or open_ones else 0
    PAGE.write_text(HEAD + "".join(rows), "utf-8")
    print(f"{len(rows)} packages", file=sys.stderr)
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
