"""The few things flakebot needs of the outer world, as protocols. Pure; adapters implement them.

Two places read and one writes, all through these. Reads raise `NotFoundError`,
`PermissionMissingError`, `GitHubError` or `PartialReadError`; what is missing by nature (a log, an
artifact) is a value with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol

from flakebot.feedback import Feedback, FeedbackKey
from flakebot.github_objects import (
    ChangedFile,
    Comment,
    Issue,
    Job,
    Label,
    PullRequest,
    Repository,
    Run,
    RunRef,
)
from flakebot.model import JobLog, JUnitFile, MissingJUnit, Problem
from flakebot.records import Fetch, RunKey, RunRecord


class Forge(Protocol):
    """GitHub, or a folder in its place."""

    def bot(self) -> str:
        """The login under which this forge writes; only its issues and comments are recognised as
        ours.
        """
        ...

    def repository(self) -> Repository:
        """The repository all other methods speak of."""
        ...

    def run(self, ref: RunRef) -> Run:
        """The run at the given attempt, or at its latest."""
        ...

    def finished_runs(self, since: datetime, until: datetime, *, branch: str = "") -> Iterable[Run]:
        """The completed runs that were created between two moments, of one branch or of all, newest
        first: a request for each hundred that is looked at, a thousand at most.
        """
        ...

    def jobs(self, run_id: int, attempt: int) -> Sequence[Job]:
        """All jobs of one attempt; raises `PartialReadError` when fewer came than GitHub counts."""
        ...

    def logs(self, run: Run, attempt: int, jobs: Sequence[Job]) -> Iterator[tuple[Job, JobLog]]:
        """The log of each job, one after the other; a log is readable until the next is asked
        for.
        """
        ...

    def junit(self, run: Run, names: Sequence[str]) -> Iterator[JUnitFile | MissingJUnit]:
        """XML files of the run's artifacts, at most as many artifacts as the settings allow.

        `names` are job names and ids, most wanted first: artifacts that name one of them come
        first.
        """
        ...

    def pull_request(self, run: Run, *, as_named: bool = False) -> PullRequest | None:
        """The pull request a run belongs to: exactly one, or none.

        As it is now; `as_named` is content with what the run says of it, which has number and both
        ends, and saves a request where it is whole.
        """
        ...

    def changed_files(self, pull_request: int) -> Sequence[ChangedFile]:
        """The files a pull request changes."""
        ...

    def contents(self, path: str) -> str | None:
        """A file of the default branch, None when there is none."""
        ...

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Whether a commit contains another; None when that cannot be known."""
        ...

    def closing_commit(self, issue: Issue) -> str | None:
        """The commit that closed an issue, else the default branch's newest commit when it was
        closed.
        """
        ...

    def labels(self) -> Sequence[Label]:
        """All labels."""
        ...

    def label(self, name: str) -> Label | None:
        """One label, None when the repository lacks it."""
        ...

    def issues(self, label: str) -> Sequence[Issue]:
        """All issues with a label, open and closed, no pull requests; complete, or
        `PartialReadError`.
        """
        ...

    def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        """All comments of an issue or pull request, or those changed since, oldest first;
        complete, or `PartialReadError`.
        """
        ...

    def create_label(self, label: Label) -> None:
        """Create a label; one that exists already is no error."""
        ...

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue; raises `DoubtfulWriteError` when it may or may not have happened."""
        ...

    def update_issue(
        self,
        number: int,
        *,
        body: str | None = None,
        state: Literal["open", "closed"] | None = None,
        state_reason: str | None = None,
    ) -> Issue:
        """Edit an issue and return it as GitHub has it afterwards."""
        ...

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to an issue; those the repository lacks are made."""
        ...

    def react(self, comment_id: int, content: Literal["+1", "confused"]) -> None:
        """React to a comment; a second time changes nothing."""
        ...

    def create_comment(self, number: int, body: str) -> Comment:
        """Comment on an issue or pull request; raises `DoubtfulWriteError` as `create_issue`
        does.
        """
        ...

    def update_comment(self, number: int, comment_id: int, body: str) -> Comment:
        """Edit a comment of the issue or pull request `number`."""
        ...

    def delete_comment(self, number: int, comment_id: int) -> None:
        """Delete a comment; one that is gone already is no error."""
        ...

    def start_workflow(self, file: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow of the default branch by `workflow_dispatch`; where there is none, or
        it takes no such inputs, is an error with its sentence.
        """
        ...

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Request a re-run of a run's failed jobs; GitHub's refusals are `GitHubError` with its
        sentence.
        """
        ...


class Conversation(Protocol):
    """What a comment with a command needs to know of GitHub."""

    def may_write(self, login: str) -> bool:
        """Whether a person may write to the repository, as GitHub says now."""
        ...

    def reacted(self, comment_id: int, login: str) -> bool:
        """Whether an account reacted to a comment."""
        ...

    def issue(self, number: int) -> Issue:
        """An issue as it is now."""
        ...

    def commit(self, name: str) -> str | None:
        """The full hash of a commit, None when there is none of that name."""
        ...

    def runs(self, pull_request: int) -> Sequence[Run]:
        """The latest runs of the head commit of an open pull request, none of a closed one."""
        ...

    def has_started(self, file: str, login: str, since: datetime) -> bool:
        """Whether an account has started a workflow since."""
        ...


EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any run of GitHub Actions, so that all of a ledger is read."""


class Ledger(Protocol):
    """Where the records of analysed runs live, and what maintainers said of tests."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What the last `read` had to leave out, and why."""
        ...

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """All records created since, each key once, oldest first; raises `LedgerError` rather than
        lose some.
        """
        ...

    def feedback(self) -> Sequence[Feedback]:
        """Everything maintainers have said, each comment once, oldest first; raises as `read`."""
        ...

    def append(
        self, entries: Sequence[RunRecord] | Sequence[Feedback]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Add the entries whose keys are not there yet and return those keys; concurrent runs lose
        nothing. An issue that another run is about to open is taken out of a record's `opening`.
        """
        ...

    def moved(self) -> bool:
        """Whether anything was added since the last `read`; the next one has it."""
        ...


class Hub(Protocol):
    """Asks Hugging Face again for what failed."""

    def ask(self, addresses: Iterable[str]) -> Sequence[Fetch]:
        """Ask for each address with back-off, all within one budget of attempts and seconds."""
        ...

    def probe(self, addresses: Iterable[str]) -> Sequence[Fetch]:
        """Ask for each address without a token, within the same budget."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait up to so many seconds before asking, out of the same budget."""
        ...
