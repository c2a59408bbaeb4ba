"""Notes that the decisions about a log leave when they are asked to: what matched where. Pure.

The code that decides writes them, so that an explanation cannot differ from what was decided;
without a `Trace` nothing is written and nothing is spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from flakebot.logs import Line
from flakebot.model import TestId
from flakebot.reading.rules import Rule

MOST = 1000
"""Notes about one test, or about the job: a log of warnings has millions of lines."""


class Why(StrEnum):
    """What became of a line that a rule matched."""

    WON = "won"
    BEATEN = "beaten"
    LATER = "later-line"
    SAID = "said-before"
    ASSERTION = "assertion-text"
    NEEDS = "needs-more"
    RETRIED = "retry-or-hint"
    QUIET = "below-error-level"
    ECHOED = "echoed-script"
    REPORT = "inside-a-report"
    STEP = "step-passed"
    TESTS = "tests-tell"
    HANG = "hang-tells"
    GREEN = "nothing-failed"


class Note(NamedTuple):
    """A rule matched a line; `by` is the rule that was preferred."""

    line: Line
    rule: Rule
    why: Why
    by: str = ""


class Notes:
    """Notes about one test, or about the job."""

    def __init__(self) -> None:
        self.left_out = 0
        self._notes: list[Note] = []
        self._won: int | None = None

    def __iter__(self) -> Iterator[Note]:
        """Give the notes in the order of the decisions."""
        return iter(self._notes)

    def add(self, line: Line, rule: Rule, why: Why, by: str = "") -> None:
        """Note what became of a match."""
        if len(self._notes) >= MOST:
            self.left_out += 1
        else:
            self._notes.append(Note(line, rule, why, by))

    def pass_over(self, line: Line, rules: Iterable[Rule], why: Why) -> None:
        """Note rules that match a line and are not asked about it."""
        for rule in rules:
            self.add(line, rule, why)

    def behind(self, line: Line, rules: Iterable[Rule], by: Rule) -> None:
        """Note rules that match the same line as one that is asked before them."""
        for rule in rules:
            self.add(line, rule, Why.BEATEN, by.id)

    def take(self, line: Line, rule: Rule) -> None:
        """Note a match that is the best so far; what was the best before is so no more."""
        self.lose(rule)
        self._notes.append(Note(line, rule, Why.WON))  # also beyond `MOST`
        self._won = len(self._notes) - 1

    def lose(self, to: Rule) -> None:
        """Note that what was the best so far is beaten."""
        if self._won is not None:
            line, rule, _, _ = self._notes[self._won]
            why = Why.LATER if rule.id == to.id else Why.BEATEN
            self._notes[self._won] = Note(line, rule, why, to.id)


class Trace:
    """The notes about one log: about each test, and about everything else."""

    def __init__(self) -> None:
        self.job = Notes()
        self.tests: dict[TestId, Notes] = {}

    def of(self, test: TestId) -> Notes:
        """The notes about a test."""
        return self.tests.setdefault(test, Notes())
