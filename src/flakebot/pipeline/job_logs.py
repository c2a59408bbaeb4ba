"""Which jobs of an attempt are read, and what their logs say."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from flakebot.github_objects import Job
from flakebot.model import LogReading, LogText, MissingLog
from flakebot.pipeline.tools import Subject, Tools
from flakebot.reading import classify
from flakebot.reading.recording import ReadJob
from flakebot.reading.rules import RuleSet
from flakebot.settings import Limits, Settings
from flakebot.wording import plural

RUNNING = MissingLog(reason="the job is still running", passing=True)
"""Of the jobs that are not over in flakebot's own run; when there is one only, it is flakebot's."""

_USUAL = frozenset((*Settings().jobs, *Settings().skip_jobs))
"""Globs that nobody gave."""


def read(
    subject: Subject, attempt: int, tools: Tools, settings: Settings, problems: list[str]
) -> tuple[ReadJob, ...]:
    """The jobs of an attempt that the settings name, with what their logs say."""
    return _read(
        subject, attempt, _wanted(subject, attempt, tools, settings, problems), tools, settings
    )


def read_again(
    subject: Subject, attempt: int, ids: Container[int], tools: Tools, settings: Settings
) -> tuple[ReadJob, ...]:
    """Some jobs of an attempt that was read before."""
    jobs = [job for job in tools.forge.jobs(subject.run.id, attempt) if job.id in ids]
    return _read(subject, attempt, jobs, tools, settings)


def may_come(read: ReadJob) -> bool:
    """Whether a job's log was not read for now."""
    return isinstance(read.reading, MissingLog) and read.reading.passing


def _wanted(
    subject: Subject, attempt: int, tools: Tools, settings: Settings, problems: list[str]
) -> list[Job]:
    """The jobs of an attempt that the settings name; aggregators and skipped jobs prove nothing."""
    listed = tools.forge.jobs(subject.run.id, attempt)
    for glob in _unmatched(listed, settings):
        tools.say(f"attempt {attempt}: no job is named like {glob} (`jobs`, `skip-jobs`)")
    own = [job for job in listed if job.run_attempt == attempt and job.conclusion != "skipped"]
    named = [
        job
        for job in own
        if _is_named(job, settings.jobs) and not _is_named(job, settings.skip_jobs)
    ]
    if own and not named:
        problems.append(
            f"No job of attempt {attempt} is read: `jobs` and `skip-jobs` leave out all {len(own)}."
        )
    return named


def _is_named(job: Job, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(job.name, glob) for glob in globs)


def _unmatched(jobs: Sequence[Job], settings: Settings) -> Iterator[str]:
    """Globs that were given and name no job: a slip, or meant for another workflow."""
    for glob in (*settings.jobs, *settings.skip_jobs):
        if glob not in _USUAL and not any(_is_named(job, [glob]) for job in jobs):
            yield glob


def _read(
    subject: Subject, attempt: int, jobs: Sequence[Job], tools: Tools, settings: Settings
) -> tuple[ReadJob, ...]:
    """What the logs of these jobs of an attempt say."""
    running = [job for job in jobs if job.status != "completed"]
    found = []
    if subject.inside:
        jobs = [job for job in jobs if job not in running]
        found += [ReadJob(job=job, reading=RUNNING) for job in running if len(running) > 1]
    room = _Room(settings.limits)
    logs = tools.forge.logs(subject.run, attempt, jobs)
    for job, log in tools.watch(logs, f"attempt {attempt}: logs", len(jobs)):
        reading = room.read(job, log, tools.rules) if isinstance(log, LogText) else log
        found.append(ReadJob(job=job, reading=reading))
    missing = sum(isinstance(one.reading, MissingLog) for one in found)
    tools.say(f"attempt {attempt}: {plural(len(found), 'job')}, {plural(missing, 'log')} missing")
    return tuple(found)


class _Room:
    """Reads the logs of one attempt, within what they may take together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.run_bytes

    def read(self, job: Job, log: LogText, rules: RuleSet) -> LogReading | MissingLog:
        """What a log says, as far as there is room."""
        if self._left <= 0:
            most = self._limits.run_bytes
            return MissingLog(reason=f"not read: the run's logs are larger than {most} bytes")
        most = min(self._limits.log_bytes, self._left)
        limits = dataclasses.replace(self._limits, log_bytes=most)
        failed = job.conclusion == "failure"
        return classify.read_log(job.name, self._counted(log.chunks), rules, limits, failed=failed)

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._left -= len(chunk)
            yield chunk
