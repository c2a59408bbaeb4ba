"""Really run a step's script in a workspace and keep what it printed, with the times.

Processes, files below one temporary folder, loopback; every wait is bounded.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.misbehaving_hub import serving

SUITE = Path(__file__).parent.parent / "sample_suite"
PINS = Path(__file__).parents[2] / "requirements" / "sample.txt"

STEP_SECONDS = 300
"""No step of the toy suite takes a tenth of it."""

TRIES = 6
"""Of a step that should print certain words; most often the first does."""

SILENCE_SECONDS = 6
"""Of a step that hangs: long enough to see that nothing more comes."""

REPORT = "pytest_test_report.xml"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A printed line, and when it came, in seconds since the step began."""

    seconds: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Take:
    """What to run: a shell script and what goes wrong in it.

    `answers` are those of the local hub, `killed_after` the words after which the silent process
    is killed, `wanted` words that one line must hold (what processes print at once may interleave;
    then it is recorded again), `patch` a file of the suite and the one that replaces it.
    """

    script: str
    faults: tuple[str, ...] = ()
    answers: tuple[str, ...] = ("ok",)
    env: tuple[tuple[str, str], ...] = ()
    killed_after: str = ""
    wanted: str = ""
    patch: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What a script printed, its exit code (-1 when it was killed) and its JUnit file."""

    lines: tuple[Line, ...]
    exit_code: int
    junit: str = ""


class Studio:
    """A temporary folder with the pinned tools, in which takes are recorded.

    `environ` is this machine's environment: search path, home, where cargo lives.
    """

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str] = os.environ,  # noqa: TID251  (scripts alone make a studio)
    ) -> None:
        self.root = root
        self.environ = environ
        self.venv = root / "venv"
        self.workspace = root / "workspace"
        self._takes = 0

    def install(self) -> None:
        """Make the virtual environment with the pinned tools."""
        subprocess.run([sys.executable, "-m", "venv", self.venv], check=True, timeout=STEP_SECONDS)
        pip = [str(self.venv / "bin" / "python"), "-m", "pip", "install", "-qqq", "-r", str(PINS)]
        subprocess.run(pip, check=True, timeout=STEP_SECONDS)

    def record(self, take: Take) -> Recording:
        """Run a script, again when it did not say what is wanted of it.

        Raises:
            LookupError: it never did.

        """
        for _ in range(TRIES):
            recording = self._record(take)
            if not take.wanted or any(take.wanted in line.text for line in recording.lines):
                return recording
        raise LookupError(f"{take.wanted!r} was not printed in one line by: {take.script}")

    def _record(self, take: Take) -> Recording:
        """Run a script in a fresh copy of the suite."""
        self._takes += 1
        shutil.rmtree(self.workspace, ignore_errors=True)
        ignored = shutil.ignore_patterns("ruff.toml", "__pycache__", "target", "*.lint")
        shutil.copytree(SUITE, self.workspace, ignore=ignored)
        if take.patch:
            shutil.copy(SUITE / take.patch[1], self.workspace / take.patch[0])
        with ExitStack() as stack:
            port = stack.enter_context(serving(take.answers))
            lines, exit_code = self._run(take, self._environment(take, port))
        report = self.workspace / REPORT
        junit = report.read_text() if report.exists() else ""
        scrubbed = tuple(
            Line(seconds=line.seconds, text=self._scrub(line.text, port)) for line in lines
        )
        return Recording(lines=scrubbed, exit_code=exit_code, junit=self._scrub(junit, port))

    def _environment(self, take: Take, port: int) -> dict[str, str]:
        """What the step sees: nothing of this machine but what it cannot do without."""
        state = self.root / f"state-{self._takes}"
        state.mkdir()
        kept = {k: v for k, v in self.environ.items() if k in {"HOME", "RUSTUP_HOME", "CARGO_HOME"}}
        return kept | {
            "PATH": f"{self.venv / 'bin'}:{self.environ['PATH']}",
            "CI": "true",
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "HF_ENDPOINT": f"http://127.0.0.1:{port}",
            "HF_HOME": str(state / "huggingface"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "CARGO_TARGET_DIR": str(self.root / "target"),
            "SAMPLE_STATE": str(state),
            "SAMPLE_FAULTS": ",".join(take.faults),
            **dict(take.env),
        }

    def _run(self, take: Take, environment: dict[str, str]) -> tuple[list[Line], int]:
        process = subprocess.Popen(
            ["bash", "-e", "-c", take.script],
            cwd=self.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        printed = _Printed(time.monotonic())

        def hung() -> bool:
            return bool(take.killed_after) and printed.holds(take.killed_after)

        arriving: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=_read, args=(process, arriving), daemon=True).start()
        try:
            while chunk := arriving.get(timeout=SILENCE_SECONDS if hung() else STEP_SECONDS):
                printed.add(chunk, time.monotonic())
        except queue.Empty:
            if not hung():
                raise
            return printed.lines(), -1
        else:
            return printed.lines(), process.wait(STEP_SECONDS)
        finally:
            with suppress(ProcessLookupError):  # nothing that a script started outlives it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(STEP_SECONDS)

    def _scrub(self, text: str, port: int) -> str:
        """Take out what is of this machine; the README of the sample lists it."""
        cargo = self.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
        for old, new in (
            (f"HTTPConnectionPool(host='127.0.0.1', port={port})", HUB_POOL),
            (f"http://127.0.0.1:{port}", "https://huggingface.co"),
            (str(self.workspace), "/workspace"),
            ("../venv/", "/opt/dynamo/venv/"),
            (str(self.venv), "/opt/dynamo/venv"),
            (str(self.root), "/tmp/dynamo"),  # noqa: S108  (a path in a text)
            (cargo, "/usr/local/cargo"),
            (sys.base_prefix, "/usr/local"),
            (os.uname().nodename, "runner"),
        ):
            text = text.replace(old, new)
        return text.replace(sys.version.partition("(")[2].partition(")")[0], BUILD)


BUILD = "main, Dec  8 2025, 18:56:58"
"""When the interpreter was built, as xdist prints it."""

HUB_POOL = "HTTPSConnectionPool(host='huggingface.co', port=443)"


class _Printed:
    """What has been printed so far; a line counts from its last piece, and may lack its end."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._lines: list[tuple[float, bytes]] = []
        self._open = False

    def add(self, chunk: bytes, now: float) -> None:
        """Add a chunk that came now."""
        for piece in chunk.splitlines(keepends=True):
            start = self._lines.pop()[1] if self._open else b""
            self._lines.append((now - self._began, start + piece))
            self._open = not piece.endswith(b"\n")

    def holds(self, words: str) -> bool:
        """Whether a line has these words, the one being printed included."""
        return any(words.encode() in raw for _, raw in self._lines)

    def lines(self) -> list[Line]:
        """All lines, the last one even if nothing ended it."""
        return [
            Line(seconds=seconds, text=raw.decode(errors="replace").rstrip("\n"))
            for seconds, raw in self._lines
        ]


def _read(process: subprocess.Popen[bytes], arriving: queue.Queue[bytes]) -> None:
    """Pass on whatever comes as it comes, and at the end nothing."""
    assert process.stdout is not None  # noqa: S101  (opened as a pipe)
    while chunk := os.read(process.stdout.fileno(), 65536):
        arriving.put(chunk)
    arriving.put(b"")
