"""Read what PyTorch's `test/run_test.py` says of whole test files. Pure.

It runs each file in a process of its own and prints its log when it failed; `test_ops 3/4 failed!`
is the third of four shards of `test_ops.py`
(https://github.com/pytorch/pytorch/blob/main/test/run_test.py). A file is told as failed only where
none of its tests is: it could not be imported, it crashed, or it ran out of time. Tests that failed
and then passed in a new process are named even where the file's log is not printed.
"""

from __future__ import annotations

from dataclasses import replace

import re2

from flakebot.frameworks.reading import Block, Reading, Test
from flakebot.frameworks.reports import Report
from flakebot.logs import Line
from flakebot.model import Status, TestId

NAME = "pytorch-run-test"

_FILE = r"([\w./-]+)(?: (\d{1,4}/\d{1,4}))?"
_RUNNING = re2.compile(rf"^Running {_FILE} \.\.\. \[")
_PRINTING = re2.compile(rf"^(?:##\[group\])?PRINTING LOG FILE of {_FILE} \(")
_FINISHED = "FINISHED PRINTING LOG FILE of "
_FAILED = re2.compile(
    rf"^(?:RuntimeError: )?{_FILE} failed!(?: Received signal: (SIG[A-Z0-9]+)| .{{0,400}})?$"
)
_TOO_LONG = re2.compile(r"^Command took >\d+min, returning 124$")
_FLAKY = re2.compile(
    r"^The following tests failed and then succeeded when run in a new process(.*)$"
)
_ID = re2.compile(r"'([^']+::[^']+)'")
_MOST = 200
"""Tests that are kept of one line."""

GATE = (
    r"^Running [\w./-]+(?: \d+/\d+)? \.\.\. \[|PRINTING LOG FILE of | failed!"
    r"|^The following tests failed and then succ"
)
"""The lines that can matter while no log of a file is printed."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class _File:
    """What is known of one shard of a file."""

    def __init__(self, line: int) -> None:
        self.first = self.last = line
        self.report = Report()
        self.late: Line | None = None
        self.failure: Line | None = None
        self.signal = ""

    def test(self, name: str) -> Test | None:
        """It failed, and what its log says."""
        if self.failure is None:
            return None
        status = Status.CRASHED if self.signal else Status.TIMEOUT if self.late else Status.FAILED
        ends = [line for line in (self.late, self.failure) if line is not None]
        blocks = [Block(kind="summary", lines=(ends[0],))]
        if self.late is None:
            blocks.insert(0, self.report.block())
        return Test(
            id=TestId(name),
            outcomes=(status,),
            line=self.failure.number,
            blocks=tuple(block for block in blocks if block.lines),
            covers=(self.first, max(self.last, self.failure.number)),
        )


class Parser:
    """Takes a log line by line; knows at the end which files failed as a whole."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], _File] = {}
        self._printed: _File | None = None
        self._flaky: dict[str, Test] = {}

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._printed is not None

    def feed(self, line: Line) -> bool:
        """Take a line; false, because what it reads may be evidence of the job as well."""
        text = line.text
        if text.startswith("Running ") and (found := _RUNNING.match(text)) is not None:
            self._file(found.group(1), found.group(2), line)
        elif "PRINTING LOG FILE of " in text:
            self._print(line)
        elif " failed!" in text and (failed := _FAILED.match(text)) is not None:
            self._fail(failed.group(1), failed.group(2), failed.group(3), line)
        elif text.startswith("The following tests failed and then ") and _FLAKY.match(text):
            self._flake(line)
        elif self._printed is not None:
            self._printed.report.add(line)
            if _TOO_LONG.match(text) is not None:
                self._printed.late = line
        return False

    def _file(self, name: str, shard: str | None, line: Line) -> _File:
        return self._files.setdefault((name, shard or ""), _File(line.number))

    def _print(self, line: Line) -> None:
        """The log of a file begins or ends."""
        found = _PRINTING.match(line.text)
        if found is not None:
            self._printed = self._file(found.group(1), found.group(2), line)
            self._printed.first = line.number
        elif self._printed is not None and _FINISHED in line.text:
            self._printed.last = line.number
            self._printed = None

    def _fail(self, name: str, shard: str | None, signal: str | None, line: Line) -> None:
        """A file failed; other tools say so of other things, without a shard."""
        if not shard and (name, "") not in self._files:
            return
        file = self._file(name, shard, line)
        if file.failure is None:
            file.failure = line
            file.signal = signal or ""

    def _flake(self, line: Line) -> None:
        first = line.number if self._printed is None else self._printed.first
        for name in _ID.findall(line.text)[:_MOST]:
            self._flaky[name] = Test(
                id=TestId(name),
                outcomes=(Status.FAILED, Status.PASSED),
                line=line.number,
                covers=(first, line.number),
            )

    def result(self) -> Reading:
        """The files that failed, the worst shard of each, and the tests that were flaky."""
        failed: dict[str, Test] = {}
        for (name, _), file in self._files.items():
            test = file.test(name)
            if test is not None:
                failed[name] = _joined(failed.get(name), test)
        tests = (*failed.values(), *self._flaky.values())
        return Reading(tests=tests, seen=bool(self._files or tests), failed=bool(failed))


def _joined(known: Test | None, test: Test) -> Test:
    """Two shards of one file that failed in one job."""
    if known is None:
        return test
    return replace(known, blocks=(*known.blocks, *test.blocks))
