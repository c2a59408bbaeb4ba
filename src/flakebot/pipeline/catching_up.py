"""Look at the ledger again after the issues were written: what other runs recorded meanwhile is in
them too.

Every run writes what it read, so of two at the same moment the later write may rest on the older
read. Whoever has written therefore asks once more whether anything was recorded since, and then
writes again: the last who writes finds that nothing was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from flakebot import planner, sinks
from flakebot.changes import OpenIssue, Plan, Receipt, UpdateIssue
from flakebot.errors import FlakebotError
from flakebot.judging import verdicts
from flakebot.judging.history import History
from flakebot.pipeline.tools import Tools, since
from flakebot.sinks import issues

LOOKS = 10
"""After a write; each but the last means that another run was recorded within a second or two. What
is missing even then the next run writes, or the sweep."""


def catch_up(
    context: sinks.Context, receipts: Sequence[Receipt], tools: Tools
) -> tuple[Receipt, ...]:
    """Write our issues again for as long as other runs are recorded meanwhile.

    Args:
        context: of the run that has written them.
        receipts: of what it has written.
        tools: the forge and the ledger.
    """
    more: list[Receipt] = []
    latest = receipts
    for _ in range(LOOKS):
        if not any(receipt.done and _is_text(receipt) for receipt in latest):
            break
        try:
            plan = _due(context, tools)
        except FlakebotError as error:
            tools.say(str(error))
            break
        latest = sinks.apply_all(plan, tools.forge)
        more += latest
    return tuple(more)


def _is_text(receipt: Receipt) -> bool:
    return isinstance(receipt.change, OpenIssue | UpdateIssue)


def _due(context: sinks.Context, tools: Tools) -> Plan:
    """What is to be written once more, nothing when nothing was recorded since."""
    if not tools.ledger.moved():
        return Plan()
    settings, report = context.settings, context.report
    tools.say("ledger: another run was recorded meanwhile, so the issues are looked at again")
    listed = issues.list_ours(tools.forge, settings)  # before the ledger, which may be newer then
    held = tools.ledger.read(since(report.run, settings, context.now))
    history = History(
        held,
        settings.thresholds,
        about=verdicts.keys(report.records),
        fixes=context.history.fixes,
    )
    again = dataclasses.replace(context, listed=listed, history=history)
    plan = issues.plan(again, issues.observe(again, tools.forge))
    return planner.make_plan(plan.changes, settings)
