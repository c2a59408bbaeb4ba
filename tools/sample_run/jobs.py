"""From the plan of a job to GitHub's job object, its log and its JUnit file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.sample_run import envelope
from tools.sample_run.envelope import Log, Step
from tools.sample_run.recipes import AGGREGATE, RECIPES, Recipe
from tools.sample_run.recording import Recording, Studio, Take
from tools.sample_run.story import CANCELLED_AT, SILENT_FROM, Ending, JobPlan, RunPlan, sha

HUNG = "test_sglang_kv_router_basic[tcp] FAILED"
"""The last line of the job that hangs."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A job as it ended; `log` is None where there is none, `junit` empty likewise."""

    plan: JobPlan
    attempt: int
    conclusion: str
    started_at: datetime
    completed_at: datetime
    steps: tuple[Step, ...]
    runner: str
    labels: tuple[str, ...]
    log: str | None = None
    junit: str = ""
    artifact: str = ""


class Maker:
    """Makes jobs; recordings that cannot differ are made once."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._recordings: dict[Take, Recording] = {}

    def make(
        self, run: RunPlan, attempt: int, plan: JobPlan, started: datetime, needs: dict[str, str]
    ) -> Made:
        """One job; `needs` are the conclusions of the jobs before it."""
        start = started + timedelta(seconds=plan.starts)
        if plan.ending is Ending.SKIPPED:
            return _skipped(plan, attempt, start)
        recipe = _aggregate(needs) if plan.ending is Ending.AGGREGATE else RECIPES[plan.recipe]
        if plan.ending is Ending.LOST:
            return _lost(run, plan, recipe, attempt, start)
        recording = self._record(recipe, plan)
        if plan.ending is Ending.HANG:
            start = SILENT_FROM - timedelta(seconds=round(recording.lines[-1].seconds) + 30)
        return _ran(run, plan, recipe, attempt, start, recording)

    def _record(self, recipe: Recipe, plan: JobPlan) -> Recording:
        take = Take(
            script=recipe.script,
            faults=plan.faults,
            answers=plan.answers,
            env=plan.env,
            killed_after=HUNG if plan.ending is Ending.HANG else "",
            wanted=plan.wanted,
            patch=plan.patch,
        )
        if not recipe.reused:
            return self._studio.record(take)
        if take not in self._recordings:
            self._recordings[take] = self._studio.record(take)
        return self._recordings[take]


def _aggregate(needs: dict[str, str]) -> Recipe:
    results = {name.partition(" ")[0]: "success" for name in needs}
    for name, result in needs.items():
        if result in {"failure", "cancelled"}:
            results[name.partition(" ")[0]] = result
    text = json.dumps({name: {"result": result, "outputs": {}} for name, result in results.items()})
    return Recipe(step="Check all dependent jobs", script=AGGREGATE.format(needs=text))


def _ran(
    run: RunPlan,
    plan: JobPlan,
    recipe: Recipe,
    attempt: int,
    start: datetime,
    recording: Recording,
) -> Made:
    log = Log(start, plan.id)
    runner = _runner(plan, recipe)
    envelope.set_up(log, job=plan.name, runner=runner, hosted=recipe.hosted)
    ref = f"refs/remotes/origin/{run.branch}"
    envelope.check_out(log, sha=sha(run.commit), ref=ref)
    hung = plan.ending is Ending.HANG
    conclusion = _main_step(log, recipe, recording, hung=hung)
    artifact = f"test-results-{recipe.suite}-{run.id}-{plan.id}" if recipe.suite else ""
    number = 4
    if artifact and recording.junit and not hung:
        envelope.upload(log, number=number, artifact=artifact, size=len(recording.junit) // 4)
        number += 1
    if plan.ending is Ending.UPLOAD_REFUSED:
        name = artifact.replace("test-results", "allure-results")
        envelope.upload_refused(log, number=number, artifact=name)
        conclusion = "failure"
        number += 1
    orphans = ["pid (1432) (pytest)", "pid (1517) (python)"] if hung else []
    envelope.clean_up(log, number=number, orphans=orphans)
    return Made(
        plan=plan,
        attempt=attempt,
        conclusion=conclusion,
        started_at=start,
        completed_at=log.now,
        steps=tuple(log.steps),
        runner=runner,
        labels=recipe.labels,
        log=log.text,
        junit=_dated(recording.junit, log.steps[2].started_at) if plan.artifact else "",
        artifact=artifact,
    )


def _main_step(log: Log, recipe: Recipe, recording: Recording, *, hung: bool) -> str:
    """The step that the job is there for; returns its conclusion."""
    log.step(recipe.step, 3)
    envelope.script(log, recipe.script, recipe.environment)
    if hung:
        log.until(SILENT_FROM - timedelta(seconds=recording.lines[-1].seconds))
    log.printed(recording.lines)
    if hung:
        log.until(CANCELLED_AT)
        log.line("##[error]The operation was canceled.")
        log.done("cancelled")
        return "cancelled"
    if recording.exit_code:
        log.line(f"##[error]Process completed with exit code {recording.exit_code}.")
    conclusion = "failure" if recording.exit_code else "success"
    log.done(conclusion)
    return conclusion


def _lost(run: RunPlan, plan: JobPlan, recipe: Recipe, attempt: int, start: datetime) -> Made:
    """The runner vanished during the tests: the step never ends, and there is no log."""
    log = Log(start, plan.id)
    runner = _runner(plan, recipe)
    envelope.set_up(log, job=plan.name, runner=runner, hosted=False)
    envelope.check_out(log, sha=sha(run.commit), ref=run.branch)
    step = log.step(recipe.step, 3)
    step.conclusion, step.status = None, "in_progress"
    return Made(
        plan=plan,
        attempt=attempt,
        conclusion="failure",
        started_at=start,
        completed_at=start + timedelta(minutes=17, seconds=42),
        steps=tuple(log.steps),
        runner=runner,
        labels=recipe.labels,
    )


def _skipped(plan: JobPlan, attempt: int, start: datetime) -> Made:
    return Made(
        plan=plan,
        attempt=attempt,
        conclusion="skipped",
        started_at=start,
        completed_at=start,
        steps=(),
        runner="",
        labels=("ubuntu-latest",),
    )


def _runner(plan: JobPlan, recipe: Recipe) -> str:
    number = 1000000000 + plan.id % 100000
    if recipe.hosted:
        return f"GitHub Actions {number}"
    return f"{recipe.labels[0]}-{plan.id % 89041:05x}-runner-{plan.id % 46649:04x}"


def _dated(junit: str, began: datetime) -> str:
    """The report with the time of the sample instead of that of the recording."""
    stamp = f'timestamp="{began:%Y-%m-%dT%H:%M:%S}.000000+00:00"'
    return re.sub(r'timestamp="[^"]*"', stamp, junit)
