"""Intended writes as values: printed by a dry run, limited by the planner, applied by the sinks.
Pure.

Every write is a value before it is a call, so dry run, limits, ordering and crash safety are solved
once.
"""

from __future__ import annotations

from typing import Literal

from flakebot.model import value


@value
class CreateLabel:
    """A label that new issues need and the repository lacks."""

    name: str
    color: str
    description: str


@value
class OpenIssue:
    """A new tracking issue; `key` is in its marker, by which a second try finds the first."""

    key: str
    title: str
    body: str
    labels: tuple[str, ...]
    reason: str


@value
class UpdateIssue:
    """An edit of an issue flakebot wrote; what is None stays as it is."""

    number: int
    key: str
    reason: str
    body: str | None = None
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "reopened", "duplicate"] | None = None


@value
class CommentOnIssue:
    """The one comment a new fingerprint or a change of state is worth; `key` keeps it from being
    said twice.
    """

    number: int
    key: str
    body: str
    reason: str


@value
class PostComment:
    """The first comment on a pull request."""

    pull_request: int
    body: str
    reason: str


@value
class UpdateComment:
    """New text for the comment on a pull request; `part` is the workflow whose part of it is new,
    the others are as they stood when it was planned.
    """

    pull_request: int
    comment_id: int
    body: str
    part: str
    reason: str


@value
class DeleteComment:
    """A comment that has nothing left to say, or that stands there twice."""

    pull_request: int
    comment_id: int
    reason: str


@value
class RequestRerun:
    """A re-run of the failed jobs; `attempt` is the one it follows."""

    run_id: int
    attempt: int
    reason: str


@value
class StartWorkflow:
    """A start of a workflow of the repository itself, on its default branch; all inputs are
    checked.
    """

    file: str
    inputs: tuple[tuple[str, str], ...]
    reason: str


@value
class AddLabels:
    """Labels that an issue gets beside those it has."""

    number: int
    labels: tuple[str, ...]
    reason: str


@value
class React:
    """A reaction to a maintainer's comment: that what it asks for is done, or is not. It is left
    out when something before it failed.
    """

    comment_id: int
    content: Literal["+1", "confused"]
    reason: str


Change = (
    CreateLabel
    | OpenIssue
    | UpdateIssue
    | CommentOnIssue
    | PostComment
    | UpdateComment
    | DeleteComment
    | RequestRerun
    | StartWorkflow
    | AddLabels
    | React
)


@value
class Receipt:
    """What became of one change: done or not, with the address of what was written or the reason
    why not; `passing` says that the next run may well do it.
    """

    change: Change
    done: bool
    url: str = ""
    reason: str = ""
    passing: bool = False


@value
class Plan:
    """The changes of a run in the order they will be applied, and what was held back, in
    sentences.
    """

    changes: tuple[Change, ...] = ()
    held_back: tuple[str, ...] = ()
