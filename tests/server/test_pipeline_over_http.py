"""The whole program on the sample over real HTTP: verdicts, issues, comment and ledger on GitHub.

The same runs are analysed in a folder beside it, which must come to the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from tests.server.analysis import Seen, analyse, ledger, seen, writes
from tests.server.fake_github import BOT, FakeGitHub

from flakebot import demo, pipeline, wiring
from flakebot.changes import CreateLabel, OpenIssue, PostComment, UpdateIssue
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import Run, RunRef
from flakebot.report import Report
from flakebot.settings import Limits

MAIN_PULL = 5731
ROUTER = "tests/router/test_router_e2e_with_mockers.py::"
VERDICTS = {
    "job:pre-commit": "new ",
    "tests/frontend/test_completion.py::test_truncated_completion_keeps_reason[stream]": "new ",
    "tests/mocker/test_trace_replay.py::test_replay_token_counts[burst]": "broken ",
    ROUTER + "test_kv_push_router_bindings[True-tcp]": "flaky proven",
    "tests/fault_tolerance/test_request_cancellation.py::"
    "test_request_cancellation[remote_prefill]": "flaky proven",
    ROUTER + "test_mocker_kv_router[tcp]": "flaky proven",
    ROUTER + "test_router_decisions[jetstream-nats]": "flaky known",
    ROUTER + "test_indexers_sync[file]": "flaky likely",
}
TRACKED = [
    ROUTER + "test_router_decisions",
    "Hugging Face fetch failures",
    ROUTER + "test_kv_push_router_bindings",
    "tests/fault_tolerance/test_request_cancellation.py::test_request_cancellation",
    ROUTER + "test_mocker_kv_router",
    ROUTER + "test_indexers_sync",
]
EARLIER = [
    "flaky", "new-failures", "clean", "new-failures", "external", "clean", "external", "clean",
    "flaky", "clean", "new-failures", "broken", "broken", "broken", "broken",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Played:
    """GitHub after every run of the sample was analysed once, with its twin in a folder."""

    fake: FakeGitHub
    sample: Path
    main: Run
    before: Seen
    writes: list[str]
    result: pipeline.Result
    earlier: list[tuple[Report, Report]]
    twin: Path
    twin_result: pipeline.Result


def look(run: Run) -> datetime:
    """When flakebot looks at a run: a minute after its end."""
    assert run.updated_at is not None
    return run.updated_at + timedelta(minutes=1)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Analyse the earlier runs in order, then the main run, over HTTP and in a folder."""
    with resources.as_file(resources.files("flakebot") / "resources" / "sample") as sample:
        twin = tmp_path_factory.mktemp("twin") / "folder"
        shutil.copytree(sample, twin)
        runs, main = demo._runs(sample)
        with FakeGitHub(sample) as fake:
            fake.state.requests_left = 10_000
            earlier = []
            for run in runs:
                ref, now = RunRef(run_id=run.id), look(run)
                over_http = analyse(fake, ref, now=now, folder=sample)
                in_folder = wiring.run_in_folder(twin, ref, apply=True, now=now)
                earlier.append((over_http.report, in_folder.report))
            before, since, ref = seen(fake), len(fake.requests), RunRef(run_id=main.id)
            result = analyse(fake, ref, now=look(main), folder=sample)
            yield Played(
                fake=fake,
                sample=sample,
                main=main,
                before=before,
                writes=writes(fake, since),
                result=result,
                earlier=earlier,
                twin=twin,
                twin_result=wiring.run_in_folder(twin, ref, apply=True, now=look(main)),
            )
            assert fake.violations == []
            assert fake.leaks == []


def test_every_failing_test_has_its_verdict(played: Played) -> None:
    """Flakes by three kinds of proof, what main broke, and what is the author's."""
    findings = played.result.report.findings
    found = {f.test or f.function: f"{f.verdict.kind} {f.verdict.level}" for f in findings}
    assert found == VERDICTS
    assert played.result.report.overall == "new-failures"


