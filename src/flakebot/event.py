"""What to do, found from the event and the inputs. Pure.

Two ways to run flakebot: after a workflow, on `workflow_run`, and inside it, as a last
job that reads its finished siblings. An explicit `run-id` wins over both; on a schedule, or
started by hand without one, it sweeps. Events:
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from flakebot.errors import InputError
from flakebot.github_objects import Comment, Issue, RunRef
from flakebot.model import value

if TYPE_CHECKING:
    from flakebot.commands import Asked

_LARGEST = 2**63 - 1

INSIDE = frozenset(
    {
        "create", "delete", "deployment", "deployment_status", "merge_group", "pull_request",
        "pull_request_review", "pull_request_target", "push", "release", "repository_dispatch",
        "workflow_call",
    }
)  # fmt: skip
"""Events that start a workflow with tests, so that its run is the one to analyse."""

SWEEPING = frozenset({"schedule", "workflow_dispatch"})
"""Events that belong to no run of tests."""


@value
class AnalyseRun:
    """Analyse a run; `inside` says that it is the one flakebot itself runs in, so its own job is
    not finished and nothing of it can be re-run.
    """

    ref: RunRef
    inside: bool


@value
class SweepIssues:
    """Bring the tracking issues of the repository up to date; no run is analysed."""


@value
class NothingToDo:
    """No run to analyse, and why, in one sentence."""

    reason: str


@value
class AnswerComment:
    """Answer a comment that is meant for flakebot."""

    asked: Asked


Task = AnalyseRun | AnswerComment | SweepIssues | NothingToDo


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
    if event_name == "issue_comment":
        return _commented(payload)
    if event_name in SWEEPING:
        return SweepIssues()
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


def _commented(payload: Mapping[str, object]) -> Task:
    """A command in a new comment; an edited one, a bot's and our own are none."""
    if payload.get("action") != "created":
        return NothingToDo(reason="The comment is not new: use `types: [created]`.")
    try:
        comment = msgspec.convert(payload.get("comment"), Comment)
        issue = msgspec.convert(payload.get("issue"), Issue)
    except msgspec.ValidationError as error:
        raise InputError(f"The event `issue_comment` holds no whole comment: {error}.") from error
    if comment.user is None or comment.user.type == "Bot":
        return NothingToDo(reason="The comment is a bot's, whose commands have no effect.")
    from flakebot import commands  # only here: a step should start as fast as it can

    said = commands.parse(comment.body or "")
    if said is None:
        return NothingToDo(reason="The comment holds no `/flakebot` command.")
    if comment.created_at is None:
        raise InputError("The event `issue_comment` does not say when the comment was written.")
    asked = commands.Asked(
        comment_id=comment.id,
        author=comment.user.login,
        number=issue.number,
        on_pull_request=issue.pull_request is not None,
        created_at=comment.created_at,
        said=said,
    )
    return AnswerComment(asked=asked)


def _analyse(run_id: int, attempt: int | None, *, inside: bool) -> AnalyseRun:
    return AnalyseRun(ref=RunRef(run_id=run_id, attempt=attempt), inside=inside)


def _number(what: str, given: object) -> int:
    text = str(given) if type(given) in {int, str} else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("9" * 20) else 0
    if not 0 < number <= _LARGEST:
        raise InputError(f"{what} is {str(given)[:100]!r}, not a positive number.")
    return number
