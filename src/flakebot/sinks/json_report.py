"""The machine-readable report and the step's outputs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from flakebot.changes import (
    Change,
    OpenIssue,
    Plan,
    PostComment,
    Receipt,
    RequestRerun,
    UpdateComment,
    UpdateIssue,
)
from flakebot.report import Kind, Overall, Report
from flakebot.views import telling

SCHEMA = 1
"""Rises when a field of the report changes its meaning."""


def build(report: Report, plan: Plan, receipts: Sequence[Receipt]) -> Mapping[str, object]:
    """The whole report with what was planned and what became of it."""
    return {
        "schema": SCHEMA,
        "verdict": str(report.overall),
        "headline": telling.headline(report),
        "report": msgspec.to_builtins(report, str_keys=True),
        **_written(plan, receipts),
    }


def swept(
    plan: Plan, receipts: Sequence[Receipt], problems: Sequence[str], now: datetime
) -> Mapping[str, object]:
    """The report of a sweep, which has no run."""
    return _empty(now) | {"problems": list(problems)} | _written(plan, receipts)


def failure(sentence: str, now: datetime) -> Mapping[str, object]:
    """The report of a run that could not be analysed."""
    return _empty(now) | {"error": sentence}


def nothing(reason: str, now: datetime) -> dict[str, object]:
    """The report when there was nothing to analyse."""
    return _empty(now) | {"nothing": reason}


def answered(
    sentence: str, plan: Plan, receipts: Sequence[Receipt], now: datetime
) -> Mapping[str, object]:
    """The report of a command in a comment: no run was analysed."""
    return nothing(sentence, now) | _written(plan, receipts)


def outputs(report: Report, receipts: Sequence[Receipt], *, report_path: str) -> dict[str, str]:
    """The outputs of the step, by the names of `action.yml`."""
    return {
        "verdict": str(report.overall),
        "flaky-count": str(len(_flaky(report))),
        "new-failure-count": str(telling.total(report, Kind.NEW)),
        "external-count": str(telling.total(report, Kind.EXTERNAL)),
        "infra-count": str(telling.total(report, Kind.INFRA)),
        "issues": json.dumps(list(dict.fromkeys(_issues(report, receipts)))),
        "comment-url": _comment(receipts),
        "rerun-requested": str(
            any(isinstance(r.change, RequestRerun) and r.done for r in receipts)
        ).lower(),
        "report": report_path,
    }


def _flaky(report: Report) -> frozenset[str]:
    """The tests called flaky, alone or in an event; a job without a failing test by its key."""
    alone = {finding.test or finding.function for finding in report.of(Kind.FLAKY)}
    return frozenset(alone.union(*(event.tests for event in telling.events(report, Kind.FLAKY))))


def swept_outputs(receipts: Sequence[Receipt], *, report_path: str) -> dict[str, str]:
    """The outputs of a step that swept: the issues that it wrote, and no verdict."""
    written = (r.url for r in receipts if isinstance(r.change, OpenIssue | UpdateIssue) and r.done)
    addresses = json.dumps(list(dict.fromkeys(filter(None, written))))
    return no_outputs(report_path=report_path) | {"issues": addresses}


def no_outputs(*, report_path: str) -> dict[str, str]:
    """The outputs of a step that analysed nothing."""
    counts = ("flaky-count", "new-failure-count", "external-count", "infra-count")
    return {
        "verdict": str(Overall.UNKNOWN),
        **dict.fromkeys(counts, "0"),
        "issues": "[]",
        "comment-url": "",
        "rerun-requested": "false",
        "report": report_path,
    }


def _empty(now: datetime) -> dict[str, object]:
    """What every report holds."""
    return {
        "schema": SCHEMA,
        "verdict": str(Overall.UNKNOWN),
        "now": now.isoformat(),
        "report": None,
        "plan": [],
        "held_back": [],
        "receipts": [],
    }


def _written(plan: Plan, receipts: Sequence[Receipt]) -> dict[str, object]:
    """What was planned and what became of it."""
    return {
        "plan": [_change(change) for change in plan.changes],
        "held_back": list(plan.held_back),
        "receipts": [
            {**_change(r.change), "done": r.done, "url": r.url, "error": r.reason} for r in receipts
        ],
    }


def _change(change: Change) -> dict[str, object]:
    """A change with its type, by which a reader tells them apart."""
    fields = msgspec.to_builtins(change)
    return {"type": type(change).__name__, **fields}


def _issues(report: Report, receipts: Sequence[Receipt]) -> Iterator[str]:
    """Addresses of the tracking issues that this run touched or names."""
    repository = report.run.html_url.partition("/actions/")[0]
    for receipt in receipts:
        if isinstance(receipt.change, OpenIssue | UpdateIssue) and receipt.done and receipt.url:
            yield receipt.url
    for finding in report.findings:
        if finding.issue and repository:
            yield f"{repository}/issues/{finding.issue}"


def _comment(receipts: Sequence[Receipt]) -> str:
    """The address of the comment on the pull request, if it was written now."""
    written = (r.url for r in receipts if isinstance(r.change, PostComment | UpdateComment))
    return next((url for url in written if url), "")
