"""The pull requests of a run on GitHub; see `forges.pulls` for the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flakebot.errors import NotFoundError
from flakebot.forges import pulls
from flakebot.forges.github_tasks import PULLS
from flakebot.github_api import Api
from flakebot.github_objects import (
    Branch,
    HeadRepository,
    PullRequest,
    Repository,
    Run,
    RunBranch,
    RunPull,
    same,
)

_ONE = replace(PULLS, named=True)


def pull_request_of(
    api: Api, repository: Repository, run: Run, *, as_named: bool = False
) -> PullRequest | None:
    """The one a run belongs to; `as_named` takes number and ends from the run where it has them,
    without a request.
    """
    ours = repository.full_name

    def get(named: RunPull) -> PullRequest | None:
        return _get(api, ours, named.number)

    def said(named: RunPull) -> PullRequest | None:
        return _as_named(named, ours) or get(named)

    return pulls.pull_request_of(
        run,
        repository,
        get=get,
        named=said if as_named else get,
        heads=_heads(api, ours, run),
    )


def _as_named(named: RunPull, ours: str) -> PullRequest | None:
    """The pull request in the run's words, None where they are not whole or it is another's."""
    if named.head is None or named.base is None:
        return None
    pull = PullRequest(number=named.number, head=_end(named.head), base=_end(named.base))
    return pull if _is_based_on(pull, ours) else None


def _end(branch: RunBranch) -> Branch:
    repo = HeadRepository(full_name=branch.repo.full_name) if branch.repo else None
    return Branch(ref=branch.ref, sha=branch.sha, repo=repo)


def _heads(api: Api, ours: str, run: Run) -> Iterator[PullRequest]:
    """The open ones of the run's branch, by the owner of the repository the run came from."""
    source = run.head_repository
    if not (isinstance(source, HeadRepository) and run.head_branch):
        return
    login = source.owner.login if source.owner else source.full_name.partition("/")[0]
    head = f"{login}:{run.head_branch}"
    path = f"/repos/{ours}/pulls"
    for page in api.pages(path, tuple[PullRequest, ...], PULLS, state="open", head=head):
        yield from (pull for pull in page if _is_based_on(pull, ours))


def _get(api: Api, ours: str, number: int) -> PullRequest | None:
    """A pull request of this repository, None when there is none of that number."""
    try:
        pull = api.get(f"/repos/{ours}/pulls/{number}", PullRequest, _ONE)
    except NotFoundError:
        return None
    return pull if _is_based_on(pull, ours) else None


def _is_based_on(pull: PullRequest, ours: str) -> bool:
    return pull.base.repo is not None and same(pull.base.repo.full_name, ours)
