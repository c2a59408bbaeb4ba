"""Read what GoogleTest prints. Pure.

`[ RUN      ] Suite.Test`, what the test printed, then `[       OK ]` or `[  FAILED  ]` with its
milliseconds; the list of failures at the end is read only for tests whose own lines were cut off.
Under `ctest --repeat` a test that passed when ctest ran its program again passed at last.
Format: https://google.github.io/googletest/advanced.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "googletest"

GATE = r"\[ +(?:RUN|OK|FAILED|SKIPPED) +\] |^ *(?:\d+/\d+ )? *Test +#\d"
"""Lines that matter while no report is open; see `reading.Gated`."""

_MARK = re2.compile(
    r"\[ +(RUN|OK|FAILED|SKIPPED) +\] ([\w/.-]+\.[\w/.-]+)(?:, where .*?)?( \(\d+ ms\))?$"
)
_CTEST = re2.compile(r"^ *(?:\d+/\d+ )? *Test +#\d+: (.+?) \.+")
_DEATH = re2.compile(
    r"Segmentation fault|\bAborted\b|core dumped|^terminate called|AddressSanitizer"
    r"|Subprocess aborted|\*\*\*Exception|Assertion .* failed|SIG(?:ABRT|SEGV|BUS|ILL|FPE|KILL)\b"
    r"|^##\[error\]Process completed with exit code (?:13[2-9]|1)\b"
)
_STATUSES = {"OK": Status.PASSED, "FAILED": Status.FAILED, "SKIPPED": Status.SKIPPED}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._current: str | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._current is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if "] " in text and (text.startswith("[") or "[  " in text):
            mark = _MARK.search(text)
            if mark is not None:
                self._marked(mark.group(1), mark.group(2), bool(mark.group(3)), line)
                return False
        elif "Test" in text and (other := _CTEST.match(text)) is not None:
            self._next_program(other.group(1), line)
        if self._current is None:
            return False
        if _DEATH.search(text) is not None:
            self._died(line)
            return False
        if text.startswith(("##[", "[-----", "[=====")):
            self._tally.close()
            return False
        self._tally.write(line)
        return False

    def _marked(self, word: str, name: str, timed: bool, line: Line) -> None:  # noqa: FBT001
        """`[ RUN ]`, a result, or a line of the list at the end."""
        if word == "RUN":
            self._died(line)
            self._current = name
            self._tally.start(name, line)
            self._tally.report(self._tally.case(name, line))
            return
        if name == self._current and (timed or word == "SKIPPED"):
            self._current = None
            self._end(name, _STATUSES[word], line)
        elif not timed and word == "FAILED" and not self._tally.case(name, line).outcomes:
            self._tally.end(name, Status.FAILED, line)

    def _end(self, name: str, status: Status, line: Line) -> None:
        case = self._tally.end(name, status, line)
        self._tally.close()
        if not status.bad:
            case.reports.pop()

    def _died(self, line: Line) -> None:
        """The test under way took its program along."""
        if self._current is None:
            return
        self._tally.write(line)
        self._end(self._current, Status.CRASHED, line)
        self._current = None

    def _next_program(self, name: str, line: Line) -> None:
        """CTest names the program whose output follows, and says how it ended."""
        if "***Exception" in line.text:
            self._died(line)
        self._tally.scope = name
        if "   Passed  " in line.text:
            for test, case in self._tally.cases():
                if case.rank > 1:
                    self._tally.end(test, Status.PASSED, line)

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
