"""Read what `go test` prints, plain, with `-v` and with `-json`, and gotestsum. Pure.

`--- FAIL: TestX (0.00s)` per test, with `-v` after `=== RUN   TestX`; a package ends with
`ok  <tab>package<tab>0.1s` or `FAIL<tab>package<tab>0.1s`. A test that panics takes its package
along. Formats: https://pkg.go.dev/cmd/go and https://pkg.go.dev/cmd/test2json. With `-json` the
same lines come wrapped, those of packages that run side by side in turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import re2

from flakebot.frameworks import go_dump, go_events, gotestsum
from flakebot.frameworks.reading import Reading, Test
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Case, Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "go-test"

GATE = (
    r"--- FAIL: \S+ \(\d+\.\d+s\)$"
    r"|^(?: *--- (?:PASS|FAIL|SKIP): |=== (?:RUN|PAUSE|CONT|NAME|FAIL|Failed)|(?:ok  |FAIL)\t"
    r"|(?:PASS|FAIL|SKIP) \S+\.(?:Test|Fuzz|Example)|DONE \d|panic: |fatal error: "
    rf"|WARNING: DATA RACE)|{go_events.GATE}"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_GO = ("=== ", "--- ", "    ", "FAIL", "PASS ", "SKIP ", "ok  \t", "DONE ", "WARNING:")
_MARKS = (*_GO, *go_dump.BEGINS)
_RESULT = re2.compile(r"^ *--- (PASS|FAIL|SKIP): (\S+) \(\d+\.\d+(?:s| seconds)\)$")
_BEHIND = re2.compile(r"\S *(--- FAIL: \S+ \(\d+\.\d+s\))$")
"""The result of a test that printed no end of line before it."""

_MOVE = re2.compile(r"^=== (RUN|PAUSE|CONT|NAME) +(\S*)$")
_PACKAGE = re2.compile(r"^(?:ok  |FAIL)\t(\S+)(?:\t|\s+\[|$)")
_RACE = "WARNING: DATA RACE"
_STATUSES = {"PASS": Status.PASSED, "FAIL": Status.FAILED, "SKIP": Status.SKIPPED}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._printed: dict[str, Report] = {}
        self._running: str | None = None
        self._failing: Case | None = None
        self._dump: go_dump.Dump | None = None
        self._paused: set[str] = set()
        self._race: Report | None = None
        self._failed: set[str] = set()
        self._ended: str | None = None
        self._lists = gotestsum.Lists(self._tally)
        self._packages = go_events.Packages()

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return (
            self._lists.open
            or self._tally.busy
            or self._running is not None
            or self._dump is not None
            or self._race is not None
        )

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report, or is what a test printed."""
        event = go_events.event(line.text)
        if event is not None and (self._packages.running or not self._nested):
            self._read_all(self._packages.take(event, line))
            return event.test != ""
        if line.text.startswith("##["):
            self._read_all(self._packages.end())
        return self._read(line)

    @property
    def _nested(self) -> bool:
        """Whether a test runs or is told of, which may print events of its own."""
        return self._running is not None or self._tally.busy or self._lists.open

    def _read_all(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self._read(line)

    def _read(self, line: Line) -> bool:
        """A line as it is without `-json`."""
        if self._lists.open and not line.text.startswith(("=== ", "DONE ", "##[")):
            said = line.text != "" and _RESULT.match(line.text) is None
            return said and self._tally.write(_dedented(line))
        if "--- FAIL: " in line.text and (behind := _BEHIND.search(line.text)) is not None:
            line = line._replace(text=behind.group(1))
        if line.text.startswith(_MARKS) and self._marked(line):
            return False
        if line.text.startswith("##["):
            self._lists.open = False
            self._end_package(failed=self._dump is not None)
            return False
        if self._dump is not None:
            self._dump.add(line)
            return self._tally.seen
        return self._said(line)

    def _said(self, line: Line) -> bool:
        """A line that a test printed, or that nobody asks for."""
        if self._running is not None:
            self._printed.setdefault(self._running, Report()).add(_dedented(line))
            return False
        if self._race is not None:
            return self._race.add(line)
        return self._tally.write(_dedented(line))

    def result(self) -> Reading:
        """What became of each test."""
        self._read_all(self._packages.end())
        self._end_package(failed=self._dump is not None)
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
            return self._moved(line)
        elif (named := gotestsum.NAMED.match(text)) is not None:
            self._named(named.group(2), named.group(3), _STATUSES[named.group(1)], line)
        elif text.startswith("DONE "):
            return self._lists.done(line)
        elif text.startswith(go_dump.BEGINS) and self._dump is None:
            self._dump = go_dump.Dump(line)
        elif text == _RACE and self._running is None:
            self._race = Report(lines=[line])
        else:
            return text == "FAIL"
        return True

    def _result(self, name: str, status: Status, line: Line) -> None:
        """A test ended; what it printed stands before, with `-v`, or after, without."""
        self._running = None
        self._forget()
        printed = self._printed.pop(name, ())
        case = self._tally.end(name, status, line)
        self._ended = name
        if status.bad:
            self._failing = case
            self._tally.report(case, lines=[*(self._race or ()), *printed])
            self._race = None

    def _moved(self, line: Line) -> bool:
        """`=== RUN`, `=== CONT`, or gotestsum's list of failures at the end.

        Under that stands what the tests printed, go's own lines among it.
        """
        move = _MOVE.match(line.text)
        if self._lists.open or move is None:
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
        self._dump = self._failing = None
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
            self._fall(self._dump)
        self._running = None
        self._race = None
        self._printed.clear()
        self._paused.clear()
        self._forget()

    def _fall(self, dump: go_dump.Dump | None) -> None:
        """Tests that waited for their turn only end; a dump belongs to those that it concerns."""
        for name, case in self._tally.cases():
            if case.open and name in self._paused:
                case.open = False
                case.outcomes.append(Status.UNFINISHED)
        if dump is None:
            self._report_running()
            self._tally.stop(Status.CRASHED)
            return
        for case in self._fallen(dump):
            self._tally.report(case, "crash", dump.report)

    def _fallen(self, dump: go_dump.Dump) -> list[Case]:
        """The tests to which a dump belongs."""
        if dump.timed_out:
            running = self._tally.stop(Status.TIMEOUT)
            hung = [] if running else list(dump.hung)
            return running + [self._tally.end(n, Status.TIMEOUT, dump.first) for n in hung]
        if self._failing is not None and (dump.repanicked or not dump.by):
            self._tally.stop(Status.UNFINISHED)
            return [self._failing]
        return self._crashed(dump)

    def _crashed(self, dump: go_dump.Dump) -> list[Case]:
        """The tests of which the stack speaks, or all that ran."""
        running = self._report_running()
        if dump.by:
            by = [n for n in running if n == dump.by or n.startswith(f"{dump.by}/")]
            fallen = [self._tally.end(n, Status.CRASHED, dump.first) for n in by or [dump.by]]
            self._tally.stop(Status.UNFINISHED)
            return fallen
        fallen = self._tally.stop(Status.CRASHED)
        if not fallen and self._tally.seen:
            self._tally.loose.append(dump.report.block())
        return fallen

    def _report_running(self) -> list[str]:
        """What the tests printed that ran when their package ended; their names."""
        running = [(name, case) for name, case in self._tally.cases() if case.open]
        for name, case in running:
            self._tally.report(case, lines=self._printed.get(name, ()))
        return [name for name, _ in running]

    def _named(self, package: str, name: str, status: Status, line: Line) -> None:
        """`FAIL package.TestX (0.00s)`, after `--- FAIL: TestX` where the test printed anything."""
        self._end_package(failed=self._dump is not None)
        self._tally.rename(package)
        self._tally.scope = package
        if self._ended != name:
            self._tally.end(name, status, line)
        self._tally.scope = ""
        self._ended = None

    def _listing(self, line: Line) -> bool:
        """The begin of one of gotestsum's lists, or an entry of it."""
        if line.text in gotestsum.LISTS:
            self._end_package(failed=self._dump is not None)
            self._lists.open = True
            return True
        if not self._lists.entry(line):
            return False
        self._running = None
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
