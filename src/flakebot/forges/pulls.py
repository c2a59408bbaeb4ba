"""Which pull request a run belongs to: exactly one, or none. Pure.

Never taken from an artifact or a log, which anybody can write. A run names no pull request when it
comes from a fork (actions/runner#3444) or from a branch that mirrors one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flakebot.github_objects import PullRequest, Repository, Run, RunPull

Named = Callable[[RunPull], PullRequest | None]
"""The pull request of a number, None when there is none."""

_MIRROR = "pull-request/"
"""Branches to which copy-pr-bot copies a fork's commits once a maintainer has agreed
(https://docs.gha-runners.nvidia.com/apps/copy-pr-bot)."""

_MAX_DIGITS = 18
"""Python refuses to convert numbers of thousands of digits."""


def pull_request_of(
    run: Run,
    repository: Repository,
    *,
    get: Named,
    named: Named,
    heads: Iterable[PullRequest],
) -> PullRequest | None:
    """By the mirroring branch, else as the run names it, else by head branch and commit.

    Args:
        run: the run.
        repository: the one it ran in.
        get: asks for a pull request.
        named: likewise, or is content with what the run says of it.
        heads: the open ones whose head is the run's branch where the run came from; gone through
            only when nothing was named.
    """
    source = run.head_repository  # None once a fork is deleted
    is_ours = source is not None and same(source.full_name, repository.full_name)
    is_trunk = is_ours and run.head_branch == repository.default_branch
    if is_trunk and not run.event.startswith("pull_request"):
        return None
    found = (_mirrored(run, get) if is_ours else None) or _as_named(run, named)
    return found or _by_head(run, heads)


def _mirrored(run: Run, get: Named) -> PullRequest | None:
    """The one whose number is in the branch's name; its head may have moved on since. Only the
    mirroring bot pushes such branches to the repository itself.
    """
    branch = run.head_branch or ""
    number = branch.removeprefix(_MIRROR)
    is_number = number.isascii() and number.isdecimal() and len(number) <= _MAX_DIGITS
    return get(RunPull(number=int(number))) if number != branch and is_number else None


def _as_named(run: Run, named: Named) -> PullRequest | None:
    """The one the run names; its head may have moved on since."""
    pulls = run.pull_requests or ()
    pull = named(pulls[0]) if len(pulls) == 1 else None
    # A run in a fork names pull requests of the parent by their numbers there.
    return pull if pull and run.head_branch in {None, pull.head.ref} else None


def _by_head(run: Run, heads: Iterable[PullRequest]) -> PullRequest | None:
    """The one whose head is the run's commit."""
    found = [pull for pull in heads if pull.head.sha == run.head_sha]
    return found[0] if len(found) == 1 else None


def same(one: str, other: str) -> bool:
    """Whether two names of repositories are one; GitHub ignores case."""
    return one.casefold() == other.casefold()
