"""The logs of a run attempt: from the archive of all in two requests, else each from its own
address.

When a run is still going there is no archive, but the log of each job that has finished is there.
A job that never started never gets a log; one that has just finished may get it a little later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from flakebot.errors import GitHubError, NotFoundError
from flakebot.forges.github_archive import LogArchive
from flakebot.github_api import Api, Download, Task
from flakebot.github_api.zips import BROKEN
from flakebot.github_objects import Job, Run
from flakebot.model import JobLog, LogText, MissingLog
from flakebot.retrying import Patience, TryAgainError

LAG_SECONDS = 60.0
"""A finished job's log may take about as long to be uploaded (field report)."""

LAG_TRIES = 8

SINGLE_LOGS = 25
"""Logs that are read one by one because the archive lacks them: each costs a request."""

SINGLE_LOGS_OF_GOING_RUN = 100
"""The same for a run without an archive: a tenth of the thousand requests an hour a token has."""

_TASK = Task(doing="read the logs of a run", permission="actions: read")
_ARCHIVE = replace(_TASK, named=True)
_EXPIRED = MissingLog(reason="GitHub has deleted the log: it is older than the repository keeps")
_TOO_MANY = "not read: too many logs would have to be asked for one by one"


def read_logs(
    api: Api, repository: str, run: Run, attempt: int, jobs: Sequence[Job]
) -> Iterator[tuple[Job, JobLog]]:
    """The log of each job in turn; one is readable until the next is asked for."""
    reader = _Reader(api, f"/repos/{repository}/actions", run, attempt, jobs)
    try:
        for job in jobs:
            yield from reader.log(job)
    finally:
        reader.close()


def never_read(job: Job, attempt: int) -> str:
    """Why a job has no log to ask for; empty when it should have one."""
    if job.run_attempt != attempt:
        return f"the job ran in attempt {job.run_attempt}, not in attempt {attempt}"
    if job.status != "completed":
        return f"the job has not finished ({job.status})"
    if job.conclusion == "skipped":
        return "the job was skipped"
    if job.conclusion in {"cancelled", "action_required"} and not (job.steps or job.runner_name):
        return "the job was cancelled before it started"
    return ""


class _Reader:
    """Reads the logs of one attempt; knows what was already found out about all of them."""

    def __init__(self, api: Api, base: str, run: Run, attempt: int, jobs: Sequence[Job]) -> None:
        self._api = api
        self._base = base
        self._attempt = attempt
        self._limit = api.limits.log_bytes + 1  # one more, so that the reader sees what is left out
        self._lag: Patience = api.patience.part(LAG_SECONDS)
        self._missing: MissingLog | None = None
        self._too_many = MissingLog(reason=_TOO_MANY)
        self._download: Download | None = None
        self._archive: LogArchive | None = None
        wanted = [job for job in jobs if not never_read(job, attempt)]
        self._is_over = run.status == "completed" or attempt < run.run_attempt
        if self._is_over and len(wanted) > 1:
            self._open_archive(f"{base}/runs/{run.id}/attempts/{attempt}/logs", wanted)
        self._singles = self._choose(wanted)
        self._damaged = 0

    def close(self) -> None:
        """Let go of the archive."""
        if self._download:
            self._download.close()

    def log(self, job: Job) -> Iterator[tuple[Job, JobLog]]:
        """One job's log, closed when the next is asked for."""
        reason = never_read(job, self._attempt)
        if reason:
            yield job, MissingLog(reason=reason)
            return
        log = self._missing or self._unpacked(job) or self._single(job)
        if isinstance(log, MissingLog):
            yield job, log
            return
        with log:
            yield job, LogText(chunks=log.chunks())

    def _open_archive(self, path: str, wanted: Sequence[Job]) -> None:
        """Fetch the archive; without one the logs are read one by one."""
        try:
            self._download = self._api.download(
                path, _ARCHIVE, limit=self._api.limits.archive_bytes
            )
            if self._download.complete:
                self._archive = LogArchive(self._download, wanted, self._limit)
        except GitHubError as error:
            if error.status == HTTPStatus.GONE:
                self._missing = _EXPIRED
            self._too_many = MissingLog(reason=_TOO_MANY, passing=True)
        except NotFoundError:
            self._archive = None
        except BROKEN:  # it may have come damaged
            self._archive = None
            self._too_many = MissingLog(reason=_TOO_MANY, passing=True)

    def _choose(self, wanted: Sequence[Job]) -> frozenset[int]:
        """The jobs whose logs may be read one by one: those that failed first."""
        archive = self._archive
        lacking = [job for job in wanted if archive is None or not archive.has(job)]
        lacking.sort(key=lambda job: job.conclusion == "success")
        count = SINGLE_LOGS if self._is_over else SINGLE_LOGS_OF_GOING_RUN
        return frozenset(job.id for job in lacking[:count])

    def _unpacked(self, job: Job) -> Download | None:
        return self._archive.read(job) if self._archive else None

    def _single(self, job: Job) -> Download | MissingLog:
        """A job's log from its own address."""
        if not self._may_ask(job):
            return self._too_many
        try:
            return self._lag.call(lambda: self._ask(job), tries=LAG_TRIES)
        except NotFoundError:
            return MissingLog(reason="log unavailable: GitHub has none though the job has finished")
        except GitHubError as error:
            if error.status == HTTPStatus.GONE:
                return _EXPIRED
            return MissingLog(reason=str(error), passing=True)

    def _may_ask(self, job: Job) -> bool:
        """Whether a job is among those to be read one by one, or was found damaged and there are
        few such.
        """
        if self._archive and self._archive.has(job):
            self._damaged += 1
            return self._damaged <= SINGLE_LOGS
        return job.id in self._singles

    def _ask(self, job: Job) -> Download:
        """Ask once; a log that is not there, or holds nothing, may still be on its way."""
        path = f"{self._base}/jobs/{job.id}/logs"
        try:
            log = self._api.download(path, _TASK, limit=self._limit)
        except NotFoundError as error:
            raise TryAgainError(error) from error
        if next(log.chunks(), b""):
            return log
        log.close()
        raise TryAgainError(NotFoundError("The log came without a byte."))
