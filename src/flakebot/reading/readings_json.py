"""The JSON of `flakebot classify`, described by `schemas/classify.schema.json`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.model import Cause, LogReading, Problem, Status, TestResult

SCHEMA = 1


def to_json(readings: Sequence[LogReading], problems: Sequence[Problem]) -> dict[str, object]:
    """The object that `flakebot classify --json` prints."""
    wrong = [*problems, *(problem for reading in readings for problem in reading.problems)]
    found: dict[str, object] = {
        "schema": SCHEMA,
        "logs": [_log(reading) for reading in readings if reading.lines],
    }
    if wrong:
        found["problems"] = [{"source": p.source, "reason": p.reason} for p in wrong]
    return found


def _log(reading: LogReading) -> dict[str, object]:
    return {
        "source": reading.source,
        "framework": list(reading.frameworks),
        "counts": {status.value: reading.counts.get(status, 0) for status in Status},
        "tests": [_test(test) for test in reading.tests],
        "causes": [_cause(cause) for cause in reading.causes],
    }


def _test(test: TestResult) -> dict[str, object]:
    return {
        "id": test.id,
        "framework": test.framework,
        "outcomes": [outcome.value for outcome in test.outcomes],
        "final": test.final.value,
        "category": test.category.value,
        "fingerprint": test.fingerprint,
        "cause": test.cause if test.cause >= 0 else None,
        "line": test.line,
        "worker": test.worker or None,
    }


def _cause(cause: Cause) -> dict[str, object]:
    return {
        "category": cause.category.value,
        "owner": cause.category.owner.value,
        "severity": cause.category.severity.value,
        "rule": cause.rule,
        "line": cause.line,
        "text": cause.text,
        "tests": list(cause.tests),
    }
