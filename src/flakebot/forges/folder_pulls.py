"""Which of a folder's pull requests a run belongs to: exactly one, or none. Pure.

The rule is that of GitHub's forge. A run names no pull request when it comes from a fork
(actions/runner#3444) or from a branch that mirrors one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flakebot.github_objects import PullRequest, Repository, Run

MIRROR = "pull-request/"
"""copy-pr-bot copies a fork's commits to such branches once a maintainer has agreed."""

MAX_DIGITS = 18
"""Python refuses to convert numbers of thousands of digits."""


def is_trunk(run: Run, repository: Repository) -> bool:
    """Whether a run is of the default branch itself."""
    ours = _is_ours(run, repository.full_name)
    pulled = run.event.startswith("pull_request")
    return ours and run.head_branch == repository.default_branch and not pulled


def named(run: Run, ours: str) -> Sequence[int]:
    """The numbers to try: that of the mirroring branch, which only counts in our own repository,
    and the one that the run names.
    """
    branch = run.head_branch or ""
    digits = branch.removeprefix(MIRROR)
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS
    mirrored = [int(digits)] if digits != branch and is_number and _is_ours(run, ours) else []
    pulls = run.pull_requests or ()
    return [*mirrored, *(pull.number for pull in pulls if len(pulls) == 1)]


def is_of(pull: PullRequest, run: Run) -> bool:
    """Whether a pull request that was named is the run's, by a mirroring branch or by its own; its
    head may have moved on since.
    """
    return run.head_branch in {None, pull.head.ref, f"{MIRROR}{pull.number}"}


def by_head(pulls: Iterable[PullRequest], run: Run, ours: str) -> PullRequest | None:
    """The open one whose head is the run's repository, branch and commit."""
    source = run.head_repository.full_name if run.head_repository else ours
    found = [
        pull
        for pull in pulls
        if pull.state == "open"
        and (pull.head.sha, pull.head.ref) == (run.head_sha, run.head_branch)
        and pull.head.repo is not None
        and pull.head.repo.full_name.casefold() == source.casefold()
    ]
    return found[0] if len(found) == 1 else None


def _is_ours(run: Run, ours: str) -> bool:
    """Whether a run is of our own repository; a fork may name its branches as it likes."""
    source = run.head_repository
    return source is None or source.full_name.casefold() == ours.casefold()
