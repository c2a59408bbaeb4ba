"""Processes that end by themselves, have to be ended, or cannot be."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flakebot.errors import InputError
from flakebot.reproducing import processes
from flakebot.reproducing.ending import Patience, Watch
from flakebot.reproducing.output import Drain
from flakebot.reproducing.processes import MARK, Kill, Tree
from flakebot.reproduction.iterations import Ending
from flakebot.reproduction.outcome import Ended

SHORT = Patience(timeout=1.5, interrupt=60.0, terminate=60.0, kill=60.0)
HARD = Patience(timeout=0.5, interrupt=0.3, terminate=0.3, kill=60.0)
LONG = Patience(timeout=60.0)

_DEAF = "import signal; [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]"
_SLEEP = "import time; time.sleep(600)"
_READY = "open('ready', 'w').close()"
"""What a process does before its time begins to count: a busy machine starts it late."""


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A shell starts what runs in the background with SIGINT ignored, and a child inherits that
    from whoever has no handler of its own; `flakebot reproduce` has one.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def gone(tree: Tree) -> int | None:
    """Its exit code, once it has one."""
    deadline = time.monotonic() + 10
    while tree.exit_code() is None and time.monotonic() < deadline:
        os.sched_yield()
    return tree.exit_code()


class Clock:
    """Seconds since the process was ready, slowed down for what has a fixed bound."""

    def __init__(self, ready: Path, pace: float) -> None:
        self._ready = ready
        self._pace = pace
        self._began: float | None = None

    def __call__(self) -> float:
        """The seconds."""
        if self._began is None and self._ready.exists():
            self._began = time.monotonic()
        return 0.0 if self._began is None else (time.monotonic() - self._began) * self._pace


def watched(
    folder: Path,
    code: str,
    patience: Patience = LONG,
    *,
    kill: Kill = os.kill,
    stopping: Callable[[], bool] = lambda: False,
    pace: float = 1.0,
) -> tuple[Ended | None, str, list[int]]:
    """How it ended, what it printed, and what is left of it."""
    mark = f"test-{folder.name}-{time.monotonic_ns()}"
    clock = Clock(folder / "ready", pace)
    inside = f"import os; os.chdir({str(folder)!r})\n{code}"
    tree = Tree([sys.executable, "-S", "-c", inside], {MARK: mark}, kill=kill)
    drain = Drain(
        tree.output,
        log=folder / "log",
        stamped=folder / "stamped",
        now=lambda: datetime.now(UTC),  # noqa: TID251  # the outer world is this test
        stopwatch=clock,
    )
    watch = Watch(tree, drain, patience=patience, stopping=stopping, stopwatch=clock)
    ended = watch.run(folder)
    drain.close()
    left = processes.marked(mark)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    gone(tree)
    return ended, (folder / "log").read_text(), left


@pytest.mark.parametrize(("code", "expected"), [("raise SystemExit(3)", 3), ("print('x')", 0)])
def test_one_that_ends_by_itself(tmp_path: Path, code: str, expected: int) -> None:
    """Has its exit code."""
    ended, _, left = watched(tmp_path, code)
    assert ended is not None
    assert (ended.exit_code, ended.ending, left) == (expected, Ending.EXITED, [])


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    """As Python has it."""
    ended, _, _ = watched(tmp_path, "import os; os.kill(os.getpid(), 6)")
    assert ended is not None
    assert ended.exit_code == -signal.SIGABRT


def test_a_hang_is_interrupted(tmp_path: Path) -> None:
    """What it prints then is kept, and its silence is known."""
    ended, printed, left = watched(
        tmp_path,
        f"print('begun', flush=True)\ntry: {_READY}; {_SLEEP}\nfinally: print('told')",
        SHORT,
    )
    assert ended is not None
    assert (ended.ending, left) == (Ending.TERMINATED, [])
    assert ended.silence > 1
    assert printed.startswith("begun\n\n[flakebot: ended after 1.5 s]\n")
    assert "told\n" in printed


def test_one_that_is_deaf_is_killed(tmp_path: Path) -> None:
    """It and its children that left the group and are as deaf."""
    child = f"{_READY}; {_SLEEP}"
    code = (
        f"{_DEAF}\nimport subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n{_SLEEP}"
    )
    ended, _, left = watched(tmp_path, code, HARD)
    assert ended is not None
    assert (ended.ending, ended.exit_code, left) == (Ending.KILLED, -signal.SIGKILL, [])


def test_a_child_that_holds_the_pipe_does_not_hold_us(tmp_path: Path) -> None:
    """The parent ended; its child does not live on, whatever session it is in."""
    code = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {_SLEEP!r}], start_new_session=True)\n"
        "print('done')"
    )
    began = time.monotonic()
    ended, printed, left = watched(tmp_path, code)
    assert ended is not None
    assert (ended.exit_code, printed, left) == (0, "done\n", [])
    assert time.monotonic() - began < 60


def test_one_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    """An end of output is no end."""
    code = "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(7)"
    ended, _, _ = watched(tmp_path, code)
    assert ended is not None
    assert ended.exit_code == 7


def test_what_cannot_be_killed_is_given_up(tmp_path: Path) -> None:
    """As a process in uninterruptible sleep: every signal is sent, none helps."""
    sent: list[int] = []
    patience = Patience(timeout=0.2, interrupt=0.1, terminate=0.1, kill=0.2)
    began = time.monotonic()
    ended, _, left = watched(
        tmp_path, f"{_READY}; {_SLEEP}", patience, kill=lambda _pid, number: sent.append(number)
    )
    assert ended is not None
    assert (ended.ending, ended.exit_code) == (Ending.UNKILLABLE, None)
    assert set(sent) >= {signal.SIGINT, signal.SIGTERM, signal.SIGKILL}
    assert len(left) == 1
    assert time.monotonic() - began < 60


def test_nothing_is_waited_for_when_all_is_to_end(tmp_path: Path) -> None:
    """The iteration ends without a result."""
    ended, _, left = watched(tmp_path, _SLEEP, stopping=lambda: True)
    assert (ended, left) == (None, [])


def test_stacks_are_asked_for_before_the_end(tmp_path: Path) -> None:
    """From the processes that have a file for them."""
    code = f"""
