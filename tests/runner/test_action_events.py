"""The step on every kind of event and on bad input: summary, outputs and report are always there.

Whatever is wrong is one sentence, on the run's page and in the log, and never a traceback.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.runner.runner_double import ROOT, ActionRun
from tests.runner.widgets import COMMAND, RUN, TEST, act, act_on, add_attempt, log, writes
from tests.server.fake_github import FakeGitHub, Fault

from flakebot.views import markers

OUTPUTS = set(YAML(typ="safe").load(ROOT / "action.yml")["outputs"])
THIS_RUN = {"run-id": str(RUN), "dry-run": "true"}
BREAK_EVENT = 'echo "{" > "$GITHUB_EVENT_PATH"; exec "$0" -m flakebot action'
NO_JSON = ["/bin/sh", "-c", BREAK_EVENT, sys.executable]


def answered(run: ActionRun, folder: Path) -> bool:
    """Whether everything is there that a workflow relies on."""
    report = json.loads((folder / "workspace" / run.outputs["report"]).read_text())
    assert "Traceback" not in run.stdout + run.stderr
    return (
        set(run.outputs) == OUTPUTS
        and bool(run.summary)
        and report["verdict"] == run.outputs["verdict"]
    )


def warned(run: ActionRun, kind: str) -> str:
    """All annotations of a kind, in one text."""
    return " ".join(one.message for one in run.annotations if one.kind == kind)


def add_job(
    fake: FakeGitHub, name: str, conclusion: str | None, text: bytes | str | None = None
) -> None:
    """A further job of the first attempt, with its log; without a conclusion it goes on."""
    going = {"status": "in_progress", "completed_at": None} if conclusion is None else {}
    job = fake.state.add_job(RUN, name=name, log=text, conclusion=conclusion)
    job |= going


def add_pull(fake: FakeGitHub) -> None:
    """A pull request that the run belongs to."""
    sha = fake.state.git.refs["refs/heads/main"]
    fake.state.add_pull(9, head=("topic", sha))
    for run in fake.state.runs[RUN].values():
        run |= {"event": "pull_request", "head_branch": "topic"}


def comment_event(fake: FakeGitHub, number: int, body: str, author: str = "ada") -> dict[str, Any]:
    """A new comment on an issue, as GitHub delivers it."""
    comment = fake.state.add_comment(number, body, author=author)
    return {"action": "created", "comment": comment, "issue": fake.state.issues[number]}


def test_event_without_a_run_is_nothing_to_do(github: FakeGitHub, tmp_path: Path) -> None:
    """The step is green, says why in one sentence, and asks GitHub nothing."""
    run = act_on(github, tmp_path, "workflow_run", {"action": "requested"})
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "unknown"
    assert "is not completed" in run.summary
    assert github.requests.total() == 0


@pytest.mark.parametrize("event_name", ["schedule", "workflow_dispatch"])
def test_without_a_run_it_sweeps(github: FakeGitHub, tmp_path: Path, event_name: str) -> None:
    """What an analysis has opened is drawn anew; without a ledger nothing is, and it is said."""
    empty = act_on(github, tmp_path, event_name)
    assert (empty.failed, writes(github)) == (False, [])
    assert "The ledger holds no run of the last 90 days." in warned(empty, "warning")
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")
    assert not act(github, tmp_path).failed
    number = max(github.state.issues)
    github.state.issues[number]["body"] += "\nA line too much."
    before = len(writes(github))
    run = act_on(github, tmp_path, event_name)
    assert answered(run, tmp_path)
    written = [one.rpartition("/")[2] for one in json.loads(run.outputs["issues"])]
    assert written == [str(max(github.state.issues)), str(number)]  # the dashboard is opened first
    assert [one.partition(" ")[0] for one in writes(github)[before:]] == ["POST", "PATCH"]


@pytest.mark.parametrize(
    ("body", "author"),
    [("Thanks!\n> /flakebot quiet", "ada"), ("/flakebot quiet", "renovate[bot]")],
)
def test_comment_without_a_command_asks_nothing(
    github: FakeGitHub, tmp_path: Path, body: str, author: str
) -> None:
    """Nor does a bot's."""
    github.state.add_issue(3)
    run = act_on(github, tmp_path, "issue_comment", comment_event(github, 3, body, author))
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert github.requests.total() == 0


