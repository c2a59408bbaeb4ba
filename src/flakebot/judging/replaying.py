"""What changes when past runs are judged again: how many verdicts of which kind, and each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec

from flakebot.judging import told
from flakebot.model import value
from flakebot.records import RunRecord
from flakebot.report import Report, Verdict

SCHEMA = 1
"""Rises when a field of the JSON changes its meaning."""

MOST = 1000
"""Changes that are kept one by one; all are counted."""

NOTHING = "nothing"
"""The verdict on what one of the two judges had nothing to say of."""

UNKNOWN = "not recorded"
"""The verdict of then, where the record keeps none."""


@value
class Change:
    """A verdict that is another now: on a test, or as `job:NAME` on a job without a failing one.

    `reason` says what decides now, empty when nothing is said now.
    """

    run_id: int
    attempt: int
    url: str
    at: datetime
    about: str
    then: str
    now: str
    reason: str = ""


@value
class Count:
    """How many verdicts were this then and are that now."""

    then: str
    now: str
    findings: int


@value
class Replay:
    """What judging past runs again came to.

    `then` says whose verdicts are held against those of now; `reread` are the runs whose logs were
    read again; `left_out` are older runs, which were too many; `changes` are the first `MOST`.
    """

    repository: str
    since: datetime
    then: str
    runs: int
    reread: int
    left_out: int
    verdicts: tuple[Count, ...]
    changes: tuple[Change, ...]
    problems: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many verdicts are others now."""
        return sum(count.findings for count in self.verdicts if is_change(count.then, count.now))


@value
class Then:
    """Verdicts of then, as `flaky known`, by what they are on, and that of what is not there."""

    words: Mapping[str, str]
    otherwise: str = NOTHING

    def on(self, about: str) -> str:
        """The verdict on a test, or on `job:NAME`."""
        return self.words.get(about, self.otherwise)


def recorded(last: RunRecord) -> Then:
    """What the record of a run's last attempt keeps of the verdicts that were given."""
    if last.said is None:
        return Then(words={}, otherwise=UNKNOWN)
    whole = len(last.said) < told.MOST
    words = {said.about: _word(said.kind, said.level) for said in last.said}
    return Then(words=words, otherwise=NOTHING if whole else UNKNOWN)


def judged(report: Report) -> Then:
    """What another judge says of the same run."""
    given = told.verdicts(report)
    return Then(words={about: _word(its.kind, its.level) for about, its in given.items()})


class Tally:
    """Counts what becomes of verdicts, run by run, in the order of the runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.changes: list[Change] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, last: RunRecord, then: Then, report: Report) -> None:
        """Hold what is said of a run now against what was said then; `last` is its last record."""
        self.runs += 1
        now = told.verdicts(report)
        for about in dict.fromkeys([*now, *then.words]):
            change = _change(last, about, then.on(about), now.get(about))
            self._counts[change.then, change.now] += 1
            if is_change(change.then, change.now) and len(self.changes) < MOST:
                self.changes.append(change)

    @property
    def verdicts(self) -> tuple[Count, ...]:
        """The counts: what changed first, then by how often."""
        counts = (Count(then=old, now=new, findings=n) for (old, new), n in self._counts.items())
        return tuple(
            sorted(counts, key=lambda c: (not is_change(c.then, c.now), -c.findings, c.then, c.now))
        )


def is_change(then: str, now: str) -> bool:
    """Whether the verdict of then is known and another."""
    return then not in {now, UNKNOWN}


def to_json(replay: Replay) -> Mapping[str, object]:
    """The replay as `flakebot replay --json` prints it, `schemas/replay.schema.json`."""
    return {"schema": SCHEMA, "changed": replay.changed, **msgspec.to_builtins(replay)}


def _change(last: RunRecord, about: str, then: str, now: Verdict | None) -> Change:
    return Change(
        run_id=last.run_id,
        attempt=last.attempt,
        url=last.url,
        at=last.created_at,
        about=about,
        then=then,
        now=_word(now.kind, now.level) if now else NOTHING,
        reason="; ".join(now.reasons[:2]) if now else "",
    )


def _word(kind: str, level: str) -> str:
    return f"{kind} {level}".strip()
