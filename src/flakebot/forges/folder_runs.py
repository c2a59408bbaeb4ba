"""Runs of a folder in place of GitHub: their jobs, logs and artifacts.

One file more than the contract names is used when it stands there: `runs/ID/attempts/N/run.json`,
the run as it was at an earlier attempt. A re-run that was requested is noted in
`runs/ID/rerun.json`; from then on the run is queued at its next attempt, as on GitHub.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from flakebot import json_files
from flakebot.errors import GitHubError, InputError, NotFoundError, PartialReadError
from flakebot.forges.folder_files import FolderFiles, Object
from flakebot.forges.job_names import rank
from flakebot.github_objects import Job, Run, RunRef
from flakebot.model import JobLog, JUnitFile, LogText, MissingJUnit, MissingLog, value

CHUNK = 1024 * 1024
MAX_XML_FILES = 1000
"""Of one artifact; more is no test report but a bomb of small files."""

LISTED_RUNS = 1000
"""All that GitHub shows of a list of runs that is narrowed down."""

LOG_DAYS = 90
"""GitHub's default retention of logs."""

RERUN_DAYS = 30
MAX_RERUNS = 50
"""https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs"""


@value
class JobList:
    """A page of jobs, as GitHub lists them."""

    jobs: tuple[Object, ...] = ()
    total_count: int = 0


@value
class Rerun:
    """A re-run that was requested after an attempt."""

    attempt: int
    requested_at: datetime


class FolderRuns(FolderFiles):
    """The runs."""

    def run(self, ref: RunRef) -> Run:
        """The run of `run.json`; at an earlier attempt with what its jobs say, or `run.json` of
        that attempt.
        """
        latest = self._latest(ref.run_id)
        if ref.attempt is None or ref.attempt == latest.run_attempt:
            rerun = self._read(f"runs/{ref.run_id}/rerun.json", Rerun)
            pending = rerun is not None and rerun.attempt == latest.run_attempt
            return _queued(latest) if pending and ref.attempt is None else latest
        if not 1 <= ref.attempt < latest.run_attempt:
            raise NotFoundError(
                f"Run {ref.run_id} in {self.root} has no attempt {ref.attempt}: "
                f"its latest is {latest.run_attempt}."
            )
        saved = self._read(f"runs/{ref.run_id}/attempts/{ref.attempt}/run.json", Run)
        return saved or replace(
            latest,
            run_attempt=ref.attempt,
            conclusion=_conclusion(self.jobs(ref.run_id, ref.attempt)),
        )

    def _latest(self, run_id: int) -> Run:
        run = self._read(f"runs/{run_id}/run.json", Run)
        if run is None:
            raise NotFoundError(f"Run {run_id} is not in {self.root}: it has no run.json.")
        return run

    def finished_runs(self, since: datetime, until: datetime, *, branch: str = "") -> Sequence[Run]:
        """The completed runs of `runs/` that were created between two moments, newest first."""
        ids = (path.parent.name for path in (self.root / "runs").glob("*/run.json"))
        runs = [self._latest(int(name)) for name in ids if name.isascii() and name.isdecimal()]
        found = [
            (run.created_at, run.id, run)
            for run in runs
            if run.status == "completed" and run.created_at and since <= run.created_at <= until
            if branch in {"", run.head_branch}
        ]
        newest = sorted(found, key=lambda one: one[:2], reverse=True)[:LISTED_RUNS]
        return [run for _, _, run in newest]

    def jobs(self, run_id: int, attempt: int) -> Sequence[Job]:
        """The jobs of one attempt, which is theirs where they name none; fewer than `total_count`
        are a partial list.
        """
        name = f"runs/{run_id}/attempts/{attempt}/jobs.json"
        listed = self._read(name, JobList) or JobList()
        if len(listed.jobs) < listed.total_count:
            raise PartialReadError(
                f"{self.root / name} lists {len(listed.jobs)} of {listed.total_count} jobs."
            )
        jobs = [{"run_attempt": attempt, **job} for job in listed.jobs]
        return json_files.convert(jobs, tuple[Job, ...], self.root / name)

    def logs(self, run: Run, attempt: int, jobs: Sequence[Job]) -> Iterator[tuple[Job, JobLog]]:
        """The saved log of each job, from the file of this attempt or of the job's own."""
        for job in jobs:
            attempts = dict.fromkeys((attempt, job.run_attempt))
            names = (f"runs/{run.id}/attempts/{n}/logs/{job.id}.log" for n in attempts)
            try:
                with _first(map(self._path, names)) as file:
                    yield job, _log(file)
            except FileNotFoundError:
                yield job, self._no_log(job)
            except OSError as error:
                yield job, MissingLog(reason=f"the log cannot be read: {error.strerror}")

    def _no_log(self, job: Job) -> MissingLog:
        if job.status != "completed":
            return MissingLog(reason=f"the job has not finished: it is {job.status}")
        if job.completed_at and self.now - job.completed_at > timedelta(days=LOG_DAYS):
            return MissingLog(
                reason=f"no log was saved, and the job ended on {job.completed_at:%Y-%m-%d}, "
                f"longer ago than GitHub keeps logs ({LOG_DAYS} days)"
            )
        return MissingLog(reason="no log was saved")

    def junit(self, run: Run, names: Sequence[str]) -> Iterator[JUnitFile | MissingJUnit]:
        """The XML files below `artifacts/`, within the limits of artifacts and bytes."""
        folder = self._path(f"runs/{run.id}/artifacts")
        found = sorted({path.parent for path in folder.glob("*/*.xml")})
        found.sort(key=lambda path: rank(path.name, names))
        for path in found[: self.limits.artifacts]:
            yield from self._artifact(path)
        for path in found[self.limits.artifacts :]:
            reason = f"only {self.limits.artifacts} artifacts with JUnit files are read"
            yield MissingJUnit(artifact=path.name, reason=reason)

    def _artifact(self, folder: Path) -> Iterator[JUnitFile | MissingJUnit]:
        left = self.limits.artifact_bytes
        try:
            for path in sorted(islice(folder.glob("*.xml"), MAX_XML_FILES)):
                with json_files.inside(self.root, str(path.relative_to(self.root))).open("rb") as f:
                    content = f.read(left + 1)
                left -= len(content)
                if left < 0:
                    reason = f"it is larger than {self.limits.artifact_bytes} bytes"
                    yield MissingJUnit(artifact=folder.name, reason=reason)
                    return
                yield JUnitFile(artifact=folder.name, name=path.name, content=content)
        except InputError as error:
            yield MissingJUnit(artifact=folder.name, reason=str(error))
        except OSError as error:
            yield MissingJUnit(artifact=folder.name, reason=f"it cannot be read: {error.strerror}")

    def start_workflow(self, file: str, inputs: Mapping[str, str]) -> None:  # noqa: ARG002
        """Nothing runs in a folder."""
        raise InputError(f"{self.root} is a folder, in which the workflow {file} cannot run.")

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Note the request in `rerun.json`, or refuse it in GitHub's words."""
        run = self.run(RunRef(run_id=run_id))
        if refusal := _rerun_refusal(run, self.now):
            raise GitHubError(refusal, status=403)
        noted = {"attempt": run.run_attempt, "requested_at": self._time()}
        self._write(f"runs/{run_id}/rerun.json", noted)


