"""Workflow command lines that annotate a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from flakebot import untrusted
from flakebot.model import value
from flakebot.report import Event, Finding, Kind, Occurrence, Report
from flakebot.views import telling
from flakebot.views.render import short
from flakebot.views.source_path import source_path

PER_TYPE = 10
"""Annotations of one type that the runner keeps for a step; the rest is dropped without a word
(actions/runner, ExecutionContext.cs `_maxCountPerIssueType`)."""

MESSAGE_CHARACTERS = 4000
"""The runner cuts a message at 4,096 (`_maxIssueMessageLength`)."""

_TYPES = {Kind.NEW: "error", Kind.BROKEN: "warning", Kind.UNCLASSIFIED: "warning"}
_TITLES = {
    Kind.NEW: "New failure",
    Kind.BROKEN: "Not new, fails without this change too",
    Kind.UNCLASSIFIED: "Failure that could not be judged",
    Kind.FLAKY: "Flaky",
    Kind.EXTERNAL: "External failure",
    Kind.INFRA: "Infrastructure failure",
}
_BROKEN = "Broken on the default branch"
"""Where there is no change to speak of."""


@value
class _Note:
    """One annotation before it is a line."""

    type: str
    title: str
    message: str
    file: str = ""


def lines(report: Report) -> list[str]:
    """At most ten command lines of each type, what matters most first."""
    titles = _TITLES if report.pull_request else {**_TITLES, Kind.BROKEN: _BROKEN}
    notes = [_of_event(event) for event in report.events]
    notes += [_of_finding(f, titles[f.verdict.kind]) for f in report.findings]
    notes += [
        _Note(
            type="warning",
            title="Job failed, no reason found",
            message=f"{job.name}: {job.failed_step or 'no step is known'}",
        )
        for job in telling.unexplained(report)
    ]
    return [line for type_ in ("error", "warning", "notice") for line in _lines(type_, notes)]


def _of_finding(finding: Finding, title: str) -> _Note:
    """One failing test, or one red job without one."""
    seen = finding.first
    what = finding.test or f"job {seen.job}"
    place = ", ".join(filter(None, [seen.job if finding.test else "", _line(seen)]))
    message = f"{what}: {seen.text or seen.category}" + (f" ({place})" if place else "")
    return _Note(
        type=_TYPES.get(finding.verdict.kind, "notice"),
        title=title,
        message=" — ".join([message, *finding.verdict.reasons[:2]]),
        file=source_path(finding.test),
    )


def _line(seen: Occurrence) -> str:
    """Where the message stands, as GitHub numbers lines if that is known; empty for nowhere."""
    if seen.place.step:
        return f"step {seen.place.step}, line {seen.place.line}"
    return f"line {seen.line}" if seen.line else ""


def _of_event(event: Event) -> _Note:
    """One cause that is told once."""
    became = f" — {event.result}" if event.result else ""
    return _Note(
        type=_TYPES.get(event.kind, "notice"),
        title=telling.event_name(event),
        message=f"{event.text} (hit {telling.reach(event)}){became}",
    )


def _lines(type_: str, notes: Iterable[_Note]) -> list[str]:
    """The notes of one type as lines; the last says how many are left out."""
    mine = [note for note in notes if note.type == type_]
    if len(mine) <= PER_TYPE:
        return [_command(note) for note in mine]
    left = len(mine) - PER_TYPE + 1
    more = _Note(type=type_, title="flakebot", message=f"{left} more are in the job summary")
    return [_command(note) for note in (*mine[: PER_TYPE - 1], more)]


def _command(note: _Note) -> str:
    """One workflow command."""
    file = f"file={untrusted.command_property(note.file)}," if note.file else ""
    title = untrusted.command_property(note.title)
    message = untrusted.command_data(short(note.message, MESSAGE_CHARACTERS))
    return f"::{note.type} {file}title={title}::{message}"
