"""Which run to analyse, found from the event and the inputs. Pure.

Two ways to run flakebot (contract 3): after a workflow, on `workflow_run`, and inside it, as a last
job that reads its finished siblings. An explicit `run-id` wins over both. Events:
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

from collections.abc import Mapping

from flakebot.errors import InputError
from flakebot.model import RunRef, value

_LARGEST = 2**63 - 1

INSIDE = frozenset(
    {
        "create", "delete", "deployment", "deployment_status", "merge_group", "pull_request",
        "pull_request_review", "pull_request_target", "push", "release", "repository_dispatch",
        "workflow_call", "workflow_dispatch",
    }
)  # fmt: skip
"""Events that start a workflow with tests, so that its run is the one to analyse."""

_IDLE = {
    "schedule": "A schedule names no run: give the input `run-id` to analyse one.",
    "issue_comment": "A comment is no run: give the input `run-id` to analyse one.",
}


@value
class AnalyseRun:
    """Analyse a run; `inside` says that it is the one flakebot itself runs in, so its own job is
    not finished and nothing of it can be re-run.
    """

    ref: RunRef
    inside: bool


@value
class NothingToDo:
    """No run to analyse, and why, in one sentence."""

    reason: str


Task = AnalyseRun | NothingToDo


def find_task(
    event_name: str,
    payload: Mapping[str, object],
    *,
    run_id: str = "",
    run_attempt: str = "",
    current_run: str = "",
) -> Task:
    """Say what to do on an event.

    Args:
        event_name: `GITHUB_EVENT_NAME`.
        payload: the event as GitHub sent it.
        run_id: the input, empty when not given.
        run_attempt: the input, empty for the latest.
        current_run: `GITHUB_RUN_ID`.

    Raises:
        InputError: an input is no number, or the event has no run and none is given.

    """
    attempt = _number("The input `run-attempt`", run_attempt) if run_attempt else None
    if run_id:
        number = _number("The input `run-id`", run_id)
        return _analyse(number, attempt, inside=str(number) == current_run)
    if event_name == "workflow_run":
        return _after(payload, attempt)
    if reason := _IDLE.get(event_name):
        return NothingToDo(reason=reason)
    if event_name in INSIDE:
        return _analyse(_number("GITHUB_RUN_ID", current_run), attempt, inside=True)
    raise InputError(
        f"The event {event_name[:100]!r} belongs to no run that flakebot knows of: "
        "give the input `run-id`."
    )


def _after(payload: Mapping[str, object], attempt: int | None) -> Task:
    action, run = payload.get("action"), payload.get("workflow_run")
    if action != "completed":
        return NothingToDo(
            reason="The workflow run is not completed: use `types: [completed]` for `workflow_run`."
        )
    if not isinstance(run, Mapping):
        raise InputError("The event `workflow_run` holds no workflow run.")
    number = _number("The `workflow_run.id` of the event", run.get("id"))
    latest = _number("The `workflow_run.run_attempt` of the event", run.get("run_attempt", 1))
    return _analyse(number, attempt or latest, inside=False)


def _analyse(run_id: int, attempt: int | None, *, inside: bool) -> AnalyseRun:
    return AnalyseRun(ref=RunRef(run_id=run_id, attempt=attempt), inside=inside)


def _number(what: str, given: object) -> int:
    text = str(given) if type(given) in {int, str} else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("9" * 20) else 0
    if not 0 < number <= _LARGEST:
        raise InputError(f"{what} is {str(given)[:100]!r}, not a positive number.")
    return number
