"""Run an iteration in a fresh container, by `docker` or `podman`, whichever the machine has."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from flakebot.errors import InputError
from flakebot.reproducing.processes import Tree
from flakebot.reproduction import asking
from flakebot.reproduction.commands import IN_CONTAINER, PID_FILE, Engine

LABEL = "flakebot.output"
"""The label of all containers of one output folder, so that left-over ones are found."""

ENGINE_FAILED, CANNOT_RUN, NO_PROGRAM = 125, 126, 127
"""Exit codes of `docker run` that say nothing of the tests
(https://docs.docker.com/engine/containers/run/#exit-status)."""

_OF_TESTS = (0, 1)
"""Exit codes that only pytest gives: the engine was there to tell them."""

_SECONDS = 30
"""For an answer of the engine; one that has none is gone."""


def find(wanted: str, which: Sequence[str] = ("docker", "podman")) -> Engine:
    """The engine asked for, else the first that answers.

    Raises:
        InputError: there is none, or the one asked for is no command.
    """
    tried = [asking.command(wanted, "--engine")] if wanted else [(name,) for name in which]
    reasons = []
    for command in tried:
        if shutil.which(command[0]) is None:
            reasons.append(f"{command[0]} is not installed")
            continue
        reason = _asked([*command, "info"])
        if not reason:
            return Engine(command=command)
        reasons.append(f"{shlex.join(command)}: {reason}")
    raise InputError(f"--image needs a container engine that answers: {'; '.join(reasons)}.")


def _asked(command: Sequence[str]) -> str:
    """Why a command failed, empty when it did not."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {_SECONDS} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").split("\n")
    return next((line.strip() for line in lines if line.strip()), f"exit code {done.returncode}")


class Container:
    """A container in the foreground, and the command that started it.

    Args:
        engine: which one.
        name: the container's name.
        command: the whole command.
        environment: of the engine's command.

    Raises:
        InputError: the engine's program is gone.
    """

    def __init__(
        self, engine: Engine, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self._engine = engine
        self._name = name
        self._killed = False
        self._client = Tree(command, environment)
        self.output = self._client.output

    def exit_code(self) -> int | None:
        """That of the container's first process, None while it runs."""
        return self._client.exit_code()

    def interrupt(self) -> None:
        """SIGINT to pytest, whose number it wrote down."""
        self._inside(f"kill -INT $(cat {IN_CONTAINER}/journal/{PID_FILE})")

    def terminate(self) -> None:
        """SIGTERM to all of it."""
        self._inside("kill -TERM -1")

    def kill(self) -> None:
        """SIGKILL to all of it, and away with it; the second time, only with the command that waits
        for it, because an engine that did not do it once will not do it now.
        """
        if self._killed:
            self._client.kill()
            return
        self._killed = True
        _asked([*self._engine.command, "kill", "--signal", "KILL", self._name])
        _asked([*self._engine.command, "rm", "--force", self._name])

    def dump(self, pids: Sequence[int]) -> None:
        """SIGUSR1 to processes, by their numbers in the container."""
        self._inside(f"kill -USR1 {' '.join(map(str, pids))}")

    def members(self) -> Sequence[int]:
        """Only the command that waits for it: what a container started ends with it."""
        return self._client.members() if self._client.exit_code() is None else []

    def _inside(self, script: str) -> None:
        """Run a line of shell in the container; one that has ended needs none."""
        _asked([*self._engine.command, "exec", self._name, "sh", "-c", script])


def remove_left_over(engine: Engine, label: str) -> None:
    """Remove the containers that an earlier run of this output could not end.

    Raises:
        InputError: the engine does not answer.
    """
    command = [*engine.command, "ps", "--all", "--quiet", "--filter", f"label={LABEL}={label}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{shlex.join(engine.command)} does not answer: {error}.") from error
    for container in done.stdout.decode().split():
        _asked([*engine.command, "rm", "--force", container])


def fault(engine: Engine, exit_code: int | None, last_line: str) -> str:
    """A sentence when the engine could not run the tests, or is gone since, else nothing."""
    if exit_code == ENGINE_FAILED:
        return f"{shlex.join(engine.command)} could not run the container: {last_line}"
    if exit_code in {CANNOT_RUN, NO_PROGRAM}:
        return f"The image cannot start the test command (see --pytest): {last_line}"
    if exit_code not in _OF_TESTS and (reason := _asked([*engine.command, "info"])):
        return f"{shlex.join(engine.command)} answers no longer: {reason}"
    return ""
