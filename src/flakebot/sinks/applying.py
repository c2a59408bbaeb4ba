"""Applies one change to GitHub. The only place that writes views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, assert_never

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
    Receipt,
    RequestRerun,
    UpdateComment,
    UpdateIssue,
)
from flakebot.errors import DoubtfulWriteError, FlakebotError
from flakebot.github_objects import Comment, Issue, Label
from flakebot.ports import Forge
from flakebot.views import markers
from flakebot.views.markers import Mark

_Written = TypeVar("_Written", Issue, Comment)


def apply(change: Change, forge: Forge, receipts: Sequence[Receipt] = ()) -> Receipt:
    """Write one change; an expected error becomes a receipt that says why it was not done.

    Args:
        change: what to write.
        forge: where.
        receipts: of the changes before, so that a comment can name the issues just opened.
    """
    try:
        return Receipt(change=change, done=True, url=_write(change, forge, receipts))
    except FlakebotError as error:
        return Receipt(change=change, done=False, reason=str(error))


def apply_all(plan: Plan, forge: Forge) -> tuple[Receipt, ...]:
    """Write a plan in its order."""
    receipts: list[Receipt] = []
    for change in plan.changes:
        receipts.append(apply(change, forge, receipts))
    return tuple(receipts)


def _write(  # noqa: PLR0911  # one per type of change
    change: Change, forge: Forge, receipts: Sequence[Receipt]
) -> str:
    """Write one change and return the address of what was written, empty when it has none."""
    match change:
        case OpenIssue():
            return _open(change, forge).html_url
        case UpdateIssue():
            return _update(change, forge)
        case CommentOnIssue():
            found = _finder(forge, change.number, Mark.NOTE, change.key)
            return _once(lambda: forge.create_comment(change.number, change.body), found).html_url
        case PostComment():
            body = _filled(change.body, receipts)
            number = change.pull_request
            found = _finder(forge, number, Mark.PULL_REQUEST, "")
            return _once(lambda: forge.create_comment(number, body), found).html_url
        case UpdateComment():
            body = _filled(change.body, receipts)
            return forge.update_comment(change.pull_request, change.comment_id, body).html_url
        case React():
            if not all(receipt.done for receipt in receipts):
                raise FlakebotError("Not everything before it was done.")
            _act(change, forge)
            return ""
        case CreateLabel() | DeleteComment() | RequestRerun() | AddLabels():
            _act(change, forge)
            return ""
        case _ as unreachable:
            assert_never(unreachable)


def _filled(body: str, receipts: Sequence[Receipt]) -> str:
    """A comment with what only the changes before it could tell."""
    return markers.answered(markers.fill(body, markers.numbers(receipts)), receipts)


def _act(
    change: CreateLabel | DeleteComment | RequestRerun | AddLabels | React, forge: Forge
) -> None:
    """Write a change that leaves nothing with an address behind."""
    match change:
        case CreateLabel():
            label = Label(name=change.name, color=change.color, description=change.description)
            forge.create_label(label)
        case DeleteComment():
            forge.delete_comment(change.pull_request, change.comment_id)
        case RequestRerun():
            forge.rerun_failed_jobs(change.run_id)
        case AddLabels():
            forge.add_labels(change.number, change.labels)
        case React():
            forge.react(change.comment_id, change.content)
        case _ as unreachable:
            assert_never(unreachable)


def _open(change: OpenIssue, forge: Forge) -> Issue:
    """Open an issue once, also when the answer to the first try is lost."""

    def find() -> Issue | None:
        login = forge.bot()
        return next(
            (
                issue
                for label in change.labels[:1]
                for issue in forge.issues(label)
                if markers.written_by(issue.user, login)
                and markers.key_of(Mark.ISSUE, issue.body) == change.key
            ),
            None,
        )

    return _once(lambda: forge.create_issue(change.title, change.body, change.labels), find)


def _update(change: UpdateIssue, forge: Forge) -> str:
    """Edit an issue and compare: GitHub can answer 200 and keep the old body (field report)."""
    issue = forge.update_issue(
        change.number, body=change.body, state=change.state, state_reason=change.state_reason
    )
    if change.body is not None and markers.plain(issue.body) != markers.plain(change.body):
        raise FlakebotError(
            f"GitHub accepted the new text of issue #{change.number} but kept the old one."
        )
    return issue.html_url


def _finder(forge: Forge, number: int, mark: Mark, key: str) -> Callable[[], Comment | None]:
    """Looks for our comment with a marker."""

    def find() -> Comment | None:
        login = forge.bot()
        return next(
            (
                comment
                for comment in forge.comments(number)
                if markers.written_by(comment.user, login)
                and markers.key_of(mark, comment.body) == key
            ),
            None,
        )

    return find


def _once(create: Callable[[], _Written], find: Callable[[], _Written | None]) -> _Written:
    """Create something; when nobody knows whether it happened, look for it before trying again."""
    try:
        return create()
    except DoubtfulWriteError:
        return find() or create()
