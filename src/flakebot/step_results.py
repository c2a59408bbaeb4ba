"""What a step leaves behind: job summary, annotations, outputs and `flakebot-report.json`.

Whatever happens, all but the annotations are written, so that a workflow can rely on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from flakebot import planner
from flakebot.model import value
from flakebot.pipeline import Result, Swept
from flakebot.pipeline.answering import Answered
from flakebot.report import Overall
from flakebot.settings import Settings
from flakebot.sinks import job_summary, json_report
from flakebot.sinks.annotations import lines as annotation_lines
from flakebot.views import telling
from flakebot.wording import plural
from flakebot.workflow_commands import Runner

REPORT = "flakebot-report.json"

_FAILING: Mapping[str, frozenset[Overall]] = {
    "never": frozenset(),
    "new-failures": frozenset({Overall.NEW_FAILURES}),
    "any": frozenset(Overall) - {Overall.CLEAN},
}
"""With which overall verdicts the step itself fails, by the input `fail-on`."""


@value
class Place:
    """The runner of a step, and its workspace."""

    runner: Runner
    workspace: Path


def of_run(place: Place, result: Result, settings: Settings) -> int:
    """Leave everything a person or a workflow reads after a run was analysed; returns the exit
    code.
    """
    made = json_report.build(result.report, result.plan, result.receipts)
    outputs = json_report.outputs(result.report, result.receipts, report_path=REPORT)
    summary = job_summary.render(result.report, result.plan, result.receipts)
    left = _leave(place, made, summary, outputs)
    _tell(place.runner, result)
    if settings.annotations:
        place.runner.emit(annotation_lines(result.report))
    undone = [receipt.reason for receipt in result.receipts if not receipt.done]
    for sentence in dict.fromkeys([*result.plan.held_back, *undone]):
        place.runner.notice("error" if result.refused else "warning", sentence)
    failing = result.report.overall in _FAILING[settings.fail_on]
    return int(result.refused or failing or not left)


def of_sweep(place: Place, swept: Swept, now: datetime) -> int:
    """Leave what a sweep did; returns the exit code."""
    made = json_report.swept(swept.plan, swept.receipts, swept.problems, now)
    summary = job_summary.swept(swept.runs, swept.problems, swept.plan, swept.receipts)
    outputs = json_report.swept_outputs(swept.receipts, report_path=REPORT)
    left = _leave(place, made, summary, outputs)
    undone = [receipt.reason for receipt in swept.receipts if not receipt.done]
    for sentence in dict.fromkeys([*swept.problems, *swept.plan.held_back, *undone]):
        place.runner.notice("error" if swept.refused else "warning", sentence)
    return int(swept.refused or not left)


def of_nothing(place: Place, reason: str, now: datetime) -> int:
    """Say that there was no run to analyse, and why; that is no failure."""
    place.runner.say(reason)
    return int(not _leave(place, json_report.nothing(reason, now), job_summary.nothing(reason)))


def of_answer(place: Place, answered: Answered, now: datetime) -> int:
    """Say what became of a command; what GitHub refused its author was told, so it is a warning."""
    place.runner.say(answered.sentence)
    made = json_report.answered(answered.sentence, answered.plan, answered.receipts, now)
    left = _leave(place, made, job_summary.answered(answered.sentence))
    for receipt in answered.receipts:
        if not receipt.done:
            place.runner.notice("warning", receipt.reason)
    return int(not left)


def of_failure(place: Place, sentence: str, now: datetime) -> None:
    """Say why the run could not be analysed."""
    _leave(place, json_report.failure(sentence, now), job_summary.failure(sentence))
    place.runner.notice("error", sentence)


def _leave(
    place: Place,
    report: Mapping[str, object],
    summary: str,
    outputs: Mapping[str, str] | None = None,
) -> bool:
    """Write each of the three, whatever becomes of the others; whether all of them could be."""
    writes: Mapping[str, Callable[[], None]] = {
        REPORT: lambda: _write_report(place, report),
        "job summary": lambda: place.runner.summary(summary),
        "outputs": lambda: place.runner.outputs(
            outputs or json_report.no_outputs(report_path=REPORT)
        ),
    }
    left = True
    for name, write in writes.items():
        try:
            write()
        except OSError as error:
            left = False
            place.runner.notice("error", f"The {name} cannot be written: {error.strerror}.")
    return left


def _write_report(place: Place, report: Mapping[str, object]) -> None:
    path = place.workspace / REPORT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _tell(runner: Runner, result: Result) -> None:
    """The log's own summary: what was found and what follows, each folded below its numbers."""
    found = result.report.findings
    runner.fold(
        f"{result.report.overall}: {telling.headline(result.report)}",
        [telling.line(finding) for finding in found],
    )
    described = planner.describe(result.plan)
    done = sum(receipt.done for receipt in result.receipts)
    runner.fold(f"{plural(len(result.plan.changes), 'change')} planned, {done} applied", described)