def test_earlier_runs_have_their_verdicts(played: Played) -> None:
    """In the order of their end, each judged by the history before it."""
    assert [str(over_http.overall) for over_http, _ in played.earlier] == EARLIER


def test_github_and_folder_come_to_the_same(played: Played) -> None:
    """Reports of all runs but for why a log is missing, and every issue to the letter."""
    for over_http, in_folder in played.earlier:
        assert over_http == in_folder
    report, twin = played.result.report, played.twin_result.report
    assert (report.findings, report.events) == (twin.findings, twin.events)
    forge = FolderForge(played.twin, now=look(played.main), limits=Limits())
    bodies = {issue.number: issue.body for issue in forge.issues("flaky-test")}
    ours = seen(played.fake).issues[1:]
    assert {number: body for number, _, body, _, _ in ours} == bodies


def test_issues_are_opened_and_updated(played: Played) -> None:
    """Three from before get new numbers, three are new; a person's own issue is left alone."""
    kinds = [type(receipt.change) for receipt in played.result.receipts]
    assert [receipt.reason for receipt in played.result.receipts] == [""] * 7
    assert kinds == [OpenIssue] * 3 + [UpdateIssue] * 3 + [PostComment]
    person, *ours = seen(played.fake).issues
    assert person == played.before.issues[0]
    assert [issue[1].removeprefix("Flaky test: ") for issue in ours] == TRACKED
    assert {issue[3:] for issue in ours} == {("open", ("flaky-test",))}


def test_pull_request_gets_one_comment(played: Played) -> None:
    """It names the author's failure first and shows the numbers of the issues just opened."""
    ours = [c for c in seen(played.fake).comments if c[:2] == (MAIN_PULL, BOT)]
    assert len(ours) == 1
    body = ours[0][2]
    assert body.index("test_truncated_completion_keeps_reason") < body.index("test_indexers_sync")
    opened = [issue[0] for issue in seen(played.fake).issues][-3:]
    assert [number for number in opened if f"#{number}" not in body] == []


def test_ledger_is_a_branch_of_its_own(played: Played) -> None:
    """One record per attempt, one commit for the main run, no history shared with main."""
    git = played.fake.state.git
    records = ledger(played.fake)
    keys = [record.key for record in records]
    assert len(keys) == len(set(keys)) == len(played.before.records) + 2
    assert [record.attempt for record in records if record.run_id == played.main.id] == [1, 2]
    assert git.refs["refs/heads/main"] not in git.ancestors(git.refs["refs/heads/flakebot-data"])
    assert sum("git/commits" in one for one in played.writes) == 1


def test_second_analysis_writes_nothing(played: Played) -> None:
    """What stands there is what would be written."""
    before, since = seen(played.fake), len(played.fake.requests)
    ref = RunRef(run_id=played.main.id)
    again = analyse(played.fake, ref, now=look(played.main), folder=played.sample)
    assert (again.plan.changes, writes(played.fake, since)) == ((), [])
    assert seen(played.fake) == before
    assert [f.verdict.kind for f in again.report.findings] == [
        f.verdict.kind for f in played.result.report.findings
    ]


def test_dry_run_writes_nothing(played: Played) -> None:
    """No label, issue or comment, not the ledger, though all of them are planned."""
    with FakeGitHub(played.sample) as fake:
        ref, now = RunRef(run_id=played.main.id), look(played.main)
        result = analyse(fake, ref, now=now, folder=played.sample, given={"dry_run": True})
        planned = {type(change) for change in result.plan.changes}
        assert planned == {CreateLabel, OpenIssue, PostComment}
        assert result.receipts == ()
        assert (writes(fake), "refs/heads/flakebot-data" in fake.state.git.refs) == ([], False)
        assert (fake.violations, fake.leaks) == ([], [])


def test_requests_stay_few(played: Played) -> None:
    """An analysis of 16 jobs in two attempts stays far below the thousand an hour of a token."""
    since = len(played.fake.requests)
    analyse(played.fake, RunRef(run_id=played.main.id), now=look(played.main))
    assert len(played.fake.requests) - since <= 15
