"""Why a run was judged as it was, as a comment. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.judging.explained import ExplainedFinding
from flakebot.model import value
from flakebot.report import Finding, Report
from flakebot.settings import Limits
from flakebot.views import markers, render
from flakebot.views.markers import Mark


@value
class _Told:
    """One verdict: its words, what it is on, and why."""

    said: str
    name: str
    because: tuple[str, ...]
    explained: ExplainedFinding


def body(key: str, report: Report, found: Sequence[ExplainedFinding], limits: Limits) -> str:
    """The comment; `key` is its own, `found` are the verdicts that it is about."""
    return render.fitting(
        "reasons",
        limits,
        marker=render.ours(markers.mark(Mark.NOTE, key)),
        report=report,
        last=report.records[-1],
        found=[_told(each) for each in found],
    )


def _told(each: ExplainedFinding) -> _Told:
    told = each.told
    if isinstance(told, Finding):
        said = f"{told.verdict.kind} {told.verdict.level}".strip()
        name, because = told.test or told.function, told.verdict.reasons
    else:
        said, name, because = f"{told.kind}, one event", told.text, told.reasons
    return _Told(said=said, name=name, because=because, explained=each)
