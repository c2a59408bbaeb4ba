"""The ledger of `history: none`: it lasts as long as the process. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flakebot.feedback import Feedback, FeedbackKey
from flakebot.ledgers import lines
from flakebot.model import Problem
from flakebot.records import RunKey, RunRecord


class MemoryLedger:
    """Keeps records in memory only, so that one run can be judged by its own attempts."""

    problems: tuple[Problem, ...] = ()

    def __init__(self) -> None:
        self._records: dict[RunKey, RunRecord] = {}
        self._said: dict[FeedbackKey, Feedback] = {}

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """The records of this process."""
        return lines.select(self._records.values(), since)

    def feedback(self) -> Sequence[Feedback]:
        """The words of this process."""
        return lines.select_feedback(self._said.values())

    def moved(self) -> bool:
        """No other process knows of it."""
        return False

    def append(
        self, entries: Sequence[RunRecord] | Sequence[Feedback]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Keep the entries whose keys are new."""
        held = lines.Lines(
            records=tuple(self._records.values()), feedback=tuple(self._said.values())
        )
        new = lines.missing(held, entries)
        self._records |= {each.key: each for each in new if isinstance(each, RunRecord)}
        self._said |= {each.key: each for each in new if isinstance(each, Feedback)}
        return tuple(each.key for each in new)
