"""Read what pytest prints, alone, under xdist, and with plug-ins that run tests again. Pure.

The status of a test is the last one its progress lines show; the list of failures at the end still
names tests that passed when they ran again, and is read only for tests no progress line shows.
Formats: pytest 3 to 9, pytest-xdist, -timeout, -rerunfailures, -forked, Datadog's plug-in, and the
scheduler in ai-dynamo/dynamo that runs tests side by side on GPUs.
"""

from __future__ import annotations

import re2

from flakebot.frameworks import pytest_dumps, pytest_gpu, pytest_merge, pytest_skim
from flakebot.frameworks.pytest_dumps import Dump, Opening
from flakebot.frameworks.pytest_nested import Nested, before_start, goes_on, roots_in_test
from flakebot.frameworks.pytest_progress import NODE_DOWN, Progress, Told
from flakebot.frameworks.pytest_sections import ENDS, Collector, section_name, totals
from flakebot.frameworks.pytest_session import Session
from flakebot.frameworks.pytest_status import split_id, split_row, status
from flakebot.frameworks.reading import Reading, Room
from flakebot.logs import Block as Lines
from flakebot.logs import Line
from flakebot.model import Status

NAME = "pytest"

GATE = pytest_skim.GATE

_DUMPS = 100
"""Dumps kept of one session; xdist gives up long before."""

