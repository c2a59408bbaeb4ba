"""How often the verdicts on record held: read the ledger, measure, write nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from flakebot.judging import accuracy
from flakebot.judging.accuracy import Accuracy
from flakebot.judging.history import History
from flakebot.model import value
from flakebot.ports import Ledger
from flakebot.settings import Settings


@value
class Measured:
    """What was measured of a repository, on how many recorded attempts of runs since when."""

    repository: str
    since: datetime
    attempts: int
    accuracy: Accuracy
    problems: tuple[str, ...] = ()


def measure(repository: str, ledger: Ledger, settings: Settings, now: datetime) -> Measured:
    """Measure within the window of history that verdicts rest on.

    Raises:
        FlakebotError: the ledger cannot be read.

    """
    since = now - timedelta(days=settings.thresholds.window_days)
    records = ledger.read(since)
    problems = tuple(f"Ledger, {one.source}: {one.reason}" for one in ledger.problems)
    history = History(records, settings.thresholds)
    said = ledger.feedback()
    return Measured(
        repository=repository,
        since=since,
        attempts=len(records),
        accuracy=accuracy.measure(records, said, history, settings.thresholds),
        problems=problems,
    )
