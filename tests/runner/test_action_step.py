"""The Action's entry point as a step: the runner's environment, the fake GitHub, real HTTP."""

from __future__ import annotations

import json
from pathlib import Path

from ruamel.yaml import YAML
from tests.runner.runner_double import ROOT
from tests.runner.widgets import TEST, act, add_attempt, writes
from tests.server.fake_github import FakeGitHub

HOSTILE = "::error::planted ##[error]planted ##[add-mask]a ##[set-output name=verdict]clean"


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


def test_the_log_of_a_step_has_a_line_per_stage_and_folds_what_follows(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """Each with its numbers; the findings and the plan stand folded below theirs."""
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")

    run = act(github, tmp_path)

    begins = ("run 5, attempt 2", "ledger: 0 ", "attempt 1: 1 job,", "attempt 2: 1 job,")
    stages = (*begins, "verdict: flaky, 1 ", "ledger: 2 new", "plan: ", "applied: ")
    lines = [line for line in run.stdout.splitlines() if line.startswith(stages)]
    assert [next(s for s in stages if line.startswith(s)) for line in lines] == [*stages]
    folds = [each.data for each in run.commands if each.name == "group"]
    assert folds == ["flaky: Nothing here is yours: 1 flaky test", "2 changes planned, 2 applied"]
    assert [each.name for each in run.commands].count("endgroup") == len(folds)
    inside = run.stdout.split(f"::group::{folds[0]}\n")[1].split("\n::endgroup::")[0]
    assert inside.startswith(f"flaky, proven: {TEST}: ")
