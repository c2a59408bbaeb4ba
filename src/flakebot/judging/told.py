"""What a report says of each test, in the few words that a record keeps of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flakebot.judging.seen import rank
from flakebot.records import Said
from flakebot.report import Report, Verdict

MOST = 200
"""Verdicts that a record keeps, the worst: whoever has more failing tests reads none of them."""


def verdicts(report: Report) -> Mapping[str, Verdict]:
    """The verdict on each test, and on each job that failed with no failing test, worst first."""
    found: dict[str, Verdict] = {}
    for about, verdict in _all(report):
        known = found.get(about)
        if known is None or rank(verdict) < rank(known):
            found[about] = verdict
    return dict(sorted(found.items(), key=lambda item: rank(item[1])))


def said(report: Report) -> tuple[Said, ...]:
    """What the record of a run keeps of its report."""
    given = list(verdicts(report).items())[:MOST]
    return tuple(
        Said(about=about, kind=str(verdict.kind), level=str(verdict.level))
        for about, verdict in given
    )


def _all(report: Report) -> Iterator[tuple[str, Verdict]]:
    """Those of the findings, and those that an event stands for, of which no confidence is told."""
    for finding in report.findings:
        yield finding.test or finding.function, finding.verdict
    for event in report.events:
        cause = f"{event.category}, rule {event.rule}" if event.rule else str(event.category)
        its = Verdict(kind=event.kind, confidence=0.0, reasons=(cause, *event.reasons))
        hit: Sequence[str] = event.tests or [f"job:{job}" for job in event.jobs]
        for about in hit:
            yield about, its
