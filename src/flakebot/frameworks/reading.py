"""What a framework's parser hands over: tests with their outcomes and the text about each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Protocol, runtime_checkable

from flakebot.logs import Block as Lines
from flakebot.logs import Line
from flakebot.model import Status, TestId, value

MOST_PASSED = 50_000
"""Tests of one log that a framework remembers by name when they do nothing but pass, in some 15 to
25 MB; the rest is counted. The longest suites that one job runs have some ten thousand."""


class Room:
    """How many more tests of a log may be remembered by name."""

    def __init__(self, left: int = MOST_PASSED) -> None:
        self.left = left

    def take(self) -> bool:
        """Whether there was room for one more, which now is taken."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True


def trimmed(lines: Sequence[Line]) -> tuple[Line, ...]:
    """A report without the empty lines around it."""
    said = [n for n, line in enumerate(lines) if line.text.strip()]
    return tuple(lines[said[0] : said[-1] + 1]) if said else ()


@value
class Block:
    """The lines a log holds about one failure, in order, capped by the parser.

    `kind` is `call`, `setup`, `teardown`, `collect`, `crash`, `timeout`, `panic`, `internal` or
    `summary` (nothing but the line of a list of failures, or the one that counts them).
    """

    kind: str
    lines: tuple[Line, ...]


@value
class Test:
    """A test with all its outcomes in one log, in order, and what is known of the bad ones.

    `covers` is the first and last line of a whole file's log: it is told only where no other
    framework tells of a test in there.
    """

    __test__ = False  # not a pytest class

    id: TestId
    outcomes: tuple[Status, ...]
    line: int
    worker: str = ""
    blocks: tuple[Block, ...] = ()
    covers: tuple[int, int] | None = None


@value
class Reading:
    """What one framework printed in one log.

    `tests` holds all that did not simply pass; `loose` what failed without a test that could be
    named; `nameless` is how many passed and are counted alone; `last` is the test that ran last
    in a session without an end, and `percent` how far that was; `last_resort` says that it stands
    only where no other framework printed anything and the log is one of a job that failed.
    """

    tests: tuple[Test, ...] = ()
    passed: frozenset[TestId] = frozenset()
    nameless: int = 0
    counts: dict[Status, int] = field(default_factory=dict)
    workers: int = 0
    seen: bool = False
    failed: bool = False
    loose: tuple[Block, ...] = ()
    last: TestId | None = None
    percent: int | None = None
    last_resort: bool = False


class Parser(Protocol):
    """Reads one log line by line."""

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a report about tests, so that nothing else may read
        a cause out of it.
        """
        ...

    def result(self) -> Reading:
        """Everything understood, after the last line."""
        ...


EVERY_LINE = "^"
"""The gate of a framework that says nothing else: it is shown every line, at a hundredth of the
speed."""


@runtime_checkable
class Gated(Protocol):
    """A parser whose module has a `GATE`: an RE2 pattern, searched in whole blocks, of the lines
    that can matter to it while it is not busy. It may be shown others.
    """

    @property
    def busy(self) -> bool:
        """Whether it must be shown the next line whatever it says."""
        ...


@runtime_checkable
class Skimming(Protocol):
    """A parser that takes its plainest lines out of a block by itself."""

    def skim(self, block: Lines, start: int, end: int, number: int) -> tuple[int, int]:
        """Take what its gate leaves out between two line starts of a block.

        Args:
            block: its bytes.
            start: where the first line begins.
            end: where the line behind the last one begins.
            number: that of the first line.

        Returns:
            Where it stopped, with the number of the line there: at `end`, or before a line that it
            must be shown.
        """
        ...
