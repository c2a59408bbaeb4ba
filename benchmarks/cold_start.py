"""How long flakebot takes to start, as ratios to what Python itself takes on the same machine:
`python -m benchmarks.cold_start`.

`flakebot --version` beside `python -c pass`; the Action until its first request arrives at a local
socket beside `python -c "import github"`, which nobody who calls GitHub with that library can
avoid. The pairs alternate, and the fastest of each side counts: other work on a machine only adds.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import results
from benchmarks.results import Row

ROUNDS = 15
SECONDS = 60
"""A start that takes longer has failed."""

VERSION_ALLOWED = 12.0
ACTION_ALLOWED = 1.5
PYTHON = sys.executable


def main() -> int:
    """Print the ratios; the exit code is 1 above a promise."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(SECONDS)
        environ = _environment(Path(name), server.getsockname()[1])
        version = _ratio(
            lambda: _ran([PYTHON, "-m", "flakebot", "--version"]),
            lambda: _ran([PYTHON, "-c", "pass"]),
        )
        action = _ratio(
            lambda: _until_request(server, environ),
            lambda: _ran([PYTHON, "-c", "import github"]),
        )
    rows = [
        _row("`flakebot --version` beside `python -c pass`", version, VERSION_ALLOWED),
        _row(
            "The Action's first request beside `python -c 'import github'`", action, ACTION_ALLOWED
        ),
    ]
    return results.tell("cold_start", rows, keep=results.KEEP in sys.argv)


def _row(what: str, ratio: float, allowed: float) -> Row:
    return Row(
        what=f"{what}, the fastest of {ROUNDS} rounds each",
        measured=f"{ratio:.2f} times",
        promised=f"at most {allowed:g} times",
        holds=ratio <= allowed,
    )


def _ratio(ours: Callable[[], float], theirs: Callable[[], float]) -> float:
    pairs = [(ours(), theirs()) for _ in range(ROUNDS + 1)][1:]  # the first fills the disk's cache
    return min(mine for mine, _ in pairs) / min(other for _, other in pairs)


def _ran(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
    return time.perf_counter() - began


def _until_request(server: socket.socket, environ: Mapping[str, str]) -> float:
    """Seconds until the request's first byte is there; the step is ended then."""
    began = time.perf_counter()
    code = "from flakebot.__main__ import main_action; main_action()"
    with subprocess.Popen([PYTHON, "-c", code], env=environ, stderr=subprocess.DEVNULL) as step:
        try:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(SECONDS)
                connection.recv(1)
                took = time.perf_counter() - began
        finally:
            step.kill()
    return took


def _environment(folder: Path, port: int) -> dict[str, str]:
    """What the runner tells a step after a workflow's run."""
    event = folder / "event.json"
    run = {"id": 7, "run_attempt": 1, "head_sha": "0" * 40, "status": "completed"}
    event.write_text(json.dumps({"action": "completed", "workflow_run": run}), encoding="utf-8")
    return {
        **os.environ,  # noqa: TID251  # a script reads its own environment
        "GITHUB_API_URL": f"http://127.0.0.1:{port}",
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "acme/widgets",
        "GITHUB_RUN_ID": "8",
        "GITHUB_WORKSPACE": str(folder),
        "INPUT_TOKEN": "none",
    }


if __name__ == "__main__":
    sys.exit(main())
