"""The image as the runner starts it, and as the runner's Kubernetes hooks do, on the sample run."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.container import engine
from tests.runner import runner_double
from tests.runner.runner_double import CONTAINER, ActionRun, Step
from tests.server.fake_github import FakeGitHub

pytestmark = [
    pytest.mark.container,
    pytest.mark.xdist_group("container"),  # one build for all
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "src" / "flakebot" / "resources" / "sample"
RUN_ID = 21553857421


@pytest.fixture(scope="module")
def image() -> engine.Engine:
    """An engine that has built the image from `Dockerfile`."""
    found = engine.find()
    if isinstance(found, str):
        pytest.skip(found)
    found.build_image()
    return found


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """GitHub as the sample has it."""
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE, folder)
    with FakeGitHub(folder) as fake:
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def _step(fake: FakeGitHub) -> Step:
    run = json.loads((SAMPLE / "runs" / str(RUN_ID) / "run.json").read_text())
    repository = json.loads((SAMPLE / "repository.json").read_text())
    event: dict[str, Any] = {
        "action": "completed",
        "workflow_run": run,
        "repository": repository,
    }
    return Step(
        event_name="workflow_run",
        event=event,
        api_url=fake.url,
        token=fake.token,
        repository=fake.repository,
    )


INPUTS = {"retry-hugging-face": "off"}  # the container has no way to the real Hugging Face


def _run(image: engine.Engine, fake: FakeGitHub, tmp_path: Path, *, pod: bool) -> ActionRun:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    step = _step(fake)
    place = runner_double.prepare(tmp_path / "runner", workspace, step)
    inputs = {**INPUTS, "token": fake.token}
    entrypoint = YAML(typ="safe").load(ROOT / "action.yml")["runs"]["entrypoint"]
    arguments = runner_double.podman_arguments(step, inputs, place, entrypoint=entrypoint)
    command: list[str] = []
    if pod:
        arguments, command = _as_pod(arguments, entrypoint)
    done = image.run_image(arguments, command)
    return runner_double.read_back(place, done.returncode, done.stdout, done.stderr)


def _as_pod(arguments: list[str], entrypoint: str) -> tuple[list[str], list[str]]:
    """The hooks overwrite the entry point and run a shell script that names action.yml's
    (actions/runner-container-hooks, run-container-step.ts).
    """
    kept, variables, words = [], [], iter(arguments)
    for word in words:
        if word == "-e":
            variables.append(next(words))
        elif word == "--entrypoint":
            next(words)
        else:
            kept.append(word)
    exported = " ".join(shlex.quote(variable) for variable in variables)
    script = f"cd {CONTAINER.workspace} && exec env {exported} {entrypoint}"
    return [*kept, "--entrypoint", "/bin/sh"], ["-e", "-c", script]


@pytest.mark.parametrize("pod", [False, True], ids=["runner", "kubernetes"])
def test_the_action_does_the_main_job(
    image: engine.Engine, github: FakeGitHub, tmp_path: Path, *, pod: bool
) -> None:
    """Issues, comment, ledger, outputs, summary and report are there after one step."""
    done = _run(image, github, tmp_path, pod=pod)
    assert (done.exit_code, done.errors) == (0, []), done.stderr
    assert done.outputs["verdict"] == "new-failures"
    assert done.outputs["report"] == "flakebot-report.json"
    opened = json.loads(done.outputs["issues"])
    assert opened
    titles = [issue["title"] for issue in github.state.issues.values()]
    assert any("test_kv_push_router_bindings" in title for title in titles)
    assert done.outputs["comment-url"]
    assert "test_kv_push_router_bindings" in done.summary
    report = json.loads((tmp_path / "workspace" / "flakebot-report.json").read_text())
    assert report["schema"] == 1
    assert "refs/heads/flakebot-data" in str(github.state.git.refs)


def test_the_image_tells_its_version(image: engine.Engine) -> None:
    """`docker run IMAGE --version` answers for people who try it."""
    done = image.run_image(["--rm"], ["--version"])
    assert done.stdout.startswith("flakebot ")
