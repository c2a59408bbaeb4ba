"""The ledger of `history: none`: it lasts as long as the process. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flakebot.ledgers import lines
from flakebot.model import Problem
from flakebot.records import RunKey, RunRecord


class MemoryLedger:
    """Keeps records in memory only, so that one run can be judged by its own attempts."""

    problems: tuple[Problem, ...] = ()

    def __init__(self) -> None:
        self._records: dict[RunKey, RunRecord] = {}

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """The records of this process."""
        return lines.select(self._records.values(), since)

    def append(self, records: Sequence[RunRecord]) -> Sequence[RunKey]:
        """Keep the records whose keys are new."""
        new = {record.key: record for record in records if record.key not in self._records}
        self._records = {**new, **self._records}
        return tuple(new)
