"""What flakebot says of a run: every failure judged, grouped, and put in order. Pure.

The ladder judges one failure, `incidents` takes out what no test is blamed for, and what is left
becomes one finding per test, whose verdict is the worst of its failures: new, broken, unclassified,
flaky, in this order, since a flake in one job must not hide a regression in another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from flakebot.github_objects import RED, ChangedFile, PullRequest, Run
from flakebot.judging import accuracy, incidents, ladder, red_jobs
from flakebot.judging.accuracy import Heard
from flakebot.judging.builds import flaked, proves_nothing
from flakebot.judging.case import Case, Past, past
from flakebot.judging.history import History, tracking_key
from flakebot.judging.origins import base, change
from flakebot.judging.seen import Seen, rank, worst
from flakebot.judging.sightings import occurrence
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, Severity, TestId, value
from flakebot.records import RunRecord
from flakebot.report import Event, Finding, Kind, KnownIssue, Level, Overall, Report
from flakebot.settings import Settings, Thresholds

_OVERALL = {
    Kind.NEW: Overall.NEW_FAILURES,
    Kind.BROKEN: Overall.BROKEN,
    Kind.UNCLASSIFIED: Overall.UNKNOWN,
    Kind.FLAKY: Overall.FLAKY,
    Kind.INFRA: Overall.INFRA,
    Kind.EXTERNAL: Overall.EXTERNAL,
}
"""Worst first: the run's verdict is the first that occurs."""

_SEVERITIES = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


@value
class _Court:
    """What all judgements of one run have in common."""

    run: Run
    records: tuple[RunRecord, ...]
    history: History
    this_run: History
    known: Mapping[str, KnownIssue]
    changed: tuple[ChangedFile, ...]
    pull_request: int
    base_sha: str
    thresholds: Thresholds
    heard: Heard


def judge(  # noqa: PLR0913  # the whole input of a pure function, all of it by keyword
    *,
    run: Run,
    records: Sequence[RunRecord],
    history: History,
    known: Mapping[str, KnownIssue],
    changed: Sequence[ChangedFile],
    pull: PullRequest | None,
    settings: Settings,
    repository: str,
    problems: Sequence[str],
    now: datetime,
    heard: Heard = accuracy.NOTHING,
    cases: list[Case] | None = None,
) -> Report:
    """Everything that is said of one run over all its attempts.

    Args:
        run: the run, at its last attempt.
        records: one per attempt of the run.
        history: everything else on record; whether it holds this run makes no difference.
        known: tracking issues by tracking key.
        changed: the files of the pull request.
        pull: the pull request, if there is exactly one.
        settings: thresholds and limits.
        repository: its full name.
        problems: what could not be read, in sentences.
        now: the time that counts as today.
        heard: what maintainers said of tests, and how sure that makes each kind of verdict.
        cases: takes up what the ladder judged, where somebody asks for the reasons.
    """
    attempts = tuple(sorted(records, key=lambda record: record.attempt))
    court = _court(run, attempts, history, known, changed, pull, settings.thresholds, heard)
    pasts = {key: _past(court, key) for key in keys(attempts)}
    judged = [] if cases is None else cases
    judged += _cases(court, pasts)
    seen = [*map(_seen, judged), *red_jobs.judge_jobs(attempts, history)]
    kept, found = incidents.split(seen, attempts, history, settings.thresholds)
    events = tuple(_counted_in(event, known) for event in found)
    findings = tuple(sorted(_findings(court, kept, pasts), key=_first_things_first))
    return Report(
        run=run,
        repository=repository,
        records=attempts,
        findings=findings,
        events=events,
        unread=red_jobs.unread(attempts),
        problems=(*problems, *_problems(attempts)),
        overall=_overall(findings, events, attempts),
        now=now,
        pull_request=pull.number if pull else _pull_request(attempts),
        head_sha=run.head_sha,
        superseded=_superseded(run, attempts),
    )


def _court(
    run: Run,
    attempts: tuple[RunRecord, ...],
    history: History,
    known: Mapping[str, KnownIssue],
    changed: Sequence[ChangedFile],
    pull: PullRequest | None,
    thresholds: Thresholds,
    heard: Heard,
) -> _Court:
    """Without a pull request of its own, the run is judged as of the one of its branch."""
    told = tuple(map(history.branches.told, attempts))
    return _Court(
        run=run,
        records=told,
        history=history,
        this_run=History(told, thresholds, about=keys(attempts)),
        known=known,
        changed=tuple(changed),
        pull_request=pull.number if pull else _pull_request(told),
        base_sha=pull.base.sha if pull else max(map(base, attempts), default=""),
        thresholds=thresholds,
        heard=heard,
    )


def _pull_request(records: Iterable[RunRecord]) -> int:
    return max((record.pull_request for record in records), default=0)


