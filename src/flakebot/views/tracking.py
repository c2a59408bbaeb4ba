"""Which issues are flakebot's own, and what they track. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flakebot.github_objects import Issue
from flakebot.model import value
from flakebot.report import KnownIssue
from flakebot.views import markers
from flakebot.views.markers import IssueState, Mark

QUIET = "flakebot: quiet"
"""Label by which people stop flakebot's comments on an issue."""

KEEP_OPEN = "flakebot: keep-open"
"""Label by which people stop flakebot from closing an issue."""


@value
class Tracked:
    """An issue flakebot wrote; `state` is None when it is gone, and where the issue hides one of
    another shape: a digest, a group and the dashboard have keys without a colon.
    """

    issue: Issue
    key: str
    state: IssueState | None = None

    @property
    def number(self) -> int:
        """The issue's number."""
        return self.issue.number

    @property
    def open(self) -> bool:
        """Whether the issue is open."""
        return self.issue.state == "open"

    @property
    def dismissed(self) -> bool:
        """Whether people closed it for good: it is left alone."""
        return not self.open and self.issue.state_reason in {"not_planned", "duplicate"}

    @property
    def quiet(self) -> bool:
        """Whether people want no comments on it."""
        return self.issue.locked or self.has(QUIET)

    def has(self, label: str) -> bool:
        """Whether the issue carries a label, whose case GitHub does not tell apart."""
        return any(label.casefold() == each.name.casefold() for each in self.issue.labels)


def ours(issues: Iterable[Issue], login: str) -> tuple[Tracked, ...]:
    """The issues with our marker that we wrote ourselves, oldest first."""
    return tuple(
        Tracked(
            issue=issue,
            key=key,
            state=markers.reveal(issue.body, IssueState) if ":" in key else None,
        )
        for issue in sorted(issues, key=lambda issue: issue.number)
        if markers.written_by(issue.user, login)
        and (key := markers.key_of(Mark.ISSUE, issue.body)) is not None
    )


def by_key(tracked: Iterable[Tracked]) -> Mapping[str, tuple[Tracked, ...]]:
    """Issues by what they track; the first of each is canonical, being the oldest that was not
    closed as a duplicate.
    """
    groups: dict[str, list[Tracked]] = {}
    for each in sorted(tracked, key=lambda t: (t.issue.state_reason == "duplicate", t.number)):
        groups.setdefault(each.key, []).append(each)
    return {key: tuple(group) for key, group in groups.items()}


def known(issues: Iterable[Issue], login: str, run_id: int) -> Mapping[str, KnownIssue]:
    """What the judge of a run needs of the tracking issues, by key."""
    return known_of(ours(issues, login), run_id)


def known_of(tracked: Iterable[Tracked], run_id: int) -> Mapping[str, KnownIssue]:
    """The same, of issues that are known to be ours."""
    return {key: _known(group[0], run_id) for key, group in by_key(tracked).items()}


def _known(tracked: Tracked, run_id: int) -> KnownIssue:
    state = tracked.state or IssueState()
    added = state.added if state.added_by == run_id else ()
    return KnownIssue(
        key=tracked.key,
        number=tracked.number,
        open=tracked.open,
        fingerprints=frozenset(state.fingerprints) - set(added),
        testifies=state.opened != run_id and (not added or set(added) < set(state.fingerprints)),
    )
