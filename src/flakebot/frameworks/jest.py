"""Read what jest's reporters print. Pure.

`PASS path` or `FAIL path` per file, under a failing one `  ● suite › test` over each report, all of
it indented; with `--verbose`, or when one file runs, a tree of `✓` and `✕` before them
(https://github.com/jestjs/jest/tree/main/packages/jest-reporters). A name that fails twice in a
run, for its hooks or in two files, failed once in it. Retries show when `logErrorsBeforeRetry` is
set.
"""

# ruff: noqa: RUF001, RUF002  # the marks are those that the tool prints

from __future__ import annotations

import re2

from flakebot.frameworks.foreign import Foreign
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.runs import Run
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "jest"

_FILE = re2.compile(
    r"^(?:##\[group\])? {0,2}(PASS|FAIL) +(?:\S+ +)?\S+\.(?:[cm]?[jt]sx?|vue|svelte|es6)"
    r"(?: \([\d.].*\))?$"
)
_THROWN = "##[group]Errors thrown in "
"""How the reporter for GitHub begins the reports of a file."""

_STATUS = re2.compile(r"^((?:  )+)([✓✕○✎√×]) (?:skipped |todo )?(.+?)(?: \([\d.]+ m?s\))?$")
_MARKS = {
    "✓": Status.PASSED,
    "√": Status.PASSED,
    "✕": Status.FAILED,
    "×": Status.FAILED,
    "○": Status.SKIPPED,
    "✎": Status.SKIPPED,
}
_BULLET = "  ● "
_SUITE_FAILED = "Test suite failed to run"
_NO_TESTS = ("Console", _SUITE_FAILED, "Cannot log after tests are done.")
_EXITED = 'process.exit called with "'
"""How jest says that a test ended it; a rule reads that."""

_RETRIED = re2.compile(r"^ ?LOGGING RETRY ERRORS +(\S.*)$")
_RETRY = re2.compile(r"^ ?RETRY \d+ *$")
_NUMBERS = re2.compile(r"\b(\d{1,9}) (passed|skipped|todo)\b")
_CODE = re2.compile(r"^\s*>?\s*(?:\d+)? \|")
_DEEPEST = 100
"""Suites in suites."""

_LOOSE = 20
"""Files that could not be run, as far as they are quoted."""


GATE = (
    r"^(?:##\[group\])? {0,2}(?:PASS|FAIL) |^ ?(?:LOGGING )?RETRY |^ RUN  v|^ +Duration  |"
    + Foreign.GATE
)
"""The lines that can matter while no file and no retry is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._run = Run()
        self._foreign = Foreign()
        self._loose: list[Report] = []
        self._file = ""
        self._tree: list[str] | None = None
        self._report: Report | None = None
        self._retried = ""
        self._vitest = self._ended = False
        self._seen = self._failed = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return bool(self._file or self._retried)

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to the report about a file."""
        text = line.text
        if text[:4] == "    " or not text:
            return (bool(self._file) or self._report is not None) and self._inside(line)
        if text[:1] in {"=", "#"}:
            self._marked(text)
        elif text.startswith((" RUN  v", "   Duration  ")):
            self._vitest = text[1] == "R"
        if ("PASS " in text[:14] or "FAIL " in text[:14]) and self._header(text):
            return False
        if "RETRY " in text[:15] and self._retry(line):
            return True
        if self._file:
            if text[:2] == "  ":
                return self._inside(line)
            if text[:5] == "Tests":
                self._totals(text)
        self._report = self._tree = None
        return False

    def _marked(self, text: str) -> None:
        """A line of pytest or of the runner, perhaps with jest's own group in it."""
        self._foreign.feed(text)
        if self._seen and text.startswith(_THROWN):
            self._file = "FAIL"

    def _header(self, text: str) -> bool:
        """The line that begins the report about a file."""
        match = _FILE.match(text)
        if match is None or self._foreign.inside or self._vitest:
            return False
        self._seen = True
        self._failed = match.group(1) == "FAIL" or (self._failed and not self._ended)
        self._ended = False
        self._file, self._tree, self._report = match.group(1), [], None
        return True

    def _inside(self, line: Line) -> bool:
        """A line of the report about a file; all are indented."""
        text = line.text
        if text.startswith(_BULLET):
            return self._bullet(line, text[len(_BULLET) :])
        if self._report is not None:
            self._report.add(line._replace(text=_dedented(text)))
            return True
        if self._tree is not None:
            self._leaf(line, self._tree)
        return False

    def _leaf(self, line: Line, tree: list[str]) -> None:
        """A line of the tree of suites and tests."""
        text = line.text
        if not text:
            self._tree = None
            return
        match = _STATUS.match(text)
        depth = (len(text) - len(text.lstrip())) // 2 - 1
        if match is not None:
            name = " › ".join([*tree[:depth], match.group(3)])
            self._run.put(name, _MARKS[match.group(2)], line.number)
        elif depth <= min(len(tree), _DEEPEST):
            tree[depth:] = [text.strip()]

    def _bullet(self, line: Line, title: str) -> bool:
        """`  ● suite › test` of a failing file, or its output, or why it could not run."""
        self._tree = None
        self._report = Report()
        title = title.strip()
        if title == _SUITE_FAILED and len(self._loose) < _LOOSE:
            self._loose.append(self._report)
        elif title.startswith(_EXITED):
            return False
        elif self._file == "FAIL" and not title.startswith(_NO_TESTS):
            self._run.put(title, Status.FAILED, line.number)
            self._report = self._run.report(title)
        return True

    def _retry(self, line: Line) -> bool:
        """`LOGGING RETRY ERRORS name`, then `RETRY 1` and the report about that attempt."""
        match = _RETRIED.match(line.text)
        if match is not None and not self._foreign.inside:
            self._retried = match.group(1)
            self._run.lines.setdefault(self._retried, line.number)
            self._report = None
            return True
        if not self._retried or _RETRY.match(line.text) is None:
            return False
        self._report = self._run.report(self._retried)
        self._run.retries[self._retried] = self._run.retries.get(self._retried, 0) + 1
        return True

    def _totals(self, text: str) -> None:
        """`Tests:  1 failed, 4 passed, 5 total` ends a run."""
        if not text.startswith("Tests: "):
            return
        totals = {Status.PASSED: 0, Status.SKIPPED: 0}
        for number, word in _NUMBERS.findall(text):
            totals[Status.PASSED if word == "passed" else Status.SKIPPED] += int(number)
        self._tally.unnamed += self._run.unnamed(totals)
        self._ended = True
        self._flush()

    def _flush(self) -> None:
        run, self._run = self._run, Run()
        spaced = {name.replace(" › ", " "): name for name in run.statuses}
        known = {name: spaced.get(name, name) for name in run.retries}
        for name, real in known.items():
            run.statuses.setdefault(real, Status.PASSED)
            run.lines[real] = run.lines[name]
        run.retries = {known[name]: tries for name, tries in run.retries.items()}
        run.reports = [(known.get(name, name), report) for name, report in run.reports]
        run.into(self._tally)
        self._file = self._retried = ""
        self._report = None

    def result(self) -> Reading:
        """What became of each test."""
        self._flush()
        self._tally.loose += [report.block() for report in self._loose]
        self._tally.seen, self._tally.failed = self._seen, self._failed
        return self._tally.result()


def _dedented(text: str) -> str:
    """A line of a report as the error said it; quoted source keeps an indent, as it is no error."""
    text = text.removeprefix("    ")
    return f"    {text.strip()}" if _CODE.match(text) is not None else text
