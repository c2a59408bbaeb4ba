"""The text of the job summary: the report, and what flakebot did about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot import planner
from flakebot.changes import OpenIssue, Plan, Receipt, RequestRerun
from flakebot.keys import HUGGING_FACE
from flakebot.report import Report
from flakebot.settings import Limits
from flakebot.views import placeholders
from flakebot.views import render as templates

LIMITS = Limits(body_characters=900_000, body_bytes=1000 * 1024)
"""The runner drops a summary above 1 MiB (actions/runner, FileCommandManager.cs)."""


def render(report: Report, plan: Plan, receipts: Sequence[Receipt]) -> str:
    """The summary of an analysed run; without receipts the plan was only made."""
    asked = any(isinstance(change, RequestRerun) for change in plan.changes)
    text = templates.fitting(
        "job_summary",
        LIMITS,
        report=report,
        rerun=templates.ours(placeholders.RERUN * asked),
        opens=any(isinstance(c, OpenIssue) and c.key == HUGGING_FACE for c in plan.changes),
        dry_run=bool(plan.changes) and not receipts,
        acts=_acts(plan, receipts),
        held_back=plan.held_back,
    )
    return placeholders.filled(text, receipts)


def swept(runs: int, problems: Sequence[str], plan: Plan, receipts: Sequence[Receipt]) -> str:
    """The summary of a sweep; without receipts the plan was only made."""
    return templates.fitting(
        "job_sweep",
        LIMITS,
        runs=runs,
        problems=problems,
        dry_run=bool(plan.changes) and not receipts,
        acts=_acts(plan, receipts),
        held_back=plan.held_back,
    )


def failure(sentence: str) -> str:
    """The summary of a run that flakebot could not analyse."""
    return templates.markdown("job_failure", title="flakebot could not finish", sentence=sentence)


def nothing(reason: str) -> str:
    """The summary when there was nothing to analyse."""
    return templates.markdown("job_failure", title="Nothing to analyse", sentence=reason)


def answered(sentence: str) -> str:
    """The summary of a command in a comment."""
    return templates.markdown("job_failure", title="A command in a comment", sentence=sentence)


def _acts(plan: Plan, receipts: Sequence[Receipt]) -> list[dict[str, str]]:
    """Each change with its reason and, once applied, what became of it."""
    done = receipts or [Receipt(change=change, done=True) for change in plan.changes]
    return [
        {
            "what": planner.act(receipt.change),
            "why": planner.reason(receipt.change),
            "url": receipt.url,
            "failed": "" if receipt.done else receipt.reason,
        }
        for receipt in done
    ]
