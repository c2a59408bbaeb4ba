"""Record tests/fixtures/logs: run pytest for real on a toy suite, wrap its output as GitHub does.

The suite has the shapes of ai-dynamo/dynamo's router tests; each scenario is one command line. Run
it only to add a scenario or a pytest version: the logs are committed, and their expectations beside
them are blessed with `BLESS=1 pytest tests/unit/test_fixture_logs.py`.

    python tools/record_pytest_fixtures.py [SCENARIO ...]
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

OUT = Path(__file__).parent.parent / "tests" / "fixtures" / "logs"
HOME = "/home/runner/work/repo"
START = datetime.fromisoformat("2026-02-03T17:46:30.183773")
STEP = timedelta(milliseconds=37)
SECONDS = 60
"""No scenario runs longer."""

PINS = {
    "8": ["pytest==8.4.2", "pytest-xdist==3.8.0", "pytest-timeout==2.4.0"],
    "9": ["pytest>=9,<10", "pytest-xdist>=3.8", "pytest-timeout>=2.4"],
    "forked": ["pytest==8.4.2", "pytest-forked==1.6.0"],
    "datadog": [
        "pytest==8.4.2",
        "pytest-xdist==3.8.0",
        "pytest-timeout==2.4.0",
        "ddtrace==4.16.0",
    ],
}
RERUNS = frozenset({"8", "9"})
"""Where pytest-rerunfailures is installed too."""

COMMON = """
async def verify(ids):
    unique_ids = set(ids)
    assert len(unique_ids) == 1, (
        "Expected all responses to have the same decode_worker_id (due to prefix reuse), "
        f"but found {len(unique_ids)} unique values: {unique_ids}"
    )


def verify_response_worker_ids(ids):
    unique_ids = set(ids)
    assert len(unique_ids) == 1, (
        "Expected all responses to have the same decode_worker_id (due to prefix reuse), "
        f"but found {len(unique_ids)} unique values: {unique_ids}"
    )
"""

SUITE = """
import os
import pathlib
import time

import pytest
from tests.router.common import verify_response_worker_ids

HUB = "https://huggingface.co/api/models/Qwen/Qwen3-0.6B/revision/main"
PARTS = os.environ["PARTS"].split(",")


def part(name):
    return pytest.mark.skipif(name not in PARTS, reason=f"{name} is not asked for")


def first_time(name):
    state = pathlib.Path(os.environ["STATE"]) / name
    if state.exists():
        return False
    state.write_text("")
    return True


@pytest.mark.parametrize("mode", ["nats", "tcp"])
def test_mocker_kv_router(mode):
    print("Completed 25/25 requests for Router 1")


@part("assert")
@pytest.mark.parametrize("mode", ["jetstream-nats", "jetstream-tcp"])
def test_router_decisions(mode):
    ids = [893573269278361612, 893573269278361612 + (mode == "jetstream-nats") * 3]
    verify_response_worker_ids(ids)


@pytest.mark.parametrize("mode", ["True-nats", "True-tcp"])
def test_kv_push_router_bindings(mode):
    if mode == "True-tcp" and "abort" in PARTS:
        os.abort()
    if mode == "True-tcp" and "abort-once" in PARTS and first_time("abort"):
        os.abort()
    if mode == "True-tcp" and "exit" in PARTS:
        os._exit(3)
    if mode == "True-tcp" and "kill" in PARTS:
        os.kill(os.getppid() if "kill-parent" in PARTS else os.getpid(), 9)
    if mode == "True-tcp" and "interrupt" in PARTS:
        raise KeyboardInterrupt


@part("timeout")
@pytest.mark.timeout(1)
@pytest.mark.parametrize("backend", ["file"])
def test_indexers_sync(backend):
    print("Creating second KV router with its own runtime")
    time.sleep(20)


@part("hang")
def test_sglang_kv_router_basic():
    time.sleep(60)


@part("fetch")
def test_hf_fetch():
    raise RuntimeError(
        "Failed to fetch model 'Qwen/Qwen3-0.6B' from HuggingFace: request error: "
        f"error sending request for url ({HUB}). Is this a valid HuggingFace ID?"
    )


@pytest.fixture
def predownload_models():
    if "fetch" in PARTS:
        raise RuntimeError(
            "Failed to pre-download required Hugging Face models:\\nQwen/Qwen3-0.6B: "
            "(MaxRetryError(\\"HTTPSConnectionPool(host='huggingface.co', port=443): Max retries "
            "exceeded with url: /api/models/Qwen/Qwen3-0.6B/revision/main (Caused by "
            "ConnectTimeoutError('timed out'))\\"))"
        )


@part("fetch")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_mocker_two_kv_router(predownload_models, number):
    pass


@pytest.fixture
def managed_process():
    yield
    if "teardown" in PARTS:
        raise RuntimeError("Failed to stop managed process 'frontend' (pid=4711)")


class TestFrontend:
    @part("teardown")
    def test_frontend(self, managed_process):
        pass


@part("rerun")
def test_disagg_rerun():
    assert not first_time("rerun"), "only 24 of 25 responses arrived"


