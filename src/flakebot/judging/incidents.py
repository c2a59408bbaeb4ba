"""Failures that no test is blamed for, told once: outages and mass failures as events. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from flakebot.judging.builds import proves_nothing
from flakebot.judging.external import came_back, outcome
from flakebot.judging.history import History
from flakebot.judging.mass import failing_tests, whole_commit, whole_job
from flakebot.judging.red_jobs import broken_on_trunk
from flakebot.judging.seen import WORST, Seen, later_pass, unexplained, worst
from flakebot.judging.settling import strike
from flakebot.model import Category, Status, value
from flakebot.records import Fetch, JobEntry, RunRecord
from flakebot.report import Event, Kind
from flakebot.settings import Thresholds
from flakebot.wording import percent, plural


@value
class _Group:
    """Failures with one explanation, and the sentence that says why they are one; `runner` says
    that a machine is to blame.
    """

    seen: tuple[Seen, ...]
    reason: str
    runner: bool = False


def split(
    seen: Sequence[Seen], records: Sequence[RunRecord], history: History, thresholds: Thresholds
) -> tuple[tuple[Seen, ...], tuple[Event, ...]]:
    """The failures that are judged one by one, and the events that take up the others."""
    left = list(seen)
    groups: list[_Group] = []
    bad_runners = partial(_bad_runners, history)
    for guard in (_outages, bad_runners, _whole_jobs, _shared_causes, _broken_commit):
        found = list(guard(left, records, thresholds))
        taken = {id(one) for group in found for one in group.seen}
        left = [one for one in left if id(one) not in taken]
        groups += found
    events = (_event(same, records, history) for same in _merged(groups))
    ordered = sorted(events, key=lambda event: (WORST.index(event.kind), event.line))
    return tuple(left), tuple(ordered)


# ------------------------------------------------------------------------------------------
# The guards


def _outages(
    seen: Sequence[Seen], _records: Sequence[RunRecord], _thresholds: Thresholds
) -> Iterator[_Group]:
    for group in _by_cause(one for one in seen if one.outside):
        tests = {one.test for one in group if one.test}
        blame = "no test is blamed" if tests else "no test failed"
        told = [*dict.fromkeys(_circumstance(one.job) for one in group), blame]
        yield _Group(seen=group, reason="; ".join(part for part in told if part))


def _bad_runners(
    history: History,
    seen: Sequence[Seen],
    _records: Sequence[RunRecord],
    _thresholds: Thresholds,
) -> Iterator[_Group]:
    groups = defaultdict(list)
    for one in seen:
        bad = history.bad_runner(one.job.runner, one.occurrence.fingerprint) if one.test else None
        if bad:
            groups[bad.reason].append(one)
    for reason, group in groups.items():
        yield _Group(seen=tuple(group), reason=f"{reason}: no test is blamed", runner=True)


def _circumstance(job: JobEntry) -> str:
    """What there is to say of a job beyond its cause: how it hung, or at which step it failed."""
    if job.silence:
        at = f", at {job.reached} % of the tests" if job.reached >= 0 else ""
        return f"job {job.name} was silent for {plural(job.silence // 60, 'minute')}{at}"
    failing = any(test.final.bad for test in job.tests)
    return f"step {job.failed_step} failed" if job.failed_step and not failing else ""


def _whole_jobs(
    seen: Sequence[Seen], _records: Sequence[RunRecord], thresholds: Thresholds
) -> Iterator[_Group]:
    jobs = defaultdict(list)
    for one in seen:
        if one.test and _failed(one) and whole_job(one.job, thresholds):
            jobs[one.record.attempt, one.job.id].append(one)
    for group in jobs.values():
        job = group[0].job
        count = f"{failing_tests(job)} of {job.ran} tests of job {job.name} failed"
        yield _Group(seen=tuple(group), reason=f"{count}: one fault, no test is blamed")


def _shared_causes(
    seen: Sequence[Seen], _records: Sequence[RunRecord], thresholds: Thresholds
) -> Iterator[_Group]:
    for group in _by_cause(one for one in seen if one.test and one.occurrence.fingerprint):
        functions = len({one.key for one in group})
        if functions >= thresholds.mass_cause_tests:
            what = plural(functions, "test function")
            yield _Group(seen=group, reason=f"one cause under {what}: no test is blamed")


def _broken_commit(
    seen: Sequence[Seen], records: Sequence[RunRecord], thresholds: Thresholds
) -> Iterator[_Group]:
    """Failures in so many jobs that the commit is the fault; what is already explained stays, and
    so does a test that is the only one to fail, in however many jobs of a matrix.
    """
    last = _last_attempts(records)
    settling = (one for one in seen if last.get(one.job.name) == one.record.attempt)
    group = [one for one in settling if unexplained(one.verdict.kind, one.verdict.level)]
    failing = defaultdict(set)
    for one in group:
        failing[one.job.name].add(one.key)
    if whole_commit(failing, len(last), thresholds):
        count = f"{len(failing)} of {len(last)} jobs ({percent(len(failing) / len(last))})"
        share = f"{count} of this commit"
        yield _Group(seen=tuple(group), reason=f"{share} failed: no test is blamed")


def _failed(seen: Seen) -> bool:
    return seen.occurrence.outcomes[-1].bad


def _last_attempts(records: Sequence[RunRecord]) -> dict[str, int]:
    """The attempt that settles each job: one that is not re-run keeps its own."""
    return {
        job.name: record.attempt
        for record in records
        for job in record.jobs
        if job.conclusion and not proves_nothing(record, job)
    }


def _by_cause(seen: Iterable[Seen]) -> Iterator[tuple[Seen, ...]]:
    groups = defaultdict(list)
    for one in seen:
        groups[_cause(one)].append(one)
    return (tuple(group) for group in groups.values())


def _cause(seen: Seen) -> tuple[Category, str]:
    """What makes two failures one: an outage of Hugging Face shows in as many ways as there are
    clients, and is one outage.
    """
    category = seen.occurrence.category
    return category, "" if category is Category.HF_FETCH else seen.occurrence.fingerprint


# ------------------------------------------------------------------------------------------
# The event


def _merged(groups: Iterable[_Group]) -> Iterator[list[_Group]]:
    """Groups whose main cause is the same are one event."""
    causes = defaultdict(list)
    for group in groups:
        causes[_cause(_main(group.seen))].append(group)
    return iter(causes.values())


def _main(seen: Sequence[Seen]) -> Seen:
    """The first failure of the most frequent cause."""
    counts = Counter((one.occurrence.category, one.occurrence.fingerprint) for one in seen)
    most = counts.most_common(1)[0][0]
    return next(s for s in seen if (s.occurrence.category, s.occurrence.fingerprint) == most)


def _event(groups: Sequence[_Group], records: Sequence[RunRecord], history: History) -> Event:
    seen = tuple(one for group in groups for one in group.seen)
    main = _main(seen)
    first, said = main.occurrence, worst(seen)
    rule, model = _named(main)
    kind, broken, own = said.kind, "", said.reasons[:2]
    if any(group.runner for group in groups):
        kind, own = Kind.INFRA, ()
    elif main.outside:  # the owner's verdict repeats the category
        own = ()
    elif broken := broken_on_trunk(main.record, main.job, first.fingerprint, history):
        kind = Kind.BROKEN
    reasons = [*(group.reason for group in groups), broken, *own]
    fetches = _fetches(seen, model)
    return Event(
        category=first.category,
        fingerprint=first.fingerprint,
        text=first.text,
        url=first.url,
        line=first.line,
        place=first.place,
        excerpt=first.excerpt,
        jobs=tuple({one.job.name: None for one in seen}),
        tests=tuple({one.test: None for one in seen if one.test}),
        kind=kind,
        reasons=tuple(reason for reason in reasons if reason),
        fetches=fetches,
        result=_result(seen, fetches, records),
        rule=rule,
        model=model,
    )


def _named(seen: Seen) -> tuple[str, str]:
    """The rule that told the cause of a failure, and the model it names."""
    first = seen.occurrence
    for cause in seen.job.causes:
        if (cause.fingerprint, cause.line) == (first.fingerprint, first.line):
            return cause.rule, cause.model
    return "", ""


def _result(seen: Sequence[Seen], fetches: Sequence[Fetch], records: Sequence[RunRecord]) -> str:
    """What asking again gave, what running again gave, and how it ended."""
    told = [outcome(fetches)]
    if any(one.occurrence.category is Category.HF_FETCH for one in seen):
        told.append(came_back(strike(Category.HF_FETCH, records)))
    told.append(_settled(seen, records))
    return "; ".join(part for part in told if part)


def _fetches(seen: Sequence[Seen], model: str) -> tuple[Fetch, ...]:
    """What asking Hugging Face again gave in the attempts it failed in: all that failed to come for
    an outage, for a refusal what was asked of its model without the token.
    """
    asked: Iterable[Fetch] = ()
    category = seen[0].occurrence.category
    if category is Category.HF_FETCH:
        asked = (fetch for one in seen for fetch in one.record.fetches)
    elif category is Category.HF_ACCESS and model:
        probes = (fetch for one in seen for fetch in one.record.probes)
        asked = (fetch for fetch in probes if f"/{model}/" in fetch.address)
    return tuple({(fetch.address, fetch.result): fetch for fetch in asked}.values())


def _settled(seen: Sequence[Seen], records: Sequence[RunRecord]) -> str:
    """What became of it all in the end, if it all ended well."""
    if all(one.occurrence.outcomes[-1:] == (Status.PASSED,) for one in seen):
        return "passed when run again in the same job"
    passed = [later_pass(one, records) for one in seen if _lasting(one)]
    return f"passed in attempt {max(passed)}" if all(passed) else ""


def _lasting(seen: Seen) -> bool:
    return seen.occurrence.outcomes[-1:] != (Status.PASSED,)