def _queued(run: Run) -> Run:
    """The run as it is once a re-run was requested."""
    return replace(run, run_attempt=run.run_attempt + 1, status="queued", conclusion=None)


def _conclusion(jobs: Iterable[Job]) -> str | None:
    """What GitHub concludes from these jobs; None when there are none."""
    concluded = {job.conclusion for job in jobs}
    order = ("failure", "timed_out", "cancelled", "success", "skipped")
    return next((conclusion for conclusion in order if conclusion in concluded), None)


def _rerun_refusal(run: Run, now: datetime) -> str:
    """GitHub's sentence, empty when it would accept."""
    if run.status != "completed":
        return "This workflow is already running"
    if run.conclusion in {"success", "skipped"} or run.run_attempt > MAX_RERUNS:
        return "This workflow run cannot be retried"
    if run.created_at and now - run.created_at > timedelta(days=RERUN_DAYS):
        return "Unable to retry this workflow run because it was created over a month ago"
    return ""


def _first(paths: Iterable[Path]) -> BinaryIO:
    """The first file that is there, open; raises `OSError` when none is, or it cannot be read."""
    for path in paths:
        with suppress(FileNotFoundError):
            return path.open("rb")
    raise FileNotFoundError


def _log(file: BinaryIO) -> JobLog:
    """The open file as chunks; an empty one is no log."""
    first = file.read(CHUNK)
    if not first:
        return MissingLog(reason="the saved log is empty")
    return LogText(chunks=_chunks(first, file))


def _chunks(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield first
    try:
        yield from iter(partial(file.read, CHUNK), b"")
    except OSError as error:
        raise InputError(f"{file.name} cannot be read: {error.strerror}.") from error