@part("xpass")
@pytest.mark.xfail(strict=True, reason="DIS-1406")
def test_known_broken():
    pass


@part("warn")
def test_recovers():
    print("WARNING hub:retry.py:4 HTTP Error 503 thrown while requesting HEAD " + HUB)
    print("Retrying in 1s [Retry 1/5].")
    print("OSError: [Errno 28] No space left on device")
"""

CONFTEST = """
import os

if "internal" in os.environ["PARTS"]:
    def pytest_runtest_logreport(report):
        raise NotImplementedError("no such report")
"""

BROKEN = "from dynamo.router import KvRouter\n"

PORT_TAKEN = """
import socket

import pytest


@pytest.fixture
def frontend():
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        first.listen()
        second.bind(first.getsockname())
        yield second


@pytest.mark.parametrize("plane", ["nats", "tcp"])
def test_health(frontend, plane):
    pass
"""

BLOCKS = '''
def blocks_of(tokens, block_size=16):
    """How many blocks hold so many tokens.

    >>> blocks_of(16)
    1
    >>> blocks_of(17)
    1
    """
    return -(-tokens // block_size)


def is_aligned(tokens, block_size=16):
    """Whether the last block is full.

    >>> is_aligned(32)
    True
    """
    return tokens % block_size == 0
'''

SUBTESTS = """
def test_every_plane(subtests):
    for plane, arrived in (("nats", 25), ("tcp", 24), ("http", 25)):
        with subtests.test("responses", plane=plane):
            assert arrived == 25


def test_no_plane(subtests):
    with subtests.test(msg="nothing to send"):
        assert not []
