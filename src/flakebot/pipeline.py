"""The main job as a list of steps: read a run, judge it, record it, plan the views, apply them.

Every reader and writer is an argument, so this is the whole program under test. A step that fails
for a reason of its own (a missing permission, a service that is down) becomes a sentence in the
report, and the steps that do not need it go on; a list that could not be read to its end stops
every write that would rest on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import islice
from typing import TypeVar

from flakebot import planner, sinks
from flakebot.changes import OpenIssue, Plan, Receipt
from flakebot.errors import FlakebotError, InputError, LedgerError, UnsafePlanError
from flakebot.frameworks import junit_xml
from flakebot.hugging_face import addresses as hf_address
from flakebot.judging import verdicts
from flakebot.judging.history import History
from flakebot.model import (
    Category,
    ChangedFile,
    Issue,
    Job,
    LogReading,
    LogText,
    MissingJUnit,
    MissingLog,
    Problem,
    PullRequest,
    Repository,
    Run,
    RunRef,
    value,
)
from flakebot.ports import Forge, Hub, Ledger
from flakebot.reading import classify, junit_jobs, recording
from flakebot.reading.recording import ReadJob
from flakebot.reading.rules import RuleSet
from flakebot.records import RunRecord
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.sinks import Sink, issues, pr_comment, rerun
from flakebot.views import tracking

_T = TypeVar("_T")
_State = TypeVar("_State")

SENTENCES = 20
"""About files that could not be used, of one attempt."""

PARTIAL = (
    "Logs could not be read for now, so nothing is recorded and no issue is written: "
    "run flakebot on this run again."
)

Say = Callable[[str], None]
"""Where progress goes, a sentence at a time."""


@value
class Tools:
    """The outer world and the rules, as one run needs them."""

    forge: Forge
    ledger: Ledger
    hub: Hub
    rules: RuleSet
    say: Say


@value
class Result:
    """What a run of flakebot did: the report, the plan, and a receipt for each change applied.

    `refused` says that the plan was unsafe and nothing of it was applied.
    """

    report: Report
    plan: Plan
    receipts: tuple[Receipt, ...] = ()
    refused: bool = False


@value
class _Subject:
    """The run under analysis and where it belongs."""

    repository: Repository
    run: Run
    pull: PullRequest | None
    inside: bool


def run(
    ref: RunRef, tools: Tools, *, settings: Settings, now: datetime, inside: bool = False
) -> Result:
    """Analyse one run over all its attempts and write what follows from it.

    Args:
        ref: the run, and its last attempt to look at.
        tools: readers, writers and rules.
        settings: everything that can be set; `dry_run` plans and writes nothing.
        now: the time that counts as today.
        inside: whether flakebot is a job of this very run, which then cannot be re-run.

    Raises:
        FlakebotError: the run itself or the ledger cannot be read, or the plan is unsafe.

    """
    problems: list[str] = []
    subject = _subject(ref, tools, inside=inside, problems=problems)
    past = tools.ledger.read(_since(subject.run, settings, now))
    problems += [f"Ledger, {problem.source}: {problem.reason}" for problem in tools.ledger.problems]
    tools.say(f"ledger: {len(past)} analysed runs in {settings.thresholds.window_days} days")
    records = _records(subject, past, tools, settings, problems)
    listed = _attempt(lambda: _issues(records, tools.forge, settings), None, problems)
    report = verdicts.judge(
        run=subject.run,
        records=records,
        history=History([*past, *records], settings.thresholds),
        known=tracking.known(listed or (), tools.forge.bot(), subject.run.id),
        changed=_changed(subject, records, tools.forge, problems),
        pull=subject.pull,
        settings=settings,
        repository=subject.repository.full_name,
        problems=problems,
        now=now,
    )
    tools.say(f"verdict: {report.overall}, {len(report.findings)} findings")
    if inside:  # GitHub refuses to re-run a run that is still going
        settings = dataclasses.replace(settings, retry_hugging_face="off")
    return _write(subject, report, past, listed, tools, settings)


def _since(run: Run, settings: Settings, now: datetime) -> datetime:
    """Where history begins: a saved run of long ago is judged by what was known then, too."""
    return min(now, run.created_at or now) - timedelta(days=settings.thresholds.window_days)


def _subject(ref: RunRef, tools: Tools, *, inside: bool, problems: list[str]) -> _Subject:
    found = _finished(ref, tools.forge, inside=inside)
    pull = _attempt(lambda: tools.forge.pull_request(found), None, problems)
    where = f", pull request #{pull.number}" if pull else ""
    tools.say(f"run {found.id}, attempt {found.run_attempt}, {found.head_sha[:10]}{where}")
    return _Subject(repository=tools.forge.repository(), run=found, pull=pull, inside=inside)


def _finished(ref: RunRef, forge: Forge, *, inside: bool) -> Run:
    """The run at its last attempt that is over: what is recorded of an attempt stays."""
    found = forge.run(ref)
    if inside or found.status in {None, "completed"}:
        return found
    if found.run_attempt == 1 or ref.attempt:
        raise InputError(f"Run {found.id} is not over (attempt {found.run_attempt}); try later.")
    return forge.run(RunRef(run_id=found.id, attempt=found.run_attempt - 1))


# ------------------------------------------------------------------------------------------
# Read


def _records(
    subject: _Subject,
    past: Sequence[RunRecord],
    tools: Tools,
    settings: Settings,
    problems: list[str],
) -> tuple[RunRecord, ...]:
    """One record per attempt: from the ledger when it is there, else by reading the logs.

    All new attempts are read before the first is recorded, because a pass is worth keeping when the
    test failed in any of them.
    """
    name, run = subject.repository.full_name, subject.run
    kept = {record.attempt: record for record in past if record.key[:2] == (name, run.id)}
    read: Mapping[int, tuple[ReadJob, ...]] = {
        attempt: _read_jobs(subject, attempt, tools, settings)
        for attempt in range(1, run.run_attempt + 1)
        if attempt not in kept
    }
    partial = any(_may_come(job) for jobs in read.values() for job in jobs)
    unused: list[str] = []
    read = _attempt(lambda: _with_junit(run, read, kept, tools.forge, unused), read, unused)
    watched = History(past, settings.thresholds).observed.union(
        recording.bad_keys(job for jobs in read.values() for job in jobs)
    )
    for attempt, jobs in read.items():
        record = recording.record(
            repository=subject.repository,
            run=_at(attempt, subject, tools.forge),
            attempt=attempt,
            jobs=jobs,
            observed=watched,
            pull=subject.pull,
        )
        replaced = {job.job.name for n, jobs in read.items() if n > attempt for job in jobs}
        record = _asked_again(record, replaced, tools, settings)
        kept[attempt] = dataclasses.replace(record, partial=partial)
    if read:
        kept[max(read)] = dataclasses.replace(kept[max(read)], problems=_shortened(unused))
    records = [record for attempt, record in sorted(kept.items()) if attempt <= run.run_attempt]
    problems += dict.fromkeys(sentence for record in records for sentence in record.problems)
    return tuple(records)


def _may_come(read: ReadJob) -> bool:
    """Whether a job's log was not read for now."""
    return isinstance(read.reading, MissingLog) and read.reading.passing


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    """As many as a person reads; a record is kept for good."""
    more = f"{len(sentences) - SENTENCES} more files of the run could not be used"
    return (*sentences[:SENTENCES], *[more] * (len(sentences) > SENTENCES))


