"""Requests a re-run of the failed jobs once Hugging Face answers again."""

from __future__ import annotations

from flakebot.changes import Plan, RequestRerun
from flakebot.github_objects import RunRef
from flakebot.model import value
from flakebot.ports import Forge
from flakebot.sinks.context import Context
from flakebot.views import rerunning

NAME = "rerun"


@value
class State:
    """Why the failed jobs may not be run again, empty when they may."""

    refusal: str


def observe(context: Context, forge: Forge) -> State:
    """What speaks against it: first what is known, then, only when nothing does, what GitHub says
    now.
    """
    return State(
        refusal=rerunning.refusal(context.report, context.settings) or _now(context, forge)
    )


def plan(context: Context, state: State) -> Plan:
    """The request, or why there is none; silent when there is nothing to run again."""
    if not rerunning.wanted(context.report, context.settings):
        return Plan()
    if state.refusal:
        return Plan(held_back=(f"No re-run: {state.refusal}",))
    run = context.report.run
    reason = "every failed job failed for a passing outside reason and Hugging Face answers again"
    return Plan(changes=(RequestRerun(run_id=run.id, attempt=run.run_attempt, reason=reason),))


def _now(context: Context, forge: Forge) -> str:
    """What changed since the run was read."""
    run = context.report.run
    latest = forge.run(RunRef(run_id=run.id))
    if latest.run_attempt != run.run_attempt:
        return f"Attempt {latest.run_attempt} exists already."
    if latest.status != "completed":
        return "The run is going on again."
    trunk = any(record.trunk for record in context.report.records)
    if trunk:
        return ""
    pull = forge.pull_request(run)
    if pull is None or pull.state != "open":
        return "The run belongs to no open pull request."
    if pull.head.sha != context.report.head_sha:
        return f"The pull request has moved on to {pull.head.sha[:7]}."
    return ""
