"""Give each JUnit file to the job it belongs to, and merge it into what the job's log says. Pure.

GitHub keeps artifacts per run, not per job, so a file's job is told by its id in the artifact's or
the file's name (as dynamo does), by the job's name in it, or by the tests both know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import re2

from flakebot.frameworks.junit_xml import JUnitReading
from flakebot.keys import letters
from flakebot.model import LogReading, MissingLog, Problem
from flakebot.reading import junit_merge
from flakebot.reading.recording import ReadJob

_NUMBERS = re2.compile(r"\d{4,19}")
"""Ids are long; short numbers are versions and counts."""


def merge(
    jobs: Sequence[ReadJob],
    files: Sequence[JUnitReading],
    problems: list[str],
    *,
    elsewhere: frozenset[int] = frozenset(),
) -> tuple[ReadJob, ...]:
    """Merge each file into its job's reading; sentences about the others go to `problems`.

    A job whose log is missing is read from its files alone, and says so. Files that name a job of
    `elsewhere`, which was recorded before, are passed over.
    """
    given: dict[int, list[JUnitReading]] = {}
    for file in files:
        if elsewhere & _ids(file):
            continue
        job = _job_of(file, jobs, is_whole=not elsewhere)
        if job is None:
            problems.append(f"JUnit {file.source}: it cannot be told which job it belongs to")
        else:
            given.setdefault(job.job.id, []).append(file)
    return tuple(
        dataclasses.replace(job, reading=_merged(job, given[job.job.id]))
        if job.job.id in given
        else job
        for job in jobs
    )


def _merged(job: ReadJob, files: Sequence[JUnitReading]) -> LogReading:
    reading = job.reading
    if isinstance(reading, MissingLog):
        alone = f"{reading.reason}; what is known of it is from JUnit files alone"
        problem = Problem(source=job.job.name, reason=alone)
        reading = LogReading(source=job.job.name, problems=(problem,))
    return junit_merge.merge(reading, files)


def _ids(file: JUnitReading) -> set[int]:
    return {int(number) for number in _NUMBERS.findall(file.source)}


def _job_of(file: JUnitReading, jobs: Sequence[ReadJob], *, is_whole: bool) -> ReadJob | None:
    """The one job that a file names or shares most tests with; None when that is not one.

    A lone job has every file, if it `is_whole`: all there is of the run.
    """
    numbers = _ids(file)
    by_id = [job for job in jobs if job.job.id in numbers]
    if by_id:
        return _only(by_id)
    source = letters(file.source)
    names = [job for job in jobs if letters(job.job.name) and letters(job.job.name) in source]
    longest = max((len(job.job.name) for job in names), default=0)
    named = [job for job in names if len(job.job.name) == longest]
    return _only(named) or _only(_sharing(file, jobs)) or (_only(jobs) if is_whole else None)


def _sharing(file: JUnitReading, jobs: Iterable[ReadJob]) -> list[ReadJob]:
    """The jobs whose logs show most of a file's tests, if they show any."""
    ids = {str(test.id) for test in file.tests}
    shared = [(len(ids & _tests(job)), job) for job in jobs]
    most = max((count for count, _ in shared), default=0)
    return [job for count, job in shared if count == most and most]


def _tests(job: ReadJob) -> set[str]:
    if isinstance(job.reading, MissingLog):
        return set()
    return {str(test.id) for test in job.reading.tests} | {str(t) for t in job.reading.passed}


def _only(jobs: Sequence[ReadJob]) -> ReadJob | None:
    return jobs[0] if len(jobs) == 1 else None
