"""Outcomes of tests and what was printed about them, gathered while a log is read. Pure.

The same id in two binaries, packages or modules is two tests: one that failed in one place and
passed in another is no flake, so outcomes are kept by scope and only the worst scope is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from flakebot.frameworks.reading import Block, Reading, Room, Test
from flakebot.frameworks.reports import Report
from flakebot.logs import Line
from flakebot.model import Status, TestId

REPORTS = 20
"""Reports kept of one test."""


class Case:
    """One test in one scope."""

    __slots__ = ("line", "open", "outcomes", "reports")

    def __init__(self, line: int) -> None:
        self.line = line
        self.outcomes: list[Status] = []
        self.reports: list[Report] = []
        self.open = False

    @property
    def rank(self) -> int:
        """2 when it failed at last, 1 when it failed and then passed, 0 when it never failed."""
        bad = [status.bad for status in self.outcomes]
        return 2 * bad[-1] or int(any(bad)) if bad else 0

    def keep(self, report: Report) -> None:
        """What is or will be printed about it."""
        if len(self.reports) < REPORTS:
            self.reports.append(report)

    def blocks(self) -> Iterator[Block]:
        """What was printed about it."""
        return (block for report in self.reports if (block := report.block()).lines)


class Tally:
    """Gathers what became of each test.

    Args:
        room: how many tests are remembered that do nothing but pass.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._cases: dict[tuple[str, str], Case] = {}
        self._sink: Report | None = None
        self.scope = ""
        self.seen = False
        self.failed = False
        self.last: str | None = None
        self.nameless = 0
        """Tests that passed and are not remembered by name."""
        self.named: Counter[Status] = Counter()
        """Tests that the tool counted, whether it named them or not."""
        self.unnamed: Counter[Status] = Counter()
        """Tests that the tool counted without naming them."""
        self.loose: list[Block] = []

    @property
    def busy(self) -> bool:
        """Whether a report is open."""
        return self._sink is not None

    def case(self, name: str, line: Line) -> Case:
        """The test of this name in the current scope."""
        case = self._cases.get((self.scope, name))
        if case is None:
            case = self._cases[self.scope, name] = Case(line.number)
        return case

    def cases(self) -> list[tuple[str, Case]]:
        """Tests of the current scope."""
        return [(name, case) for (scope, name), case in self._cases.items() if scope == self.scope]

    def start(self, name: str, line: Line) -> None:
        """A test began."""
        self.case(name, line).open = True
        self.last = name
        self.seen = True

    def end(self, name: str, status: Status, line: Line) -> Case:
        """A test ended."""
        case = self.case(name, line)
        if status.bad and case.rank == 0:
            case.line = line.number
        case.open = False
        case.outcomes.append(status)
        self.seen = True
        if status is Status.PASSED and len(case.outcomes) == 1 and not self._room.take():
            del self._cases[self.scope, name]
            self.nameless += 1
        return case

    def add(self, name: str, line: int, *statuses: Status) -> None:
        """A test came to its end, perhaps after it was tried several times."""
        for status in statuses:
            self.end(name, status, Line(line, ""))

    def attach(self, name: str, report: Report) -> None:
        """What was printed about a failure of a test that is known."""
        case = self._cases.get((self.scope, name))
        if case is not None:
            case.keep(report)

    def report(self, case: Case, kind: str = "call", lines: Iterable[Line] = ()) -> None:
        """What follows, until `close`, is about this test."""
        self._sink = Report(kind, lines)
        case.keep(self._sink)

    def write(self, line: Line) -> bool:
        """Add a line to the open report; false when none is open."""
        return self._sink is not None and self._sink.add(line)

    def close(self) -> None:
        """The open report is complete."""
        self._sink = None

    def rename(self, scope: str) -> None:
        """The current scope turns out to be this one; a scope met before goes on."""
        for name, case in self.cases():
            del self._cases[self.scope, name]
            known = self._cases.setdefault((scope, name), case)
            if known is not case:
                known.outcomes += case.outcomes
                known.reports = (known.reports + case.reports)[:REPORTS]

    def stop(self, status: Status) -> list[Case]:
        """Whatever of this scope still runs ends with a status; the tests it concerned."""
        running = [case for _, case in self.cases() if case.open]
        for case in running:
            case.open = False
            case.outcomes.append(status)
        return running

    def result(self) -> Reading:
        """What became of each test."""
        for case in self._cases.values():
            if case.open:
                case.outcomes.append(Status.UNFINISHED)
        names: dict[str, list[Case]] = {}
        for (_, name), case in self._cases.items():
            names.setdefault(name, []).append(case)
        counts = Counter(status for case in self._cases.values() for status in case.outcomes)
        counts += self.unnamed + Counter({Status.PASSED: self.nameless})
        tests = tuple(_test(name, found) for name, found in names.items() if _worst(found).rank)
        return Reading(
            tests=tests,
            passed=frozenset(TestId(name) for name, found in names.items() if _simply(found)),
            nameless=self.nameless,
            counts=dict(counts | self.named),
            seen=self.seen,
            failed=self.failed or any(test.outcomes[-1].bad for test in tests),
            loose=tuple(block for block in self.loose if block.lines),
            last=TestId(self.last) if self.last is not None else None,
        )


def _worst(found: Sequence[Case]) -> Case:
    return max(found, key=lambda case: case.rank)


def _simply(found: Sequence[Case]) -> bool:
    return {status for case in found for status in case.outcomes} == {Status.PASSED}


def _test(name: str, found: Sequence[Case]) -> Test:
    worst = _worst(found)
    return Test(
        id=TestId(name),
        outcomes=tuple(worst.outcomes),
        line=worst.line,
        blocks=tuple(block for case in found if case.rank for block in case.blocks()),
    )
