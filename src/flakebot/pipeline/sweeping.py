"""The scheduled job: read the ledger, plan every view that needs no run, apply the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flakebot import planner, sinks
from flakebot.changes import Plan, Receipt
from flakebot.errors import FlakebotError, UnsafePlanError
from flakebot.judging.history import History
from flakebot.model import Problem, value
from flakebot.pipeline import attendance, fixing
from flakebot.ports import Forge, Ledger
from flakebot.settings import Settings
from flakebot.sinks import dashboard, groups, issues, renames
from flakebot.sinks import sweep as sink
from flakebot.sinks.sweep import Sweep
from flakebot.wording import listing, plural

PARTIAL = (
    "A part of the ledger cannot be read by this flakebot, so nothing is written: let a newer one "
    "sweep, or take out the lines that are named."
)


@value
class Swept:
    """What a sweep did: how many attempts of runs it went by, the plan, and a receipt for each
    change applied. `refused` says that the plan was unsafe and nothing of it was applied.
    """

    runs: int
    plan: Plan
    receipts: tuple[Receipt, ...] = ()
    problems: tuple[str, ...] = ()
    refused: bool = False


def sweep(
    forge: Forge, ledger: Ledger, *, settings: Settings, now: datetime, say: Callable[[str], None]
) -> Swept:
    """Bring all views in line with the ledger as of now.

    Args:
        forge: where the issues are.
        ledger: what they are views of; nothing is recorded.
        settings: everything that can be set; `dry_run` plans and writes nothing.
        now: the time that counts as today.
        say: where progress goes.

    Raises:
        FlakebotError: the ledger cannot be read.

    """
    past = ledger.read(now - timedelta(days=settings.thresholds.window_days))
    problems = tuple(f"Ledger, {one.source}: {one.reason}" for one in ledger.problems)
    days = settings.thresholds.window_days
    say(f"ledger: {plural(len(past), 'analysed run')} in {plural(days, 'day')}")
    missed = list(attendance.missed(past, forge, now))
    words = ledger.feedback()
    fixes = fixing.known(words, past, {word.function for word in words}, forge, missed)
    context = Sweep(
        history=History(past, settings.thresholds, fixes=fixes),
        settings=settings,
        repository=forge.repository(),
        now=now,
        said=tuple(words),
    )
    problems += tuple(missed)
    lost = [one.before for one in ledger.problems if one.before]
    if len(lost) < len(ledger.problems):
        return Swept(runs=len(past), plan=Plan(held_back=(PARTIAL,)), problems=problems)
    context = replace(context, doubt=max(lost, default=None))
    try:
        plan = _plan(context, forge, _lost(ledger.problems, context.doubt))
    except UnsafePlanError as error:
        held_back = Plan(held_back=(str(error),))
        return Swept(runs=len(past), plan=held_back, problems=problems, refused=True)
    except FlakebotError as error:
        return Swept(runs=len(past), plan=Plan(held_back=(str(error),)), problems=problems)
    changes, things = len(plan.changes), len(plan.held_back)
    say(f"plan: {plural(changes, 'change')}, {plural(things, 'thing')} held back")
    if settings.dry_run:
        return Swept(runs=len(past), plan=plan, problems=problems)
    receipts = sinks.apply_all(plan, forge)
    say(f"applied: {sum(r.done for r in receipts)} of {plural(len(receipts), 'change')}")
    return Swept(runs=len(past), plan=plan, receipts=receipts, problems=problems)


def _lost(broken: Sequence[Problem], doubt: datetime | None) -> Iterator[str]:
    """What is not decided for lines that nobody can read any more."""
    if doubt:
        lines = listing([one.source for one in broken])
        yield (
            f"Silence is counted only from {doubt:%Y-%m-%d} on, since broken lines of the ledger "
            f"may hold failures of before: mend them or take them out ({lines})."
        )


def _plan(context: Sweep, forge: Forge, held_back: Iterable[str]) -> Plan:
    """The plans of all sinks as one; the later ones show what the first is about to do."""
    context = sink.listing(context, forge)
    if context.listed is not None:
        context = renames.proposed(groups.joined(context, forge.bot()), forge.bot())
    swept = sink.plan(context, sink.observe(context, forge))
    grouped = groups.plan(context, issues.tracked(context, forge.bot()), swept.changes)
    shown = dashboard.plan(context, dashboard.observe(context, forge), swept.changes)
    return planner.make_plan(
        [*swept.changes, *grouped.changes, *shown.changes],
        context.settings,
        held_back=[*held_back, *swept.held_back, *grouped.held_back],
    )
