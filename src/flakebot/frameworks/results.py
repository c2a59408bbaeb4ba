"""Gather what a log says of each test, in bounded memory. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flakebot.frameworks.reading import Block, Reading, Room, Test
from flakebot.model import Status, TestId

_ONCE = (Status.PASSED,)
_NEUTRAL = frozenset({Status.PASSED, Status.SKIPPED})


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
