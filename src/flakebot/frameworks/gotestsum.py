"""Read what gotestsum adds to what `go test` prints. Pure.

In its format testname `FAIL package.TestX (0.00s)`, and in every format at the end, under
`=== Failed`, each failure again as `=== FAIL: package TestX (0.00s)` with all that it printed
(https://github.com/gotestyourself/gotestsum). `go_test` reads go's own lines.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAMED = re2.compile(r"^(PASS|FAIL|SKIP) (\S+?)\.((?:Test|Fuzz|Example)\S*) \(\d+\.\d+s\)$")
"""The word, the package and the test of a result in the format testname."""

LISTS = ("=== Failed", "=== Skipped", "=== Errors")
"""What begins the lists."""

_LISTED = re2.compile(r"^=== FAIL: (\S+) (\S+)(?: \(re-run \d+\))? \((?:\d+\.\d+s|unknown)\)$")
_RUNS = re2.compile(r"^DONE (\d{1,9}) runs, \d+ tests?")


class Lists:
    """The lists at the end, which name each failed run of a test once.

    Args:
        tally: what go's own lines told, which the lists complete.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._failures: dict[tuple[str, str], int] = {}
        self.open = False

    def entry(self, line: Line) -> bool:
        """Whether this is `=== FAIL: package TestX (re-run 1) (0.00s)`."""
        listed = _LISTED.match(line.text)
        if listed is None:
            return False
        self._tally.close()
        self._tally.scope, name = listed.groups()
        key = self._tally.scope, name
        self._failures[key] = self._failures.get(key, 0) + 1
        case = self._tally.case(name, line)
        if case.outcomes.count(Status.FAILED) < self._failures[key]:
            case = self._tally.end(name, Status.FAILED, line)
        self._tally.report(case)
        self._tally.scope = ""
        return True

    def done(self, line: Line) -> bool:
        """`DONE 3 runs, …`: a test that failed in fewer runs than there were passed at last."""
        self._tally.close()
        self.open = False
        runs = _RUNS.match(line.text)
        if runs is None:
            return False
        for (scope, name), failures in self._failures.items():
            self._tally.scope = scope
            if failures < int(runs.group(1)) and self._tally.case(name, line).rank > 1:
                self._tally.end(name, Status.PASSED, line)
        self._tally.scope = ""
        return True
