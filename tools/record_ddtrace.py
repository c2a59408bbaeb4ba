"""Record how Datadog's Auto Test Retries look in a log, by really running its pytest plug-in.

The plug-in asks an agent whether failed tests are to be run again; a small agent on loopback says
yes, and takes whatever else is sent. The toy suite and the envelope are those of
`record_pytest_fixtures`, the settings those of ai-dynamo/dynamo's workflows.

    python -m tools.record_ddtrace [SCENARIO ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.record_pytest_fixtures import OUT, Scenario, record

PROXY = "/evp_proxy/v4"
SETTINGS = f"{PROXY}/api/v2/libraries/tests/services/setting"
CLOSING_SECONDS = 10

RETRIES_ON = {
    "code_coverage": False,
    "tests_skipping": False,
    "itr_enabled": False,
    "require_git": False,
    "flaky_test_retries_enabled": True,
    "known_tests_enabled": False,
    "early_flake_detection": {"enabled": False},
    "test_management": {"enabled": False},
}
"""https://docs.datadoghq.com/tests/flaky_tests/auto_test_retries/"""

ENVIRONMENT = {
    "DD_CIVISIBILITY_FLAKY_RETRY_COUNT": "2",
    "DD_CIVISIBILITY_GIT_UPLOAD_ENABLED": "false",
    "DD_ENV": "ci",
    "DD_GIT_BRANCH": "pull-request/7",
    "DD_GIT_COMMIT_SHA": "4f1c2d0b9e7a6c5d3b2a1908f7e6d5c4b3a29180",
    "DD_GIT_REPOSITORY_URL": "https://github.com/ai-dynamo/dynamo",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_SERVICE": "dynamo",
    "DD_TRACE_STARTUP_LOGS": "false",
}

VERBOSE = "--ddtrace -v --tb=short -ra"
SCENARIOS = (
    Scenario("datadog-green", "rerun", VERBOSE),
    Scenario("datadog-green-dots", "rerun", "--ddtrace"),
    Scenario("datadog-retries", "rerun,assert,teardown,setup", VERBOSE),
    Scenario("datadog-green-xdist", "rerun", f"{VERBOSE} -n 2"),
    Scenario("datadog-retries-xdist", "rerun,assert,setup", f"{VERBOSE} -n 4 --dist=loadscope"),
    Scenario("datadog-green-xdist-abort", "abort-once", f"{VERBOSE} -n 2"),
    Scenario("datadog-loadscope-abort", "abort-once", f"{VERBOSE} -n 4 --dist=loadscope"),
)


class Agent(BaseHTTPRequestHandler):
    """Answers as Datadog's agent does to the plug-in, and keeps nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say what the agent can pass on."""
        self._answer({"version": "7.60.0", "endpoints": [f"{PROXY}/"]})

    def do_POST(self) -> None:
        """Give the settings; accept events."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        on = self.path == SETTINGS
        self._answer({"data": {"attributes": RETRIES_ON} if on else []})

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def _answer(self, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[int]:
    """Serve on a free port of loopback until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(CLOSING_SECONDS)


def commit(repo: Path) -> None:
    """Make the suite a repository of one commit, which the plug-in asks git about."""
    who = ["-c", "user.name=CI", "-c", "user.email=ci@example.com"]
    for command in (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", ENVIRONMENT["DD_GIT_REPOSITORY_URL"]],
        ["add", "."],
        [*who, "commit", "-q", "-m", "Start"],
    ):
        subprocess.run(["git", *command], cwd=repo, check=True, timeout=CLOSING_SECONDS)


def main() -> None:
    """Record the scenarios named on the command line, or all."""
    wanted = sys.argv[1:]
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, serving() as port:
        settings = ENVIRONMENT | {"DD_TRACE_AGENT_URL": f"http://127.0.0.1:{port}"}
        for scenario in SCENARIOS:
            if not wanted or scenario.name in wanted:
                with_datadog = replace(scenario, pins="datadog", env=tuple(settings.items()))
                record(with_datadog, Path(place), prepare=commit)


if __name__ == "__main__":
    main()
