"""`flakebot reproduce` on a suite that really fails, held to what the suite itself wrote down.

100 iterations a level take half an hour on two busy cores, so fewer are run here:
FLAKY_SUITE_ITERATIONS sets another number.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).parents[1] / "flaky_suite"
ITERATIONS = int(os.environ.get("FLAKY_SUITE_ITERATIONS", "40"))  # noqa: TID251  # for people
LEVELS = (0, 2, 4)
OUTAGE_EVERY = 12
"""Requests until the server fails once."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]


class _Server(BaseHTTPRequestHandler):
    """Answers, but not always."""

    count = 0

    def do_GET(self) -> None:
        """One request in twelve finds nobody."""
        _Server.count += 1
        self.send_response(200 if _Server.count % OUTAGE_EVERY else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # its name
        """Say nothing."""


@dataclass(frozen=True)
class Played:
    """What the command printed and wrote, and what really happened."""

    output: Path
    report: dict[str, Any]
    printed: str
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, server: str) -> Played:
    folder = tmp_path_factory.mktemp("reproduce")
    command = [sys.executable, "-m", "flakebot", "reproduce", "flaky_router.py"]
    command += ["--iterations", str(ITERATIONS), "--levels", "serial,2,4", "--jobs", "2"]
    command += ["--variant", "forked=--forked", "--timeout", "60"]
    command += ["--pytest", f"{sys.executable} -m pytest", "--output", str(folder / "output")]
    environment = {
        **os.environ,  # noqa: TID251  # the suite's own is added to it
        "FLAKY_SUITE_TRUTH": str(folder / "truth.jsonl"),
        "FLAKY_SUITE_SERVER": server,
        "FLAKY_SUITE_NATIVE": compiled(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command,
        check=False,
        cwd=SUITE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=7000,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    report = json.loads((folder / "output" / "report.json").read_text(encoding="utf-8"))
    return Played(
        output=folder / "output",
        report=report,
        printed=done.stdout,
        events=[json.loads(line) for line in lines],
    )


def compiled(folder: Path) -> str:
    """The native library, or nothing where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return ""
    library = folder / "native.so"
    source = str(SUITE / "native.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), source], check=True)
    return str(library)


# ------------------------------------------------------------------------------------------
# What really happened


_KINDS = {"race": "assertion", "download": "network-http-5xx", "hang": "hang"}


def truth(events: list[dict[str, Any]], *, processes: int, forked: bool) -> dict[int, set[str]]:
    """The error types of each iteration of a level and variant, by the suite's own log."""
    seen: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if (event["processes"], event["forked"]) == (processes, forked):
            seen[event["iteration"]].append(event)
    return {number: _types(noted) for number, noted in seen.items()}


def _types(noted: list[dict[str, Any]]) -> set[str]:
    """What a reader of the log can know, also of an iteration that hung: it is interrupted, and
    pytest then prints its reports.
    """
    found = {_KINDS[each["event"]] for each in noted if each["event"] in _KINDS}
    begun, ended = (
        {each["test"] for each in noted if each["event"] == event} for event in ("serve", "served")
    )
    return found | ({"crash-sigabrt"} if begun - ended else set())


def told(row: Mapping[str, Any]) -> dict[str, int]:
    return {error["category"]: error["count"] for error in row["errors"]}


@pytest.mark.parametrize("forked", [False, True], ids=["as given", "forked"])
@pytest.mark.parametrize("processes", LEVELS)
def test_the_tables_hold_what_happened(played: Played, processes: int, forked: bool) -> None:  # noqa: FBT001
    """Iterations, failures and every error type of every level, exactly."""
    happened = truth(played.events, processes=processes, forked=forked)
    name = f"n{processes}" if processes else "serial"
    rows = played.report["variants" if forked else "levels"]
    (row,) = [row for row in rows if row["level"] == name]
    kinds = [kind for types in happened.values() for kind in types]
    assert told(row) == {kind: kinds.count(kind) for kind in kinds}
    assert row["iterations"] == len(happened) == ITERATIONS
    assert row["failed"] == sum(bool(types) for types in happened.values())
    assert row["passed"] == ITERATIONS - row["failed"]


def test_it_never_aborts_serially_nor_in_processes_of_their_own(played: Played) -> None:
    """And does abort under xdist: else the suite stands for nothing."""
    aborts = {
        (processes, forked): sum(
            "crash-sigabrt" in types
            for types in truth(played.events, processes=processes, forked=forked).values()
        )
        for processes in LEVELS
        for forked in (False, True)
    }
    assert aborts[0, False] == aborts[0, True] == aborts[2, True] == aborts[4, True] == 0
    assert aborts[2, False] > 0
    assert aborts[4, False] > 0


def test_the_planted_polluter_ranks_first(played: Played) -> None:
    """Of all tests that ran before those that abort; whether it is certain, among so many pairs,
    depends on how the tests fell.
    """
    first = played.report["suspects"][0]
    assert first["polluter"] == "flaky_router.py::test_shutdown"
    assert first["victim"].startswith("flaky_router.py::test_serve[")
    assert first["p"] < 0.05
    assert first["without"]["failed"] == 0


def test_isolation_is_found_to_help(played: Played) -> None:
    """With certainty, at a level where it aborts."""
    found = {row["level"]: row["comparison"] for row in played.report["variants"]}
    best = max((found["n2"], found["n4"]), key=lambda each: each["difference"])
    assert best["certain"]
    assert best["interval"][0] > 0
    assert "forked helps at" in played.printed


def test_hangs_are_told_with_where_they_stood(played: Played) -> None:
    """The test, its stack, what never ran; and the child that ignored SIGTERM is gone."""
    hangs = [hang for hang in played.report["hangs"] if hang["tests"]]
    assert hangs[0]["tests"] == ["flaky_router.py::test_child"]
    assert any("in test_child" in line for line in hangs[0]["stacks"])
    serially = truth(played.events, processes=0, forked=False)
    assert sum("hang" in types for types in serially.values()) == len(
        [each for each in hangs[0]["iterations"] if each["level"] == "serial"]
    )
    for event in played.events:
        if event["child"]:
            with pytest.raises(ProcessLookupError):
                os.kill(event["child"], signal.SIG_DFL)


def test_each_failing_iteration_has_its_command_and_its_log(played: Played) -> None:
    """What a person needs to go on."""
    failed = sum(row["failed"] for row in [*played.report["levels"], *played.report["variants"]])
    assert len(played.report["repeat"]) == failed
    for each in played.report["repeat"]:
        assert "flaky_router.py" in each["command"]
        folder = "-".join(filter(None, (each["level"], each["variant"])))
        assert (played.output / "logs" / folder / f"iter_{each['number']}.log").is_file()
