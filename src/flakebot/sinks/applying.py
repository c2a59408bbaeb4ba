"""Applies one change to GitHub. The only place that writes views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

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
    StartWorkflow,
    UpdateComment,
    UpdateIssue,
)
from flakebot.errors import FlakebotError, GitHubError, WrongLoginError
from flakebot.github_objects import Comment, Issue, Label
from flakebot.ports import Forge
from flakebot.sinks import sole
from flakebot.views import markers, placeholders
from flakebot.views.markers import Mark


def apply(change: Change, forge: Forge, receipts: Sequence[Receipt] = ()) -> Receipt:
    """Write one change; an expected error becomes a receipt that says why it was not done.

    Args:
        change: what to write.
        forge: where.
        receipts: of the changes before, so that a comment can name the issues just opened.

    Raises:
        WrongLoginError: it was written, and stands under a login that is not known for ours.

    """
    try:
        return Receipt(change=change, done=True, url=_write(change, forge, receipts))
    except WrongLoginError:
        raise
    except FlakebotError as error:
        passing = isinstance(error, GitHubError) and error.passing
        return Receipt(change=change, done=False, reason=str(error), passing=passing)


def apply_all(plan: Plan, forge: Forge) -> tuple[Receipt, ...]:
    """Write a plan in its order, up to the first change that flakebot would not know again."""
    receipts: list[Receipt] = []
    for change in plan.changes:
        try:
            receipts.append(apply(change, forge, receipts))
        except WrongLoginError as error:
            left = plan.changes[len(receipts) :]
            receipts += [Receipt(change=each, done=False, reason=str(error)) for each in left]
            break
    return tuple(receipts)


def _write(change: Change, forge: Forge, receipts: Sequence[Receipt]) -> str:
    """Write one change and return the address of what was written, empty when it has none."""
    _refuse_too_early(change, receipts)
    match change:
        case OpenIssue():
            return _known_again(_open(change, forge), forge)
        case UpdateIssue():
            return _update(change, forge)
        case CommentOnIssue():
            note = sole.comment(forge, change.number, Mark.NOTE, change.key, change.body)
            return _known_again(note, forge)
        case PostComment():
            body = placeholders.filled(change.body, receipts)
            posted = sole.comment(forge, change.pull_request, Mark.PULL_REQUEST, "", body)
            return _known_again(posted, forge)
        case UpdateComment():
            body = placeholders.filled(change.body, receipts)
            number, comment_id = change.pull_request, change.comment_id
            return sole.update(forge, number, comment_id, body, change.part).html_url
        case _:
            _act(change, forge)
            return ""


def _known_again(written: Issue | Comment, forge: Forge) -> str:
    """The address of what was just written, once it is sure that the next run knows it for ours.

    The token of a GitHub App does not tell its login, so the answer is the first that does.
    """
    if written.user is not None and not markers.written_by(written.user, forge.bot()):
        login = written.user.login
        raise WrongLoginError(
            f"GitHub names {login} as the author of {written.html_url or 'what was written'}, not "
            f'{forge.bot()}: set `bot-login = "{login}"` in the settings file, or flakebot does '
            "not know its own issues and comments. Nothing more of the plan was written."
        )
    return written.html_url


def _refuse_too_early(change: Change, receipts: Sequence[Receipt]) -> None:
    """Refuse a change that rests on another which was not done."""
    undone = [receipt for receipt in receipts if not receipt.done]
    match change:
        case UpdateIssue() if any(_is_due(receipt, change) for receipt in undone):
            raise FlakebotError("The comment that goes before it could not be written for now.")
        case DeleteComment() if any(isinstance(each.change, UpdateComment) for each in undone):
            raise FlakebotError("The comment that takes over what it says was not written.")
        case React() if undone:
            raise FlakebotError("Not everything before it was done.")
        case _:
            return


def _is_due(undone: Receipt, change: UpdateIssue) -> bool:
    """Whether it is a comment on the issue that may still come: the text remembers it as made, and
    the next run would not make it.
    """
    comment = undone.change
    ours = isinstance(comment, CommentOnIssue) and comment.number == change.number
    return ours and undone.passing


def _act(
    change: CreateLabel | DeleteComment | RequestRerun | StartWorkflow | AddLabels | React,
    forge: Forge,
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
        case StartWorkflow():
            forge.start_workflow(change.file, dict(change.inputs))
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

    return sole.once(lambda: forge.create_issue(change.title, change.body, change.labels), find)


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
