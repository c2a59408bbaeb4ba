"""Keeps one comment on a pull request, which says what of its red is its author's to look at."""

from __future__ import annotations

from flakebot import markers, render, rerunning, telling
from flakebot.changes import Change, DeleteComment, Plan, PostComment, UpdateComment
from flakebot.markers import Mark
from flakebot.model import Comment, value
from flakebot.ports import Forge
from flakebot.sinks.context import Context

NAME = "comment"


@value
class State:
    """Our comments on the pull request, oldest first, and the commit it stands at now.

    `head` is empty when there is no pull request to comment on.
    """

    comments: tuple[Comment, ...] = ()
    head: str = ""


def observe(context: Context, forge: Forge) -> State:
    """Read the pull request and its comments, right before anything is planned."""
    number = context.report.pull_request
    if not number or context.settings.comment == "never":
        return State()
    pull = forge.pull_request(context.report.run)
    if pull is None or pull.number != number or pull.head.sha != context.report.head_sha:
        return State(head=pull.head.sha if pull else "")
    login = forge.bot()
    mine = (
        comment
        for comment in forge.comments(number)
        if markers.written_by(comment.user, login)
        and markers.key_of(Mark.PULL_REQUEST, comment.body) is not None
    )
    return State(comments=tuple(sorted(mine, key=lambda c: c.id)), head=pull.head.sha)


def plan(context: Context, state: State) -> Plan:
    """One comment that is up to date, or why it is left alone."""
    report = context.report
    if not report.pull_request or context.settings.comment == "never":
        return Plan()
    if report.superseded or state.head != report.head_sha:
        moved = f" to {state.head[:7]}" if state.head else ""
        return Plan(held_back=(f"The pull request has moved on{moved}; no comment is written.",))
    return Plan(changes=_changes(context, state))


def body(context: Context) -> str:
    """The comment's text."""
    report = context.report
    return render.fitting(
        "pr_comment",
        context.settings.limits,
        report=report,
        repository=context.repository,
        marker=render.ours(markers.mark(Mark.PULL_REQUEST)),
        red=bool(telling.red_jobs(report)),
        rerun=_rerun_requested(context),
    )


def _rerun_requested(context: Context) -> bool:
    """Whether the failed jobs are run again; a later look finds it in the record."""
    recorded = context.report.records[-1].rerun if context.report.records else False
    return recorded or not rerunning.refusal(context.report, context.settings)


def _changes(context: Context, state: State) -> tuple[Change, ...]:
    """The first comment is kept and updated; others of ours are deleted."""
    number = context.report.pull_request
    extra = tuple(
        DeleteComment(pull_request=number, comment_id=each.id, reason="the comment stands twice")
        for each in state.comments[1:]
    )
    text = body(context)
    reason = telling.headline(context.report)
    if not state.comments:
        if context.settings.comment == "on-failure" and not telling.red_jobs(context.report):
            return extra
        return (PostComment(pull_request=number, body=text, reason=reason), *extra)
    first = state.comments[0]
    if (first.body or "").replace("\r\n", "\n").strip() == markers.fill(text, {}).strip():
        return extra
    update = UpdateComment(pull_request=number, comment_id=first.id, body=text, reason=reason)
    return (update, *extra)
