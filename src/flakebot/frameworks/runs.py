"""Gather what one run of a tool says of each test. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from flakebot.frameworks.reading import Room
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.model import Status


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

    def into(self, tally: Tally) -> None:
        """Add the run to the tally of the log; failed tries come before the last."""
        tally.nameless += self._nameless
        for name, status in self.statuses.items():
            tries = [Status.FAILED] * self.retries.get(name, 0)
            tally.add(name, self.lines[name], *tries, status)
        for name, report in self.reports:
            tally.attach(name, report)
