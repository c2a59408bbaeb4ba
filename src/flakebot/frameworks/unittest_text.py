"""Read what unittest's text runner prints, also under Django, nose2, nose, tox and coverage. Pure.

`test_x (pkg.mod.Class.test_x) ... FAIL` per test with `-v`, then one report per failure between a
line of `=` and one of `-`, then `Ran N tests in S s`
(https://github.com/python/cpython/blob/main/Lib/unittest/runner.py). Results of sub-tests count for
their test. A process that dies leaves the test that ran without a result.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.foreign import Foreign
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.runs import Run
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "unittest"

_RULE = "=" * 70
_LINE = "-" * 70
_HEADS = {
    "FAIL": Status.FAILED,
    "ERROR": Status.ERROR,
    "UNEXPECTED SUCCESS": Status.FAILED,
}
_WORDS = {
    "ok": Status.PASSED,
    "FAIL": Status.FAILED,
    "ERROR": Status.ERROR,
    "expected failure": Status.SKIPPED,
    "unexpected success": Status.FAILED,
}
_BAD = frozenset({Status.FAILED, Status.ERROR})
"""What is said a second time of a test, when its tear-down fails as well."""

_SKIPPED = ("skipped ", "SKIP: ")
_NAME = r"\w[\w.]* \([A-Za-z_<][\w<>]*(?:\.[\w<>]+)+\)"
_TEST = re2.compile(rf"^{_NAME}")
"""A test with its class, no package with its version; a sub-test's parameters may follow."""

_CLASS = re2.compile(r"^\w[\w.]* \([\w.<>]+\)")
"""The same with `setUpModule (module)`, which only reports name."""

_RAN = re2.compile(r"^Ran (\d{1,9}) tests? in [\d.]+s\b")
_SUMMARY = re2.compile(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((.+)\))?$")
_IDLE = re2.compile(r"(?:skipped|expected failures)=(\d{1,9})\b")
_DUMP_HEADS = ("Fatal Python error: ", "Timeout (0:")
_DUMP = (
    "  File ",
    "  ...",
    "Current thread ",
    "Thread 0x",
    "Extension modules: ",
    "Python runtime",
)
_PREFIXES = ("test", "runTest ")
"""How the names of tests begin whose result may follow later."""

_OUTPUT = frozenset({"Stdout:", "Stderr:"})
"""What `-b` prints before the output of a test that failed: at once, and again in its report."""

_DOTS = re2.compile(r"[.FEsxu]+")
_TITLE_LINES = 12
"""Lines between the two rules: the title, the first line of a docstring, tags of testtools."""

_LONGEST = 300
"""Characters of an id."""


