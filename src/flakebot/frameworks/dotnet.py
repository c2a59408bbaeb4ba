"""Read what `dotnet test` prints of xUnit, NUnit and MSTest tests. Pure.

`  Failed Namespace.Class.Method [12 ms]` with `Error Message:` and `Stack Trace:` (`X name [12ms]`
in SDK 3, `Failed   name` in SDK 2), or `[xUnit.net 00:00:00.53]     name [FAIL]` before it; the
terminal logger's `error TESTERROR: name (12ms): Error Message: …`. When the test host dies, what it
was running is named only with `--blame`.
Format: microsoft/vstest, issues 285 and 3842 and its ConsoleLogger.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "dotnet"

GATE = (
    r"^ *(?:Failed|Passed|Skipped|X|V|√|!|failed|passed|skipped)!? .*\d"
    r"|^(?:Failed|Passed|Skipped)   |^\[xUnit\.net |error TESTERROR:"
    r"|^The active [Tt]est [Rr]un was aborted|^The tests? running when the crash occurred"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_RESULT = re2.compile(
    r"^ *(?:(Failed|Passed|Skipped|X|V|√|!) (\S.*?) \[(?:< )?\d[\d., hms]*\]"
    r"|(failed|passed|skipped) (\S.*?) \((?:< )?\d[\d., hms]*\))$"
)
_OLD = re2.compile(r"^(Failed|Passed|Skipped)   (\S+(?:\(.*\))?)$")
_XUNIT = re2.compile(r"^\[xUnit\.net \d\d:\d\d:\d\d\.\d+\]\s+(\S.*) \[(FAIL|SKIP)\]$")
_TERMINAL = re2.compile(r"error TESTERROR:\s+(\S.*?) \([\d.,hms ]+\): (?:Error Message: )?(.*)$")
_TOTAL = re2.compile(
    r"^(?:Failed|Passed)!  - Failed: +(\d{1,9}), Passed: +(\d{1,9})"
    r", Skipped: +(\d{1,9}), Total: +\d+"
)
_ABORTED = re2.compile(r"^The active [Tt]est [Rr]un was aborted")
_RUNNING = re2.compile(r"^The tests? running when the crash occurred: ?(\S.*)?$")
_MOST_RUNNING = 50
_STATUSES = {
    **dict.fromkeys(("Failed", "X", "failed"), Status.FAILED),
    **dict.fromkeys(("Passed", "V", "√", "passed"), Status.PASSED),
    **dict.fromkeys(("Skipped", "!", "skipped"), Status.SKIPPED),
}
_LABELS = (
    "Error Message:",
    "Stack Trace:",
    "Standard Output Messages:",
    "Standard Error Messages:",
)


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._told: set[str] = set()
        self._crash: Report | None = None
        self._running: list[str] | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._crash is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        if line.text.startswith("The active ") and _ABORTED.match(line.text) is not None:
            self._crashed()
            self._tally.close()
            self._crash = Report("crash")
        return self._live(line) if self._crash is None else self._dying(line, self._crash)

    def _live(self, line: Line) -> bool:
        """A line while the test host is there."""
        text = line.text
        if text.endswith(("]", ")")) and (result := _RESULT.match(text)) is not None:
            word, name = (group for group in result.groups() if group is not None)
            return self._result(word, name, line)
        if text.startswith("[xUnit.net "):
            return self._xunit(line)
        if text.startswith(("Failed", "Passed", "Skipped")):
            return self._old(line)
        if "error TESTERROR:" in text and (found := _TERMINAL.search(text)) is not None:
            self._result("Failed", found.group(1), line)
            return self._tally.write(line._replace(text=found.group(2)))
        if text.startswith(("Test Run", "Total tests:", "##[", "Results File:", "Build ")):
            self._tally.close()
            return False
        return self._write(line)

    def _write(self, line: Line) -> bool:
        """A line of a report: its message, or a frame, which stays indented."""
        text = line.text.strip()
        if text in _LABELS:
            return self._tally.write(line._replace(text=f"    {text}"))
        frame = text.startswith(("at ", "--- End of"))
        return self._tally.write(line._replace(text=f"  {text}" if frame else text))

    def _dying(self, line: Line, crash: Report) -> bool:
        """A line about the end of the test host: its stack, and with `--blame` what was running."""
        text = line.text.strip()
        if text.startswith(("Test Run", "Total tests:", "##[", "Results File:")):
            self._crashed()
            return False
        crash.add(line)
        found = _RUNNING.match(text)
        if found is not None:
            self._running = [found.group(1)] if found.group(1) else []
        elif not text or text.startswith("This test may"):
            self._running = self._running or None
        elif self._running is not None and len(self._running) < _MOST_RUNNING:
            self._running.append(text)
        return True

    def _crashed(self) -> None:
        """The host is gone, and with it the tests that it ran."""
        if self._crash is None:
            return
        crash, self._crash = self._crash, None
        running, self._running = self._running or [], None
        self._tally.seen = self._tally.failed = True
        for name in running:
            case = self._tally.end(name, Status.CRASHED, next(iter(crash)))
            self._tally.report(case, "crash", crash)
            self._tally.close()
        if not running:
            self._tally.loose.append(crash.block())

    def _result(self, word: str, name: str, line: Line) -> bool:
        self._tally.close()
        status = _STATUSES[word]
        case = self._tally.case(name, line)
        if name in self._told:
            self._told.discard(name)
        else:
            self._tally.end(name, status, line)
        if status.bad:
            self._tally.report(case)
        return status.bad

    def _xunit(self, line: Line) -> bool:
        """The line of xUnit itself comes before the one of the runner and counts once with it."""
        found = _XUNIT.match(line.text)
        self._tally.close()
        if found is None or found.group(2) == "SKIP":
            return False
        self._tally.end(found.group(1), Status.FAILED, line)
        self._told.add(found.group(1))
        return True

    def _old(self, line: Line) -> bool:
        """A result as SDK 2 prints it, or the totals of one assembly."""
        found = _OLD.match(line.text)
        if found is not None:
            return self._result(found.group(1), found.group(2), line)
        total = _TOTAL.match(line.text)
        if total is not None:
            self._tally.close()
            self._tally.seen = True
            failed, passed, skipped = (int(number) for number in total.groups())
            self._tally.failed |= bool(failed)
            self._tally.named[Status.PASSED] += passed
            self._tally.named[Status.SKIPPED] += skipped
        return total is not None

    def result(self) -> Reading:
        """What became of each test."""
        self._crashed()
        return self._tally.result()