def _at(attempt: int, subject: _Subject, forge: Forge) -> Run:
    """The run as it was after an attempt: an earlier one has a conclusion of its own."""
    if attempt == subject.run.run_attempt:
        return subject.run
    return forge.run(RunRef(run_id=subject.run.id, attempt=attempt))


def _read_jobs(
    subject: _Subject, attempt: int, tools: Tools, settings: Settings
) -> tuple[ReadJob, ...]:
    jobs = [
        job
        for job in tools.forge.jobs(subject.run.id, attempt)
        if job.run_attempt == attempt and _wanted(job, settings, inside=subject.inside)
    ]
    read = []
    for job, log in tools.forge.logs(subject.run, attempt, jobs):
        reading: LogReading | MissingLog
        if isinstance(log, LogText):
            reading = classify.read_log(job.name, log.chunks, tools.rules, settings.limits)
        else:
            reading = log
        read.append(ReadJob(job=job, reading=reading))
    missing = sum(isinstance(r.reading, MissingLog) for r in read)
    tools.say(f"attempt {attempt}: {len(read)} jobs, {missing} logs missing")
    return tuple(read)


def _wanted(job: Job, settings: Settings, *, inside: bool) -> bool:
    """Aggregators, skipped jobs, and the job flakebot itself runs in, prove nothing."""
    if job.conclusion == "skipped" or (inside and job.status != "completed"):
        return False
    return any(fnmatchcase(job.name, glob) for glob in settings.jobs) and not any(
        fnmatchcase(job.name, glob) for glob in settings.skip_jobs
    )