"""

FILES = {
    "broken": ("tests/router/test_bindings.py", BROKEN),
    "setup": ("tests/frontend/test_frontend.py", PORT_TAKEN),
    "doctest": ("dynamo/blocks.py", BLOCKS),
    "subtests": ("tests/router/test_planes.py", SUBTESTS),
}
"""What a part adds to the suite."""


@dataclass(frozen=True)
class Scenario:
    """One log: command lines of one step, what the toy suite does, and how the runner ends it."""

    name: str
    parts: str
    flags: str
    pins: str = "8"
    end: str = ""
    silent: int = 0
    seconds: float = SECONDS
    more: str = ""
    ci: str = "true"
    env: tuple[tuple[str, str], ...] = ()


LOADSCOPE = "-n 4 --dist=loadscope -v --tb=short"
CANCEL = "##[error]The operation was canceled."
SCENARIOS = (
    Scenario("green", "assert-not,warn", "-v --tb=short", pins="9"),
    Scenario("green-prints", "warn", "-v -s", pins="8"),
    Scenario("green-reruns", "rerun", "-v --reruns 2", pins="8"),
    Scenario("green-reruns-dots", "rerun", "--reruns 2 -rR", pins="9"),
    Scenario(
        "xdist",
        "assert,abort-once,timeout,fetch,rerun",
        f"{LOADSCOPE} --reruns 1 -ra --showlocals --only-rerun responses",
        ci="",
    ),
    Scenario("xdist-always-aborts", "abort,assert", f"{LOADSCOPE} --max-worker-restart=2"),
    Scenario("xdist-exits-dots", "exit", "-n 2", pins="9"),
    Scenario(
        "sequential", "assert,timeout,fetch,teardown,xpass,warn", "-v --tb=short --durations=5"
    ),
    Scenario("sequential-prints", "assert,timeout", "-v -s --tb=short"),
    Scenario("sequential-aborts", "assert,abort", "-v --tb=short"),
    Scenario("sequential-aborts-dots", "abort", "", pins="9"),
    Scenario("thread-timeout", "timeout", "-v --timeout-method=thread", pins="9"),
    Scenario("quiet", "assert,fetch,teardown", "-q", pins="9"),
    Scenario("native-traceback", "assert,fetch", "-q --tb=native", pins="9"),
    Scenario("collection-error", "broken", "-v --continue-on-collection-errors"),
    Scenario("internal-error", "internal", "-v"),
    Scenario("interrupted", "interrupt", "-v"),
    Scenario("killed", "kill", "-v"),
    Scenario("hang-cancel", "assert,hang", "-v", end=CANCEL, silent=3498, seconds=4),
    Scenario("superseded", "hang", "-v", end=CANCEL, silent=12, seconds=4),
    Scenario(
        "step-timeout-xdist",
        "hang",
        f"{LOADSCOPE}",
        end="##[error]The action 'Run CPU-only tests' has timed out after 10 minutes.",
        silent=590,
        seconds=5,
    ),
    Scenario("two-sessions", "assert", "-v --tb=short", more="-v -k mocker_kv", pins="9"),
    Scenario("xdist-aborts-once", "abort-once", f"{LOADSCOPE} -ra"),
    Scenario("xdist-aborts-17-times", "abort", "-n 4 --dist=loadscope --tb=short -v -ra"),
    Scenario("xdist-reruns", "rerun,assert", f"{LOADSCOPE} --reruns 2 -ra"),
    Scenario("signal-timeout", "timeout", "-v --tb=short --timeout-method=signal"),
    Scenario("setup-and-teardown-errors", "setup,teardown", "-v --tb=short -ra"),
    Scenario("forked-aborts", "abort", "-v --forked -ra", pins="forked"),
    Scenario("doctest", "doctest", "-v --doctest-modules -ra dynamo", pins="9"),
    Scenario("subtests", "subtests", "-v -ra tests/router/test_planes.py", pins="9"),
    Scenario("subtests-xdist", "subtests", "-v -n 2 tests/router/test_planes.py", pins="9"),
)


def python_of(pins: str, root: Path) -> Path:
    """An environment with pinned versions of pytest and its plug-ins."""
    home = root / f"venv{pins}"
    if not home.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        packages = [*PINS[pins], *["pytest-rerunfailures"] * (pins in RERUNS), "setuptools"]
        subprocess.run([home / "bin/python", "-m", "pip", "-q", "install", *packages], check=True)
    return home / "bin/python"


def lay_out(scenario: Scenario, root: Path) -> Path:
    """The toy suite in a fresh folder."""
    repo = root / "repo"
    shutil.rmtree(repo, ignore_errors=True)
    router = repo / "tests" / "router"
    router.mkdir(parents=True)
    (repo / "tests/__init__.py").touch()
    (router / "__init__.py").touch()
    (router / "common.py").write_text(COMMON)
    (router / "test_router_e2e_with_mockers.py").write_text(SUITE)
    (repo / "conftest.py").write_text(CONFTEST)
    (repo / "pytest.ini").write_text("[pytest]\n")
    for part in scenario.parts.split(","):
        if part in FILES:
            name, text = FILES[part]
            (repo / name).parent.mkdir(parents=True, exist_ok=True)
            (repo / name).write_text(text)
    return repo


def run(scenario: Scenario, flags: str, root: Path, repo: Path) -> tuple[list[str], int]:
    """The output of one pytest run and its exit code."""
    python = python_of(scenario.pins, root)
    command = f"{python} -m pytest -p no:cacheprovider {flags}"
    state = root / "state"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    out = root / "out.txt"
    path = os.environ["PATH"]  # noqa: TID251  a script of its own, not the product
    environment = {"PATH": path, "PARTS": scenario.parts, "STATE": str(state)}
    environment |= {"COLUMNS": "80", "CI": scenario.ci} if scenario.ci else {"COLUMNS": "80"}
    environment |= dict(scenario.env)
    with out.open("wb") as sink:
        started = subprocess.Popen(
            ["bash", "-c", command],
            cwd=repo,
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = started.wait(scenario.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            code = started.wait(SECONDS)
    text = out.read_text(errors="replace")
    for place, shown in ((str(repo), HOME), (str(root), "/opt/hostedtoolcache")):
        text = text.replace(place, shown)
    text = text.replace(os.path.realpath(sys.base_prefix), "/opt/hostedtoolcache/Python/x64")
    rows = text.split("\n")
    return (rows if rows[-1] else rows[:-1]), code if code >= 0 else 128 - code


def wrap(scenario: Scenario, sessions: list[tuple[str, list[str]]], code: int) -> str:
    """The log as GitHub serves it."""
    rows, now = [], START
    for flags, output in sessions:
        rows += ["##[group]Run ./.github/actions/pytest-local", "with:", f"  pytest_flags: {flags}"]
        rows += ["##[endgroup]", "##[group]Run # Run pytest, fail on FAILED or ERROR"]
        rows += [f"\x1b[36;1mpytest {flags} || exit 1  # FAILED tests::x No space left\x1b[0m"]
        rows += ["shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}", "##[endgroup]"]
        rows += output
    lines = []
    for row in rows:
        now += STEP
        lines.append(f"{stamp(now)} {row}")
    now += timedelta(seconds=scenario.silent)
    ends = [scenario.end] if scenario.end else []
    if not ends and code:
        ends = [f"##[error]Process completed with exit code {code}."]
    lines += [f"{stamp(now)} {row}" for row in (*ends, "Cleaning up orphan processes")]
    return "\ufeff" + "\n".join(lines) + "\n"


def stamp(now: datetime) -> str:
    """GitHub's time stamp with its seven digits of fraction."""
    return f"{now.isoformat(timespec='microseconds')}7Z"


def record(
    scenario: Scenario, root: Path, prepare: Callable[[Path], object] = lambda _: None
) -> None:
    """Run one scenario, once its suite is prepared, and write its log."""
    repo = lay_out(scenario, root)
    prepare(repo)
    sessions, code = [], 0
    for flags in filter(None, (scenario.flags or "tests", scenario.more)):
        output, last = run(scenario, flags, root, repo)
        sessions.append((flags, output))
        code = code or last
    text = wrap(scenario, sessions, code)
    path = OUT / f"{scenario.name}.log"
    path.write_bytes(text.encode())
    print(textwrap.shorten(f"{path.name}: {len(text)} bytes, exit code {code}", 100))


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for scenario in SCENARIOS:
            if not wanted or scenario.name in wanted:
                record(scenario, Path(place))


if __name__ == "__main__":
    main()
