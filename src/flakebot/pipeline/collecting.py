"""Read a run: its attempts, jobs, logs and JUnit files become one record per attempt."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Mapping, Sequence

from flakebot.errors import FlakebotError, GitHubError, InputError
from flakebot.github_objects import PullRequest, Run, RunRef
from flakebot.hugging_face import addresses as hf_address
from flakebot.judging.history import observed
from flakebot.pipeline import job_logs, junit_files, late_passes
from flakebot.pipeline.tools import Subject, Tools
from flakebot.ports import Forge
from flakebot.reading import recording
from flakebot.reading.recording import ReadJob
from flakebot.records import LatePasses, RunRecord
from flakebot.settings import Settings
from flakebot.views import rerunning
from flakebot.wording import plural

SENTENCES = 20
"""About files that could not be used, of one attempt."""


def find(ref: RunRef, tools: Tools, *, inside: bool, problems: list[str]) -> Subject:
    """Find the run, at an attempt that is over unless flakebot runs inside it, and what it is of.

    Raises:
        InputError: the run is not over.

    """
    found = _finished(ref, tools.forge, inside=inside)
    pull, unsure = _pull_request(found, tools.forge, problems)
    where = f", pull request #{pull.number}" if pull else ""
    tools.say(f"run {found.id}, attempt {found.run_attempt}, {found.head_sha[:10]}{where}")
    return Subject(
        repository=tools.forge.repository(), run=found, pull=pull, inside=inside, unsure=unsure
    )


def _pull_request(run: Run, forge: Forge, problems: list[str]) -> tuple[PullRequest | None, bool]:
    """The run's pull request, and whether a passing fault hides it; a missing permission lasts."""
    try:
        return forge.pull_request(run, as_named=True), False
    except FlakebotError as error:
        problems.append(str(error))
        return None, isinstance(error, GitHubError) and error.passing


def _finished(ref: RunRef, forge: Forge, *, inside: bool) -> Run:
    """The run at its last attempt that is over: what is recorded of an attempt stays."""
    found = forge.run(ref)
    if inside or found.status in {None, "completed"}:
        return found
    if found.run_attempt == 1 or ref.attempt:
        raise InputError(f"Run {found.id} is not over (attempt {found.run_attempt}); try later.")
    return forge.run(RunRef(run_id=found.id, attempt=found.run_attempt - 1))


def records(
    subject: Subject,
    past: Sequence[RunRecord],
    tools: Tools,
    settings: Settings,
    problems: list[str],
    watched: frozenset[str] | None = None,
) -> tuple[RunRecord, ...]:
    """One record per attempt: from the ledger when it is there, else by reading the logs.

    All new attempts are read before the first is recorded, because a pass is worth keeping when the
    test failed in any of them. `watched` are the keys under observation, where they are not those
    of the past.
    """
    name, run = subject.repository.full_name, subject.run
    kept = {record.attempt: record for record in past if record.key[:2] == (name, run.id)}
    unused: list[str] = []
    read: Mapping[int, tuple[ReadJob, ...]] = {
        attempt: job_logs.read(subject, attempt, tools, settings, unused)
        for attempt in range(1, run.run_attempt + 1)
        if attempt not in kept
    }
    read, unsure = junit_files.merged(run, read, kept, tools, unused)
    late = _late_passes(subject, kept.values(), read, tools, settings, unused)
    unsure = unsure or subject.unsure or late is None
    partial = unsure or any(job_logs.may_come(job) for jobs in read.values() for job in jobs)
    under = observed(past) if watched is None else watched
    under = under.union(recording.bad_keys(job for jobs in read.values() for job in jobs))
    for attempt, jobs in read.items():
        record = recording.record(
            repository=subject.repository,
            run=_at(attempt, subject, tools.forge),
            attempt=attempt,
            jobs=jobs,
            observed=under,
            pull=subject.pull,
        )
        replaced = {job.job.name for n, jobs in read.items() if n > attempt for job in jobs}
        record = _asked_again(_with_models(record), replaced, kept.values(), tools, settings)
        kept[attempt] = dataclasses.replace(record, partial=partial)
    if read:
        kept[max(read)] = dataclasses.replace(
            kept[max(read)], problems=_shortened(unused), late_passes=late or ()
        )
    found = [record for attempt, record in sorted(kept.items()) if attempt <= run.run_attempt]
    problems += dict.fromkeys(sentence for record in found for sentence in record.problems)
    return tuple(found)


