"""Read what Mozilla's harnesses print: mochitest, reftest, xpcshell, gtest, web-platform tests.
Pure.

`TEST-START | path`, any number of statuses, `TEST-OK | path | took 12ms`; whatever a test should
not have done is `TEST-UNEXPECTED-FAIL | path | message`, and `PROCESS-CRASH` names the test that
took the program along
(https://firefox-source-docs.mozilla.org/mozbase/mozlog.html, its `tbpl` format). The harnesses
report faults of their own under names that are no test's.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Block, Reading
from flakebot.frameworks.tally import Case, Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "mozilla"

_LEAD = (
    r"^(?:\[task [\dTZ:. -]{1,30}\] )?(?:\d\d:\d\d:\d\d +[A-Z]+ - +)?(?:\d+ INFO )?"
    r"(?:REFTEST )?"
)
_MARK = re2.compile(rf"{_LEAD}((?:TEST-[A-Z-]+|PROCESS-CRASH) \| .*)$")
_REST = re2.compile(rf"{_LEAD}(.*)$")
_TOOK = re2.compile(r"^took \d+ms$")
_TIMED_OUT = re2.compile(r"(?i)\btimed out\b")
_KILLED = "application timed out after"
_UNEXPECTED = "TEST-UNEXPECTED-"
_ENDS = {"TEST-OK": Status.PASSED, "TEST-SKIP": Status.SKIPPED, "TEST-END": Status.PASSED}
_GOOD = {*_ENDS, "TEST-PASS"}
_STATUSES = {"TIMEOUT": Status.TIMEOUT, "CRASH": Status.CRASHED, "ERROR": Status.ERROR}
_REASONS = ("Crash reason: ", "Mozilla crash reason: ")
_CONTEXT = 30
"""Lines taken after a failure: its stack."""

_SHUTDOWN = "Shutdown"
"""What mochitest "starts" after the last test, and never ends."""

_LOOSE = 20
"""Faults of the harness that are kept."""

_TASK_FAILED = re2.compile(r"^\[taskcluster .{0,40}\] Unsuccessful task run with exit code: [1-9]")

GATE = r"(?:TEST-[A-Z]+[A-Z-]*|PROCESS-CRASH) \| |^\[taskcluster .{0,40}\] Unsuccessful "
"""The lines that can matter while no stack is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._started: set[str] = set()
        self._bad: dict[str, tuple[Status, int]] = {}
        self._room = 0
        self._killed = False
        self._expected: set[str] = set()
        """Tests whose failure was no surprise: known ones, or those that xpcshell tries again."""

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        if " | " in line.text:
            mark = _MARK.match(line.text)
            if mark is not None:
                self._tally.close()
                word, name, *rest = mark.group(1).split(" | ", 2)
                return self._marked(word, name.strip(), "".join(rest), line)
        if line.text.startswith("[taskcluster ") and _TASK_FAILED.match(line.text) is not None:
            self._tally.failed = True
        return self._tally.busy and self._context(line)

    def _context(self, line: Line) -> bool:
        """A line after a failure, as long as there is room."""
        rest = _REST.match(line.text)
        if rest is None or not rest.group(1) or self._room == 0:
            self._tally.close()
            return False
        self._room -= 1
        text = rest.group(1)
        stated = text.startswith(_REASONS)
        return self._tally.write(line._replace(text=text if stated else f"  {text}"))

    def _marked(self, word: str, name: str, message: str, line: Line) -> bool:
        """A line about a test or about the harness."""
        if word == "PROCESS-CRASH":
            self._crashed(name, message, line)
        elif word == "TEST-START":
            if name != _SHUTDOWN:
                self._begin(name, line)
        elif word.startswith(_UNEXPECTED):
            self._unexpected(word.removeprefix(_UNEXPECTED), name, message, line)
        elif word in _ENDS or _TOOK.match(message) is not None:
            self._end(name, _ENDS.get(word, Status.PASSED), line)
            if word not in _GOOD:
                self._expected.add(name)
        return word.startswith((_UNEXPECTED, "PROCESS-CRASH"))

    def _begin(self, name: str, line: Line) -> None:
        """A test begins, perhaps once more."""
        if name in self._bad:
            self._end(name, Status.PASSED, line)
        if name in self._expected:  # of two tries the first bears a mark of its own
            self._expected.remove(name)
            self._tally.case(name, line).outcomes[-1:] = [Status.FAILED]
        self._started.add(name)
        self._tally.start(name, line)

    def _end(self, name: str, status: Status, line: Line) -> None:
        """A test ends; what it did wrong decides."""
        if name in self._started:
            worst, at = self._bad.pop(name, (status, line.number))
            self._tally.end(name, worst, line._replace(number=at))

    def _unexpected(self, kind: str, name: str, message: str, line: Line) -> None:
        """Something that should not have been."""
        self._tally.seen = self._tally.failed = True
        self._killed = self._killed or message.startswith(_KILLED)
        told = line._replace(text=message or kind)
        if name not in self._started and not _is_test(name):
            self._fault(name, told)
            return
        status = _STATUSES.get(kind, Status.FAILED)
        if status is Status.FAILED and _TIMED_OUT.search(message) is not None:
            status = Status.TIMEOUT
        self._bad.setdefault(name, (status, line.number))
        case = self._tally.case(name, line)
        self._report(case, told)

    def _report(self, case: Case, line: Line) -> None:
        """The lines that come next belong to this one."""
        self._tally.report(case, lines=[line])
        self._room = _CONTEXT

    def _fault(self, name: str, line: Line) -> None:
        """A fault of the harness, told when no test explains it."""
        if len(self._tally.loose) < _LOOSE:
            text = f"{_UNEXPECTED}FAIL | {name} | {line.text}"
            block = Block(kind="summary", lines=(line._replace(text=text),))
            self._tally.loose.append(block)

    def _crashed(self, name: str, message: str, line: Line) -> None:
        """`PROCESS-CRASH | reason [signature] | test`, with the dump's name before it at times.
        The harness itself kills a program that hangs.
        """
        self._tally.seen = self._tally.failed = True
        parts = [name, *(part.strip() for part in message.split(" | "))]
        test = next((part for part in parts if part in self._started), "")
        told = line._replace(text="PROCESS-CRASH | " + " | ".join(parts))
        if test:
            self._bad[test] = (Status.CRASHED, line.number)
            self._report(self._tally.case(test, line), told)
        elif not self._killed:
            self._fault("PROCESS-CRASH", line._replace(text=" | ".join(parts)))

    def result(self) -> Reading:
        """What became of each test."""
        for name, (status, at) in self._bad.items():
            self._tally.end(name, status, Line(at, ""))
        self._bad = {}
        return self._tally.result()


def _is_test(name: str) -> bool:
    """Whether a name that no test was started by is a test's: a path, not a part of a harness."""
    return "/" in name and not name.startswith("(") and " " not in name
