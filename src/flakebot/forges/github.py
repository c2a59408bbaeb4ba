"""GitHub as flakebot's forge: reads runs, logs, issues and pull requests, and writes what the
planner allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from urllib.parse import quote

from flakebot.errors import (
    GitHubError,
    InputError,
    NotFoundError,
    PartialReadError,
    PermissionMissingError,
)
from flakebot.forges import texts
from flakebot.forges.github_issues import GitHubIssues
from flakebot.forges.github_junit import read_junit
from flakebot.forges.github_logs import read_logs
from flakebot.forges.github_pulls import pull_request_of
from flakebot.forges.github_tasks import CODE, PULLS, RUNS
from flakebot.github_api import Api, Task
from flakebot.github_objects import (
    ACTIONS_BOT,
    Account,
    ChangedFile,
    Job,
    PullRequest,
    Repository,
    Run,
    RunList,
    RunRef,
)
from flakebot.model import JobLog, JUnitFile, MissingJUnit, value

CONTENT_BYTES = 5 * 1024 * 1024
"""Of a settings file or CODEOWNERS; GitHub ignores a CODEOWNERS over 3 MB."""

RUN_PAGES = 10
"""Of a list of runs: a thousand are all that GitHub shows of one that is narrowed down."""

_JOBS = Task(doing="read the jobs of a run", permission="actions: read", named=True)
_RERUN = Task(doing="re-run failed jobs", permission="actions: write")
_START = Task(doing="start the workflow", permission="actions: write")
_USER = Task(doing="read who the token belongs to", permission="metadata: read")


@value
class _Jobs:
    total_count: int
    jobs: tuple[Job, ...]


@value
class _File:
    size: int


@value
class _Comparison:
    status: str


class GitHubForge(GitHubIssues):
    """One repository on GitHub; see `ports.Forge` for what each method promises.

    Args:
        api: the connection; the caller closes it.
        full_name: `owner/name`.
        bot_login: the login the token writes under, when the caller knows it.
        repository: the repository, when an event has brought it along.
        run: likewise a completed run at one attempt, which does not change any more.
    """

    def __init__(
        self,
        api: Api,
        full_name: str,
        *,
        bot_login: str = "",
        repository: Repository | None = None,
        run: Run | None = None,
    ) -> None:
        super().__init__(api, full_name, repository)
        self._bot = bot_login
        self._run = run

    # -- reads ---------------------------------------------------------------------------

    def bot(self) -> str:
        """The login writes appear under; a workflow's token may not ask, and need not."""
        if not self._bot:
            self._bot = self._ask_login()
        return self._bot

    def run(self, ref: RunRef) -> Run:
        """The run at an attempt, or at its latest."""
        if self._run and (self._run.id, self._run.run_attempt) == (ref.run_id, ref.attempt):
            return self._run
        attempt = f"/attempts/{ref.attempt}" if ref.attempt else ""
        return self._api.get(self._path(f"actions/runs/{ref.run_id}{attempt}"), Run, RUNS)

    def finished_runs(self, since: datetime, until: datetime, *, branch: str = "") -> Iterator[Run]:
        """The completed runs that were created between two moments, a page at a time."""
        created = f"{texts.stamp(since)}..{texts.stamp(until)}"
        wanted = {"branch": branch} if branch else {}
        path = self._path("actions/runs")
        pages = self._api.pages(path, RunList, RUNS, status="completed", created=created, **wanted)
        for page in islice(pages, RUN_PAGES):
            yield from page.workflow_runs

    def jobs(self, run_id: int, attempt: int) -> Sequence[Job]:
        """All jobs of an attempt, as many as GitHub counts."""
        path = self._path(f"actions/runs/{run_id}/attempts/{attempt}/jobs")
        pages = list(self._api.pages(path, _Jobs, _JOBS))
        jobs = {job.id: job for page in pages for job in page.jobs}
        count = max(page.total_count for page in pages)
        if len(jobs) < count:
            raise PartialReadError(
                f"GitHub counts {count} jobs in attempt {attempt} of run {run_id} "
                f"and sent {len(jobs)}."
            )
        return list(jobs.values())

    def logs(self, run: Run, attempt: int, jobs: Sequence[Job]) -> Iterator[tuple[Job, JobLog]]:
        """The log of each job, one after the other."""
        return read_logs(self._api, self.repository().full_name, run, attempt, jobs)

    def junit(self, run: Run, names: Sequence[str]) -> Iterator[JUnitFile | MissingJUnit]:
        """XML files of the run's artifacts."""
        return read_junit(self._api, self.repository().full_name, run, names)

    def pull_request(self, run: Run, *, as_named: bool = False) -> PullRequest | None:
        """The pull request a run belongs to."""
        return pull_request_of(self._api, self.repository(), run, as_named=as_named)

    def changed_files(self, pull_request: int) -> Sequence[ChangedFile]:
        """The files a pull request changes; GitHub lists 3000 at most."""
        path = self._path(f"pulls/{pull_request}/files")
        pages = self._api.pages(path, tuple[ChangedFile, ...], PULLS)
        return [file for page in pages for file in page]

    def contents(self, path: str) -> str | None:
        """A file of the default branch, never of a pull request's."""
        branch = quote(self.repository().default_branch, safe="")
        address = self._path(f"contents/{_quoted(path)}?ref={branch}")
        raw = "application/vnd.github.raw+json"
        try:
            with self._api.download(address, CODE, limit=CONTENT_BYTES, accept=raw) as download:
                content = b"".join(download.chunks())
        except NotFoundError:
            return None
        if not content and self._api.get(address, _File, CODE).size:
            raise GitHubError(f"{path} came without a byte.", passing=True)
        if not download.complete:
            raise InputError(f"{path} is larger than {CONTENT_BYTES} bytes.")
        return texts.decoded(content, path)

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Whether a commit contains another; unknown when GitHub has not both of them."""
        pair = f"{quote(ancestor, safe='')}...{quote(commit, safe='')}"
        path = self._path(f"compare/{pair}")
        try:
            status = self._api.get(path, _Comparison, CODE, per_page=1).status
        except NotFoundError:
            return None
        return status in {"ahead", "identical"}

    # -- writes --------------------------------------------------------------------------

    def start_workflow(self, file: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow; not sent twice, and unlike other events this one starts a run also
        with the token of a workflow
        (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
        """
        path = self._path(f"actions/workflows/{quote(file, safe='')}/dispatches")
        body = {"ref": self.repository().default_branch, "inputs": dict(inputs)}
        try:
            self._api.order(path, _START, body)
        except NotFoundError as error:
            raise NotFoundError(
                f"The repository has no workflow `.github/workflows/{file}` on its default branch."
            ) from error

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Request a re-run; not sent twice, as each counts against GitHub's limit of 50."""
        path = self._path(f"actions/runs/{run_id}/rerun-failed-jobs")
        self._api.order(path, _RERUN)

    # ------------------------------------------------------------------------------------

    def _ask_login(self) -> str:
        """Whose token it is; one of an app is refused, and in a workflow that is Actions' own. Who
        has none looks for what Actions wrote.
        """
        if not self._api.token or self._api.token.startswith("ghs_"):
            return ACTIONS_BOT
        try:
            return self._api.get("/user", Account, _USER).login
        except (PermissionMissingError, GitHubError) as error:
            if isinstance(error, PermissionMissingError) or error.status == HTTPStatus.FORBIDDEN:
                return ACTIONS_BOT
            raise


def _quoted(path: str) -> str:
    """A path inside the repository for an address; raises `InputError` when it leads out of it."""
    parts = path.split("/")
    if not all(parts) or not {".", ".."}.isdisjoint(parts):
        raise InputError(f"{path!r} is no path inside the repository.")
    return "/".join(quote(part, safe="") for part in parts)
