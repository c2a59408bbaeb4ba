"""The main job as a list of steps: read a run, judge it, record it, plan the views, apply them.

Every reader and writer is an argument, so this is the whole program under test. A step that fails
for a reason of its own (a missing permission, a service that is down) becomes a sentence in the
report, and the steps that do not need it go on; a list that could not be read to its end stops
every write that would rest on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from flakebot.github_objects import Issue, RunRef
from flakebot.judging import accuracy, verdicts
from flakebot.judging.history import History
from flakebot.pipeline import attendance, collecting, fixing, importing, trunk
from flakebot.pipeline.sweeping import Swept, sweep
from flakebot.pipeline.tools import Tools, attempted, since
from flakebot.pipeline.writing import Result, write
from flakebot.ports import Forge
from flakebot.records import RunRecord
from flakebot.settings import Settings
from flakebot.sinks import issues
from flakebot.views import tracking
from flakebot.wording import plural

__all__ = ["Result", "Swept", "Tools", "run", "sweep"]


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
    problems = list(tools.faulty_rules)
    for sentence in problems:
        tools.say(sentence)
    subject = collecting.find(ref, tools, inside=inside, problems=problems)
    past = tools.ledger.read(since(subject.run, settings, now))
    problems += [f"Ledger, {problem.source}: {problem.reason}" for problem in tools.ledger.problems]
    problems += attendance.missed(past, tools.forge, now, own=subject.run.id)
    days = settings.thresholds.window_days
    tools.say(f"ledger: {plural(len(past), 'analysed run')} in {plural(days, 'day')}")
    records = collecting.records(subject, past, tools, settings, problems)
    past = [*past, *trunk.read(subject, past, records, tools, settings, now)]
    listed = attempted(lambda: _issues(records, tools.forge, settings), None, problems)
    words, known = tools.ledger.feedback(), [*past, *records]
    keys = verdicts.keys(records)
    fixes = fixing.known(words, known, keys, tools.forge, problems)
    history = History(known, settings.thresholds, about=keys, fixes=fixes)
    report = verdicts.judge(
        run=subject.run,
        records=records,
        history=history,
        known=tracking.known(listed or (), tools.forge.bot(), subject.run.id),
        changed=importing.changed(
            subject.pull.number if subject.pull else 0, records, past, tools.forge, problems
        ),
        pull=subject.pull,
        settings=settings,
        repository=subject.repository.full_name,
        problems=problems,
        now=now,
        heard=accuracy.heard(past, words),
    )
    tools.say(f"verdict: {report.overall}, {plural(len(report.findings), 'finding')}")
    if inside:  # GitHub refuses to re-run a run that is still going
        settings = dataclasses.replace(settings, retry_hugging_face="off")
    return write(subject, report, history, listed, tools, settings)


def _issues(
    records: Sequence[RunRecord], forge: Forge, settings: Settings
) -> Sequence[Issue] | None:
    """Our issues, asked for only when something failed that they could be about."""
    if not settings.issues or not _failures(records):
        return None
    return issues.list_ours(forge, settings)


def _failures(records: Sequence[RunRecord]) -> bool:
    return any(job.tests or job.causes for record in records for job in record.jobs)
