"""The tokens of a step stand in none of what it leaves: streams, summary, outputs, report, GitHub.

Neither token looks like one, so that no rule about the shape of secrets could hide it, except where
a server sends it back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.runner.runner_double import ActionRun
from tests.runner.widgets import act, add_attempt
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault

TOKEN = "sentinel-of-the-api"
HF_TOKEN = "sentinel-of-hugging-face"
SHAPED = "ghs_" + "SentinelThatLooksLikeATokenOfGitHubs" + "1234"

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "401": {"kind": "status", "status": 401, "body": b'{"message": "Bad credentials"}'},
    "403 at every write": {"method": "P", "kind": "status", "status": 403, "times": 10**6},
    "cut off": {"kind": "truncated", "skip": 2},
    "a page of HTML": {"kind": "html", "skip": 1},
}


def left(run: ActionRun, github: FakeGitHub, workspace: Path) -> str:
    """Everything that a step leaves anywhere, its traceback included, if there is one."""
    report = (workspace / "flakebot-report.json").read_text()
    git = github.state.git
    ledger = b"".join(git.blobs.values()).decode(errors="replace")
    commits = [repr(commit) for commit in git.commits.values()]
    written = json.dumps([github.state.issues, github.state.comments], default=repr)
    told = [run.stdout, run.stderr, run.summary, *run.outputs.values()]
    return "\n".join([*told, report, ledger, *commits, written])


@pytest.mark.parametrize("fault", FAULTS)
def test_no_token_is_left_anywhere(github: FakeGitHub, tmp_path: Path, fault: str) -> None:
    """Whatever fails; a bug's traceback would be found here too."""
    github.token = TOKEN
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")
    if FAULTS[fault]:
        github.faults.add(Fault(**FAULTS[fault]))

    run = act(github, tmp_path, hf_token=HF_TOKEN)

    told = left(run, github, tmp_path / "workspace")
    assert TOKEN not in told
    assert HF_TOKEN not in told
    assert "Traceback" not in told
    assert (run.env_changes, run.path_changes, run.state) == ({}, [], {})


def test_token_that_a_server_sends_back_is_masked(github: FakeGitHub, tmp_path: Path) -> None:
    """As a proxy does that quotes the request it refuses."""
    github.token = SHAPED
    add_attempt(github, 1, "FAILED")
    body = json.dumps({"message": f"refused: Authorization: Bearer {SHAPED}"}).encode()
    github.faults.add(Fault(kind="status", status=400, body=body, times=10**6))

    run = act(github, tmp_path)

    assert run.failed
    assert SHAPED not in left(run, github, tmp_path / "workspace")
    assert "refused" in run.summary
