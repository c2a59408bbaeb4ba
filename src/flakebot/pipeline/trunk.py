"""Read the last runs of the default branch, where nothing of it is on record.

On its first day flakebot has no ledger, and every failure would be an author's own. Three runs tell
what is broken already.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from flakebot.errors import FlakebotError, LedgerError
from flakebot.github_objects import Run
from flakebot.judging import verdicts
from flakebot.judging.builds import COUNTED
from flakebot.judging.history import observed
from flakebot.pipeline import collecting
from flakebot.pipeline.tools import Subject, Tools, attempted, since
from flakebot.records import RunRecord
from flakebot.settings import Settings
from flakebot.wording import plural

RUNS = 3
"""Of the default branch that are read, in some five requests each."""

LISTED = 300
"""Of its runs that are looked through for those, in a request for each hundred."""


def read(
    subject: Subject,
    past: Sequence[RunRecord],
    records: Sequence[RunRecord],
    tools: Tools,
    settings: Settings,
    now: datetime,
) -> tuple[RunRecord, ...]:
    """The records of the newest runs of the default branch before this one, kept in the ledger.

    Nothing is asked where nothing failed for a reason of its own, on the default branch itself, or
    where one of its runs is on record. Looked at are runs of the same workflow, or of the commit
    that a pull request is based on. What cannot be read is left for the runs to come: a verdict
    without it says what it rests on.

    Args:
        subject: the run under judgement.
        past: what is on record.
        records: the attempts of the run.
        tools: readers and the ledger.
        settings: everything that can be set; in a dry run nothing is recorded.
        now: the time that counts as today.
    """
    if not _asks(subject, past, records):
        return ()
    found: list[RunRecord] = []
    quiet = dataclasses.replace(settings, retry_hugging_face="off")  # an outage of then is over
    watched = observed(past).union(verdicts.keys(records))
    problems: list[str] = []  # of runs that nobody asked about
    for run in _runs(subject, tools, settings, now, problems):
        other = dataclasses.replace(subject, run=run, pull=None, inside=False, unsure=False)
        try:
            found += collecting.records(other, past, tools, quiet, problems, watched)
        except FlakebotError as error:
            problems.append(str(error))
    for sentence in problems:
        tools.say(sentence)
    kept = [record for record in found if not record.partial]
    if found:
        tools.say(f"default branch: nothing on record, {plural(len(found), 'attempt')} read")
    if not settings.dry_run and kept:
        try:
            tools.ledger.append(kept)
        except LedgerError as error:
            tools.say(str(error))
    return tuple(kept)


def _asks(subject: Subject, past: Iterable[RunRecord], records: Sequence[RunRecord]) -> bool:
    """Whether something failed that may be broken on the default branch, which is not on record."""
    if any(record.trunk for record in records):
        return False
    workflow, base = _workflow(subject.run), _base(subject)
    if any(r.trunk and (r.workflow == workflow or r.head_sha == base) for r in past):
        return False
    return any(
        test.final.bad and test.category.owner in COUNTED
        for record in records
        for job in record.jobs
        for test in job.tests
    )


def _runs(
    subject: Subject, tools: Tools, settings: Settings, now: datetime, problems: list[str]
) -> Sequence[Run]:
    """The newest that began before this one."""
    branch, base = subject.repository.default_branch, _base(subject)
    nothing: Sequence[Run] = ()

    def listed() -> Sequence[Run]:
        begin, end = since(subject.run, settings, now), subject.run.created_at or now
        runs = tools.forge.finished_runs(begin, end, branch=branch)
        same = (
            run
            for run in islice(runs, LISTED)
            if run.head_branch == branch
            and not run.event.startswith("pull_request")
            and run.conclusion in {"success", "failure"}
            and (_workflow(run) == _workflow(subject.run) or run.head_sha == base)
        )
        return list(islice(same, RUNS))

    return attempted(listed, nothing, problems)


def _workflow(run: Run) -> str:
    return run.name or run.path


def _base(subject: Subject) -> str:
    return subject.pull.base.sha if subject.pull else ""
