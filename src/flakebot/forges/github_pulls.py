"""The pull request a run belongs to: exactly one, or none.

Never taken from an artifact or a log, which anybody can write. A run names no pull request when it
comes from a fork (actions/runner#3444) or from a branch that mirrors one.
"""

from __future__ import annotations

from dataclasses import replace

from flakebot.errors import NotFoundError
from flakebot.github_api import Api, Task
from flakebot.github_objects import (
    Branch,
    HeadRepository,
    PullRequest,
    Repository,
    Run,
    RunBranch,
    RunPull,
)

_TASK = Task(doing="read pull requests", permission="pull-requests: read")
_ONE = replace(_TASK, named=True)
_MIRROR = "pull-request/"
"""Branches to which copy-pr-bot copies a fork's commits once a maintainer has agreed
(https://docs.gha-runners.nvidia.com/apps/copy-pr-bot)."""


def pull_request_of(
    api: Api, repository: Repository, run: Run, *, as_named: bool = False
) -> PullRequest | None:
    """By the mirroring branch, else as the run names it, else by head branch and commit.

    `as_named` takes number and ends from the run where it has them, without a request.
    """
    ours = repository.full_name
    is_ours = run.head_repository is None or _same(run.head_repository.full_name, ours)
    is_trunk = is_ours and run.head_branch == repository.default_branch
    if is_trunk and not run.event.startswith("pull_request"):
        return None
    found = _mirrored(api, ours, run) if is_ours else None
    return found or _named(api, ours, run, as_named=as_named) or _by_head(api, ours, run)


def _mirrored(api: Api, ours: str, run: Run) -> PullRequest | None:
    """The one whose number is in the branch's name; its head may have moved on since. Only the
    mirroring bot pushes such branches to the repository itself.
    """
    number = (run.head_branch or "").removeprefix(_MIRROR)
    if number == run.head_branch or not (number.isascii() and number.isdecimal()):
        return None
    return _get(api, ours, int(number))


def _named(api: Api, ours: str, run: Run, *, as_named: bool) -> PullRequest | None:
    """The one the run names; its head may have moved on since."""
    if len(run.pull_requests or ()) != 1 or not run.pull_requests:
        return None
    named = run.pull_requests[0]
    pull = (_as_named(named, ours) if as_named else None) or _get(api, ours, named.number)
    # A run in a fork names pull requests of the parent by their numbers there.
    return pull if pull and run.head_branch in {None, pull.head.ref} else None


def _as_named(named: RunPull, ours: str) -> PullRequest | None:
    """The pull request in the run's words, None where they are not whole or it is another's."""
    if named.head is None or named.base is None:
        return None
    pull = PullRequest(number=named.number, head=_end(named.head), base=_end(named.base))
    return pull if _is_based_on(pull, ours) else None


def _end(branch: RunBranch) -> Branch:
    repo = HeadRepository(full_name=branch.repo.full_name) if branch.repo else None
    return Branch(ref=branch.ref, sha=branch.sha, repo=repo)


def _by_head(api: Api, ours: str, run: Run) -> PullRequest | None:
    """The open one whose head is this branch at this commit, in the repository the run came
    from.
    """
    if not (run.head_repository and run.head_branch):
        return None
    owner = run.head_repository.owner
    login = owner.login if owner else run.head_repository.full_name.partition("/")[0]
    pages = api.pages(
        f"/repos/{ours}/pulls",
        tuple[PullRequest, ...],
        _TASK,
        state="open",
        head=f"{login}:{run.head_branch}",
    )
    found = [
        pull
        for page in pages
        for pull in page
        if pull.head.sha == run.head_sha and _is_based_on(pull, ours)
    ]
    return found[0] if len(found) == 1 else None


def _get(api: Api, ours: str, number: int) -> PullRequest | None:
    """A pull request of this repository, None when there is none of that number."""
    try:
        pull = api.get(f"/repos/{ours}/pulls/{number}", PullRequest, _ONE)
    except NotFoundError:
        return None
    return pull if _is_based_on(pull, ours) else None


def _is_based_on(pull: PullRequest, ours: str) -> bool:
    return pull.base.repo is not None and _same(pull.base.repo.full_name, ours)


def _same(one: str, other: str) -> bool:
    """Whether two names of repositories are one; GitHub ignores case."""
    return one.casefold() == other.casefold()
