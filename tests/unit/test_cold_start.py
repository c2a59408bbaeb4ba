"""What the Action has imported when its first request goes out; how long that takes is measured by
`benchmarks/cold_start.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

STEP = """
import os, socket, sys, threading
server = socket.create_server(("127.0.0.1", 0))
def first_request():
    server.accept()[0].recv(1)
    print("\\n".join(sorted(sys.modules)), flush=True)
    os._exit(0)
threading.Thread(target=first_request).start()
os.environ["GITHUB_API_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}"
from flakebot.__main__ import main_action
main_action()
"""
LATER = (
    "difflib",
    "flakebot.forges.folder",
    "flakebot.frameworks",
    "flakebot.hugging_face",
    "flakebot.judging",
    "flakebot.ledgers",
    "flakebot.pipeline",
    "flakebot.planner",
    "flakebot.reading",
    "flakebot.records",
    "flakebot.report",
    "flakebot.sinks",
    "flakebot.step_results",
    "flakebot.views",
    "jinja2",
    "rich",
    "typer",
)
"""What reads logs, judges and writes, and the libraries of that and of the command line."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The modules of a step at its first request, as it runs after a workflow."""
    folder = tmp_path_factory.mktemp("step")
    run = {"id": 7, "run_attempt": 1, "head_sha": "0" * 40, "status": "completed"}
    event = folder / "event.json"
    event.write_text(json.dumps({"action": "completed", "workflow_run": run}))
    environ = {
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "acme/widgets",
        "GITHUB_WORKSPACE": str(folder),
        "INPUT_TOKEN": "none",
    }
    command = [sys.executable, "-c", STEP]
    step = subprocess.run(
        command, env=environ, capture_output=True, check=False, text=True, timeout=60
    )
    assert step.returncode == 0, step.stderr
    return frozenset(step.stdout.split())


@pytest.mark.parametrize("name", LATER)
def test_what_the_first_request_does_not_need_is_imported_later(
    imported: frozenset[str], name: str
) -> None:
    """Neither it nor anything in it; that it exists is what the other test shows."""
    assert [each for each in imported if each == name or each.startswith(f"{name}.")] == []


def test_what_is_imported_later_is_all_there_is_to_import(imported: frozenset[str]) -> None:
    """The request was flakebot's own, and the names above are those of real modules."""
    assert {"flakebot.action", "flakebot.wiring", "flakebot.github_api.api"} <= imported
    code = f"import importlib; [importlib.import_module(name) for name in {LATER!r}]"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
