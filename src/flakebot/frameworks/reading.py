"""What a framework's parser hands over: tests with their outcomes and the text about each. Pure."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from flakebot.logs import Line
from flakebot.model import Status, TestId, value


@value
class Block:
    """The lines a log holds about one failure, in order, capped by the parser.

    `kind` is `call`, `setup`, `teardown`, `collect`, `crash`, `timeout`, `panic`, `internal` or
    `summary` (nothing but the line of a list of failures).
    """

    kind: str
    lines: tuple[Line, ...]


@value
class Test:
    """A test with all its outcomes in one log, in order, and what is known of the bad ones."""

    __test__ = False  # not a pytest class

    id: TestId
    outcomes: tuple[Status, ...]
    line: int
    worker: str = ""
    blocks: tuple[Block, ...] = ()


@value
class Reading:
    """What one framework printed in one log.

    `tests` holds all that did not simply pass; `loose` what failed without a test that could be
    named; `last` is the test that ran last and `percent` how far the session was then.
    """

    tests: tuple[Test, ...] = ()
    passed: frozenset[TestId] = frozenset()
    counts: dict[Status, int] = field(default_factory=dict)
    workers: int = 0
    seen: bool = False
    failed: bool = False
    loose: tuple[Block, ...] = ()
    last: TestId | None = None
    percent: int | None = None


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
