"""Read what CTest prints. Pure.

` 7/13 Test  #7: name ....***Failed    0.00 sec` per run of a test, its output behind it under
`--output-on-failure` or before it under `-V`, with the test's number before each line, and a list
under `The following tests FAILED:`, which is read only for tests whose own lines were cut off. With
`--repeat until-pass` a test has several lines.
Format: https://cmake.org/cmake/help/latest/manual/ctest.1.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "ctest"

GATE = (
    r"^ *(?:\d+/\d+ )? *Test +#\d|^ +Start +\d+: |^test \d+$|^The following tests FAILED:"
    r"|^\d+% tests passed"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_RESULT = re2.compile(
    r"^ *(?:\d+/\d+ )? *Test +#(\d+): (.*?\S) ?\.+ *"
    r"((?:\w[\w ]*)?\*\*\*(?:\S.*\s+[\d.]+ sec\b|Failed  Required regular expression not found\.)"
    r"|Passed\s+[\d.]+ sec\b)"
)
_START = re2.compile(r"^ +Start +\d+: (.+?)\s*$")
_LISTED = re2.compile(r"^\t *\d+ - (.+?) \(([\w ]+|Exit code .+)\)(?:\s+\S.*)?$")
_TOTAL = re2.compile(r"^\d+% tests passed, \d+ tests? failed out of \d+")
_BEGUN = re2.compile(r"^test \d+$")
_REST = re2.compile(r"^\]\s+[\d.]+ sec$")
"""What is left of a result that quotes a pattern, which CTest puts on a line of its own."""

_TAGGED = re2.compile(r"^(\d{1,6}): (.*)$")
_ITS_OWN = (
    "Test command: ",
    "Working Directory: ",
    "Environment variables:",
    "Test timeout computed to be: ",
)
"""What `-V` says of a test before its output."""

_LIST = "The following tests FAILED:"


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._listing = self._verbose = False
        self._printed: dict[str, Report] = {}

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._listing or self._verbose

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if "Test" in text and " #" in text and (result := _RESULT.match(text)) is not None:
            self._result(result.group(1), result.group(2), _status(result.group(3)), line)
            return True
        if text.startswith("  ") and (start := _START.match(text)) is not None:
            self._tally.close()
            self._tally.start(start.group(1), line)
            return True
        if text == _LIST or _TOTAL.match(text) is not None:
            self._tally.close()
            self._listing, self._verbose = text == _LIST, False
            return self._tally.seen
        return self._listed(line) if self._listing else self._output(line)

    def _output(self, line: Line) -> bool:
        """A line of what a test printed, or one that ends it."""
        text = line.text
        if self._verbose and (tagged := _TAGGED.match(text)) is not None:
            return self._tagged(tagged.group(1), line._replace(text=tagged.group(2)))
        if text.startswith("test ") and _BEGUN.match(text) is not None:
            self._tally.close()
            self._verbose = True
            return True
        if text.startswith(("##[", "Total Test time", "Errors while running CTest")):
            self._tally.close()
        return self._tally.busy and (_REST.match(text) is not None or self._tally.write(line))

    def _tagged(self, number: str, line: Line) -> bool:
        """A line of a test's output under `-V`; several tests may run at a time."""
        printed = self._printed.setdefault(number, Report())
        return line.text.startswith(_ITS_OWN) or printed.add(line)

    def _result(self, number: str, name: str, status: Status, line: Line) -> None:
        self._tally.close()
        printed = self._printed.pop(number, ())
        case = self._tally.end(name, status, line)
        if not status.bad:
            return
        stopped = status in {Status.CRASHED, Status.TIMEOUT}
        lines = [line, *printed] if stopped else printed
        self._tally.report(case, "crash" if stopped else "call", lines)

    def _listed(self, line: Line) -> bool:
        found = _LISTED.match(line.text)
        if found is None:
            self._listing = False
            return False
        name, reason = found.groups()
        case = self._tally.case(name, line)
        if not case.outcomes:
            self._tally.end(name, _status(f"***{reason}"), line)
        return True

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()


def _status(words: str) -> Status:
    """What ctest says of one run."""
    if words.startswith("Passed"):
        return Status.PASSED
    if "Skipped" in words or "Disabled" in words:
        return Status.SKIPPED
    if "Not Run" in words:
        return Status.ERROR
    if "Timeout" in words:
        return Status.TIMEOUT
    crashed = ("Exception", "aborted", "SEGFAULT", "Bus error", "ILLEGAL", "NUMERICAL")
    return Status.CRASHED if any(word in words for word in crashed) else Status.FAILED
