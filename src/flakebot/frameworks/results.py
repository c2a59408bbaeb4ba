"""Gather what a log says of each test, in bounded memory. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence

import re2

from flakebot.frameworks.reading import Block, Reading, Room, Test, trimmed
from flakebot.logs import Line
from flakebot.model import Status, TestId

_HEAD = 80
_TAIL = 80
"""Lines kept of a report's begin and end: some tools print the error first, some last."""

_ENDED = re2.compile(r" in [\d.]+s(?: \([\d:]+\))? =+$")
_ONCE = (Status.PASSED,)
_NEUTRAL = frozenset({Status.PASSED, Status.SKIPPED})


class Report:
    """The lines of one failure's report; of a long one its begin and its end."""

    def __init__(self, kind: str = "call", head: int = _HEAD, tail: int = _TAIL) -> None:
        self._kind = kind
        self._room = head
        self._head: list[Line] = []
        self._tail: deque[Line] = deque(maxlen=tail)

    def add(self, line: Line) -> None:
        """Take a line."""
        if len(self._head) < self._room:
            self._head.append(line)
        else:
            self._tail.append(line)

    def block(self) -> Block:
        """The report without the empty lines around it."""
        return Block(kind=self._kind, lines=trimmed([*self._head, *self._tail]))


class Results:
    """Tests by their ids, in the order in which they came.

    Args:
        room: how many tests are remembered that do nothing but pass.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._outcomes: dict[str, list[Status]] = {}
        self._lines: dict[str, int] = {}
        self._blocks: dict[str, list[Block]] = {}
        self.unnamed: Counter[Status] = Counter()
        """Tests that the tool counted without naming them."""
        self.nameless = 0
        """Tests that passed and are not remembered by name."""

    def add(self, name: str, line: int, *statuses: Status) -> None:
        """A test came to its end, perhaps after it was tried several times."""
        if name not in self._outcomes and statuses == _ONCE and not self._room.take():
            self.nameless += 1
            return
        self._outcomes.setdefault(name, []).extend(statuses)
        self._lines.setdefault(name, line)

    def report(self, name: str, block: Block) -> None:
        """What was printed about a failure of a test."""
        if block.lines:
            self._blocks.setdefault(name, []).append(block)

    def reading(
        self, *, seen: bool, failed: bool, loose: Sequence[Block] = (), last: str | None = None
    ) -> Reading:
        """What became of each test."""
        passed = [name for name, seq in self._outcomes.items() if set(seq) == {Status.PASSED}]
        bad = [name for name, outcomes in self._outcomes.items() if not set(outcomes) <= _NEUTRAL]
        counts = Counter(s for outcomes in self._outcomes.values() for s in outcomes)
        counts += self.unnamed
        counts += Counter({Status.PASSED: self.nameless})
        return Reading(
            tests=tuple(self._test(name) for name in bad),
            passed=frozenset(map(TestId, passed)),
            nameless=self.nameless,
            counts=dict(counts),
            seen=seen,
            failed=failed or any(self._outcomes[name][-1].bad for name in bad),
            loose=tuple(block for block in loose if block.lines),
            last=None if last is None else TestId(last),
        )

    def _test(self, name: str) -> Test:
        return Test(
            id=TestId(name),
            outcomes=tuple(self._outcomes[name]),
            line=self._lines[name],
            blocks=tuple(self._blocks.get(name, ())),
        )


class Run:
    """One run of a tool, in which each test has one result.

    Args:
        room: how many tests are remembered that do nothing but pass.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._nameless = 0
        self.statuses: dict[str, Status] = {}
        self.lines: dict[str, int] = {}
        self.retries: dict[str, int] = {}
        self.reports: list[tuple[str, Report]] = []

    def put(self, name: str, status: Status, line: int) -> None:
        """A result; what a hook or another part of the test says later can only make it worse."""
        old = self.statuses.get(name)
        if old is None and status is Status.PASSED and not self._room.take():
            self._nameless += 1
            return
        if old is None or (status.bad and not old.bad):
            self.statuses[name] = status
        self.lines.setdefault(name, line)

    def report(self, name: str) -> Report:
        """A fresh report about a failure of a test."""
        report = Report()
        self.reports.append((name, report))
        return report

    def unnamed(self, totals: Mapping[Status, int]) -> Counter[Status]:
        """What the tool's totals count beyond the tests it named."""
        named = Counter(self.statuses.values())
        named[Status.PASSED] += self._nameless
        return Counter({s: max(0, number - named[s]) for s, number in totals.items()})

    def into(self, results: Results) -> None:
        """Add the run to the results of the log; failed tries come before the last."""
        results.nameless += self._nameless
        for name, status in self.statuses.items():
            tries = [Status.FAILED] * self.retries.get(name, 0)
            results.add(name, self.lines[name], *tries, status)
        for name, report in self.reports:
            results.report(name, report.block())


class Foreign:
    """Whether lines stand inside a pytest session, whose tests may print what other tools print."""

    GATE = r"^=+ test session starts =|^=.* in [\d.]+s.* =+$|^##\[error\]"
    """The lines that can matter to it."""

    def __init__(self) -> None:
        self.inside = False

    def feed(self, text: str) -> None:
        """Take a line that begins with `=` or `##[`."""
        if text.startswith("##[error]"):
            self.inside = False
        elif " test session starts =" in text:
            self.inside = True
        elif self.inside and text.endswith("=") and _ENDED.search(text) is not None:
            self.inside = False