def _counted_in(event: Event, known: Mapping[str, KnownIssue]) -> Event:
    """An outage of Hugging Face together with the open issue that counts them."""
    issue = known.get(HUGGING_FACE)
    if event.category is not Category.HF_FETCH or issue is None or not issue.open:
        return event
    return replace(event, issue=issue.number)


def keys(records: Iterable[RunRecord]) -> tuple[str, ...]:
    """The tracking keys of what did not simply pass in a run, in the order of its logs."""
    tests = (test for record in records for job in record.jobs for test in job.tests)
    return tuple({tracking_key(test.framework, test.id): None for test in tests})


def _past(court: _Court, key: str) -> Past:
    before = [e for e in court.history.executions(key) if e.record.run_id != court.run.id]
    # Whether this run's commit is broken is for `incidents` to say, who knows the verdicts.
    now = (replace(e, broken_commit=False) for e in court.this_run.executions(key))
    executions = (*before, *now)
    own = f"#{court.pull_request}" if court.pull_request else change(court.records[-1])
    return past(executions, own, court.thresholds, court.history.fixes.get(key, ()))


def _cases(court: _Court, pasts: Mapping[str, Past]) -> Iterator[Case]:
    """Every failure of a test in this run with what is known about it."""
    for key, known in pasts.items():
        for execution in court.this_run.executions(key):
            for entry in execution.entries:
                if entry.final.bad or flaked(entry):
                    yield Case(
                        key=key,
                        execution=execution,
                        entry=entry,
                        past=known,
                        thresholds=court.thresholds,
                        issue=court.known.get(key),
                        pull_request=court.pull_request,
                        base_sha=court.base_sha,
                        changed=court.changed,
                        words=court.heard.of(key),
                        confidence=court.heard.confidence,
                    )


def _seen(case: Case) -> Seen:
    """A failure with its verdict."""
    execution, entry = case.execution, case.entry
    return Seen(
        key=case.key,
        test=entry.id,
        framework=entry.framework,
        record=execution.record,
        job=execution.job,
        occurrence=occurrence(execution.record, execution.job, entry),
        verdict=ladder.judge(case),
    )


def _findings(court: _Court, seen: Iterable[Seen], pasts: Mapping[str, Past]) -> Iterator[Finding]:
    """One finding per test, or per job that failed with no failing test."""
    groups: dict[tuple[str, TestId], list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.key, one.test].append(one)
    for (key, test), group in groups.items():
        said = worst(group)
        issue = court.known.get(key)
        yield Finding(
            test=test,
            function=key,
            framework=group[0].framework,
            verdict=said,
            occurrences=tuple(s.occurrence for s in sorted(group, key=_worst_first)),
            rate=pasts[key].rate if test and pasts[key].counted else None,
            issue=issue.number if issue and issue.open else 0,
            counted=bool(test)
            and said.kind is Kind.FLAKY
            and (said.level is not Level.KNOWN or any(b.failed for b in pasts[key].counted)),
        )


def _worst_first(seen: Seen) -> tuple[tuple[int, int], int, int]:
    return rank(seen.verdict), seen.record.attempt, seen.occurrence.line


def _first_things_first(finding: Finding) -> tuple[tuple[int, int], int, int, str]:
    """New, broken, unclassified, flaky; within these the severe first, then as the log has them."""
    first = finding.first
    severity = _SEVERITIES.index(first.category.severity)
    return rank(finding.verdict), severity, first.line, finding.test


def _problems(records: Iterable[RunRecord]) -> tuple[str, ...]:
    """What could not be read of the jobs, each sentence once."""
    jobs = (job for record in records for job in record.jobs)
    sentences = (f"{job.name}: {problem}" for job in jobs for problem in job.problems)
    return tuple(dict.fromkeys(sentences))


def _overall(
    findings: Iterable[Finding], events: Iterable[Event], records: Sequence[RunRecord]
) -> Overall:
    """The worst of what was found; when nothing was, a run that failed or was not read is no clean
    one.
    """
    kinds = {finding.verdict.kind for finding in findings} | {event.kind for event in events}
    found = next((overall for kind, overall in _OVERALL.items() if kind in kinds), None)
    red = not records or records[-1].conclusion in RED or red_jobs.unread_failures(records)
    return found or (Overall.UNKNOWN if red else Overall.CLEAN)


def _superseded(run: Run, records: Sequence[RunRecord]) -> bool:
    """Whether the run was cancelled, and no job of its last attempt hung."""
    if run.conclusion != "cancelled" or not records:
        return False
    last = records[-1]
    cancelled = [job for job in last.jobs if job.conclusion == "cancelled"]
    return bool(cancelled) and all(proves_nothing(last, job) for job in cancelled)
