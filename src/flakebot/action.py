"""One step of a workflow: inputs and event in; issues, comment, summary, outputs and report out.

Whatever happens, the job summary, the outputs and `flakebot-report.json` are written, so that a
workflow can rely on them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from flakebot import config, event, pipeline, wiring
from flakebot.errors import FlakebotError, InputError
from flakebot.model import Repository, Run, value
from flakebot.report import Overall
from flakebot.settings import Settings
from flakebot.sinks import annotations, job_summary, json_report
from flakebot.workflow_commands import Runner

REPORT = "flakebot-report.json"

_FAILING: Mapping[str, frozenset[Overall]] = {
    "never": frozenset(),
    "new-failures": frozenset({Overall.NEW_FAILURES}),
    "any": frozenset(Overall) - {Overall.CLEAN},
}
"""With which overall verdicts the step itself fails, by the input `fail-on`."""


@value
class _Step:
    """What the runner told this step."""

    environ: Mapping[str, str]
    runner: Runner
    report_path: Path

    @property
    def event_name(self) -> str:
        return self.environ.get("GITHUB_EVENT_NAME", "")


def main(environ: Mapping[str, str]) -> int:
    """Run the step and return its exit code.

    Raises:
        FlakebotError: after summary, outputs and report were written, so that the step says why.

    """
    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    step = _Step(environ=environ, runner=Runner(environ), report_path=workspace / REPORT)
    now = datetime.now(UTC)  # the entry layer reads the clock
    try:
        return _run(step, now)
    except FlakebotError as error:
        _leave(step, json_report.failure(str(error), now), job_summary.failure(str(error)))
        step.runner.notice("error", str(error))
        raise


def _run(step: _Step, now: datetime) -> int:
    inputs = config.inputs_from_environ(step.environ)
    payload = read_event(step.environ.get("GITHUB_EVENT_PATH", ""))
    task = event.find_task(
        step.event_name,
        payload,
        run_id=inputs.run_id,
        run_attempt=inputs.run_attempt,
        current_run=step.environ.get("GITHUB_RUN_ID", ""),
    )
    if isinstance(task, event.NothingToDo):
        step.runner.say(task.reason)
        _leave(step, json_report.nothing(task.reason, now), job_summary.nothing(task.reason))
        return 0
    with step.runner.group("flakebot"):
        result, settings = wiring.run_on_github(
            _server(step.environ, inputs, payload),
            task.ref,
            given=inputs.given,
            hf_token=inputs.hf_token,
            config_path=inputs.config,
            inside=task.inside,
            now=now,
            say=step.runner.say,
        )
    return _answer(step, result, settings)


def _server(
    environ: Mapping[str, str], inputs: config.Inputs, payload: Mapping[str, object]
) -> wiring.Server:
    if not inputs.token:
        raise InputError("The input `token` is empty; leave it out to use the workflow's own.")
    return wiring.Server(
        repository=environ.get("GITHUB_REPOSITORY", ""),
        token=inputs.token,
        api_url=environ.get("GITHUB_API_URL", wiring.PUBLIC_API),
        event_repository=wiring.from_event(payload, "repository", Repository),
        event_run=wiring.from_event(payload, "workflow_run", Run),
    )


def _answer(step: _Step, result: pipeline.Result, settings: Settings) -> int:
    """Leave everything a person or a workflow reads after the step."""
    made = json_report.build(result.report, result.plan, result.receipts)
    outputs = json_report.outputs(result.report, result.receipts, report_path=REPORT)
    _leave(step, made, job_summary.render(result.report, result.plan, result.receipts), outputs)
    if settings.annotations:
        step.runner.emit(annotations.lines(result.report))
    undone = [receipt.reason for receipt in result.receipts if not receipt.done]
    for sentence in dict.fromkeys([*result.plan.held_back, *undone]):
        step.runner.notice("error" if result.refused else "warning", sentence)
    return int(result.refused or result.report.overall in _FAILING[settings.fail_on])


def _leave(
    step: _Step,
    report: Mapping[str, object],
    summary: str,
    outputs: Mapping[str, str] | None = None,
) -> None:
    step.report_path.parent.mkdir(parents=True, exist_ok=True)
    step.report_path.write_text(json.dumps(report, indent=1), encoding="utf-8")
    step.runner.summary(summary)
    step.runner.outputs(outputs or json_report.no_outputs(report_path=REPORT))


def read_event(path: str) -> Mapping[str, object]:
    """The event as GitHub delivered it; one that cannot be read is an expected error."""
    if not path:
        return {}
    try:
        payload = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"The event at GITHUB_EVENT_PATH cannot be read: {error}.") from error
    if not isinstance(payload, dict):
        raise InputError("The event at GITHUB_EVENT_PATH is no JSON object.")
    return payload
