"""A double of the Actions runner: starts a container action's command as the runner would.

The command gets exactly the environment, folders and command files a container action gets
(actions/runner 2.336.0: `ContainerActionHandler.cs`, `GitHubContext.cs`), and what it left behind
and printed is read by the runner's own rules. `podman_arguments` gives the same to a container.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from tests.runner import command_files
from tests.runner.command_files import CommandFileError
from tests.runner.commands import Annotation, Command, Console

ROOT = Path(__file__).resolve().parents[2]
IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""`PATH` comes from the image, not from the runner."""

FILES = ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE", "ARTIFACTS")
_FILE_NAMES = {
    "OUTPUT": "set_output",
    "STEP_SUMMARY": "step_summary",
    "ENV": "set_env",
    "PATH": "add_path",
    "STATE": "save_state",
    "ARTIFACTS": "artifacts",
}
_SUFFIX = "6f0f3ea4-24a3-4f3f-8f3e-0d7b7d3c3f53"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folders of a step, on the host or as the container sees them."""

    temp: Path
    home: Path
    workflow: Path
    file_commands: Path
    workspace: Path

    def file(self, name: str) -> Path:
        """A command file, by its name in the environment without `GITHUB_`."""
        return self.file_commands / f"{_FILE_NAMES[name]}_{_SUFFIX}"


CONTAINER = Place(
    temp=Path("/github/runner_temp"),
    home=Path("/github/home"),
    workflow=Path("/github/workflow"),
    file_commands=Path("/github/file_commands"),
    workspace=Path("/github/workspace"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The context a step runs in; the rest of the environment follows from it."""

    event_name: str
    event: Mapping[str, Any]
    api_url: str
    token: str = ""
    repository: str = "acme/widgets"
    run_id: int = 4242
    run_attempt: int = 1
    job: str = "flakebot"
    sha: str = "0" * 40
    ref: str = "refs/heads/main"
    head_ref: str = ""
    base_ref: str = ""
    workflow: str = "flakebot"
    actor: str = "ada"
    runner_name: str = "GitHub Actions 2"
    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRun:
    """What a step did, as the runner sees it; `failed` is its result."""

    exit_code: int
    stdout: str
    stderr: str
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: list[Annotation] = field(default_factory=list)
    dropped_annotations: int = 0
    commands: list[Command] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    env_changes: dict[str, str] = field(default_factory=dict)
    path_changes: list[str] = field(default_factory=list)
    state: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the step fails: by its exit code, or by what the runner refuses."""
        return self.exit_code != 0 or bool(self.errors)


def run_action(
    command: Sequence[str],
    *,
    inputs: Mapping[str, str],
    event_name: str,
    event: Mapping[str, Any],
    api_url: str,
    workspace: Path,
    timeout: float,
    **context: Any,  # the other fields of Step
) -> ActionRun:
    """Run a command as the step of a workflow; it is killed, with its children, after `timeout`
    seconds.

    `context` are the other fields of `Step`.
    """
    step = Step(event_name=event_name, event=event, api_url=api_url, **context)
    with tempfile.TemporaryDirectory() as folder:
        place = prepare(Path(folder), workspace, step)
        environment = {"PATH": IMAGE_PATH, "LANG": "C.UTF-8", **variables(step, inputs, place)}
        code, stdout, stderr = _run(command, environment, workspace, timeout)
        return read_back(place, code, stdout, stderr)


def prepare(folder: Path, workspace: Path, step: Step) -> Place:
    """Make the folders and files the runner mounts."""
    temp = folder / "_temp"
    place = Place(
        temp=temp,
        home=temp / "_github_home",
        workflow=temp / "_github_workflow",
        file_commands=temp / "_runner_file_commands",
        workspace=workspace,
    )
    for path in (place.temp, place.home, place.workflow, place.file_commands, workspace):
        path.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        place.file(name).touch()
    event = json.dumps(step.event, ensure_ascii=False)
    (place.workflow / "event.json").write_text(event, encoding="utf-8")
    return place


def variables(step: Step, inputs: Mapping[str, str], place: Place) -> dict[str, str]:
    """The environment, with the paths of a place; nothing but what the runner passes."""
    runner = {
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_NAME": step.runner_name,
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_TEMP": str(place.temp),
        "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
        "RUNNER_WORKSPACE": str(place.workspace.parent),
    }
    debug = {"RUNNER_DEBUG": "1"} if step.debug else {}
    always = {"CI": "true", "GITHUB_ACTIONS": "true", "HOME": str(place.home)}
    runtime = {
        "ACTIONS_RUNTIME_URL": "http://127.0.0.1:9/",
        "ACTIONS_RUNTIME_TOKEN": "runtime-token",
        "ACTIONS_RESULTS_URL": "http://127.0.0.1:9/",
        "ACTIONS_CACHE_URL": "http://127.0.0.1:9/",
    }
    return {
        **input_variables(inputs, step.token),
        **_github(step, place),
        **runner,
        **debug,
        **always,
        **runtime,
    }


def input_variables(
    inputs: Mapping[str, str], token: str = "", definition: Path | None = None
) -> dict[str, str]:
    """`INPUT_*` for the given inputs and the defaults of `action.yml`; dashes stay.

    Raises:
        ValueError: an input that `action.yml` does not define; the runner warns of it.

    """
    loaded = YAML(typ="safe").load(definition or ROOT / "action.yml")
    defined = loaded["inputs"]
    unknown = sorted(set(inputs) - set(defined))
    if unknown:
        raise ValueError(f"action.yml has no inputs {unknown}")
    defaults = {
        name: str(entry["default"]).replace("${{ github.token }}", token)
        for name, entry in defined.items()
        if "default" in entry
    }
    values = {**defaults, **inputs}
    return {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in values.items()}


def _github(step: Step, place: Place) -> dict[str, str]:
    """The allow-list of `GitHubContext.cs`."""
    owner = step.repository.partition("/")[0]
    workflow_ref = f"{step.repository}/.github/workflows/flakebot.yml@{step.ref}"
    files = {name: str(place.file(name)) for name in FILES}
    values = {
        "ACTION": "__ai-dynamo_flakebot",
        "ACTION_PATH": "",
        "ACTION_REF": "v1",
        "ACTION_REPOSITORY": "ai-dynamo/flakebot",
        "ACTOR": step.actor,
        "ACTOR_ID": "1001",
        "API_URL": step.api_url,
        "BASE_REF": step.base_ref,
        "EVENT_NAME": step.event_name,
        "EVENT_PATH": str(place.workflow / "event.json"),
        "GRAPHQL_URL": f"{step.api_url}/graphql",
        "HEAD_REF": step.head_ref,
        "JOB": step.job,
        "REF": step.ref,
        "REF_NAME": step.ref.removeprefix("refs/heads/"),
        "REF_PROTECTED": "false",
        "REF_TYPE": "branch",
        "REPOSITORY": step.repository,
        "REPOSITORY_ID": "2001",
        "REPOSITORY_OWNER": owner,
        "REPOSITORY_OWNER_ID": "3001",
        "RETENTION_DAYS": "90",
        "RUN_ATTEMPT": str(step.run_attempt),
        "RUN_ID": str(step.run_id),
        "RUN_NUMBER": "1",
        "SERVER_URL": "https://github.com",
        "SHA": step.sha,
        "TRIGGERING_ACTOR": step.actor,
        "WORKFLOW": step.workflow,
        "WORKFLOW_REF": workflow_ref,
        "WORKFLOW_SHA": step.sha,
        "WORKSPACE": str(place.workspace),
    }
    return {f"GITHUB_{name}": value for name, value in {**values, **files}.items()}


def podman_arguments(
    step: Step, inputs: Mapping[str, str], place: Place, *, entrypoint: str = ""
) -> list[str]:
    """The arguments of `docker run` or `podman run` before the image, as the runner gives them."""
    mounts = {
        place.temp: CONTAINER.temp,
        place.home: CONTAINER.home,
        place.workflow: CONTAINER.workflow,
        place.file_commands: CONTAINER.file_commands,
        place.workspace: CONTAINER.workspace,
    }
    arguments = ["--workdir", str(CONTAINER.workspace), "--rm"]
    for name, value in variables(step, inputs, CONTAINER).items():
        arguments += ["-e", f"{name}={value}"]
    if entrypoint:
        arguments += ["--entrypoint", entrypoint]
    for host, inside in mounts.items():
        arguments += ["-v", f"{host}:{inside}"]
    return arguments


def _run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float
) -> tuple[int, str, str]:
    """Run to the end or to the time-out, which is an error of the test."""
    process = subprocess.Popen(
        list(command),
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace")


def read_back(place: Place, exit_code: int, stdout: str, stderr: str) -> ActionRun:
    """Read the streams and the command files as the runner does after a step."""
    console = Console()
    console.read(stdout)
    console.read(stderr)
    pairs = {name: _pairs(place.file(name), console) for name in ("OUTPUT", "ENV", "STATE")}
    try:
        summary = command_files.summary(place.file("STEP_SUMMARY").read_bytes())
    except CommandFileError as error:
        summary = ""
        console.annotate("error", str(error), {})
    return ActionRun(
        exit_code=exit_code,
        stdout=stdout,
        stderr=stderr,
        outputs={**console.outputs, **pairs["OUTPUT"]},
        summary=summary,
        annotations=console.annotations,
        dropped_annotations=console.dropped,
        commands=console.commands,
        masks=console.masks,
        env_changes=pairs["ENV"],
        path_changes=command_files.paths(_text(place.file("PATH"))),
        state=pairs["STATE"],
        errors=console.errors,
    )


def _text(path: Path) -> str:
    """A file with its line ends as they are."""
    return path.read_bytes().decode()


def _pairs(path: Path, console: Console) -> dict[str, str]:
    try:
        return command_files.pairs(_text(path))
    except CommandFileError as error:
        console.errors.append(f"Unable to process file command successfully. {error}")
        return {}
