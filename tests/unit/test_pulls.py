"""Which pull request a run belongs to."""

from __future__ import annotations

import pytest

from flakebot.forges.pulls import pull_request_of
from flakebot.github_objects import Branch, HeadRepository, PullRequest, Repository, Run, RunPull

OURS = HeadRepository(full_name="org/repo")
FORK = HeadRepository(full_name="someone/repo")
REPOSITORY = Repository(full_name="org/repo")


def run_of(
    branch: str | None,
    *,
    source: HeadRepository | None = OURS,
    pulls: tuple[int, ...] = (),
    event: str = "push",
) -> Run:
    """A run of commit `c1`."""
    named = tuple(RunPull(number=number) for number in pulls)
    return Run(
        id=1,
        head_sha="c1",
        head_branch=branch,
        head_repository=source,
        pull_requests=named,
        event=event,
    )


def pull_of(number: int = 7, *, ref: str = "fix", sha: str = "c2") -> PullRequest:
    """A pull request with its head in a fork."""
    head, base = Branch(ref=ref, sha=sha, repo=FORK), Branch(ref="main", sha="b", repo=OURS)
    return PullRequest(number=number, head=head, base=base)


def found(run: Run, known: PullRequest | None = None, *heads: PullRequest) -> int | None:
    """The number that is found where one pull request is known by its number, and these heads."""

    def get(named: RunPull) -> PullRequest | None:
        return known if known and known.number == named.number else None

    pull = pull_request_of(run, REPOSITORY, get=get, named=get, heads=heads)
    return pull.number if pull else None


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (run_of("pull-request/7"), 7),
        (run_of("pull-request/7", source=None), None),
        (run_of("pull-request/7", source=HeadRepository(full_name="Org/Repo")), 7),
        (run_of("pull-request/7", source=FORK), None),
        (run_of("pull-request/8"), None),
        (run_of("pull-request/"), None),
        (run_of("pull-request/7a"), None),
        (run_of("pull-request/" + "7" * 5000), None),
        (run_of("7"), None),
        (run_of(None), None),
        (run_of("fix", pulls=(7,)), 7),
        (run_of(None, pulls=(7,)), 7),
        (run_of("other", pulls=(7,)), None),
        (run_of("fix", pulls=(7, 8)), None),
        (run_of("pull-request/8", pulls=(7,)), None),
    ],
)
def test_numbers_come_from_our_branches_and_from_the_run(run: Run, expected: int | None) -> None:
    """A fork's branch names nothing, also once the fork is deleted; one of another branch is not
    meant, and two are none.
    """
    assert found(run, pull_of()) == expected


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([pull_of(sha="c1")], 7),
        ([pull_of(sha="c1"), pull_of(8)], 7),
        ([pull_of(sha="c1"), pull_of(8, sha="c1")], None),
        ([pull_of()], None),
        ([], None),
    ],
)
def test_a_head_matches_exactly_one(heads: list[PullRequest], expected: int | None) -> None:
    """By its commit, or none at all."""
    assert found(run_of("fix", source=FORK), None, *heads) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (run_of("main"), None),
        (run_of("main", source=FORK), 7),
        (run_of("main", event="pull_request"), 7),
        (run_of("fix"), 7),
    ],
)
def test_the_default_branch_is_no_pull_request(run: Run, expected: int | None) -> None:
    """A fork's branch of the same name may be one."""
    assert found(run, None, pull_of(sha="c1")) == expected
