"""Judge past runs again, by the rules and settings of today, and see what becomes of verdicts."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from flakebot.errors import FlakebotError
from flakebot.feedback import Feedback
from flakebot.github_objects import Issue, RunRef
from flakebot.judging import replaying, verdicts
from flakebot.judging.accuracy import Heard
from flakebot.judging.builds import order
from flakebot.judging.case import CONFIDENCE
from flakebot.judging.fixes import Fixes
from flakebot.judging.history import History, observed
from flakebot.judging.replaying import Replay, Tally
from flakebot.judging.spans import Moment
from flakebot.model import value
from flakebot.pipeline import collecting, fixing
from flakebot.pipeline.explaining import known_then, run_of
from flakebot.pipeline.tools import Subject, Tools, attempted, since, unwatched
from flakebot.ports import EVER
from flakebot.records import RunKey, RunRecord
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.sinks import issues
from flakebot.views import tracking
from flakebot.views.tracking import Tracked
from flakebot.wording import plural

TELLING = 100
"""Runs between two lines of progress."""

Attempts = tuple[RunRecord, ...]
"""The records of one run, oldest first."""


@value
class Asked:
    """What is to be judged again: runs since a moment, the newest `limit` of them.

    `logs` is the number of runs, newest first, whose logs are read again; `then` are settings whose
    verdicts are held against those of now, None for the verdicts that the records keep.
    """

    since: datetime
    limit: int
    logs: int
    then: Settings | None = None


def replay(tools: Tools, asked: Asked, *, settings: Settings, now: datetime) -> Replay:
    """Judge each run with what was known when it began: older records, and its own.

    The ledger is read once and indexed once. A run costs what its failing tests have on record
    within the window, as when it was judged for the first time.
    What a pull request changes is not asked for: no verdict turns on it.

    Args:
        tools: readers, and the rules of now; nothing is written.
        asked: which runs, and against what.
        settings: those of now.
        now: the time that counts as today.

    Raises:
        FlakebotError: the ledger cannot be read.

    """
    given = [settings, asked.then or settings]
    days = max(each.thresholds.window_days for each in given)
    known = tools.ledger.read(asked.since - timedelta(days=days))
    problems = [f"Ledger, {one.source}: {one.reason}" for one in tools.ledger.problems]
    every = _runs(known, asked.since)
    chosen = every[-asked.limit :]
    tools.say(f"{plural(len(chosen), 'run')} on record since {asked.since:%Y-%m-%d}")
    nothing: Sequence[Issue] = ()
    listed = attempted(lambda: issues.list_ours(tools.forge, settings), nothing, problems)
    again = _read_again(known, chosen[-asked.logs :] if asked.logs else [], tools, settings)
    words = sorted(tools.ledger.feedback(), key=_spoken)
    functions = {word.function for word in words}
    bench = _Bench(
        repository=tools.forge.repository().full_name,
        tracked=tracking.ours(listed, tools.forge.bot()),
        began={own[-1].run_id: order(own[-1]) for own in _runs(known, EVER)},
        words=tuple(words),
        fixes=fixing.known(words, known, functions, tools.forge, problems),
        now=now,
    )
    today = _Judge(bench, [again.get(each.key, each) for each in known], settings)
    other = _Judge(bench, known, asked.then) if asked.then else None
    tally = Tally()
    for number, own in enumerate(tools.watch(chosen, "judging", len(chosen)), 1):
        then = replaying.judged(other.report(own)) if other else replaying.recorded(own[-1])
        tally.add(own[-1], then, today.report([again.get(each.key, each) for each in own]))
        if number % TELLING == 0:
            tools.say(f"{number} of {len(chosen)} runs judged")
    return Replay(
        repository=bench.repository,
        since=asked.since,
        then="the settings of the repository" if other else "the records",
        runs=tally.runs,
        reread=len({key.run_id for key in again}),
        left_out=len(every) - len(chosen),
        verdicts=tally.verdicts,
        changes=tuple(tally.changes),
        problems=tuple(problems),
    )


def _runs(known: Iterable[RunRecord], since: datetime) -> list[Attempts]:
    """The attempts on record of each run that began since, in the order of time."""
    runs: dict[int, list[RunRecord]] = {}
    for record in sorted(known, key=order):
        if record.created_at >= since:
            runs.setdefault(record.run_id, []).append(record)
    return [tuple(attempts) for attempts in runs.values()]


# ------------------------------------------------------------------------------------------
# Judging


@value
class _Bench:
    """What all judgements of a replay have in common; `began` is when each run on record did,
    `words` are those of maintainers, oldest first.
    """

    repository: str
    tracked: tuple[Tracked, ...]
    began: Mapping[int, Moment]
    words: tuple[Feedback, ...]
    fixes: Fixes
    now: datetime


class _Judge:
    """Judges any run on record as of its own time, by one set of settings."""

    def __init__(self, bench: _Bench, records: Iterable[RunRecord], settings: Settings) -> None:
        self._bench = bench
        self._settings = settings
        self._history = History(records, settings.thresholds, fixes=bench.fixes)

    def report(self, own: Sequence[RunRecord]) -> Report:
        """What is said of a run by its own records and older ones."""
        last, bench = own[-1], self._bench
        run = run_of(last)
        begin = since(run, self._settings, bench.now)
        heard = bench.words[: bisect_left(bench.words, last.created_at, key=_spoken)]
        return verdicts.judge(
            run=run,
            records=own,
            history=self._history.between(begin, last),
            known=known_then(bench.tracked, run, _Later(bench.began, order(last))),
            changed=(),
            pull=None,
            settings=self._settings,
            repository=bench.repository,
            problems=(),
            now=bench.now,
            heard=Heard(said=heard, confidence=CONFIDENCE),  # which is not told
        )


def _spoken(said: Feedback) -> datetime:
    return said.created_at


class _Later(Container[int]):
    """The runs that began after a moment, without a list of them for each run."""

    def __init__(self, began: Mapping[int, Moment], moment: Moment) -> None:
        self._began = began
        self._moment = moment

    def __contains__(self, run_id: object) -> bool:
        return isinstance(run_id, int) and self._began.get(run_id, self._moment) > self._moment


# ------------------------------------------------------------------------------------------
# Reading again


def _read_again(
    known: Sequence[RunRecord], wanted: Sequence[Attempts], tools: Tools, settings: Settings
) -> Mapping[RunKey, RunRecord]:
    """New records of these runs, oldest first, as far as all their logs are still there.

    Passes are kept of the tests that were under observation then.
    """
    if wanted:
        tools.say(f"reading the logs of {plural(len(wanted), 'run')} again")
    quiet = dataclasses.replace(tools, say=_nobody, watch=unwatched)
    asking = dataclasses.replace(settings, retry_hugging_face="off")
    found: dict[RunKey, RunRecord] = {}
    watched: set[str] = set()
    at = 0
    for own in tools.watch(wanted, "reading logs again", len(wanted)):
        end = bisect_right(known, order(own[-1]), key=order)
        watched |= observed(known[at:end])
        at = end
        try:
            read = _read(own[-1], quiet, asking, frozenset(watched))
        except FlakebotError:
            continue
        if {each.key for each in own} == read.keys() and all(map(_whole, own, read.values())):
            found |= {old.key: _renewed(old, read[old.key]) for old in own}
    return found


def _read(
    last: RunRecord, tools: Tools, settings: Settings, watched: frozenset[str]
) -> Mapping[RunKey, RunRecord]:
    """The records of a run as they would be made today, oldest first."""
    run = tools.forge.run(RunRef(run_id=last.run_id, attempt=last.attempt))
    subject = Subject(repository=tools.forge.repository(), run=run, pull=None, inside=False)
    read = collecting.records(subject, (), tools, settings, [], watched)
    return {record.key: record for record in read}


def _whole(old: RunRecord, new: RunRecord) -> bool:
    """Whether every log that was read then was read again."""
    missing = {job.id for job in new.jobs if job.log}
    return not any(job.id in missing and not job.log for job in old.jobs)


def _renewed(old: RunRecord, new: RunRecord) -> RunRecord:
    """What its logs tell today; what was asked and said then stays."""
    return dataclasses.replace(old, jobs=new.jobs, problems=new.problems)


def _nobody(_: str) -> None:
    """Where progress goes that nobody wants, a line for every attempt."""
