"""Which of a folder's pull requests a run belongs to."""

import pytest

from flakebot.forges import folder_pulls
from flakebot.github_objects import Branch, HeadRepository, PullRequest, Repository, Run, RunPull

OURS = HeadRepository(full_name="org/repo")
FORK = HeadRepository(full_name="someone/repo")


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


def pull_of(
    number: int = 7,
    *,
    ref: str = "fix",
    sha: str = "c1",
    repo: HeadRepository | None = FORK,
    state: str = "open",
) -> PullRequest:
    """A pull request with its head in a fork."""
    head, base = Branch(ref=ref, sha=sha, repo=repo), Branch(ref="main", sha="b", repo=OURS)
    return PullRequest(number=number, head=head, base=base, state=state)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (run_of("pull-request/7"), [7]),
        (run_of("pull-request/7", source=None), [7]),
        (run_of("pull-request/7", source=HeadRepository(full_name="Org/Repo")), [7]),
        (run_of("pull-request/7", source=FORK), []),
        (run_of("pull-request/"), []),
        (run_of("pull-request/7a"), []),
        (run_of("pull-request/" + "7" * 5000), []),
        (run_of("7"), []),
        (run_of(None), []),
        (run_of("fix", pulls=(7,)), [7]),
        (run_of("fix", pulls=(7, 8)), []),
    ],
)
def test_numbers_come_from_our_branches_and_from_the_run(run: Run, expected: list[int]) -> None:
    """A fork's branch names nothing, and two named are none."""
    assert folder_pulls.named(run, "org/repo") == expected


@pytest.mark.parametrize(
    ("pull", "branch", "expected"),
    [
        (pull_of(), "pull-request/7", True),
        (pull_of(sha="c2"), "pull-request/7", True),
        (pull_of(sha="c2"), "fix", True),
        (pull_of(), "other", False),
        (pull_of(), None, True),
    ],
)
def test_a_named_pull_request_must_fit(
    pull: PullRequest,
    branch: str | None,
    expected: bool,  # noqa: FBT001 # a table
) -> None:
    """By its commit when it is mirrored, else by its branch."""
    assert folder_pulls.is_of(pull, run_of(branch)) is expected


@pytest.mark.parametrize(
    ("pulls", "source", "expected"),
    [
        ([pull_of()], FORK, 7),
        ([pull_of(), pull_of(8, sha="c2")], FORK, 7),
        ([pull_of(), pull_of(8)], FORK, None),
        ([pull_of()], OURS, None),
        ([pull_of(repo=OURS)], None, 7),
        ([pull_of(repo=None)], FORK, None),
        ([pull_of(state="closed")], FORK, None),
        ([pull_of(ref="other")], FORK, None),
        ([], FORK, None),
    ],
)
def test_a_head_matches_exactly_one(
    pulls: list[PullRequest], source: HeadRepository | None, expected: int | None
) -> None:
    """Repository, branch and commit, or none at all."""
    found = folder_pulls.by_head(pulls, run_of("fix", source=source), "org/repo")
    assert (found.number if found else None) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (run_of("main"), True),
        (run_of("main", source=FORK), False),
        (run_of("main", event="pull_request"), False),
        (run_of("fix"), False),
    ],
)
def test_the_default_branch_is_no_pull_request(run: Run, expected: bool) -> None:  # noqa: FBT001 # a table
    """A fork's branch of the same name may be one."""
    assert folder_pulls.is_trunk(run, Repository(full_name="org/repo")) is expected
