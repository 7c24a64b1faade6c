"""A report format: the number of findings of each rule and check."""

from __future__ import annotations

from collections import Counter

from copydesk.plugins import Reporter


class Tally(Reporter):
    """Count findings by rule and check."""

    def __init__(self, *args):
        super().__init__(*args)
        self._counts = Counter()

    def add(self, finding):
        """Count a finding."""
        self._counts[finding.code] += 1

    def close(self, summary):
        """Write the counts, the largest first."""
        for rule, count in self._counts.most_common():
            self.out.write(f"{count:>6} {rule}\n")