def test_command_in_a_comment_is_answered(github: FakeGitHub, tmp_path: Path) -> None:
    """The step is green and says what became of it; the report holds plan and receipts."""
    github.state.writers["ada"] = "write"
    mark = markers.mark(markers.Mark.ISSUE, f"pytest:{TEST}")
    github.state.add_issue(3, labels=["flaky-test"], body=f"{mark}\ntext\n")
    event = comment_event(github, 3, "/flakebot keep-open")
    run = act_on(github, tmp_path, "issue_comment", event)
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert "The command is answered." in run.summary
    issue = f"/repos/{github.repository}/issues"
    reaction = f"POST {issue}/comments/{event['comment']['id']}/reactions"
    assert writes(github) == [f"POST {issue}/3/labels", reaction]
    report = json.loads((tmp_path / "workspace" / run.outputs["report"]).read_text())
    assert [one["type"] for one in report["receipts"]] == ["AddLabels", "React"]


def test_command_that_github_refuses_is_a_warning(github: FakeGitHub, tmp_path: Path) -> None:
    """With the line that the workflow lacks."""
    github.state.writers["ada"] = "write"
    mark = markers.mark(markers.Mark.ISSUE, f"pytest:{TEST}")
    github.state.add_issue(3, labels=["flaky-test"], body=f"{mark}\ntext\n")
    github.permissions = {"contents": "read", "issues": "read"}
    event = comment_event(github, 3, "/flakebot fixed")
    run = act_on(github, tmp_path, "issue_comment", event)
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert "`issues: write`" in warned(run, "warning")
    assert github.state.issues[3]["state"] == "open"


def test_dispatch_with_a_run_analyses_that_run(github: FakeGitHub, tmp_path: Path) -> None:
    """Whichever workflow it stands in."""
    add_attempt(github, 1, "FAILED")
    run = act_on(github, tmp_path, "workflow_dispatch", inputs=THIS_RUN)
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "new-failures"


def test_inside_the_run_finished_siblings_are_read(github: FakeGitHub, tmp_path: Path) -> None:
    """Logs come job by job, flakebot's own job is left out, and nothing is run again."""
    add_attempt(github, 1, "FAILED")
    add_job(github, "flakebot", None)
    add_job(github, "lint", "success", log(github, "PASSED"))
    github.state.runs[RUN][1] |= {"status": "in_progress", "conclusion": None}
    add_pull(github)
    inputs = {"retry-hugging-face": "rerun", "history": "none"}
    run = act_on(github, tmp_path, "pull_request", inside=RUN, inputs=inputs)
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "new-failures"
    assert TEST in run.summary
    assert [one.path for one in github.requests.of("GET", "/logs") if "/runs/" in one.path] == []
    assert writes(github) == [f"POST /repos/{github.repository}/issues/9/comments"]


@pytest.mark.parametrize(
    ("event_name", "inputs", "command", "sentence"),
    [
        ("watch", {}, COMMAND, "'watch' belongs to no run"),
        ("workflow_run", {}, COMMAND, "holds no workflow run"),
        ("push", {}, NO_JSON, "GITHUB_EVENT_PATH cannot be read"),
        ("push", {"run-id": "99"}, COMMAND, "Could not read workflow runs: GitHub has no such"),
        ("push", {"run-id": "many"}, COMMAND, "The input `run-id` is 'many'"),
        ("push", {"run-id": "5", "max-new-issues": "-1"}, COMMAND, "The input `max-new-issues`"),
        ("push", {"run-id": "5", "history": "tape"}, COMMAND, "The input `history` is 'tape'"),
        ("push", {"run-id": "5", "token": ""}, COMMAND, "The input `token` is empty"),
    ],
)
def test_bad_input_is_one_sentence(
    github: FakeGitHub,
    tmp_path: Path,
    event_name: str,
    inputs: dict[str, str],
    command: list[str],
    sentence: str,
) -> None:
    """The step fails with an annotation; summary, outputs and report are written all the same."""
    add_attempt(github, 1, "FAILED")
    event = {"action": "completed"}
    run = act_on(github, tmp_path, event_name, event, command=command, inputs=inputs)
    assert run.exit_code == 1
    assert answered(run, tmp_path)
    assert [one.kind for one in run.annotations] == ["error"]
    assert sentence in run.annotations[0].message
    assert len(run.stderr.strip().splitlines()) == 1
    assert writes(github) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dry-run = true\ncoment = 'never'\n", ", line 2: `coment` is no setting; did you mean"),
        (
            "[thresholds]\nmin-builds = 'ten'\n",
            ", line 2: `min-builds` is 'ten', which does not fit",
        ),
        ("[thresholds\n", " is not TOML"),
        ("\ud800", " is not UTF-8 text"),
    ],
)
def test_broken_settings_stop_every_write(
    github: FakeGitHub, tmp_path: Path, text: str, sentence: str
) -> None:
    """File, line and key are named."""
    files = {".github/flakebot.toml": text.encode(errors="surrogatepass")}
    github.state.add_commit(files=files, branch="main")
    add_attempt(github, 1, "FAILED")
    run = act(github, tmp_path)
    assert run.exit_code == 1
    assert answered(run, tmp_path)
    assert f".github/flakebot.toml{sentence}" in warned(run, "error")
    assert writes(github) == []


