"""A run of one repository as an Action sees it: logs, attempts, and the step on the fake GitHub."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.runner.runner_double import ActionRun, run_action
from tests.server.fake_github import FakeGitHub

COMMAND = [sys.executable, "-m", "flakebot", "action"]
TEST = "tests/test_a.py::test_bad"
RUN = 5


def log(fake: FakeGitHub, outcome: str, said: str = "assert 1 == 2") -> str:
    """A job's log in which one test passes and another has an outcome."""
    lines = [
        "##[group]Run pytest",
        "##[endgroup]",
        "=" * 20 + " test session starts " + "=" * 20,
        "collected 2 items",
        "tests/test_a.py::test_ok PASSED                                        [ 50%]",
        f"{TEST} {outcome}                                       [100%]",
    ]
    if outcome == "FAILED":
        lines += [
            "=" * 35 + " FAILURES " + "=" * 35,
            "_" * 35 + " test_bad " + "_" * 35,
            "    def test_bad():",
            ">       assert 1 == 2",
            f"E       {said}",
            "tests/test_a.py:5: AssertionError",
            "=" * 27 + " short test summary info " + "=" * 28,
            f"FAILED {TEST} - {said}",
            "=" * 25 + " 1 failed, 1 passed in 0.10s " + "=" * 25,
            "##[error]Process completed with exit code 1.",
        ]
    else:
        lines.append("=" * 30 + " 2 passed in 0.10s " + "=" * 30)
    stamp = fake.clock.now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return "".join(f"{stamp} {line}\n" for line in lines)


def add_attempt(fake: FakeGitHub, attempt: int, outcome: str, said: str = "assert 1 == 2") -> None:
    """An attempt of run 5 with one job."""
    conclusion = "failure" if outcome == "FAILED" else "success"
    sha = fake.state.git.refs["refs/heads/main"]
    fake.state.add_run(RUN, attempt=attempt, head_sha=sha, conclusion=conclusion)
    text = log(fake, outcome, said)
    fake.state.add_job(RUN, attempt=attempt, name="unit", conclusion=conclusion, log=text)


def act(fake: FakeGitHub, folder: Path, **inputs: str) -> ActionRun:
    """Run the step after the latest attempt of run 5."""
    run = fake.state.runs[RUN][max(fake.state.runs[RUN])]
    event = {"action": "completed", "workflow_run": run}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return act_on(fake, folder, "workflow_run", event, inputs=given)


def act_on(
    fake: FakeGitHub,
    folder: Path,
    event_name: str,
    event: Mapping[str, Any] | None = None,
    *,
    inside: int = 4242,
    command: Sequence[str] = COMMAND,
    inputs: Mapping[str, str] | None = None,
) -> ActionRun:
    """Run the step on an event, as a part of the run `inside`."""
    return run_action(
        command,
        inputs=inputs or {},
        event_name=event_name,
        event={**(event or {}), "repository": fake.state.repository},
        api_url=fake.url,
        workspace=folder / "workspace",
        timeout=60,
        token=fake.token,
        repository=fake.repository,
        run_id=inside,
    )


def writes(fake: FakeGitHub) -> list[str]:
    """What was written, as method and path."""
    return [f"{one.method} {one.path}" for one in fake.requests if one.method != "GET"]
