"""Keeps one comment on a pull request, which says what of its red is its author's to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from flakebot.changes import Change, DeleteComment, Plan, PostComment, UpdateComment
from flakebot.github_objects import Comment, Run
from flakebot.keys import HUGGING_FACE
from flakebot.model import value
from flakebot.ports import Forge
from flakebot.sinks import sole
from flakebot.sinks.context import Context
from flakebot.views import comment_sections, placeholders, render, rerunning, telling
from flakebot.views.comment_sections import GREEN, PARTS, Section
from flakebot.views.markers import Mark

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
    mine = tuple(comment for _, comment in sole.ours(forge, number, Mark.PULL_REQUEST))
    return State(comments=mine, head=pull.head.sha)


def plan(context: Context, state: State) -> Plan:
    """One comment that is up to date, or why it is left alone."""
    report = context.report
    if not report.pull_request or context.settings.comment == "never":
        return Plan()
    if report.superseded or state.head != report.head_sha:
        moved = f" to {state.head[:7]}" if state.head else ""
        return Plan(held_back=(f"The pull request has moved on{moved}; no comment is written.",))
    return Plan(changes=_changes(context, state))


def section(context: Context) -> Section:
    """What this run's workflow says of the commit."""
    report, limits = context.report, context.settings.limits
    red = bool(telling.red_jobs(report))
    share = PARTS + 1  # one share is left for the lines that join the parts
    text = render.fitting(
        "pr_section",
        replace(
            limits,
            body_characters=limits.body_characters // share,
            body_bytes=limits.body_bytes // share,
        ),
        report=report,
        branch=context.repository.default_branch,
        red=red,
        rerun=_rerun(context),
        refused=_refused(context),
        opens=HUGGING_FACE in context.opening,
    )
    return Section(
        workflow=_workflow(report.run),
        sha=report.head_sha,
        rank=telling.rank(report) if red else GREEN,
        text=text,
        file=report.run.path if report.run.name else "",
    )


def _workflow(run: Run) -> str:
    """What a workflow's part is called: as in GitHub's list of checks, with the event, since a push
    and its pull request each start a run of the same commit.
    """
    name = run.name or run.path or "run"
    return name if run.event in {"", "pull_request"} else f"{name} ({run.event})"


def _rerun(context: Context) -> Markup:
    """That the failed jobs are run again, empty when they are not; a later look finds it in the
    record.
    """
    if context.asking:
        return render.ours(placeholders.RERUN)
    recorded = any(record.rerun for record in context.report.records[-1:])
    return render.ours("re-run requested" if recorded else "")


def _refused(context: Context) -> str:
    """Why what should be run again is not, in a sentence; empty when it is."""
    its = context.report, context.settings
    return rerunning.refusal(*its) if rerunning.wanted(*its) and not _rerun(context) else ""


def _changes(context: Context, state: State) -> tuple[Change, ...]:
    """The first comment is kept and brought up to date, also with what others of ours say, which
    are deleted.
    """
    number = context.report.pull_request
    extra = tuple(
        DeleteComment(pull_request=number, comment_id=each.id, reason="the comment stands twice")
        for each in state.comments[1:]
    )
    first = state.comments[0] if state.comments else None
    own = section(context)
    sections = _sections(context, own, state.comments)
    text = comment_sections.join(sections, context.settings.limits)
    reason = telling.headline(context.report)
    if first is None:
        if not sections:
            return extra
        return (PostComment(pull_request=number, body=text, reason=reason),)
    # An issue that is about to be opened has a number that no comment shows yet.
    shown = placeholders.numbered(text, dict.fromkeys(context.opening, -1))
    if placeholders.same(first.body, shown):
        return extra
    update = UpdateComment(
        pull_request=number,
        comment_id=first.id,
        body=text,
        part=own.part,
        reason=reason,
    )
    return (update, *extra)


def _sections(context: Context, own: Section, comments: Sequence[Comment]) -> list[Section]:
    """Ours, and those of other workflows on the same commit; green ones only where they must be.

    Once there is a comment it never ends in silence: when nothing is red any more it says so, in
    one folded line.
    """
    always = context.settings.comment == "always"
    others = [
        each
        for each in comment_sections.gathered(comment.body for comment in comments)
        if each.sha == own.sha and not own.replaces(each) and (always or each.rank < GREEN)
    ]
    said = always or own.rank < GREEN or (bool(comments) and not others)
    return [own, *others] if said else others