@pytest.mark.parametrize("event_name", ["workflow_run", "schedule"])
def test_settings_that_were_named_and_are_not_there_stop_every_write(
    github: FakeGitHub, tmp_path: Path, event_name: str
) -> None:
    """A `dry-run` in them would have counted; without an input of that name no file is needed."""
    add_attempt(github, 1, "FAILED")
    event = {"action": "completed", "workflow_run": github.state.runs[5][1]}
    named = {"config": ".github/flakebt.toml"}
    run = act_on(github, tmp_path, event_name, event, inputs=named)
    assert run.exit_code == 1
    assert "The input `config` names .github/flakebt.toml, which" in run.annotations[0].message
    assert writes(github) == []


def test_log_that_is_no_text_is_told(github: FakeGitHub, tmp_path: Path) -> None:
    """The rest of the run is analysed."""
    add_attempt(github, 1, "FAILED")
    add_job(github, "binary", "failure", bytes(range(256)) * 64)
    run = act(github, tmp_path, dry_run="true")
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "new-failures"
    assert "binary" in run.summary


def test_archive_that_is_no_zip_is_replaced_by_single_logs(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """Each job's log has an address of its own."""
    add_attempt(github, 1, "FAILED")
    add_job(github, "lint", "success", log(github, "PASSED"))
    broken = Fault(kind="status", origin="storage", path="/logs/runs/", status=200, body=b"PK no")
    github.faults.add(broken)
    run = act(github, tmp_path, dry_run="true")
    assert not run.failed, run.stderr
    assert (github.faults.pending, run.outputs["verdict"]) == (0, "new-failures")
    assert TEST in run.summary


def test_expired_logs_are_no_error(github: FakeGitHub, tmp_path: Path) -> None:
    """GitHub deletes logs; nothing is known then, and that is said."""
    add_attempt(github, 1, "FAILED")
    github.state.expired_logs.update(github.state.jobs)
    run = act(github, tmp_path, dry_run="true")
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "unknown"
    assert "GitHub has deleted the log" in run.summary


def test_attempt_in_progress_waits_for_its_end(github: FakeGitHub, tmp_path: Path) -> None:
    """The attempt before it is analysed."""
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")
    github.state.runs[RUN][2] |= {"status": "in_progress", "conclusion": None}
    run = act_on(github, tmp_path, "workflow_dispatch", inputs=THIS_RUN)
    assert not run.failed, run.stderr
    assert run.outputs["verdict"] == "new-failures"


def test_token_that_may_only_read_is_no_error(github: FakeGitHub, tmp_path: Path) -> None:
    """As in a run of a fork's pull request: the run's page says all that nobody may write."""
    add_attempt(github, 1, "FAILED")
    add_attempt(github, 2, "PASSED")
    add_pull(github)
    github.permissions = dict.fromkeys(("actions", "contents", "issues", "pull-requests"), "read")
    run = act(github, tmp_path, comment="always")
    assert not run.failed, run.stderr
    assert answered(run, tmp_path)
    assert run.outputs["verdict"] == "flaky"
    assert TEST in run.summary
    assert "`contents: write`" in warned(run, "warning")
    assert "`pull-requests: write`" in warned(run, "warning")
    assert (github.state.issues, len(github.state.git.refs)) == ({}, 1)


@pytest.mark.parametrize(
    ("fail_on", "outcome", "code"),
    [
        ("never", "FAILED", 0),
        ("new-failures", "FAILED", 1),
        ("any", "FAILED", 1),
        ("new-failures", "PASSED", 0),
        ("any", "PASSED", 0),
    ],
)
def test_the_step_fails_as_it_is_told(
    github: FakeGitHub, tmp_path: Path, fail_on: str, outcome: str, code: int
) -> None:
    """By `fail-on` alone; everything else is written in any case."""
    add_attempt(github, 1, outcome)
    run = act(github, tmp_path, fail_on=fail_on, dry_run="true")
    assert (run.exit_code, answered(run, tmp_path)) == (code, True)


def test_annotations_can_be_switched_off(github: FakeGitHub, tmp_path: Path) -> None:
    """The summary stays."""
    add_attempt(github, 1, "FAILED")
    run = act(github, tmp_path, annotations="false", dry_run="true")
    assert not run.failed, run.stderr
    assert run.annotations == []
    assert TEST in run.summary
