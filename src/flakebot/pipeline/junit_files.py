"""The JUnit files of a run, merged into what its logs say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from flakebot.errors import FlakebotError, GitHubError
from flakebot.frameworks import junit_xml
from flakebot.github_objects import Run
from flakebot.model import MissingJUnit, Problem
from flakebot.pipeline.tools import Tools
from flakebot.reading import junit_jobs
from flakebot.reading.recording import ReadJob
from flakebot.records import RunRecord


def merged(
    run: Run,
    read: Mapping[int, tuple[ReadJob, ...]],
    recorded: Mapping[int, RunRecord],
    tools: Tools,
    problems: list[str],
) -> tuple[Mapping[int, tuple[ReadJob, ...]], bool]:
    """Merge the run's JUnit files into the readings of the jobs they belong to, of any attempt; and
    whether some may be readable later.
    """
    failed = [
        read_job.job
        for jobs in read.values()
        for read_job in jobs
        if read_job.job.conclusion not in {"success", "neutral"}
    ]
    if not failed:
        return read, False
    names = [name for job in failed for name in (str(job.id), job.name)]
    try:
        files = list(tools.forge.junit(run, names))
    except FlakebotError as error:
        problems.append(str(error))
        return read, isinstance(error, GitHubError) and error.passing
    parsed = []
    for file in files:
        result = (
            Problem(source=file.artifact, reason=file.reason)
            if isinstance(file, MissingJUnit)
            else junit_xml.parse(file, tools.rules.mask)
        )
        if isinstance(result, Problem):
            problems.append(f"JUnit {result.source}: {result.reason}")
        else:
            parsed.append(result)
    elsewhere = frozenset(job.id for record in recorded.values() for job in record.jobs)
    found = iter(
        junit_jobs.merge(
            [job for jobs in read.values() for job in jobs], parsed, problems, elsewhere=elsewhere
        )
    )
    later = any(isinstance(file, MissingJUnit) and file.passing for file in files)
    return {n: tuple(islice(found, len(jobs))) for n, jobs in read.items()}, later
