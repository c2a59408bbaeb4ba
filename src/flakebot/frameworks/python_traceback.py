"""Name the test in a bare traceback of Python, of a script, a worker or a cut-off log. Pure.

A last resort, for logs in which no framework says anything: the part of a job's output that was
pasted into an issue, tests that are called by a script, a process that a test started. A frame
names the function alone (https://docs.python.org/3/library/traceback.html), so that is the id.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Block, Reading, Test
from flakebot.logs import Line
from flakebot.model import Status, TestId

NAME = "python"

GATE = r"Traceback \(most recent call last\):$"
"""The lines that can matter while no traceback is open."""

_HEAD = "Traceback (most recent call last):"
_GROUP = "Exception Group "
_FRAME = re2.compile(
    r'^ +File "(?:[^"]*[/\\])?(?:test_[^"/\\]*|[^"/\\]*_test|tests)\.py", line \d+,'
    r" in (test_?[A-Za-z0-9_]{1,200})$"
)
"""A test in a file of tests, by pytest's and unittest's own conventions."""

_MOST_LINES = 400
"""Of one traceback; repeated frames are folded by Python itself."""

_MOST_TESTS = 200
"""Of one log."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end which tests stand in tracebacks."""

    def __init__(self) -> None:
        self._indent: int | None = None
        self._lines: list[Line] = []
        self._test = ""
        self._tests: dict[str, Test] = {}

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._indent is not None

    def feed(self, line: Line) -> bool:
        """Take a line; false, because a traceback is evidence of the job as well."""
        if line.text.endswith(_HEAD):
            self._end()
            self._indent = len(line.text.removesuffix(_HEAD).removesuffix(_GROUP))
            self._lines = [line]
        elif self._indent is not None:
            self._frame(line, line.text[self._indent :])
        return False

    def _frame(self, line: Line, text: str) -> None:
        """A line of a traceback; the first that is not set in is the exception."""
        self._lines.append(line)
        found = _FRAME.match(text) if not self._test else None
        if found is not None:
            self._test = found.group(1)
        if not text.startswith(" ") or len(self._lines) >= _MOST_LINES:
            self._end()

    def _end(self) -> None:
        """A traceback is over: the outermost test in it is the one that ran."""
        if self._test and len(self._tests) < _MOST_TESTS:
            block = Block(kind="call", lines=tuple(self._lines))
            test = Test(
                id=TestId(self._test),
                outcomes=(Status.FAILED,),
                line=self._lines[0].number,
                blocks=(block,),
            )
            self._tests.setdefault(self._test, test)
        self._indent, self._lines, self._test = None, [], ""

    def result(self) -> Reading:
        """The tests that were being run when an exception was raised."""
        self._end()
        tests = tuple(self._tests.values())
        counts = {Status.FAILED: len(tests)} if tests else {}
        return Reading(
            tests=tests, counts=counts, seen=bool(tests), failed=bool(tests), last_resort=True
        )
