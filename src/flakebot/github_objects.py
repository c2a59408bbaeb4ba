"""GitHub's objects as frozen values. Pure.

They keep GitHub's names and only the fields flakebot uses, so the API and a folder in its place
are decoded by the same types (https://docs.github.com/en/rest).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from flakebot.model import value

RED = frozenset({"failure", "timed_out", "startup_failure"})
"""Conclusions of a run or job that failed
(https://docs.github.com/en/rest/checks/runs)."""

Time = Annotated[datetime, Meta(tz=True)]
"""With a zone, as GitHub writes it: times are compared, so a saved file without one is refused."""

Attempt = Annotated[int, Meta(ge=1, le=1000)]
"""GitHub runs a run again fifty times at most; all attempts are read, so a saved file with more is
refused.
"""


ACTIONS_BOT = "github-actions[bot]"
"""Who writes with the token of a workflow."""


def same(one: str, other: str) -> bool:
    """Whether two names of repositories are one; GitHub ignores case."""
    return one.casefold() == other.casefold()


@value
class Account:
    """A user, organisation or bot; `type` is `User`, `Organization` or `Bot`."""

    login: str
    type: str = "User"


@value
class Repository:
    """A repository."""

    full_name: str
    default_branch: str = "main"
    html_url: str = ""
    has_issues: bool = True


@value
class HeadRepository:
    """The repository a run or pull request comes from; a fork's differs from ours."""

    full_name: str
    owner: Account | None = None


@value
class RunRepository:
    """A repository as a run names that of a pull request; `url` is its address in the API."""

    url: str = ""

    @property
    def full_name(self) -> str:
        """`owner/name`, empty when the address has another form."""
        return self.url.partition("/repos/")[2]


@value
class RunBranch:
    """One end of a pull request as a run names it."""

    ref: str
    sha: str
    repo: RunRepository | None = None


@value
class RunPull:
    """A pull request as a run names it; the list is empty for forks and for mirrored branches."""

    number: int
    head: RunBranch | None = None
    base: RunBranch | None = None


@value
class Run:
    """A workflow run at one of its attempts."""

    id: int
    head_sha: str
    name: str | None = None
    path: str = ""
    head_branch: str | None = None
    event: str = ""
    status: str | None = None
    conclusion: str | None = None
    run_attempt: Attempt = 1
    html_url: str = ""
    created_at: Time | None = None
    updated_at: Time | None = None
    run_started_at: Time | None = None
    pull_requests: tuple[RunPull, ...] | None = None
    head_repository: HeadRepository | UnsetType | None = UNSET

    def source(self, repository: Repository) -> str:
        """The full name of the repository whose code it tested: empty when that was a fork which is
        deleted by now, and the run's own where a saved run does not say.
        """
        if isinstance(self.head_repository, UnsetType):
            return repository.full_name
        return self.head_repository.full_name if self.head_repository else ""

    def is_of(self, repository: Repository) -> bool:
        """Whether it tested code of its own repository."""
        return same(self.source(repository), repository.full_name)


@value
class RunList:
    """A page of runs, as GitHub lists them."""

    workflow_runs: tuple[Run, ...]


@value
class RunRef:
    """Which run to analyse; without an attempt: the latest."""

    run_id: int
    attempt: int | None = None


@value
class Step:
    """A step of a job."""

    name: str
    number: int = 0
    conclusion: str | None = None
    started_at: Time | None = None
    completed_at: Time | None = None


@value
class Job:
    """A job of a run; keeps its own `run_attempt` when a later attempt did not re-run it
    (pytorch/test-infra#4010).
    """

    id: int
    name: str
    run_attempt: int = 1
    status: str = "completed"
    conclusion: str | None = None
    started_at: Time | None = None
    completed_at: Time | None = None
    html_url: str | None = None
    runner_name: str | None = None
    steps: tuple[Step, ...] | None = None


@value
class Branch:
    """One end of a pull request."""

    ref: str
    sha: str
    repo: HeadRepository | None = None


@value
class PullRequest:
    """A pull request."""

    number: int
    head: Branch
    base: Branch
    state: str = "open"


@value
class ChangedFile:
    """A file changed by a pull request; `status` is `added`, `modified`, `removed`, `renamed`,
    ….

    `imported_by` is not GitHub's: the test files that are known to import it.
    """

    filename: str
    status: str = "modified"
    imported_by: frozenset[str] = frozenset()


@value
class Label:
    """A label."""

    name: str
    color: str | None = "ededed"
    description: str | None = None


@value
class Issue:
    """An issue; `pull_request` is set when GitHub lists a pull request among the issues."""

    number: int
    title: str = ""
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    user: Account | None = None
    labels: tuple[Label, ...] = ()
    created_at: Time | None = None
    updated_at: Time | None = None
    closed_at: Time | None = None
    html_url: str = ""
    locked: bool = False
    pull_request: dict[str, object] | None = None


@value
class Comment:
    """A comment on an issue or pull request."""

    id: int
    body: str | None = None
    user: Account | None = None
    created_at: Time | None = None
    html_url: str = ""