import faulthandler, os, signal, time
file = open({str(tmp_path)!r} + f"/stacks-{{os.getpid()}}.txt", "w")
faulthandler.register(signal.SIGUSR1, file=file)
def stuck():
    {_READY}; time.sleep(600)
stuck()
"""
    patience = Patience(timeout=0.2, interrupt=60.0)
    ended, printed, _ = watched(tmp_path, code, patience, pace=0.1)
    assert ended is not None
    assert any("in stuck" in line for line in ended.stacks)
    assert ended.stacks[0].startswith("process ")
    assert "in stuck" in printed


def test_a_file_for_stacks_names_only_our_processes(tmp_path: Path) -> None:
    """A test may write any file there, and no other process gets a signal for it."""
    for name in ("stacks-1.txt", "stacks-foo.txt", "stacks-.txt"):
        (tmp_path / name).touch()
    sent: list[int] = []

    def kill(pid: int, number: int) -> None:
        sent.append(pid)
        os.kill(pid, number)

    watched(tmp_path, f"{_READY}; {_SLEEP}", Patience(timeout=0.2, interrupt=60.0), kill=kill)
    assert sent
    assert 1 not in sent


def test_no_such_program_is_a_sentence() -> None:
    """It names the program."""
    with pytest.raises(InputError, match="no-such-program cannot be started"):
        Tree(["no-such-program"], {MARK: "x"})


def test_what_was_left_running_is_ended() -> None:
    """By the mark of the output that an earlier flakebot wrote to."""
    mark = f"output-{time.monotonic_ns()}"
    tree = Tree([sys.executable, "-S", "-c", _SLEEP], {MARK: f"{mark}-one"})
    assert processes.end_left_over(f"{mark}-") == 1
    with tree.output:
        assert tree.output.read() in {None, b""}
    assert gone(tree) == -signal.SIGKILL
