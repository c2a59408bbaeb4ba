"""Whose change a run tests, and what that is built on. Pure."""

from __future__ import annotations

from flakebot.records import RunRecord

TRUNK = "default branch"
"""The change that every commit of the default branch belongs to."""

UNTOLD = "a run of an unknown change"
"""The change of runs that GitHub files under the default branch although they may test a pull
request: it tells nothing apart."""

_UNTOLD = frozenset({"issue_comment", "workflow_run"})


def change(record: RunRecord) -> str:
    """Whose change a run tests: the default branch, a pull request, or else a branch.

    A merge queue's branch belongs to its pull request.
    """
    if record.trunk:
        return TRUNK
    queued, _ = _queued(record)
    if queued:
        return f"#{queued}"
    if record.pull_request:
        return f"#{record.pull_request}"
    return UNTOLD if record.event in _UNTOLD else record.branch


def base(record: RunRecord) -> str:
    """The commit that a run's change is built on, empty when it is not known."""
    return record.base_sha or _queued(record)[1]


def _queued(record: RunRecord) -> tuple[str, str]:
    """Pull request and base by the name of a merge queue's branch, which tests what stands in front
    in the queue as well: `gh-readonly-queue/main/pr-123-sha`.
    """
    pull, _, sha = record.branch.rpartition("/pr-")[2].partition("-")
    queue = record.branch.startswith("gh-readonly-queue/") and pull.isdecimal()
    return (pull, sha) if queue else ("", "")
