"""How the tests of a repository stand, and how well flakebot itself reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from flakebot.judging.builds import Build, gather
from flakebot.judging.history import History
from flakebot.judging.honest import honest
from flakebot.judging.states import State, Transition
from flakebot.judging.summaries import Streak
from flakebot.model import value
from flakebot.records import RunRecord
from flakebot.report import Rate

WEEKS = 12
"""Weeks of a trend: about the window of history."""


@value
class Standing:
    """One test function: its rate, the minutes of the jobs it failed, its failing builds by week,
    the oldest week first.
    """

    key: str
    state: State
    rate: Rate
    minutes: float
    weeks: tuple[int, ...]
    last_seen: datetime | None = None
    streak: Streak | None = None
    transitions: tuple[Transition, ...] = ()

    @property
    def weight(self) -> tuple[float, float, str]:
        """Sorts what certainly costs most to the front: the lower bound of the rate times the
        minutes, then the builds.
        """
        return (-self.rate.low * self.minutes, -self.rate.failures, self.key)


@value
class Health:
    """How much of the last week flakebot could read; `unread` are attempts of which no log was."""

    last: datetime | None
    attempts: int
    unread: int
    jobs: int
    missing: int


def standings(keys: Iterable[str], history: History, now: datetime) -> tuple[Standing, ...]:
    """These tests, what costs most first."""
    found = (_standing(key, history, now) for key in keys)
    return tuple(sorted(found, key=lambda one: one.weight))


def health(records: Sequence[RunRecord], now: datetime) -> Health:
    """What the records, oldest first, say of flakebot's own reading within seven days."""
    recent = [record for record in records if record.created_at > now - timedelta(days=7)]
    logs = [[job.log for job in record.jobs if job.conclusion != "skipped"] for record in recent]
    return Health(
        last=records[-1].created_at if records else None,
        attempts=len(recent),
        unread=sum(bool(each) and all(each) for each in logs),
        jobs=sum(map(len, logs)),
        missing=sum(bool(reason) for each in logs for reason in each),
    )


def _standing(key: str, history: History, now: datetime) -> Standing:
    summary = history.summary(key, now)
    builds, _ = honest(gather(history.executions(key)))
    failing = [build for build in builds if build.failed]
    return Standing(
        key=key,
        state=summary.state,
        rate=summary.rate,
        minutes=sum(map(_minutes, failing)),
        weeks=_weeks(failing, now),
        last_seen=summary.last_seen,
        streak=summary.streak,
        transitions=summary.transitions,
    )


def _minutes(build: Build) -> float:
    """The jobs that failed in a build, each once; one whose length is not on record is a minute."""
    jobs = {
        (one.execution.record.key, one.execution.job.id): one.execution.job.minutes or 1.0
        for one in build.failures
    }
    return sum(jobs.values())


def _weeks(failing: Iterable[Build], now: datetime) -> tuple[int, ...]:
    counts = [0] * WEEKS
    this = _monday(now)
    for build in failing:
        ago = (this - _monday(build.created_at)).days // 7
        if 0 <= ago < WEEKS:
            counts[WEEKS - 1 - ago] += 1
    return tuple(counts)


def _monday(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())
