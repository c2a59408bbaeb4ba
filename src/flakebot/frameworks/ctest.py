"""Read what CTest prints. Pure.

` 7/13 Test  #7: name ....***Failed    0.00 sec` per run of a test, its output behind it under
`--output-on-failure`, and a list under `The following tests FAILED:`, which is read only for tests
whose own lines were cut off. With `--repeat until-pass` a test has several lines.
Format: https://cmake.org/cmake/help/latest/manual/ctest.1.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "ctest"

GATE = (
    r"^ *(?:\d+/\d+ )? *Test +#\d|^ +Start +\d+: |^The following tests FAILED:|^\d+% tests passed"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_RESULT = re2.compile(
    r"^ *(?:\d+/\d+ )? *Test +#\d+: (.*?\S) ?\.+ *((?:\w[\w ]*)?\*\*\*\S.*|Passed)\s+[\d.]+ sec\b"
)
_START = re2.compile(r"^ +Start +\d+: (.+?)\s*$")
_LISTED = re2.compile(r"^\t *\d+ - (.+?) \(([\w ]+|Exit code .+)\)(?:\s+\S.*)?$")
_TOTAL = re2.compile(r"^\d+% tests passed, \d+ tests? failed out of \d+")
_LIST = "The following tests FAILED:"


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._listing = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._listing

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if "Test" in text and " #" in text and (result := _RESULT.match(text)) is not None:
            self._result(result.group(1), _status(result.group(2)), line)
            return True
        if text.startswith("  ") and (start := _START.match(text)) is not None:
            self._tally.close()
            self._tally.start(start.group(1), line)
            return True
        if text == _LIST or _TOTAL.match(text) is not None:
            self._tally.close()
            self._listing = text == _LIST
            return self._tally.seen
        if self._listing:
            return self._listed(line)
        if text.startswith(("##[", "Total Test time", "Errors while running CTest")):
            self._tally.close()
        return self._tally.write(line)

    def _result(self, name: str, status: Status, line: Line) -> None:
        self._tally.close()
        case = self._tally.end(name, status, line)
        if status.bad:
            stopped = status in {Status.CRASHED, Status.TIMEOUT}
            self._tally.report(case, "crash" if stopped else "call", [line] if stopped else [])

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
    if words == "Passed":
        return Status.PASSED
    if "Skipped" in words or "Disabled" in words:
        return Status.SKIPPED
    if "Not Run" in words:
        return Status.ERROR
    if "Timeout" in words:
        return Status.TIMEOUT
    crashed = ("Exception", "aborted", "SEGFAULT", "Bus error", "ILLEGAL", "NUMERICAL")
    return Status.CRASHED if any(word in words for word in crashed) else Status.FAILED
