"""The daily canary, as its workflow has it: planted, found, and red when it is not found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.runner.runner_double import ROOT, ActionRun
from tests.runner.widgets import RUN, act_on
from tests.server.fake_github import FakeGitHub

WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "canary.yml")
PLANTED = Path("tests") / "canary" / "planted.py"


def script(job: str) -> str:
    """The last script of a job, with this Python in place of the one the job installs."""
    runs = [step["run"] for step in WORKFLOW["jobs"][job]["steps"] if "run" in step]
    return str(runs[-1]).replace(".venv/bin/python", sys.executable)


def shell(text: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does: `bash -e`."""
    here = {"PATH": os.environ["PATH"], **environ}  # noqa: TID251 -- what a runner passes on
    return subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=folder,
        env=here,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def planted(fake: FakeGitHub, folder: Path) -> str:
    """What the planted job really prints, with GitHub's timestamps."""
    (folder / PLANTED.parent).mkdir(parents=True)
    shutil.copy(ROOT / PLANTED, folder / PLANTED)
    shutil.copy(ROOT / "pyproject.toml", folder)
    done = shell(script("planted"), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    stamp = fake.clock.now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return "".join(f"{stamp} {line}\n" for line in done.stdout.splitlines())


def watched(fake: FakeGitHub, folder: Path, log: str) -> ActionRun:
    """The Action inside the run, after the planted job with this log."""
    sha = fake.state.git.refs["refs/heads/main"]
    fake.state.add_run(RUN, head_sha=sha, conclusion="success")
    fake.state.add_job(RUN, name="planted", conclusion="success", log=log)
    found = fake.state.add_job(RUN, name="found", log=None, conclusion=None)
    found |= {"status": "in_progress", "completed_at": None}
    fake.state.runs[RUN][1] |= {"status": "in_progress", "conclusion": None}
    step = next(step for step in WORKFLOW["jobs"]["found"]["steps"] if step.get("uses") == "./")
    inputs = step["with"] | {"run-id": str(RUN)}
    assert "github.run_id" in step["with"]["run-id"]
    return act_on(fake, folder, "schedule", inside=RUN, inputs=inputs)


def verdict(run: ActionRun, folder: Path) -> int:
    """The exit code of the canary's last step."""
    out = run.outputs
    said = f"{out['verdict']} {out['flaky-count']} {out['new-failure-count']}"
    return shell(script("found"), folder, FOUND=said).returncode


@pytest.mark.timeout(180)
def test_the_planted_flake_is_found(github: FakeGitHub, tmp_path: Path) -> None:
    """The canary is green, and has written nothing."""
    run = watched(github, tmp_path, planted(github, tmp_path / "planted"))
    assert verdict(run, tmp_path) == 0, run.summary
    assert [one for one in github.requests if one.method != "GET"] == []


@pytest.mark.timeout(180)
def test_the_canary_is_red_when_there_is_nothing_to_find(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """A log without the failing session stands for a reader that misses it."""
    log = planted(github, tmp_path / "planted")
    second = log.rindex("test session starts")
    run = watched(github, tmp_path, log[log.rindex("\n", 0, second) + 1 :])
    assert verdict(run, tmp_path) != 0
