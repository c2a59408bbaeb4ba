"""What every view tells of a report, in the same words. Pure; the words are flakebot's own, never
a log's, save the test's name in `line`.
"""

from __future__ import annotations

from collections import Counter

from flakebot.judging.settling import Settled, red, settle
from flakebot.model import Category
from flakebot.records import JobEntry
from flakebot.report import Event, Finding, Kind, Level, Overall, Report
from flakebot.wording import plural

_NOUNS: dict[Category, str] = {
    Category.HF_FETCH: "Hugging Face outage",
    Category.HF_ACCESS: "Hugging Face access fault",
}

_OTHERS = (Kind.BROKEN, Kind.FLAKY, Kind.EXTERNAL, Kind.INFRA)
"""What is not the author's, by how much it wants a person's eye."""


def events(report: Report, kind: Kind) -> tuple[Event, ...]:
    """The events of one kind."""
    return tuple(event for event in report.events if event.kind is kind)


def total(report: Report, kind: Kind) -> int:
    """How many things of a kind a person is told of: events, and findings beside them."""
    return len(events(report, kind)) + len(report.of(kind))


def rank(report: Report) -> int:
    """How much a run wants a person's eye, by what its headline says: 0 for most, growing."""
    wants = [total(report, Kind.NEW), _unjudged(report) + _refused(report)]
    wants += [total(report, kind) for kind in _OTHERS]
    return next((place for place, found in enumerate(wants) if found), len(wants))


def headline(report: Report) -> str:
    """The first line of every view: what the author of a change has to know."""
    yours = total(report, Kind.NEW)
    others = _not_yours(report)
    if yours:
        return f"{plural(yours, 'new failure')}, look at {'this' if yours == 1 else 'these'} first"
    if unjudged := _unjudged(report):
        return f"{plural(unjudged, 'failure')} could not be judged"
    if faults := _refused(report):
        return f"{plural(faults, _NOUNS[Category.HF_ACCESS])} to mend: asking again does not help"
    if others:
        return f"Nothing here is yours: {_listed(others)}"
    return _without_failures(report)


def _without_failures(report: Report) -> str:
    if report.unread:
        return f"No failure was found, but {_unread(report)}"
    if report.overall is Overall.UNKNOWN:
        return "No failure was found in what could be read, but the run failed"
    if cancelled := len(red_jobs(report)):
        return f"Nothing failed, but {plural(cancelled, 'job')} did not finish"
    return "All green"


def line(finding: Finding) -> str:
    """A finding in one line of plain text, with the first of its reasons."""
    verdict = finding.verdict
    level = f", {verdict.level}" if verdict.level else ""
    return f"{verdict.kind}{level}: {finding.test or finding.function}: {verdict.reasons[0]}"


def aside(report: Report) -> str:
    """What else there is, for the line after the headline; empty when the headline says it all."""
    yours, unjudged = total(report, Kind.NEW), _unjudged(report)
    others, faults = _not_yours(report), _refused(report)
    parts = []
    if yours and unjudged:
        parts.append(f"{plural(unjudged, 'more failure')} could not be judged.")
    if faults and (yours or unjudged):
        parts.append(f"To mend: {plural(faults, _NOUNS[Category.HF_ACCESS])}.")
    if others and (yours or unjudged or faults):
        parts.append(f"Not yours: {_listed(others)}.")
    if report.unread and (yours or unjudged or faults or others):
        parts.append(f"{_unread(report).capitalize()}, so this may not be all.")
    return " ".join(parts)


def red_jobs(report: Report) -> tuple[JobEntry, ...]:
    """The jobs whose latest attempt did not end well; a job that was not re-run keeps its own."""
    return tuple(job for job in _latest(report) if red(job))


def _latest(report: Report) -> tuple[JobEntry, ...]:
    """Each job as its last attempt left it; several may have one name."""
    last = {job.name: record.attempt for record in report.records for job in record.jobs}
    return tuple(
        job for record in report.records for job in record.jobs if last[job.name] == record.attempt
    )


