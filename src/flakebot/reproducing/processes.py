"""Start a process in a session of its own, and reach everything that came of it.

A test suite leaves children behind: some ignore SIGTERM, some leave the process group, some hold
the pipe open. They are found by their session and by a variable in their environment, which a
child inherits wherever it goes (Linux; elsewhere only the first process is reached).
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO, NamedTuple

from flakebot.errors import InputError

MARK = "FLAKEBOT_OF"
"""The variable that marks everything an iteration started."""

_PROC = "/proc"
_ENVIRONMENT = 4 * 1024 * 1024
"""Bytes of an environment that are looked through: Linux gives arguments and variables 2 MiB at the
usual stack size."""

Kill = Callable[[int, int], None]
"""Sends a signal to a process; the boundary to the operating system that tests replace."""


class _Stat(NamedTuple):
    """Of /proc/PID/stat (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)."""

    state: bytes
    session: int


class Tree:
    """A process and everything it started.

    Args:
        command: what to start.
        environment: all of its environment; `MARK` in it is the mark.
        kill: sends a signal.

    Raises:
        InputError: there is no such program, or it may not be run.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, kill: Kill = os.kill
    ) -> None:
        self._mark = environment[MARK]
        self._kill = kill
        self._process = _start(command, environment)
        self.output: IO[bytes] = _piped(self._process)

    def exit_code(self) -> int | None:
        """The exit code of the first process, None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """SIGINT to the first process alone: pytest prints what it knows and tells its workers."""
        self._send([self._process.pid], signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM to all."""
        self._send(self.members(), signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to all."""
        self._send(self.members(), signal.SIGKILL)

    def dump(self, pids: Sequence[int]) -> None:
        """SIGUSR1 to those that write their stacks then, if they are ours."""
        self._send(sorted({*pids} & {*self.members()}), signal.SIGUSR1)

    def members(self) -> list[int]:
        """The processes that still run."""
        first = [] if self._process.poll() is not None else [self._process.pid]
        found = marked(self._mark, session=self._process.pid)
        return [*first, *(pid for pid in found if pid not in first)]

    def _send(self, pids: Sequence[int], number: signal.Signals) -> None:
        for pid in pids:
            with suppress(OSError):  # gone, or by setuid no longer ours
                self._kill(pid, number)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        raise InputError(f"{command[0]} cannot be started: {error.strerror}.") from error


def _piped(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise AssertionError("started with a pipe")
    os.set_blocking(process.stdout.fileno(), False)  # the shape of os
    return process.stdout


def marked(mark: str, *, session: int = -1) -> list[int]:
    """The processes whose mark begins so or that are in this session, without zombies and
    ourselves.
    """
    line = f"{MARK}={mark}".encode()
    found = []
    for folder in _processes():
        pid = int(folder.rpartition("/")[2])
        stat = _stat(folder)
        if stat is None or stat.state in b"ZX" or pid == os.getpid():
            continue
        if stat.session == session or _has(line, folder):
            found.append(pid)
    return sorted(found)


def _processes() -> list[str]:
    """Plain strings and system calls: a busy machine has a thousand, twice in each iteration."""
    try:
        with os.scandir(_PROC) as entries:
            return [entry.path for entry in entries if entry.name.isdecimal()]
    except OSError:
        return []  # no Linux


def _read(path: str) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""  # another user's, or gone
    try:
        return os.read(file, _ENVIRONMENT)
    except OSError:
        return b""
    finally:
        os.close(file)


def _stat(folder: str) -> _Stat | None:
    fields = _read(f"{folder}/stat").rpartition(b")")[2].split()
    return _Stat(fields[0], int(fields[3])) if fields else None


def _has(line: bytes, folder: str) -> bool:
    variables = _read(f"{folder}/environ")
    return variables.startswith(line) or b"\0" + line in variables


def end_left_over(mark: str) -> int:
    """Kill what an earlier flakebot, itself killed, left running; returns how many processes."""
    found = marked(mark)
    for pid in found:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return len(found)
