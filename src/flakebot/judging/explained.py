"""Why a run was judged as it was: what each rung of the ladder said, and on which numbers. Pure.

Nothing is decided here: the rungs are asked as the judge asks them, and the evidence is counted by
the functions that they call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from flakebot.judging import ladder
from flakebot.judging.builds import returns_after_pass
from flakebot.judging.case import Case, Unmet
from flakebot.judging.persistence import steadiness, too_steady
from flakebot.judging.related import touches
from flakebot.judging.seen import rank
from flakebot.judging.segments import Segment
from flakebot.judging.sightings import cause_of
from flakebot.judging.states import State, Transition, life
from flakebot.judging.words import denied
from flakebot.model import value
from flakebot.report import Event, Finding, Kind, Rate, Report, Verdict
from flakebot.settings import Thresholds

SCHEMA = 1
"""Rises when a field of the JSON changes its meaning."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "owned": (),
    "proven": (),
    "broken": ("broken_streak", "streak_chance"),
    "known": ("rate_floor", "persistent_chance"),
    "likely": ("min_builds", "min_pull_requests", "persistent_chance"),
    "unread": ("min_builds", "min_pull_requests"),
    "new": (),
}
"""The thresholds that each rung rests on."""


@value
class Rung:
    """One rung of the ladder: its name, whether it applies, whether it was the one that decided,
    why or why not, and with which thresholds; `wanting` is what would make it apply.
    """

    name: str
    applies: bool
    decides: bool
    kind: str
    why: tuple[str, ...]
    wanting: str
    settings: Mapping[str, float]


@value
class Evidence:
    """The numbers the rungs rest on, this run included.

    `rate` is that of the last of the `segments`, into which changes of the rate cut the history;
    `state` is what the test is after this run, and `transitions` are how it came to be that;
    `without_fix` counts builds that failed on a commit without the fix that a maintainer told, and
    `broken_commits` those that failed on a commit with so many others that no test is blamed.
    `same` are the builds that failed in this way; `elsewhere` counts its failures by change outside
    this run and change; `row` are the last builds of this change that all failed so, and
    `others_rate` the highest rate that the `others` leave possible.
    """

    rate: Rate
    builds: int
    same: int
    elsewhere: tuple[tuple[str, int], ...]
    passes_between: bool
    issue: int
    issue_tracks: bool
    base_sha: str
    row: int
    others: int
    others_rate: float
    touches: str
    state: State
    segments: tuple[Segment, ...] = ()
    transitions: tuple[Transition, ...] = ()
    without_fix: int = 0
    broken_commits: int = 0


@value
class ExplainedFailure:
    """One failure, the cause that was read, and how it came to its verdict; `changes` says what
    would change that.
    """

    test: str
    job: str
    url: str
    attempt: int
    rule: str
    line: int
    category: str
    fingerprint: str
    text: str
    verdict: Verdict
    evidence: Evidence
    rungs: tuple[Rung, ...]
    changes: tuple[str, ...]


@value
class ExplainedFinding:
    """A finding or an event of the report with its failures, those first that decided it."""

    told: Finding | Event
    failures: tuple[ExplainedFailure, ...]


def explain(report: Report, cases: Sequence[Case]) -> tuple[ExplainedFinding, ...]:
    """Every finding and event of a report, in its order, with the failures behind it."""
    failures = sorted(map(_failure, cases), key=lambda failure: rank(failure.verdict))
    return (
        *(
            ExplainedFinding(
                told=finding, failures=tuple(f for f in failures if _is_of(f, finding))
            )
            for finding in report.findings
        ),
        *(
            ExplainedFinding(told=event, failures=tuple(f for f in failures if _is_in(f, event)))
            for event in report.events
        ),
    )


def to_json(report: Report, found: Iterable[ExplainedFinding]) -> Mapping[str, object]:
    """The explanations as `flakebot explain --json` prints them."""
    return {
        "schema": SCHEMA,
        "run": report.run.id,
        "repository": report.repository,
        "verdict": str(report.overall),
        "explained": [msgspec.to_builtins(one, str_keys=True) for one in found],
        "problems": list(report.problems),
    }


def _is_of(failure: ExplainedFailure, finding: Finding) -> bool:
    places = {(seen.job, seen.attempt) for seen in finding.occurrences}
    return failure.test == finding.test and (failure.job, failure.attempt) in places


def _is_in(failure: ExplainedFailure, event: Event) -> bool:
    return failure.test in event.tests and failure.job in event.jobs


def _failure(case: Case) -> ExplainedFailure:
    cause = cause_of(case.execution.job, case.entry)
    answers = list(ladder.climb(case))
    decided = next(n for n, (_, answer) in enumerate(answers) if isinstance(answer, Verdict))
    said = ladder.judge(case)
    rungs = tuple(
        _rung(name, answer, case.thresholds, decides=n == decided)
        for n, (name, answer) in enumerate(answers)
    )
    return ExplainedFailure(
        test=case.entry.id,
        job=case.execution.job.name,
        url=case.execution.job.url,
        attempt=case.execution.record.attempt,
        rule=cause.rule if cause else "",
        line=cause.line if cause else case.entry.line,
        category=str(case.entry.category),
        fingerprint=case.fingerprint,
        text=cause.text if cause else "",
        verdict=said,
        evidence=_evidence(case),
        rungs=rungs,
        changes=(*_undoing(case, said), *(r.wanting for r in rungs[:decided] if r.wanting)),
    )


def _rung(name: str, answer: Verdict | Unmet, thresholds: Thresholds, *, decides: bool) -> Rung:
    applies = isinstance(answer, Verdict)
    return Rung(
        name=name,
        applies=applies,
        decides=decides,
        kind=f"{answer.kind} {answer.level}".strip() if isinstance(answer, Verdict) else "",
        why=answer.reasons if isinstance(answer, Verdict) else (answer.reason,),
        wanting="" if isinstance(answer, Verdict) else answer.wanting,
        settings={key.replace("_", "-"): getattr(thresholds, key) for key in SETTINGS[name]},
    )


def _evidence(case: Case) -> Evidence:
    steady = steadiness(case)
    places = Counter(failure.change for failure in case.elsewhere)
    lived = life(case.past.counted, case.thresholds, case.past.fixes)
    return Evidence(
        rate=case.past.rate,
        builds=len(case.past.builds),
        same=sum(map(case.same, case.past.builds)) if case.compares else 0,
        elsewhere=tuple(sorted(places.items(), key=lambda place: (-place[1], place[0]))),
        passes_between=returns_after_pass(case.past.builds, case.same),
        issue=case.issue.number if case.issue else 0,
        issue_tracks=case.covered,
        base_sha=case.base_sha,
        row=steady.row,
        others=steady.others,
        others_rate=steady.rate,
        touches=touches(case.entry.id, case.changed),
        state=lived.state,
        segments=case.past.segments,
        transitions=lived.transitions,
        without_fix=case.past.without_fix,
        broken_commits=sum(build.of_commit for build in case.past.builds),
    )


def _undoing(case: Case, said: Verdict) -> tuple[str, ...]:
    """What would take the verdict back, where no stronger rung has to apply for it."""
    if said.kind is Kind.BROKEN:
        return ("no longer broken: a pass of it on the default branch",)
    if said.kind is Kind.NEW and denied(case):
        return ("flaky: a failure and a pass in one build of a later run, or `/flakebot flaky`",)
    if said.kind is Kind.NEW and too_steady(case):
        return ("no longer held to be this change's own: a pass of it on the newest commit here",)
    return ()