def _with_junit(
    run: Run,
    read: Mapping[int, tuple[ReadJob, ...]],
    recorded: Mapping[int, RunRecord],
    forge: Forge,
    problems: list[str],
) -> Mapping[int, tuple[ReadJob, ...]]:
    """Merge the run's JUnit files into the readings of the jobs they belong to, of any attempt."""
    failed = [
        read_job.job
        for jobs in read.values()
        for read_job in jobs
        if read_job.job.conclusion not in {"success", "neutral"}
    ]
    if not failed:
        return read
    names = [name for job in failed for name in (str(job.id), job.name)]
    parsed = []
    for file in forge.junit(run, names):
        found = (
            Problem(source=file.artifact, reason=file.reason)
            if isinstance(file, MissingJUnit)
            else junit_xml.parse(file)
        )
        if isinstance(found, Problem):
            problems.append(f"JUnit {found.source}: {found.reason}")
        else:
            parsed.append(found)
    elsewhere = frozenset(job.id for record in recorded.values() for job in record.jobs)
    merged = iter(
        junit_jobs.merge(
            [job for jobs in read.values() for job in jobs], parsed, problems, elsewhere=elsewhere
        )
    )
    return {attempt: tuple(islice(merged, len(jobs))) for attempt, jobs in read.items()}


def _asked_again(
    record: RunRecord, replaced: Container[str], tools: Tools, settings: Settings
) -> RunRecord:
    """Ask Hugging Face again for what failed, before anything is counted.

    A job that a later attempt has replaced needs no answer: that attempt is one.
    """
    if settings.retry_hugging_face == "off":
        return record
    jobs = [job for job in record.jobs if job.name not in replaced]
    causes = [c for job in jobs for c in job.causes if c.category is Category.HF_FETCH]
    addresses = hf_address.addresses(causes, endpoint=settings.hf_endpoint)
    if not addresses:
        return record
    fetches = tuple(tools.hub.ask(addresses))
    for fetch in fetches:
        tools.say(f"Hugging Face: {fetch.address}: {fetch.result} after {fetch.tries} tries")
    return dataclasses.replace(record, fetches=fetches)


def _issues(
    records: Sequence[RunRecord], forge: Forge, settings: Settings
) -> Sequence[Issue] | None:
    """Our issues, asked for only when something failed that they could be about."""
    if not settings.issues or not _failures(records):
        return None
    return issues.list_ours(forge, settings)


def _failures(records: Sequence[RunRecord]) -> bool:
    return any(job.tests or job.causes for record in records for job in record.jobs)


def _changed(
    subject: _Subject, records: Sequence[RunRecord], forge: Forge, problems: list[str]
) -> Sequence[ChangedFile]:
    """The pull request's files, asked for only when there is a failure to hold against them."""
    pull = subject.pull
    if pull is None or not _failures(records):
        return ()
    return _attempt(lambda: forge.changed_files(pull.number), (), problems)


