"""Judge a run again as it stood when it was judged, from the ledger alone where that has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

from flakebot.feedback import Feedback
from flakebot.github_objects import Issue, Run, RunRef
from flakebot.judging import accuracy, verdicts
from flakebot.judging.builds import order
from flakebot.judging.case import Case
from flakebot.judging.history import History
from flakebot.model import value
from flakebot.pipeline import collecting, fixing, importing
from flakebot.pipeline.tools import Tools, attempted, since
from flakebot.ports import EVER, Forge, Ledger
from flakebot.records import RunRecord
from flakebot.report import KnownIssue, Report
from flakebot.settings import Settings
from flakebot.sinks import issues
from flakebot.views import tracking
from flakebot.views.tracking import Tracked


@value
class Explained:
    """The report on a run, and the cases that the ladder judged for it; `recorded` says that all of
    it came from the ledger, `later` counts the runs left out because they came after it.
    """

    report: Report
    cases: tuple[Case, ...]
    recorded: bool
    later: int


@value
class Bench:
    """What a run is judged again with; `now` is the time that counts as today."""

    forge: Forge
    ledger: Ledger
    settings: Settings
    now: datetime


def explain(ref: RunRef, tools: Tools, *, settings: Settings, now: datetime) -> Explained:
    """Judge a run as of its own time, and keep what was judged.

    Runs that began after it, and issues that those opened, are left out: a verdict of last month
    rests on what was known then. A run that is not on record is read, as `flakebot run` reads it.

    Raises:
        FlakebotError: the ledger, or a run that is not on record, cannot be read.

    """
    problems: list[str] = []
    known = tools.ledger.read(EVER)
    own = _recorded(ref, known)
    bench = Bench(forge=tools.forge, ledger=tools.ledger, settings=settings, now=now)
    if own:
        return of_records(own, known, bench)
    run, records = _read(ref, known, tools, settings, problems)
    return dataclasses.replace(_judged(run, records, known, bench, problems), recorded=False)


def of_records(records: Sequence[RunRecord], known: Sequence[RunRecord], bench: Bench) -> Explained:
    """Judge a run on record as of its own time.

    Args:
        records: its attempts, oldest first.
        known: everything on record, which was just read.
        bench: what it is judged with.
    """
    return _judged(run_of(records[-1]), records, known, bench, [])


def _judged(
    run: Run,
    records: Sequence[RunRecord],
    known: Sequence[RunRecord],
    bench: Bench,
    problems: list[str],
) -> Explained:
    forge, ledger, settings = bench.forge, bench.ledger, bench.settings
    problems += [f"Ledger, {problem.source}: {problem.reason}" for problem in ledger.problems]
    before, later = _split(run, records, known, settings, bench.now)
    nothing: Sequence[Issue] = ()
    listed = attempted(lambda: issues.list_ours(forge, settings), nothing, problems)
    said, then = _said(records, ledger), [*before, *records]
    keys = verdicts.keys(records)
    fixes = fixing.known(said, then, keys, forge, problems)
    cases: list[Case] = []
    report = verdicts.judge(
        run=run,
        records=records,
        history=History(then, settings.thresholds, about=keys, fixes=fixes),
        known=known_then(
            tracking.ours(listed, forge.bot()), run, {record.run_id for record in later}
        ),
        changed=importing.changed(
            max(record.pull_request for record in records), records, before, forge, problems
        ),
        pull=None,
        settings=settings,
        repository=forge.repository().full_name,
        problems=problems,
        now=bench.now,
        heard=accuracy.heard(before, said),
        cases=cases,
    )
    return Explained(report=report, cases=tuple(cases), recorded=True, later=len(later))


def _said(records: Sequence[RunRecord], ledger: Ledger) -> list[Feedback]:
    """What maintainers had said when the run began."""
    return [each for each in ledger.feedback() if each.created_at < records[-1].created_at]


def _recorded(ref: RunRef, known: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    """The attempts on record up to the one asked for, none when that is not there."""
    of_run = sorted((r for r in known if r.run_id == ref.run_id), key=order)
    own = tuple(r for r in of_run if ref.attempt is None or r.attempt <= ref.attempt)
    return () if not own or (ref.attempt and own[-1].attempt != ref.attempt) else own


def run_of(last: RunRecord) -> Run:
    """A run as the record of its last attempt has it."""
    return Run(
        id=last.run_id,
        head_sha=last.head_sha,
        name=last.workflow,
        head_branch=last.branch,
        event=last.event,
        conclusion=last.conclusion,
        run_attempt=last.attempt,
        html_url=last.url,
        created_at=last.created_at,
    )


def _read(
    ref: RunRef,
    known: Sequence[RunRecord],
    tools: Tools,
    settings: Settings,
    problems: list[str],
) -> tuple[Run, tuple[RunRecord, ...]]:
    """The run as it is read now; Hugging Face is not asked, since nothing is counted here."""
    quiet = dataclasses.replace(settings, retry_hugging_face="off")
    subject = collecting.find(ref, tools, inside=False, problems=problems)
    return subject.run, collecting.records(subject, known, tools, quiet, problems)


def _split(
    run: Run,
    records: Sequence[RunRecord],
    known: Iterable[RunRecord],
    settings: Settings,
    now: datetime,
) -> tuple[list[RunRecord], list[RunRecord]]:
    """What was on record before a run within the window, and what came after it."""
    last, begin = order(records[-1]), since(run, settings, now)
    others = [record for record in known if record.run_id != run.id]
    before = [r for r in others if r.created_at >= begin and order(r) < last]
    return before, [r for r in others if order(r) > last]


def known_then(
    tracked: Iterable[Tracked], run: Run, later: Container[int]
) -> Mapping[str, KnownIssue]:
    """The tracking issues of then: closed later means open, opened later means not there.

    `later` are the ids of runs that came after the one that is judged.
    """
    begun = run.created_at or EVER
    there = (each for each in tracked if not each.state or each.state.opened not in later)
    return tracking.known_of([_then(each, begun) for each in there], run.id)


def _then(tracked: Tracked, begun: datetime) -> Tracked:
    """An issue as it stood when a run began."""
    if tracked.issue.closed_at is None or tracked.issue.closed_at <= begun:
        return tracked
    open_ = dataclasses.replace(tracked.issue, state="open", state_reason=None)
    return dataclasses.replace(tracked, issue=open_)
