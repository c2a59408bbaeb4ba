"""Watch a process to its end, and bring that end about: interrupt, terminate, kill, give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

from flakebot.model import value
from flakebot.reproducing import files
from flakebot.reproducing.output import Drain
from flakebot.reproduction.iterations import Ending
from flakebot.reproduction.outcome import Ended

_TICK = 0.1
"""Seconds between two looks at a process that prints nothing."""

_HELD_PIPE = 1.0
"""Seconds for output that is still on its way when the process has ended: a child may hold the
pipe open for ever."""

_SOON = 0.005
"""The same when it has closed its output: most end at that moment."""

_SHORT = 3.0
"""For SIGTERM when somebody waits for the end."""

_STACK_BYTES = 64 * 1024
"""Of the stacks of one process."""

_STACK_SECONDS = 2.0
"""For the processes to write them."""

_STACK_FILES = 16
"""Processes whose stacks are kept: of 32 workers most wait for work."""


class Running(Protocol):
    """A process, or a container, with everything it started."""

    output: IO[bytes]

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        ...

    def interrupt(self) -> None:
        """Ask pytest to stop and print what it knows."""
        ...

    def terminate(self) -> None:
        """Ask everything to end."""
        ...

    def kill(self) -> None:
        """End everything."""
        ...

    def dump(self, pids: Sequence[int]) -> None:
        """Ask these processes, by the numbers they have for themselves, for their stacks."""
        ...

    def members(self) -> Sequence[int]:
        """What still runs."""
        ...


@value
class Patience:
    """Seconds: for the iteration, then after SIGINT, SIGTERM and SIGKILL each.

    A process in uninterruptible sleep does not end by SIGKILL; in CI one was waited for for an
    hour.
    """

    timeout: float
    interrupt: float = 15.0  # xdist waits 10 s for a worker that is stuck, then prints its reports
    terminate: float = 10.0
    kill: float = 10.0


class Watch:
    """One process from its start to its end.

    Args:
        running: the process.
        drain: takes its output.
        patience: how long to wait for what.
        stopping: whether everything is to end now, so that this one's result is not wanted.
        stopwatch: seconds since some fixed moment.
    """

    def __init__(
        self,
        running: Running,
        drain: Drain,
        *,
        patience: Patience,
        stopping: Callable[[], bool],
        stopwatch: Callable[[], float],
    ) -> None:
        self._running = running
        self._drain = drain
        self._patience = patience
        self._stopping = stopping
        self._stopwatch = stopwatch
        self._began = stopwatch()

    def run(self, journal: Path) -> Ended | None:
        """How it ended, None when it was stopped; nothing it started runs on, as far as it can be
        killed.

        Args:
            journal: the folder in which its processes write their stacks.
        """
        if self._exits(self._patience.timeout, until=self._stopping):
            ended = self._ended(Ending.EXITED)
        elif self._stopping():
            ended = None
            self._cut_short()
        else:
            ended = self._time_out(journal)
        self._clear()
        return ended

    def _exits(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Take output until the process has ended, or so many seconds have passed."""
        deadline = self._stopwatch() + seconds
        while self._running.exit_code() is None:
            if self._stopwatch() >= deadline or until():
                return False
            self._drain.pump(_SOON if self._drain.ended else _TICK)
        return True

    def _time_out(self, journal: Path) -> Ended:
        silence = self._stopwatch() - self._drain.last
        stacks = self._stacks(journal)
        self._drain.write(
            f"\n[flakebot: ended after {self._patience.timeout:g} s]\n"
            + "".join(f"{line}\n" for line in stacks)
        )
        return self._ended(self._end(), silence, stacks)

    def _end(self) -> Ending:
        """Interrupt, terminate, kill, give up: each when the one before did not help in time."""
        patience = self._patience
        self._running.interrupt()
        if self._exits(patience.interrupt):
            return Ending.TERMINATED
        self._running.terminate()
        if self._exits(patience.terminate):
            return Ending.TERMINATED
        self._running.kill()
        return Ending.KILLED if self._exits(patience.kill) else Ending.UNKILLABLE

    def _cut_short(self) -> None:
        """The same for one whose result is not wanted: somebody waits."""
        self._running.terminate()
        if not self._exits(min(_SHORT, self._patience.terminate)):
            self._running.kill()
            self._exits(self._patience.kill)

    def _clear(self) -> None:
        """End what the process left behind, and take the output that is still on its way."""
        if self._running.members():
            self._running.terminate()
            self._until(lambda: not self._running.members(), _HELD_PIPE)
            if self._running.members():
                self._running.kill()
        self._until(lambda: self._drain.ended, _HELD_PIPE)

    def _until(self, done: Callable[[], bool], seconds: float) -> None:
        deadline = self._stopwatch() + seconds
        while not done() and self._stopwatch() < deadline:
            self._drain.pump(_TICK)

    def _stacks(self, journal: Path) -> tuple[str, ...]:
        """The stacks of the processes that load the plug-in, which writes them when asked to."""
        found = sorted(journal.glob("stacks-*.txt"))
        kept = [path for path in found if _number(path).isdecimal()][:_STACK_FILES]
        self._running.dump([int(_number(path)) for path in kept])
        self._until(lambda: all(files.read(path, 1) for path in kept), _STACK_SECONDS)
        return tuple(line for path in kept for line in _stack(path))

    def _ended(self, ending: Ending, silence: float = 0.0, stacks: tuple[str, ...] = ()) -> Ended:
        return Ended(
            seconds=round(self._stopwatch() - self._began, 3),
            exit_code=self._running.exit_code(),
            timeout=self._patience.timeout,
            ending=ending,
            silence=round(silence, 3),
            stacks=stacks,
        )


def _number(path: Path) -> str:
    """The process's, if the plug-in made the file: tests can write there, too."""
    return path.stem.partition("-")[2]


def _stack(path: Path) -> list[str]:
    text = files.read(path, _STACK_BYTES).decode(errors="replace")
    return [f"process {_number(path)}:", *text.splitlines()] if text else []
