"""Record what was read, plan every view of it, and apply the plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

from flakebot import planner, sinks
from flakebot.changes import OpenIssue, Plan, Receipt
from flakebot.errors import FlakebotError, LedgerError, UnsafePlanError
from flakebot.github_objects import Issue
from flakebot.judging import told, verdicts
from flakebot.judging.history import History
from flakebot.model import value
from flakebot.pipeline import catching_up
from flakebot.pipeline.tools import Subject, Tools, since
from flakebot.ports import Forge
from flakebot.records import Opening, RunRecord
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.sinks import Sink, issues, pr_comment, rerun
from flakebot.wording import plural

_State = TypeVar("_State")

PARTIAL = (
    "Not everything could be read for now, so nothing is recorded and no issue is written: "
    "run flakebot on this run again."
)


@value
class Result:
    """What a run of flakebot did: the report, the plan, and a receipt for each change applied.

    `refused` says that the plan was unsafe and nothing of it was applied.
    """

    report: Report
    plan: Plan
    receipts: tuple[Receipt, ...] = ()
    refused: bool = False


def write(
    subject: Subject,
    report: Report,
    history: History,
    listed: Sequence[Issue] | None,
    tools: Tools,
    settings: Settings,
) -> Result:
    """Record first, then plan every view from what the ledger holds, then apply.

    Whether the failed jobs are run again is decided before the record is written, because the
    record says so, beside the verdicts that were given, and is never written twice.
    """
    context = sinks.Context(
        report=report,
        history=history,
        settings=settings,
        repository=subject.repository,
        now=report.now,
        listed=listed,
        said=tuple(tools.ledger.feedback()),
    )
    again = _planned(rerun, context, tools.forge)
    context, again = _recorded(context, again, tools)
    result = _planned_result(context, again, tools)
    changes, held_back = len(result.plan.changes), len(result.plan.held_back)
    tools.say(f"plan: {plural(changes, 'change')}, {plural(held_back, 'thing')} held back")
    if settings.dry_run:
        return result
    receipts = sinks.apply_all(result.plan, tools.forge)
    receipts = (*receipts, *catching_up.catch_up(context, receipts, tools))
    tools.say(f"applied: {sum(r.done for r in receipts)} of {plural(len(receipts), 'change')}")
    return dataclasses.replace(result, receipts=receipts)


def _recorded(context: sinks.Context, again: Plan, tools: Tools) -> tuple[sinks.Context, Plan]:
    """Append the new records and go on with what the ledger holds then, also of other runs.

    Issues are views of the ledger and a re-run is noted there, so without it there is neither;
    what is recorded of an attempt stays, so nothing is while logs may come later.
    """
    *before, last = context.report.records
    unrecorded = dataclasses.replace(context, listed=None)
    asking = bool(again.changes)
    given = told.said(context.report) if last.said is None else last.said
    last = dataclasses.replace(
        last, rerun=last.rerun or asking, said=given, opening=_opening(context, tools)
    )
    records = (*before, last)
    context = dataclasses.replace(
        context, report=dataclasses.replace(context.report, records=records), asking=asking
    )
    if context.settings.dry_run:
        planned = _history(context, [*records, *context.history.records])
        return dataclasses.replace(context, history=planned), again
    begin = since(context.report.run, context.settings, context.now)
    whole = [record for record in records if not record.partial]
    try:
        added = tools.ledger.append(whole) if whole else ()
        held = _history(context, tools.ledger.read(begin))
    except LedgerError as error:
        held_back = (str(error), "Without the ledger no issue is written and nothing is run again.")
        return unrecorded, Plan(held_back=held_back)
    tools.say(f"ledger: {plural(len(added), 'new record')}")
    if len(whole) < len(records):
        return unrecorded, Plan(held_back=(PARTIAL,))
    return _listed(dataclasses.replace(context, history=held), tools), again


def _opening(context: sinks.Context, tools: Tools) -> Opening | None:
    """What the record says of new issues, so that other runs leave them to this one."""
    if context.listed is None or not context.repository.has_issues:
        return None
    keys = issues.opening(context, tools.forge.bot())
    return Opening(keys=keys, at=context.now) if keys else None


def _listed(context: sinks.Context, tools: Tools) -> sinks.Context:
    """With our issues as they are after this run was recorded, when another run opens one of its.

    Either it is listed now and gets this run's count from us, or it is opened after this run was
    recorded and has the count from the start.
    """
    if context.listed is None or not issues.awaited(context, tools.forge.bot()):
        return context
    try:
        return dataclasses.replace(context, listed=issues.list_ours(tools.forge, context.settings))
    except FlakebotError as error:
        tools.say(str(error))
        return context


def _history(context: sinks.Context, held: Sequence[RunRecord]) -> History:
    """What the ledger holds; the judge's own index of it where nothing was added or noted since."""
    known, own = context.history, list(context.report.records)
    kept = [record for record in held if record.run_id == context.run_id]
    same = {record.key for record in held} == {record.key for record in known.records}
    if same and kept == own and not context.asking:
        return known
    return History(
        held,
        context.settings.thresholds,
        about=verdicts.keys(context.report.records),
        fixes=known.fixes,
    )


def _planned_result(context: sinks.Context, again: Plan, tools: Tools) -> Result:
    """Join the plans of all sinks into one, or refuse it whole."""
    try:
        tracked = _planned(issues, context, tools.forge)
        opening = frozenset(each.key for each in tracked.changes if isinstance(each, OpenIssue))
        context = dataclasses.replace(context, opening=opening)
        plans = [again, tracked, _planned(pr_comment, context, tools.forge)]
        plan = planner.make_plan(
            [change for each in plans for change in each.changes],
            context.settings,
            held_back=[sentence for each in plans for sentence in each.held_back],
        )
    except UnsafePlanError as error:
        return Result(report=context.report, plan=Plan(held_back=(str(error),)), refused=True)
    return Result(report=context.report, plan=plan)


def _planned(sink: Sink[_State], context: sinks.Context, forge: Forge) -> Plan:
    """A sink that cannot read what is there plans nothing and says why; the others go on.

    Raises:
        UnsafePlanError: what is planned passes a limit, so nothing of the whole may be written.

    """
    try:
        return sink.plan(context, sink.observe(context, forge))
    except UnsafePlanError:
        raise
    except FlakebotError as error:
        return Plan(held_back=(f"{sink.NAME}: {error}",))
