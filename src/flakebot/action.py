"""One step of a workflow: inputs and event in; issues, comment, summary, outputs and report out.

What the first request does not need is imported after it: a step should start as fast as it can
(`benchmarks/cold_start.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flakebot import config, event, wiring
from flakebot.errors import FlakebotError, InputError
from flakebot.github_objects import Repository, Run
from flakebot.workflow_commands import Runner

if TYPE_CHECKING:
    from flakebot import step_results
    from flakebot.commands import Asked


_BUG = "This is a bug of flakebot ({kind}): the log of this step ends with a report to paste."


def main(environ: Mapping[str, str]) -> int:
    """Run the step and return its exit code.

    Raises:
        FlakebotError: after summary, outputs and report were written, so that the step says why; so
            is what a bug raises.

    """
    runner = Runner(environ)
    now = datetime.now(UTC)  # the entry layer reads the clock
    try:
        return _run(environ, runner, now)
    except Exception as error:
        from flakebot import step_results

        known = isinstance(error, FlakebotError)
        sentence = str(error) if known else _BUG.format(kind=type(error).__name__)
        step_results.of_failure(_place(environ, runner), sentence, now)
        raise


def _run(environ: Mapping[str, str], runner: Runner, now: datetime) -> int:
    inputs = config.inputs_from_environ(environ)
    payload = read_event(environ.get("GITHUB_EVENT_PATH", ""))
    task = event.find_task(
        environ.get("GITHUB_EVENT_NAME", ""),
        payload,
        run_id=inputs.run_id,
        run_attempt=inputs.run_attempt,
        current_run=environ.get("GITHUB_RUN_ID", ""),
    )
    if isinstance(task, event.NothingToDo):
        from flakebot import step_results

        return step_results.of_nothing(_place(environ, runner), task.reason, now)
    if isinstance(task, event.SweepIssues):
        return _sweep(environ, runner, inputs, payload, now)
    if isinstance(task, event.AnswerComment):
        return _answer(environ, runner, inputs, payload, task.asked, now)
    result, settings = wiring.run_on_github(
        _server(environ, inputs, payload),
        task.ref,
        given=inputs.given,
        hf_token=inputs.hf_token,
        config_path=inputs.config,
        inside=task.inside,
        now=now,
        say=runner.say,
    )
    from flakebot import step_results

    return step_results.of_run(_place(environ, runner), result, settings)


def _answer(
    environ: Mapping[str, str],
    runner: Runner,
    inputs: config.Inputs,
    payload: Mapping[str, object],
    asked: Asked,
    now: datetime,
) -> int:
    from flakebot import comment_step, step_results

    answered = comment_step.respond(
        _server(environ, inputs, payload),
        asked,
        given=inputs.given,
        config_path=inputs.config,
        say=runner.say,
    )
    return step_results.of_answer(_place(environ, runner), answered, now)


def _sweep(
    environ: Mapping[str, str],
    runner: Runner,
    inputs: config.Inputs,
    payload: Mapping[str, object],
    now: datetime,
) -> int:
    from flakebot import step_results, sweep_wiring

    swept = sweep_wiring.on_github(
        _server(environ, inputs, payload),
        given=inputs.given,
        config_path=inputs.config,
        now=now,
        say=runner.say,
    )
    return step_results.of_sweep(_place(environ, runner), swept, now)


def _place(environ: Mapping[str, str], runner: Runner) -> step_results.Place:
    from flakebot import step_results

    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    return step_results.Place(runner=runner, workspace=workspace)


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
