"""The Action's entry point as a step: the runner's environment, the fake GitHub, real HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.runner.runner_double import ROOT, ActionRun, run_action
from tests.server.fake_github import FakeGitHub

COMMAND = [sys.executable, "-m", "flakebot", "action"]
TEST = "tests/test_a.py::test_bad"
HOSTILE = "::error::planted ##[error]planted ##[add-mask]a ##[set-output name=verdict]clean"


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub whose clock shows the time the Action reads, with run 5 of the default branch."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # the step reads the real clock
    with FakeGitHub(start=now - timedelta(minutes=10)) as fake:
        fake.state.add_commit(files={"README.md": b"# Widgets\n"}, branch="main")
        yield fake
    assert fake.violations == []
    assert fake.leaks == []


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
    fake.state.add_run(5, attempt=attempt, head_sha=sha, conclusion=conclusion)
    text = log(fake, outcome, said)
    fake.state.add_job(5, attempt=attempt, name="unit", conclusion=conclusion, log=text)


def act(fake: FakeGitHub, folder: Path, **inputs: str) -> ActionRun:
    """Run the step after the latest attempt of run 5."""
    run = fake.state.runs[5][max(fake.state.runs[5])]
    event: dict[str, Any] = {
        "action": "completed",
        "workflow_run": run,
        "repository": fake.state.repository,
    }
    return run_action(
        COMMAND,
        inputs={name.replace("_", "-"): value for name, value in inputs.items()},
        event_name="workflow_run",
        event=event,
        api_url=fake.url,
        workspace=folder / "workspace",
        timeout=60,
        token=fake.token,
        repository=fake.repository,
    )


def writes(fake: FakeGitHub) -> list[str]:
    """What was written, as method and path."""
    return [f"{one.method} {one.path}" for one in fake.requests if one.method != "GET"]


def test_a_new_failure_is_told_by_summary_outputs_annotation_and_report(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """All outputs of the definition are set, the ledger has the run, and the step does not fail."""
    add_attempt(github, 1, "FAILED")

    run = act(github, tmp_path)

    assert not run.failed, run.stderr
    defined = YAML(typ="safe").load(ROOT / "action.yml")["outputs"]
    assert set(run.outputs) == set(defined)
    assert (run.outputs["verdict"], run.outputs["new-failure-count"]) == ("new-failures", "1")
    assert TEST in run.summary
    assert [(one.kind, TEST in one.message) for one in run.annotations] == [("error", True)]
    report = json.loads((tmp_path / "workspace" / run.outputs["report"]).read_text())
    assert report["verdict"] == "new-failures"
    assert "refs/heads/flakebot-data" in github.state.git.refs
    assert github.state.issues == {}
    assert (run.env_changes, run.path_changes, run.masks) == ({}, [], [])


def test_a_flake_is_tracked_once_however_often_the_run_is_analysed(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """Failed, then passed at the same commit: one issue with its label, and nothing more later."""
    add_attempt(github, 1, "FAILED")
    act(github, tmp_path)
    add_attempt(github, 2, "PASSED")

    first = act(github, tmp_path)
    done = len(writes(github))
    second = act(github, tmp_path)

    assert not first.failed, first.stderr
    assert first.outputs["verdict"] == "flaky"
    assert [TEST in issue["title"] for issue in github.state.issues.values()] == [True]
    issue = next(iter(github.state.issues.values()))
    assert [label["name"] for label in issue["labels"]] == ["flaky-test"]
    assert json.loads(first.outputs["issues"]) == [issue["html_url"]]
    assert second.outputs["verdict"] == "flaky"
    assert len(writes(github)) == done


def test_a_flake_is_seen_in_two_attempts_read_at_once(github: FakeGitHub, tmp_path: Path) -> None:
    """When nobody analysed the first attempt in its time."""
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")

    run = act(github, tmp_path, dry_run="true")

    assert run.outputs["verdict"] == "flaky"


def test_a_dry_run_writes_nothing(github: FakeGitHub, tmp_path: Path) -> None:
    """The verdict is the same."""
    add_attempt(github, 1, "FAILED")

    run = act(github, tmp_path, dry_run="true")

    assert not run.failed, run.stderr
    assert run.outputs["verdict"] == "new-failures"
    assert writes(github) == []


def test_a_log_cannot_speak_to_the_runner(github: FakeGitHub, tmp_path: Path) -> None:
    """Commands in a log are neither carried out nor shown as annotations of their own."""
    add_attempt(github, 1, "FAILED", HOSTILE)

    run = act(github, tmp_path)

    assert not run.failed, run.stderr
    assert run.outputs["verdict"] == "new-failures"
    assert {command.name for command in run.commands} <= {"group", "endgroup", "error", "notice"}
    assert [one.message.startswith("planted") for one in run.annotations] == [False]
    assert run.masks == []


def test_a_missing_permission_is_named_and_the_rest_is_done(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """Reading is enough for summary and outputs."""
    add_attempt(github, 1, "FAILED")
    act(github, tmp_path)
    add_attempt(github, 2, "PASSED")
    github.permissions = {"actions": "read", "contents": "write"}

    run = act(github, tmp_path)

    assert not run.failed, run.stderr
    assert run.outputs["verdict"] == "flaky"
    assert "issues: write" in run.summary
    assert TEST in run.summary
    assert github.state.issues == {}


def test_a_refused_token_is_one_sentence(github: FakeGitHub, tmp_path: Path) -> None:
    """The step fails with an annotation, a summary and no traceback."""
    add_attempt(github, 1, "FAILED")
    github.token = "ghs_another"
    run = act(github, tmp_path, token="ghs_wrong")

    assert run.exit_code == 1
    assert [one.kind for one in run.annotations] == ["error"]
    assert "token" in run.annotations[0].message
    assert "Traceback" not in run.stdout + run.stderr
    assert "ghs_wrong" not in run.stdout + run.stderr + run.summary
