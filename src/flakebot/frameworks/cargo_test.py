"""Read what `cargo test` prints. Pure.

`test a::b ... FAILED` per test, `---- a::b stdout ----` over each failure's output, and a list
under `failures:`. A test binary that dies names no test.
"""

from __future__ import annotations

from collections import Counter

from flakebot.frameworks.reading import Block, Reading, Test
from flakebot.logs import Line
from flakebot.model import Status, TestId

NAME = "cargo-test"

_LINES = 150
"""Lines kept of one failure."""

_STATUSES = {"ok": Status.PASSED, "FAILED": Status.FAILED, "ignored": Status.SKIPPED}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._outcomes: dict[str, list[Status]] = {}
        self._first: dict[str, int] = {}
        self._blocks: dict[str, list[Line]] = {}
        self._current: str | None = None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's output."""
        text = line.text
        if text.startswith("test ") and not text.startswith("test result"):
            self._outcome(line)
            return False
        if text.startswith("---- ") and text.endswith((" stdout ----", " stderr ----")):
            self._current = text[5:].rpartition(" std")[0]
            self._blocks.setdefault(self._current, [])
            self._first.setdefault(self._current, line.number)
            return True
        if self._current is None:
            return False
        if text in {"failures:", "successes:"} or text.startswith(("test result: ", "##[")):
            self._current = None
            return False
        if len(self._blocks[self._current]) < _LINES:
            self._blocks[self._current].append(line)
        return True

    def _outcome(self, line: Line) -> None:
        name, dots, rest = line.text[5:].partition(" ... ")
        status = _STATUSES.get(rest.partition(",")[0].strip())
        if dots and status is not None and " " not in name.partition(" - ")[0]:
            self._outcomes.setdefault(name, []).append(status)
            self._first.setdefault(name, line.number)

    def result(self) -> Reading:
        """What became of each test."""
        tests = self._outcomes
        for name in self._blocks:  # only failures have output, even where the status was cut off
            tests.setdefault(name, [Status.FAILED])
        bad = [name for name, outcomes in tests.items() if Status.FAILED in outcomes]
        counts = Counter(outcome for outcomes in tests.values() for outcome in outcomes)
        passed = {name for name, outcomes in tests.items() if set(outcomes) == {Status.PASSED}}
        return Reading(
            tests=tuple(self._test(name) for name in bad),
            passed=frozenset(TestId(name) for name in passed),
            counts=dict(counts),
            seen=bool(tests),
            failed=bool(bad),
        )

    def _test(self, name: str) -> Test:
        lines = tuple(self._blocks.get(name, ()))
        return Test(
            id=TestId(name),
            outcomes=tuple(self._outcomes[name]),
            line=self._first[name],
            blocks=(Block(kind="panic", lines=lines),) if lines else (),
        )
