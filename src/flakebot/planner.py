"""Turns the changes that the sinks propose into one safe plan. Pure.

Every limit on what one run may write stands here, so it holds for a dry run as for a real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from flakebot import untrusted
from flakebot.changes import (
    AddLabels,
    Change,
    CommentOnIssue,
    CreateLabel,
    DeleteComment,
    OpenIssue,
    Plan,
    PostComment,
    React,
    RequestRerun,
    StartWorkflow,
    UpdateComment,
    UpdateIssue,
)
from flakebot.errors import UnsafePlanError
from flakebot.model import value
from flakebot.settings import Settings

_ORDER: tuple[type[Change], ...] = (
    CreateLabel,
    OpenIssue,
    # Before the update whose hidden state says that this was told: after a crash between the two
    # the comment is found by its marker, the other way round it would be lost.
    CommentOnIssue,
    UpdateIssue,
    AddLabels,
    RequestRerun,
    StartWorkflow,
    # After the issues, whose numbers it shows, and the re-run, of which it says what became of it.
    PostComment,
    UpdateComment,
    DeleteComment,
    # Says that all before it is done, so that an event that comes twice is known by it.
    React,
)


@value
class Capped:
    """New issues that a run may open, and those that go into the digest."""

    kept: tuple[OpenIssue, ...]
    rest: tuple[OpenIssue, ...]


def cap(openings: Sequence[OpenIssue], settings: Settings, *, opened_before: int = 0) -> Capped:
    """The first openings as far as the settings allow, worst first as they came.

    Args:
        openings: new issues, what matters most first.
        settings: `max_new_issues` and the limit above which nothing is believed any more.
        opened_before: issues this same run opened already, before it was interrupted or retried.
    """
    _refuse_flood(openings, settings)
    allowed = max(0, settings.max_new_issues - opened_before)
    return Capped(kept=tuple(openings[:allowed]), rest=tuple(openings[allowed:]))


def make_plan(
    changes: Iterable[Change], settings: Settings, *, held_back: Iterable[str] = ()
) -> Plan:
    """The changes in the order in which they are safe to apply; raises `UnsafePlanError`.

    An interrupted plan that is made again ends in the same state: whatever a later change rests on
    comes first.
    """
    once = _without_repeats(changes)
    _refuse_flood([change for change in once if isinstance(change, OpenIssue)], settings)
    ordered = sorted(once, key=lambda change: _ORDER.index(type(change)))
    return Plan(changes=tuple(ordered), held_back=tuple(dict.fromkeys(held_back)))


def describe(plan: Plan) -> list[str]:
    """One line for each change and for each thing held back, safe to print to a terminal."""
    lines = [f"{act(change)}: {reason(change)}" for change in plan.changes]
    lines += [f"not done: {sentence}" for sentence in plan.held_back]
    return [untrusted.terminal(line) for line in lines]


def _refuse_flood(openings: Sequence[OpenIssue], settings: Settings) -> None:
    """Refuse a plan that opens more issues than any honest run has reason to."""
    limit = settings.limits.new_issues_abort
    if len(openings) > limit:
        raise UnsafePlanError(
            f"The plan would open {len(openings)} issues, more than {limit}, which looks like an "
            "incomplete list of issues (as in golang/go#72731), so nothing is written; if they are "
            "all real, raise `new-issues-abort` under `[limits]` for one run."
        )


def _without_repeats(changes: Iterable[Change]) -> list[Change]:
    """Each change once; two different changes to one thing are refused."""
    by_target: dict[tuple[object, ...], Change] = {}
    for change in changes:
        first = by_target.setdefault(_target(change), change)
        if first != change:
            raise UnsafePlanError(
                f"The plan would {act(first)} and also {act(change)}, which contradict each "
                "other, so nothing is written; please report this as a bug."
            )
    return list(by_target.values())


def _target(change: Change) -> tuple[object, ...]:  # noqa: C901, PLR0911  # one per type of change
    """What a change writes to."""
    match change:
        case CreateLabel():
            return ("label", change.name.casefold())
        case OpenIssue():
            return ("key", change.key)
        case UpdateIssue():
            return ("issue", change.number)
        case CommentOnIssue():
            return ("note", change.number, change.key)
        case PostComment():
            return ("post", change.pull_request)
        case UpdateComment() | DeleteComment():
            return ("comment", change.comment_id)
        case RequestRerun():
            return ("run", change.run_id)
        case StartWorkflow():
            return ("workflow", change.file)
        case AddLabels():
            return ("labels", change.number)
        case React():
            return ("reaction", change.comment_id)
        case _ as unreachable:
            assert_never(unreachable)


def act(change: Change) -> str:  # noqa: C901, PLR0911  # one per type of change
    """What a change does, in a few words."""
    match change:
        case CreateLabel():
            return f'create label "{change.name}"'
        case OpenIssue():
            return f'open issue "{change.title}"'
        case UpdateIssue():
            return f"{_update(change)} issue #{change.number}"
        case CommentOnIssue():
            return f"comment on issue #{change.number}"
        case PostComment():
            return f"comment on pull request #{change.pull_request}"
        case UpdateComment():
            return f"update the comment on pull request #{change.pull_request}"
        case DeleteComment():
            return f"delete comment {change.comment_id} on pull request #{change.pull_request}"
        case RequestRerun():
            return f"re-run the failed jobs of run {change.run_id} after attempt {change.attempt}"
        case StartWorkflow():
            inputs = ", ".join(f"{name} {given or 'as planned'}" for name, given in change.inputs)
            return f"start the workflow {change.file} with {inputs}"
        case AddLabels():
            return f"label issue #{change.number} {' and '.join(change.labels)}"
        case React():
            return f"react to comment {change.comment_id} with {change.content}"
        case _ as unreachable:
            assert_never(unreachable)


def _update(change: UpdateIssue) -> str:
    """The verb for an edit of an issue."""
    return {"open": "reopen", "closed": "close", None: "update"}[change.state]


def reason(change: Change) -> str:
    """Why, in a sentence."""
    if isinstance(change, CreateLabel):
        return "new issues carry it and the repository lacks it"
    return change.reason