def _late_passes(
    subject: Subject,
    recorded: Iterable[RunRecord],
    read: Mapping[int, tuple[ReadJob, ...]],
    tools: Tools,
    settings: Settings,
    problems: list[str],
) -> tuple[LatePasses, ...] | None:
    """What attempts on record saw pass of the tests that fail in a new one; None when some of it
    may be readable later.
    """
    found: list[LatePasses] = []
    for record in recorded:
        wanted = late_passes.wanted(record, read.values())
        if not wanted:
            continue
        asked = late_passes.first(wanted)
        if len(asked) < len(wanted):
            problems.append(
                f"Attempt {record.attempt} has {len(wanted)} jobs that may have seen pass what "
                f"fails now; {plural(len(asked), 'log')} of them read again."
            )
        try:
            again = job_logs.read_again(subject, record.attempt, asked, tools, settings)
        except FlakebotError as error:
            problems.append(str(error))
            if isinstance(error, GitHubError) and error.passing:
                return None
            continue
        if any(job_logs.may_come(job) for job in again):
            return None
        found += late_passes.found(again, asked)
    return tuple(found)


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    """As many as a person reads; a record is kept for good."""
    more = f"{len(sentences) - SENTENCES} more files of the run could not be used"
    return (*sentences[:SENTENCES], *[more] * (len(sentences) > SENTENCES))


def _at(attempt: int, subject: Subject, forge: Forge) -> Run:
    """The run as it was after an attempt: an earlier one has a conclusion of its own."""
    if attempt == subject.run.run_attempt:
        return subject.run
    return forge.run(RunRef(run_id=subject.run.id, attempt=attempt))


def _with_models(record: RunRecord) -> RunRecord:
    """Note which repository of Hugging Face each of its failures names."""
    jobs = (
        dataclasses.replace(
            job,
            causes=tuple(
                dataclasses.replace(cause, model=hf_address.model_of(cause)) for cause in job.causes
            ),
        )
        for job in record.jobs
    )
    return dataclasses.replace(record, jobs=tuple(jobs))


def _asked_again(
    record: RunRecord,
    replaced: Container[str],
    earlier: Iterable[RunRecord],
    tools: Tools,
    settings: Settings,
) -> RunRecord:
    """Ask Hugging Face again for what failed, before anything is counted.

    A job that a later attempt has replaced needs no answer: that attempt is one. When a re-run was
    hit again, it is asked after a pause that doubles with every attempt.
    """
    if settings.retry_hugging_face == "off":
        return record
    causes = [c for job in record.jobs if job.name not in replaced for c in job.causes]
    addresses = hf_address.addresses(causes, endpoint=settings.hf_endpoint)
    refused = hf_address.refused(causes, endpoint=settings.hf_endpoint)
    seconds = rerunning.pause(record, earlier, settings) if addresses else 0.0
    if seconds:
        tools.say(f"Hugging Face failed a re-run too: asked again after up to {seconds:.0f} s")
        tools.hub.pause(seconds)
    fetches, probes = tuple(tools.hub.ask(addresses)), tuple(tools.hub.probe(refused))
    for fetch in (*fetches, *probes):
        tools.say(f"Hugging Face: {fetch.address}: {fetch.result} after {fetch.tries} tries")
    told = tuple(probe for probe in probes if probe.result != "skipped")
    return dataclasses.replace(record, fetches=fetches, probes=told)