# ------------------------------------------------------------------------------------------
# Write


def _write(
    subject: _Subject,
    report: Report,
    past: Sequence[RunRecord],
    listed: Sequence[Issue] | None,
    tools: Tools,
    settings: Settings,
) -> Result:
    """Record first, then plan every view from what the ledger holds, then apply.

    Whether the failed jobs are run again is decided before the record is written, because the
    record says so and is never written twice.
    """
    context = sinks.Context(
        report=report,
        history=History([*past, *report.records], settings.thresholds),
        settings=settings,
        repository=subject.repository,
        now=report.now,
        listed=listed,
    )
    again = _planned(rerun, context, tools.forge)
    context, again = _recorded(context, again, tools)
    result = _planned_result(context, again, tools)
    tools.say(
        f"plan: {len(result.plan.changes)} changes, {len(result.plan.held_back)} things held back"
    )
    if settings.dry_run:
        return result
    receipts = sinks.apply_all(result.plan, tools.forge)
    tools.say(f"applied: {sum(r.done for r in receipts)} of {len(receipts)} changes")
    return dataclasses.replace(result, receipts=receipts)


def _recorded(context: sinks.Context, again: Plan, tools: Tools) -> tuple[sinks.Context, Plan]:
    """Append the new records and go on with what the ledger holds then, also of other runs.

    Issues are views of the ledger and a re-run is noted there, so without it there is neither;
    what is recorded of an attempt stays, so nothing is while logs may come later.
    """
    *before, last = context.report.records
    records = (*before, dataclasses.replace(last, rerun=last.rerun or bool(again.changes)))
    context = dataclasses.replace(
        context, report=dataclasses.replace(context.report, records=records)
    )
    if context.settings.dry_run:
        return context, again
    thresholds = context.settings.thresholds
    since = _since(context.report.run, context.settings, context.now)
    whole = [record for record in records if not record.partial]
    try:
        added = tools.ledger.append(whole) if whole else ()
        held = History(tools.ledger.read(since), thresholds)
    except LedgerError as error:
        held_back = (str(error), "Without the ledger no issue is written and nothing is run again.")
        return dataclasses.replace(context, listed=None), Plan(held_back=held_back)
    tools.say(f"ledger: {len(added)} new records")
    if len(whole) < len(records):
        return dataclasses.replace(context, listed=None), Plan(held_back=(PARTIAL,))
    return dataclasses.replace(context, history=held), again


def _planned_result(context: sinks.Context, again: Plan, tools: Tools) -> Result:
    """Join the plans of all sinks into one, or refuse it whole."""
    tracked = Plan() if context.listed is None else _planned(issues, context, tools.forge)
    opening = frozenset(each.key for each in tracked.changes if isinstance(each, OpenIssue))
    context = dataclasses.replace(context, opening=opening)
    plans = [again, tracked, _planned(pr_comment, context, tools.forge)]
    try:
        plan = planner.make_plan(
            [change for each in plans for change in each.changes],
            context.settings,
            held_back=[sentence for each in plans for sentence in each.held_back],
        )
    except UnsafePlanError as error:
        return Result(report=context.report, plan=Plan(held_back=(str(error),)), refused=True)
    return Result(report=context.report, plan=plan)


def _planned(sink: Sink[_State], context: sinks.Context, forge: Forge) -> Plan:
    """A sink that cannot read what is there plans nothing and says why; the others go on."""
    try:
        return sink.plan(context, sink.observe(context, forge))
    except FlakebotError as error:
        return Plan(held_back=(f"{sink.NAME}: {error}",))


def _attempt(step: Callable[[], _T], otherwise: _T, problems: list[str]) -> _T:
    """Do a step that others can do without; its failure is a sentence in the report."""
    try:
        return step()
    except FlakebotError as error:
        problems.append(str(error))
        return otherwise
