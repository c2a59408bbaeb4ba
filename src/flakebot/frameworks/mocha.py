"""Read what mocha's reporters print at their end, as Cypress and WebdriverIO do too. Pure.

`N passing`, `N pending`, `N failing`, then the failures by number: the suites and the test, one a
line and each deeper than the one before, and the error
(https://github.com/mochajs/mocha/blob/main/lib/reporters/base.js). The id is mocha's full title,
which `--grep` takes. Passed tests are counted, not named; retries are not printed.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.foreign import Foreign
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "mocha"

_PASSING = re2.compile(r"^  (\d{1,9}) passing(?: \(.+\))?$")
_NUMBER = re2.compile(r"^  (\d{1,9}) (pending|failing)$")
_ITEM = re2.compile(r"^  (\d{1,9})\) (\S.*)$")
_DIFF = "+ expected - actual"
_FIRST_INDENT = 7
_STEP = 2

GATE = rf"^  \d+ passing\b|{Foreign.GATE}"
"""The lines that can matter while no list of failures is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class _Run:
    """The end of one run."""

    def __init__(self, passing: int) -> None:
        self.numbers = {"passing": passing, "pending": 0, "failing": 0}
        self.failures: list[tuple[list[str], int, Report]] = []

    @property
    def tests(self) -> int:
        """Tests that ran."""
        return self.numbers["passing"] + self.numbers["failing"]

    @property
    def complete(self) -> bool:
        """Whether the last failure has begun."""
        return len(self.failures) == self.numbers["failing"]


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._foreign = Foreign()
        self._runs: list[_Run] = []
        self._run: _Run | None = None
        self._title_open = self._diff = self._stack = self._blank = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._run is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if self._run is not None:
            return self._at_end(line, self._run)
        if text[:1] in {"=", "#"}:
            self._foreign.feed(text)
        elif text[:2] == "  " and " passing" in text:
            self._begin(text)
        return False

    def _begin(self, text: str) -> bool:
        """Whether a run ended with this line."""
        match = _PASSING.match(text)
        if match is None or self._foreign.inside:
            return False
        self._run = _Run(int(match.group(1)))
        self._runs.append(self._run)
        return True

    def _at_end(self, line: Line, run: _Run) -> bool:
        """A line after `N passing`."""
        text = line.text
        if text[:2] == "  " and " passing" in text and self._begin(text):
            return False  # what came before was printed by a test, or the list was cut
        number = _NUMBER.match(text) if not run.failures else None
        if number is not None:
            run.numbers[number.group(2)] = int(number.group(1))
            return False
        item = _ITEM.match(text) if not run.complete else None
        if item is not None and int(item.group(1)) == len(run.failures) + 1:
            run.failures.append(([item.group(2)], line.number, Report()))
            self._title_open, self._diff, self._stack, self._blank = True, False, False, False
            return True
        if run.failures and not self._over(text, run):
            self._detail(line, run)
            return True
        if text:
            self._run = None
            self._foreign.feed(text)
        return False

    def _over(self, text: str, run: _Run) -> bool:
        """Whether the list of failures ended before this line."""
        if text.startswith("##["):
            return True
        blank, self._blank = self._blank, not text.strip()
        unindented = blank and text[:1].strip() != ""
        if run.complete and (unindented or (self._blank and self._stack)):
            self._run = None
            return True
        return False

    def _detail(self, line: Line, run: _Run) -> None:
        """A further line of the title, or one about the error, without its indent."""
        titles, _, report = run.failures[-1]
        text = line.text
        stripped = text.lstrip()
        indent = len(text) - len(stripped)
        if self._title_open and indent == _FIRST_INDENT + _STEP * (len(titles) - 1):
            titles.append(stripped)
            return
        self._title_open = False
        self._stack = self._stack or stripped.startswith("at ")
        quoted = self._diff or stripped.startswith("at ")
        self._diff = self._diff or stripped == _DIFF
        report.add(line._replace(text=f"  {stripped}" if quoted else stripped))

    def result(self) -> Reading:
        """What became of each test."""
        tally = Tally()
        passing = 0
        for run in self._runs:
            passing += run.numbers["passing"]
            tally.unnamed[Status.SKIPPED] += run.numbers["pending"]
        failed = [{_name(titles): at for titles, at, _ in run.failures} for run in self._runs]
        for name in dict.fromkeys(name for names in failed for name in names):
            passing -= self._outcomes(tally, name, failed)
        tally.unnamed[Status.PASSED] = max(0, passing)
        for run in self._runs:
            for titles, _, report in run.failures:
                tally.attach(_name(titles), report)
        tally.seen = bool(self._runs)
        tally.failed = tally.seen and self._runs[-1].numbers["failing"] > 0
        return tally.result()

    def _outcomes(self, tally: Tally, name: str, failed: list[dict[str, int]]) -> int:
        """Add a test that failed in some runs; of a later run with as many tests that does not
        list it, it passed. Returns how often it passed.
        """
        first = next(n for n, names in enumerate(failed) if name in names)
        passed = 0
        for run, names in list(zip(self._runs, failed, strict=True))[first:]:
            if name in names:
                tally.add(name, names[name], Status.FAILED)
            elif run.tests == self._runs[first].tests:
                tally.add(name, failed[first][name], Status.PASSED)
                passed += 1
        return passed


def _name(titles: list[str]) -> str:
    return " ".join(titles).removesuffix(":")