GATE = (
    rf"^={{70}}$|^ *{_NAME}|^Ran \d+ tests? in |^{_DOTS.pattern}$|^Std(?:out|err):$|{Foreign.GATE}"
)
"""The lines that can matter while no test and no report is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class _Output:
    """What a test printed, perhaps a whole run: what is taken from it until it proves to be one."""

    def __init__(self, session: Run, report: Report | None, *, verbose: bool) -> None:
        self.report = report
        self.verbose = verbose
        self.results = 0
        self._session = session
        self._reports = len(session.reports)
        self._before: list[tuple[str, Status | None]] = []

    def count(self, text: str) -> None:
        """Results of tests in a line."""
        if _DOTS.fullmatch(text) is not None:
            self.results += len(text)
        elif " ... " in text:
            self.results += _word(text.rpartition(" ... ")[2]) is not None

    def note(self, name: str) -> None:
        """A result of a test follows, whose it may not be."""
        self._before.append((name, self._session.statuses.get(name)))

    def withdraw(self) -> None:
        """It was the output's own."""
        for name, status in reversed(self._before):
            if status is None:
                self._session.statuses.pop(name, None)
            else:
                self._session.statuses[name] = status
        del self._session.reports[self._reports :]
        self._before.clear()
        self.results = 0


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._session = Run()
        self._foreign = Foreign()
        self._verbose = False
        self._title: tuple[str, int] | None = None
        self._open: tuple[str, int] | None = None
        self._head: list[Line] | None = None
        self._report: Report | None = None
        self._output: _Output | None = None
        self._dump: Report | None = None
        self._ran: int | None = None
        self._last: str | None = None
        self._seen = self._failed = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        waiting = (self._open, self._title, self._head, self._report, self._ran)
        return any(each is not None for each in waiting)

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        first = text[:1]
        if self._output is not None:
            self._output.count(text)
        if self._report is not None:
            return self._in_report(line, self._report)
        if first in {"=", "#"}:
            self._foreign.feed(text)
            if text.startswith("##[error]"):
                self._stop()
            self._head = [] if text == _RULE and not self._foreign.inside else None
            return False
        if self._head is not None:
            return self._in_head(line, self._head)
        return not self._foreign.inside and self._in_progress(line)

    # --------------------------------------------------------------------------------------
    # While tests run

    def _in_progress(self, line: Line) -> bool:
        text = line.text
        if self._open is not None and self._in_test(line, self._open):
            return True
        if " ... " in text:
            return self._status(line)
        self._title = None
        if self._ran is not None:
            self._summary(text, self._ran)
        elif text.endswith(")") and _TEST.match(text) is not None:
            self._title = (text, line.number)
        elif text.startswith("Ran "):
            self._end(text)
        elif text in _OUTPUT:
            self._output = _Output(self._session, None, verbose=self._verbose)
        return False

    def _status(self, line: Line) -> bool:
        """`TITLE ... WORD`, where the title may stand on the line before that of a docstring."""
        title, _, rest = line.text.rpartition(" ... ")
        match = _TEST.match(title.strip())
        where = line.number
        if match is not None:
            name = match.group(0)
        elif self._title is not None:
            name, where = self._title
        else:
            return False
        status = _word(rest)
        if status is None and not name.startswith(_PREFIXES):
            return False
        goes_on = title.startswith("  ") or (name == self._last and status in _BAD)
        if name in self._session.statuses and not goes_on:
            self._flush()  # the run before ended without its last lines, and this is the next
        self._verbose = self._seen = True
        self._last = name
        if status is not None:
            self._put(name, status, where)
            return False
        self._open = (name, where)
        return self._in_test(line._replace(text=rest), self._open)

    def _in_test(self, line: Line, test: tuple[str, int]) -> bool:
        """A line printed before the result of a test: its output, its result, or its end."""
        text = line.text
        if self._dump is not None:
            if text.strip() and not text.startswith(_DUMP):
                self._open = self._dump = None
                return False
            self._dump.add(line)
            return True
        head = next((head for head in _DUMP_HEADS if text.startswith(head)), None)
        if head is not None:
            crashed = head == _DUMP_HEADS[0]
            self._dump = Report("crash" if crashed else "timeout")
            self._dump.add(line)
            self._session.put(test[0], Status.CRASHED if crashed else Status.TIMEOUT, test[1])
            self._session.reports.append((test[0], self._dump))
            return True
        status = _word(text)
        if status is not None:
            self._put(*test[:1], status, test[1])
        return False

    def _put(self, name: str, status: Status, line: int) -> None:
        if self._output is not None:
            self._output.note(name)
        old = self._session.statuses.get(name)
        self._session.put(name, status, line)
        if (old, status) == (Status.ERROR, Status.FAILED):  # whichever is said first
            self._session.statuses[name] = status
        self._open = self._title = None

    # --------------------------------------------------------------------------------------
    # Reports after the tests

    def _in_head(self, line: Line, head: list[Line]) -> bool:
        """The title between the two rules."""
        word, colon, title = line.text.partition(": ")
        if not head and not (colon and word in _HEADS and title):
            self._head = None
            return False
        if line.text != _LINE:
            head.append(line)
            self._head = head if len(head) < _TITLE_LINES else None
            return True
        word, _, title = head[0].text.partition(": ")
        match = _CLASS.match(title)
        name = match.group(0) if match is not None else title.strip()[:_LONGEST]
        self._seen = True
        self._head, self._dump = None, None
        self._report = self._session.report(name)
        self._put(name, _HEADS[word], head[0].number)
        return True

    def _in_report(self, line: Line, report: Report) -> bool:
        text = line.text
        if text == _RULE:
            self._report, self._head = None, []
            return True
        if text.startswith("##[") or text == "Post job cleanup.":
            self._report = None
            self._foreign.feed(text)
            return False
        if text.startswith("Ran ") and _RAN.match(text) is not None:
            self._report = None
            self._end(text)
            return self._report is not None
        if text in _OUTPUT:
            self._output = _Output(self._session, report, verbose=self._verbose)
        elif self._output is None or self._output.report is not report:
            report.add(line)
        return True

    # --------------------------------------------------------------------------------------
    # The end of a run

    def _end(self, text: str) -> None:
        """`Ran 5 tests in 0.001s`."""
        match = _RAN.match(text)
        if match is None:
            return
        if self._output is not None and int(match.group(1)) <= self._output.results:
            self._output.withdraw()  # the run's own number counts the test that printed as well
            self._report, self._verbose = self._output.report, self._output.verbose
            return
        self._seen = True
        bad = [s for n, s in self._session.statuses.items() if s.bad and not _fixture(n)]
        self._ran = 0 if self._verbose else int(match.group(1)) - len(bad)
        self._open = self._last = None
        self._flush()

    def _summary(self, text: str, ran: int) -> None:
        """`FAILED (failures=1, skipped=2)`: how many passed when none was named."""
        match = _SUMMARY.match(text)
        if match is None:
            self._ran = None if text.strip() else ran
            return
        idle = sum(int(number) for number in _IDLE.findall(match.group(1) or ""))
        if ran:
            self._tally.unnamed[Status.PASSED] += max(0, ran - idle)
            self._tally.unnamed[Status.SKIPPED] += idle
        self._failed = text.startswith("FAILED")
        self._ran = None

    def _stop(self) -> None:
        """Nothing more comes of the test that runs."""
        if self._open is not None and self._dump is None:
            self._session.put(self._open[0], Status.UNFINISHED, self._open[1])
        self._open = self._dump = None

    def _flush(self) -> None:
        self._session.into(self._tally)
        self._session, self._verbose, self._output = Run(), False, None

    def result(self) -> Reading:
        """What became of each test."""
        self._stop()
        self._flush()
        self._tally.seen, self._tally.failed = self._seen, self._failed
        self._tally.last = self._last
        return self._tally.result()


def _word(text: str) -> Status | None:
    text = text.strip()
    return Status.SKIPPED if text.startswith(_SKIPPED) else _WORDS.get(text)


def _fixture(name: str) -> bool:
    """Whether it is no test that unittest counts."""
    return name.startswith(("setUp", "tearDown", "_ErrorHolder"))