def unexplained(report: Report) -> tuple[JobEntry, ...]:
    """Jobs that failed and of which nothing else is said; a cancelled job is a consequence."""
    told = {o.job_id for finding in report.findings for o in finding.occurrences}
    names = {job for event in report.events for job in event.jobs}
    names |= {unread.job for unread in report.unread}
    return tuple(
        job
        for job in red_jobs(report)
        if job.id not in told and job.name not in names and job.conclusion != "cancelled"
    )


def failed_step(report: Report, job_id: int) -> str:
    """The step at which a job failed, empty when unknown."""
    jobs = (job for record in report.records for job in record.jobs)
    return next((job.failed_step for job in jobs if job.id == job_id), "")


def event_name(event: Event) -> str:
    """What to call an event."""
    by_kind = {Kind.EXTERNAL: "external failure", Kind.INFRA: "infrastructure failure"}
    name = _NOUNS.get(event.category) or by_kind.get(event.kind, "one cause, many tests")
    return name[0].upper() + name[1:]


def reach(event: Event) -> str:
    """How much an event hit."""
    jobs = plural(len(event.jobs), "job")
    return f"{plural(len(event.tests), 'test')} in {jobs}" if event.tests else jobs


def standing(report: Report) -> Settled:
    """What became of what Hugging Face's outages hit, and whether it counts."""
    return settle(Category.HF_FETCH, report.records, report.now).state


def retried(report: Report) -> tuple[str, ...]:
    """The flaky tests that passed in the end."""
    failed = set(unpassed(report))
    tests = (f.test for f in report.of(Kind.FLAKY) if f.test)
    return tuple(dict.fromkeys(test for test in tests if test not in failed))


def unpassed(report: Report) -> tuple[str, ...]:
    """The tests that failed to the last in some job, be it green: a step may have
    `continue-on-error`.
    """
    tests = (test for job in _latest(report) for test in job.tests if test.final.bad)
    return tuple(dict.fromkeys(test.id for test in tests))


def _unjudged(report: Report) -> int:
    """Failures of which nothing certain can be said."""
    return total(report, Kind.UNCLASSIFIED) + len(unexplained(report))


def _refused(report: Report) -> int:
    """What Hugging Face refuses for good: nobody's flake, and nothing that passes by itself."""
    found = [event.category for event in report.events]
    found += [finding.first.category for finding in report.findings]
    return found.count(Category.HF_ACCESS)


def _unread(report: Report) -> str:
    """How many logs are missing."""
    return f"{plural(len(report.unread), 'log')} could not be read"


def _listed(parts: list[str]) -> str:
    """Parts joined with commas and a last "and"."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def _not_yours(report: Report) -> list[str]:
    """What failed for reasons outside the change, most specific first."""
    flakes = report.of(Kind.FLAKY)
    known = all(flake.verdict.level is Level.KNOWN for flake in flakes)
    parts = [plural(len(flakes), "known flake" if known else "flaky test")] if flakes else []
    if groups := len(events(report, Kind.FLAKY)):
        parts.append(plural(groups, "group of flakes", "groups of flakes"))
    if broken := total(report, Kind.BROKEN):
        parts.append(plural(broken, "failure that is not new", "failures that are not new"))
    return parts + _outside(report)


def _outside(report: Report) -> list[str]:
    """External and infrastructure failures by what to call them."""
    nouns: Counter[str] = Counter()
    names = dict(_NOUNS)
    if standing(report) is Settled.PASSED:
        names[Category.HF_FETCH] = "Hugging Face outage that a re-run got past"
    kinds = ((Kind.EXTERNAL, "external failure"), (Kind.INFRA, "infrastructure failure"))
    for kind, noun in kinds:
        found = [event.category for event in events(report, kind)]
        found += [finding.first.category for finding in report.of(kind)]
        found = [category for category in found if category is not Category.HF_ACCESS]
        nouns.update(names.get(category, noun) for category in found)
    return [plural(number, noun) for noun, number in nouns.items()]
