"""Read what `go test` prints, plain and with `-v`, and what gotestsum makes of it. Pure.

`--- FAIL: TestX (0.00s)` per test, with `-v` after `=== RUN   TestX`; a package ends with
`ok  <tab>package<tab>0.1s` or `FAIL<tab>package<tab>0.1s`. A test that panics takes its package
along. Formats: https://pkg.go.dev/cmd/go and https://pkg.go.dev/cmd/test2json. gotestsum prints
`FAIL package.TestX (0.00s)` in its format testname, and in every format lists at the end under
`=== Failed` each failure again, as `=== FAIL: package TestX (0.00s)` with all that it printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import re2

from flakebot.frameworks.reading import Block, Reading, Test
from flakebot.frameworks.tally import Case, Tally, keep
from flakebot.logs import Line
from flakebot.model import Status

NAME = "go-test"

GATE = (
    r"--- FAIL: \S+ \(\d+\.\d+s\)$"
    r"|^(?: *--- (?:PASS|FAIL|SKIP): |=== (?:RUN|PAUSE|CONT|NAME|FAIL|Failed)|(?:ok  |FAIL)\t"
    r"|(?:PASS|FAIL|SKIP) \S+\.(?:Test|Fuzz|Example)|DONE \d|panic: |fatal error: "
    r"|WARNING: DATA RACE)"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_GO = ("=== ", "--- ", "    ", "FAIL", "PASS ", "SKIP ", "ok  \t", "DONE ", "WARNING:")
_MARKS = (*_GO, "panic: ", "fatal error: ")
_RESULT = re2.compile(r"^ *--- (PASS|FAIL|SKIP): (\S+) \(\d+\.\d+(?:s| seconds)\)$")
_BEHIND = re2.compile(r"\S *(--- FAIL: \S+ \(\d+\.\d+s\))$")
"""The result of a test that printed no end of line before it."""

_MOVE = re2.compile(r"^=== (RUN|PAUSE|CONT|NAME) +(\S*)$")
_LISTED = re2.compile(r"^=== FAIL: (\S+) (\S+)(?: \(re-run \d+\))? \((?:\d+\.\d+s|unknown)\)$")
_PACKAGE = re2.compile(r"^(?:ok  |FAIL)\t(\S+)(?:\t|\s+\[|$)")
_NAMED = re2.compile(r"^(PASS|FAIL|SKIP) (\S+?)\.((?:Test|Fuzz|Example)\S*) \(\d+\.\d+s\)$")
_LISTS = ("=== Failed", "=== Skipped", "=== Errors")
_RUNS = re2.compile(r"^DONE (\d+) runs, \d+ tests?")
_RUNNING = re2.compile(r"^\t((?:Test|Fuzz|Example)\S*) \(\d[\dhms.]*\)$")
_FRAME = re2.compile(r"^(?:\S*/)?[\w-]+\.((?:Test|Fuzz|Example)\w*)\(")
_MADE = re2.compile(
    r"^(?:created by )?(?:\S*/)?[\w-]+\.((?:Test|Fuzz|Example)\w*)(?:\.[\w.]+)?"
    r"(?:\(.*\)| in goroutine \d+)?$"
)
"""A frame of a test, of a function in it, or of what started a goroutine."""

_MAIN = "TestMain"
"""What runs the tests of a package, and is none."""

_FATAL = ("panic: ", "fatal error: ")
_TIMED_OUT = "panic: test timed out after"
_RACE = "WARNING: DATA RACE"
_HUNG = 50
"""Tests named by one time-out."""

_STATUSES = {"PASS": Status.PASSED, "FAIL": Status.FAILED, "SKIP": Status.SKIPPED}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._printed: dict[str, list[Line]] = {}
        self._running: str | None = None
        self._failing: Case | None = None
        self._fatal: list[Line] = []
        self._hung: dict[str, None] = {}
        self._by = ""
        self._paused: set[str] = set()
        self._race: list[Line] = []
        self._failed: set[str] = set()
        self._listed: dict[tuple[str, str], int] = {}
        self._ended: str | None = None
        self._lists = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return (
            self._lists
            or self._tally.busy
            or self._running is not None
            or bool(self._fatal or self._race)
        )

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        if self._lists and not line.text.startswith(("=== ", "DONE ", "##[")):
            said = line.text != "" and _RESULT.match(line.text) is None
            return said and self._tally.write(_dedented(line))
        if "--- FAIL: " in line.text and (behind := _BEHIND.search(line.text)) is not None:
            line = line._replace(text=behind.group(1))
        if line.text.startswith(_MARKS) and self._marked(line):
            return False
        if line.text.startswith("##["):
            self._lists = False
            self._end_package(failed=bool(self._fatal))
            return False
        return self._dumped(line) if self._fatal else self._said(line)

    def _said(self, line: Line) -> bool:
        """A line that a test printed, or that nobody asks for."""
        if self._running is not None:
            keep(self._printed.setdefault(self._running, []), _dedented(line))
            return False
        if self._race:
            return keep(self._race, line)
        return self._tally.write(_dedented(line))

    def result(self) -> Reading:
        """What became of each test."""
        self._end_package(failed=bool(self._fatal))
        self._tally.failed = bool(self._failed)
        found = self._tally.result()
        return replace(
            found, tests=tuple(_with_subtests(test, found.tests) for test in found.tests)
        )

    # --------------------------------------------------------------------------------------
    # Lines of go's own

    def _marked(self, line: Line) -> bool:
        """Whether a line that may be go's own is, and was understood."""
        text = line.text
        if (result := _RESULT.match(text)) is not None:
            self._result(result.group(2), _STATUSES[result.group(1)], line)
        elif (package := _PACKAGE.match(text)) is not None:
            self._package(package.group(1), line)
        elif text.startswith("=== "):
            return self._listing(line) if self._lists or text in _LISTS else self._moved(line)
        elif (named := _NAMED.match(text)) is not None:
            self._named(named.group(2), named.group(3), _STATUSES[named.group(1)], line)
        elif text.startswith("DONE "):
            return self._done(line)
        elif text.startswith(_FATAL) and not self._fatal:
            self._fatal = [line]
        elif text == _RACE and self._running is None:
            self._race = [line]
        else:
            return text == "FAIL"
        return True

    def _result(self, name: str, status: Status, line: Line) -> None:
        """A test ended; what it printed stands before, with `-v`, or after, without."""
        self._running = None
        self._forget()
        printed = self._printed.pop(name, [])
        case = self._tally.end(name, status, line)
        self._ended = name
        if status.bad:
            self._failing = case
            self._tally.report(case, lines=[*self._race, *printed])
            self._race = []

    def _moved(self, line: Line) -> bool:
        """`=== RUN`, `=== CONT`, or gotestsum's list of failures at the end."""
        move = _MOVE.match(line.text)
        if move is None:
            return self._listing(line)
        self._forget()
        word, name = move.groups()
        self._running = name if name and word != "PAUSE" else None
        (self._paused.add if word == "PAUSE" else self._paused.discard)(name)
        if word == "RUN":
            self._tally.start(name, line)
        return True

    def _forget(self) -> None:
        """Tests go on, so what looked like the end of the package was printed by one of them."""
        self._fatal, self._hung, self._by = [], {}, ""
        self._failing = None
        self._tally.close()

    def _package(self, package: str, line: Line) -> None:
        failed = line.text.startswith("FAIL")
        self._tally.seen = True
        (self._failed.add if failed else self._failed.discard)(package)
        self._end_package(failed=failed)
        self._tally.rename(package)

    def _end_package(self, *, failed: bool) -> None:
        """Whatever still ran in a package that failed ended with it."""
        if failed:
            for case in self._fallen():
                self._tally.report(case, "crash", self._fatal)
        self._running = None
        self._race = []
        self._printed.clear()
        self._paused.clear()
        self._forget()

    def _fallen(self) -> list[Case]:
        """The tests to which a panic belongs; those that waited for their turn only end with it."""
        for name, case in self._tally.cases():
            if case.open and name in self._paused:
                case.open = False
                case.outcomes.append(Status.UNFINISHED)
        if self._fatal and self._fatal[0].text.startswith(_TIMED_OUT):
            running = self._tally.stop(Status.TIMEOUT)
            hung = [] if running else list(self._hung)
            return running + [self._tally.end(n, Status.TIMEOUT, self._fatal[0]) for n in hung]
        if self._failing is not None and self._fatal and (self._repanicked or not self._by):
            self._tally.stop(Status.UNFINISHED)
            return [self._failing]
        return self._crashed()

    @property
    def _repanicked(self) -> bool:
        """Whether the panic is one of a test itself, which is told as failed before."""
        return "[recovered" in self._fatal[0].text

    def _crashed(self) -> list[Case]:
        """The tests that ran when their package ended, or of which its stack speaks."""
        running = [(name, case) for name, case in self._tally.cases() if case.open]
        for name, case in running:
            self._tally.report(case, lines=self._printed.get(name, ()))
        if self._by:
            by = [n for n, _ in running if n == self._by or n.startswith(f"{self._by}/")]
            fallen = [self._tally.end(n, Status.CRASHED, self._fatal[0]) for n in by or [self._by]]
            self._tally.stop(Status.UNFINISHED)
            return fallen
        fallen = self._tally.stop(Status.CRASHED)
        if self._fatal and not fallen and self._tally.seen:
            self._tally.loose.append(Block(kind="crash", lines=tuple(self._fatal)))
        return fallen if self._fatal else []

    def _dumped(self, line: Line) -> bool:
        """A line of a panic: its stack, or the tests that a time-out found running."""
        keep(self._fatal, line)
        found = _RUNNING.match(line.text) or _FRAME.match(line.text)
        if found is not None and len(self._hung) < _HUNG and found.group(1) != _MAIN:
            self._hung[found.group(1)] = None
        made = _MADE.match(line.text) if not self._by else None
        if made is not None and made.group(1) != _MAIN:
            self._by = made.group(1)
        return self._tally.seen

    # --------------------------------------------------------------------------------------
    # gotestsum

    def _named(self, package: str, name: str, status: Status, line: Line) -> None:
        """`FAIL package.TestX (0.00s)`, after `--- FAIL: TestX` where the test printed anything."""
        self._end_package(failed=bool(self._fatal))
        self._tally.rename(package)
        self._tally.scope = package
        if self._ended != name:
            self._tally.end(name, status, line)
        self._tally.scope = ""
        self._ended = None

    def _listing(self, line: Line) -> bool:
        """`=== FAIL: package TestX (re-run 1) (0.00s)`, once per failed run of a test.

        Under `=== Failed` stands what the test printed, go's own lines among it.
        """
        if line.text in _LISTS:
            self._end_package(failed=bool(self._fatal))
            self._lists = True
            return True
        listed = _LISTED.match(line.text)
        if listed is None:
            return False
        self._tally.close()
        self._running = None
        self._tally.scope, name = listed.groups()
        key = self._tally.scope, name
        self._listed[key] = self._listed.get(key, 0) + 1
        case = self._tally.case(name, line)
        if case.outcomes.count(Status.FAILED) < self._listed[key]:
            case = self._tally.end(name, Status.FAILED, line)
        self._tally.report(case)
        self._tally.scope = ""
        return True

    def _done(self, line: Line) -> bool:
        """`DONE 3 runs, …`: a test that failed in fewer runs than there were passed at last."""
        self._tally.close()
        self._lists = False
        runs = _RUNS.match(line.text)
        if runs is None:
            return False
        for (scope, name), failures in self._listed.items():
            self._tally.scope = scope
            if failures < int(runs.group(1)) and self._tally.case(name, line).rank > 1:
                self._tally.end(name, Status.PASSED, line)
        self._tally.scope = ""
        return True


def _dedented(line: Line) -> Line:
    """Without the blanks that go puts before what a test logged."""
    return line._replace(text=line.text.strip()) if line.text.startswith("    ") else line


def _with_subtests(test: Test, tests: Sequence[Test]) -> Test:
    """A test that has no report of its own failed because of its subtests."""
    if test.blocks:
        return test
    inner = [sub for sub in tests if sub.id.startswith(f"{test.id}/")]
    return replace(test, blocks=tuple(block for sub in inner for block in sub.blocks))
