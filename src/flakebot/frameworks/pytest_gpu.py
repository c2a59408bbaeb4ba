"""The lines of ai-dynamo/dynamo's scheduler that runs tests side by side on GPUs. Pure.

It starts a pytest of its own per test, prints that one's output behind `[w0] ` when the test fails,
and says `[w0] id FAILED [103s]` itself.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.pytest_sections import Collector, Header, section_name
from flakebot.frameworks.pytest_session import Session
from flakebot.frameworks.pytest_status import Word, split_id, status
from flakebot.frameworks.reading import Block
from flakebot.logs import Line
from flakebot.model import Status

_SLOT = re2.compile(r"^\[(w\d+)\] (.*)$")
_RETRIES = re2.compile(r"^ \[\d+s/\d+s\] \((\d) retries\)")


def retries(rest: str) -> int:
    """How often a test was run again, by the scheduler's list: ` [88s/300s] (1 retries)`."""
    match = _RETRIES.match(rest)
    return int(match.group(1)) if match is not None else 0


class Slots:
    """What runs in each slot, and the report of the pytest inside it."""

    def __init__(self) -> None:
        self._running: dict[str, str] = {}
        self._reports: dict[str, Collector] = {}

    def feed(self, line: Line, session: Session) -> bool:
        """Take a line; false when it is none of the scheduler's."""
        match = _SLOT.match(line.text)
        if match is None:
            return False
        slot, text = match.group(1), match.group(2)
        split = split_id(text)
        if split is not None:
            self._outcome(slot, split[0], split[1].strip(), line, session)
        elif text.startswith("retrying (") and slot in self._running:
            session.report(self._running[slot], Word(Status.RERUN), line.number, slot)
        else:
            self._inner(slot, line._replace(text=text))
        return True

    def _outcome(self, slot: str, name: str, rest: str, line: Line, session: Session) -> None:
        word = status(rest.partition(" - ")[0])
        if rest.endswith("RUNNING") or " RUNNING " in rest:
            session.worker_count = max(session.worker_count, len(self._reports) or 1)
            self._running[slot] = name
            session.start(name, line.number)
        elif word is not None:
            session.report(name, word, line.number, slot)

    def _inner(self, slot: str, line: Line) -> None:
        report = self._reports.setdefault(slot, Collector())
        name = section_name(line.text)
        if name is not None:
            report.enter(name)
        else:
            report.feed(line)

    def take(self) -> list[tuple[Header, Block]]:
        """The failures that the inner sessions reported."""
        return [found for report in self._reports.values() for found in report.take()]