_SECTIONS = re2.compile(
    r"^(FAILURES|ERRORS|PASSES|XPASSES|XFAILURES|RERUNS|short test summary info"
    r"|rerun test summary info|warnings summary.*|slowest .*durations|tests coverage|coverage: .*"
    r"|Datadog .*|Flaky Test Report|Captured .*)$"
)


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []
        self._room = Room()
        self._report = Collector()
        self._gpu = pytest_gpu.Slots()
        self._dump: Dump | None = None
        self._nested = Nested()
        self._progress = Progress(lambda: self._session)
        self._before: str | None = None  # the section in whose captured output the last one began
        self._rows: list[tuple[str, Status, Line, str]] = []  # of the list being read

    @property
    def _session(self) -> Session:
        """The session under way; one begins by itself when the log does not show its start."""
        if not self._sessions or self._sessions[-1].ended:
            self._sessions.append(Session(implied=True, room=self._room))
        return self._sessions[-1]

    @property
    def _told(self) -> bool:
        """Whether a dump is one of pytest's; that of a script is evidence of the job."""
        return self._session.named or not self._session.implied

    @property
    def busy(self) -> bool:
        """Whether a report, a dump or a test's own session is being printed."""
        return self._report.section is not None or self._dump is not None or self._nested.open

    def skim(self, block: Lines, start: int, end: int, number: int) -> tuple[int, int]:
        """Take the plain progress lines of tests that pass."""
        return pytest_skim.skim(lambda: self._session, block, start, end, number)

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to the report that follows the tests."""
        if line.echoed:
            return False
        if self._report.section is not None:
            return self._in_report(line)
        return self._in_progress(line)

    def result(self) -> Reading:
        """What became of each test."""
        self._close_session()
        return pytest_merge.merge(self._sessions)

    # --------------------------------------------------------------------------------------
    # The report after the tests

    def _in_report(self, line: Line) -> bool:
        text = line.text
        if text.startswith(ENDS):
            self._leave_report()
            return False
        if goes_on(text, self._session.current):
            self._disown(None)
            return self._in_progress(line)
        if text.startswith("=") and not self._report.nested and self._heading(line):
            return True
        if self._report.section in {"short test summary info", "rerun test summary info"}:
            return self._in_summary(line)
        self._report.feed(line)
        return True

    def _heading(self, line: Line) -> bool:
        """A line of `=====`: a section, the start of a session, or its end."""
        name = section_name(line.text)
        if name is None or self._report.nests(name):
            return False
        numbers = totals(line.text)
        if numbers is not None:
            self._end(line, numbers)
        elif name == "test session starts":
            return self._begin()
        elif _SECTIONS.match(name) is not None:
            self._dump = None
            self._list()
            self._before = self._report.section if self._report.captured else None
            self._report.enter(name)
        else:
            return False
        return True

    def _begin(self) -> bool:
        """A session begins, unless it is printed inside a failure's captured output."""
        if self._report.captured:
            return False
        early = self._dump if self._sessions and self._sessions[-1].implied else None
        self._close_session()
        self._sessions.append(Session(room=self._room))
        self._dump = early  # into a pipe, the start of a session may come amid its first crash
        return True

    def _end(self, line: Line, numbers: dict[str, int]) -> None:
        """The last line of a session was printed."""
        self._session.totals = numbers
        if "failed" in numbers or "error" in numbers:
            self._session.failed = True
            self._session.counted.append(line)
        self._leave_report()
        self._session.ended = True

    def _list(self) -> None:
        """A list came to its end."""
        for row in self._rows:
            self._session.listed(*row)
        self._rows.clear()

    def _leave_report(self) -> None:
        self._list()
        self._report.enter(None)
        for name, block in self._report.take():
            self._session.reports.append((name, block))
        self._session.reports.extend(self._gpu.take())

    def _disown(self, before: str | None) -> None:
        """A list was one that a test printed: while it ran, or in the output of our section."""
        self._rows.clear()
        if before is None:
            self._report = Collector()
        self._report.enter(before)

    def _close_session(self) -> None:
        self._list()
        if self._sessions and not self._sessions[-1].ended:
            self._leave_report()
        self._dump = None
        self._report.enter(None)

    def _in_summary(self, line: Line) -> bool:
        """`FAILED id - message`, `RERUN id`, and the last line of `pytest -q`."""
        numbers = totals(line.text)
        if numbers is not None and (line.text.startswith("=") or self._session.implied):
            self._end(line, numbers)
            return True
        if numbers is not None:  # of a quiet session that a test printed
            self._disown(self._before)
            return True
        words, _, rest = line.text.partition(" ")
        word = status(words)
        if word is not None and rest:
            rest = rest.partition("] ")[2] if rest.startswith("[") else rest
            name, message = split_row(rest)
            if "." in name and " " not in name.partition("::")[0]:
                for _ in range(pytest_gpu.retries(message)):
                    self._rows.append((name, Status.RERUN, line, ""))
                self._rows.append((name, word.status, line, message))
        return True

    # --------------------------------------------------------------------------------------
    # While tests run

    def _in_progress(self, line: Line) -> bool:
        text = line.text
        if self._in_test(line) or (text.startswith("=") and self._heading(line)):
            return True
        if self._dump is not None:
            left = self._in_dump(line, self._dump)
            if left is not line:
                if left is not None:
                    self._in_progress(left)
                return self._told
        if text.startswith("[w") and self._gpu.feed(line, self._session):
            return True
        if pytest_dumps.begins(text):
            return self._dumping(line)
        if "::" in text and (self._test(line) or self._stray(line)):
            return NODE_DOWN in text
        return self._other(line)

    def _in_test(self, line: Line) -> bool:
        """A line of a session that the running test prints."""
        if self._nested.open and self._nested.feed(line.text, self._session):
            return True
        if (before := before_start(line.text)) and self._under_way(-1):
            self._in_progress(line._replace(text=before))
            self._nested.begin()
        elif roots_in_test(line.text) and self._under_way(-2) and not self._session.named:
            self._sessions.pop()
            self._nested.begin()
        return self._nested.open

    def _under_way(self, at: int) -> bool:
        """Whether the session there began and did not end."""
        return len(self._sessions) >= -at and not self._sessions[at].ended

    def _test(self, line: Line) -> bool:
        """A line with an id; behind a dead worker no dump goes on."""
        told = self._progress.test(line)
        if told and NODE_DOWN in line.text:
            self._dump = None
        return told

    def _other(self, line: Line) -> bool:
        """A line that names no test; behind a result or a dead worker no dump goes on."""
        told = self._progress.other(line)
        if told in {Told.RESULT, Told.DOWN}:
            self._dump = None
        return told in {Told.DOWN, Told.ABORT}

    def _stray(self, line: Line) -> bool:
        """`FAILED id - message` of a list whose heading was cut off."""
        text = line.text.lstrip()
        if not text.startswith(("FAILED ", "ERROR ")) or "::" not in text.split(" - ", 1)[0]:
            return False
        if split_id(text.partition(" ")[2]) is None:
            return False
        self._in_summary(line._replace(text=text))
        self._list()
        return True

    # --------------------------------------------------------------------------------------
    # Dumps of all threads

    def _dumping(self, line: Line) -> bool:
        """A dump begins, perhaps on the line of the test that started, or of another's result."""
        opening = Opening.of(line)
        session = self._session
        if "::" in opening.before:
            self._test(line._replace(text=opening.before.rstrip("+ ")))
        elif ".py " in opening.before:
            session.file = None
        late = session.last if opening.kind == "timeout" and not session.parallel else None
        self._dump = Dump(opening, session.current or late or "")
        if len(session.crashes) < _DUMPS:
            session.crashes.append(self._dump.crash)
        if opening.between is not None:
            between = line._replace(text=opening.between)
            _ = self._heading(between) or self._test(between)
        return self._told

    def _in_dump(self, line: Line, dump: Dump) -> Line | None:
        """What of a line is not the dump's."""
        left = dump.feed(line)
        if dump.over:
            self._dump = None
        return left
