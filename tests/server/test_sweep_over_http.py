"""`flakebot sweep` over real HTTP: what it asks, what it writes, and what stops it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, Job, World
from tests.server.analysis import analyse, writes
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tests.server.shapes import stamp

from flakebot import __main__ as entry
from flakebot.github_objects import RunRef

PASSES = 10
SETTINGS = "[thresholds]\nclose-probability = 0.1\n"
LATER = FIRST_DAY + timedelta(days=20)
SWEEP = ["sweep", "org/repo", "--now", LATER.isoformat()]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """GitHub with a flake whose issue stands, and then enough runs in which the test passed."""
    world = World(root=tmp_path)
    world.always(SETTINGS)
    world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="flake1")
    world.trunk(2, *["passed"] * PASSES, day=2)
    with FakeGitHub(tmp_path) as fake:
        fake.state.requests_left = 10_000
        for look in world.looks:
            analyse(fake, RunRef(run_id=look.run_id), now=look.now, config_text=SETTINGS)
        fake.clock.now = LATER
        monkeypatch.setenv("GITHUB_API_URL", fake.url)
        monkeypatch.setenv("GITHUB_TOKEN", fake.token)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


def add_run(fake: FakeGitHub, number: int, created: datetime, **fields: str) -> None:
    """A run like the first, which began then and ended an hour later."""
    times = {"created_at": stamp(created), "updated_at": stamp(created + timedelta(hours=1))}
    fake.state.runs[number] = {1: fake.state.runs[1][2] | times | {"id": number} | fields}


def only(fake: FakeGitHub) -> int:
    """The number of the one issue of a test."""
    return min(fake.state.issues)


def test_the_plan_is_printed_and_nothing_is_written(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its reason stands beside it, and how to write it."""
    before, asked = len(writes(github)), github.requests.total()
    assert entry.main(SWEEP) == 0
    out, err = capsys.readouterr()
    assert f"close issue #{only(github)}: no failure in 10 builds since 2026-02-03" in out
    assert "--apply writes this plan" in err
    assert len(writes(github)) == before
    assert github.requests.total() - asked <= 16


def test_applied_it_closes_once(github: FakeGitHub, capsys: pytest.CaptureFixture[str]) -> None:
    """With one comment; a second sweep writes nothing."""
    assert entry.main([*SWEEP, "--apply", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["done"] for one in report["receipts"]] == [True, True, True]
    issue = github.state.issues[only(github)]
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert len(github.state.comments[only(github)]) == 1
    before = len(writes(github))
    assert entry.main([*SWEEP, "--apply"]) == 0
    assert "nothing to do, by 12 attempts of runs on record" in capsys.readouterr().out
    assert len(writes(github)) == before


def test_a_short_list_of_issues_stops_it(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing rests on a partial read, and the reason is one sentence."""
    before = len(writes(github))
    github.faults.add(Fault(kind="status", path="/issues", status=403))
    assert entry.main([*SWEEP, "--apply"]) == 0
    assert "not done: " in capsys.readouterr().out
    assert len(writes(github)) == before


def test_runs_that_it_missed_are_said(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs finished, and its own workflow did not work for days; one request asks, however many
    runs have only just ended.
    """
    add_run(github, 99, datetime(2026, 2, 20, 9, tzinfo=UTC))
    for number in range(100, 250):
        add_run(github, number, LATER - timedelta(minutes=90))
    before = len(github.requests.of(path="/actions/runs"))
    assert entry.main(SWEEP) == 0
    assert "no run that began after 2026-02-13 09:00 UTC, although 1 run" in capsys.readouterr().out
    assert len(github.requests.of(path="/actions/runs")) == before + 1


@pytest.mark.parametrize(
    ("others", "missed", "said", "requests"),
    [
        (150, 1, "although 1 run of", 2),
        (0, 101, "although 100 runs or more of", 1),
        (1001, 1, "nothing to do", 10),
    ],
)
def test_missed_runs_are_found_among_those_of_other_workflows(
    github: FakeGitHub,
    capsys: pytest.CaptureFixture[str],
    others: int,
    missed: int,
    said: str,
    requests: int,
) -> None:
    """In as many requests as that takes, and ten at most."""
    begin = datetime(2026, 2, 18, tzinfo=UTC)
    for number in range(others):
        add_run(github, 1000 + number, begin + timedelta(minutes=number), name="Docs")
    for number in range(missed):
        add_run(github, 100 + number, begin - timedelta(hours=1))
    before = len(github.requests.of(path="/actions/runs"))
    assert entry.main([*SWEEP, "--apply"]) == 0
    assert len(github.requests.of(path="/actions/runs")) == before + requests
    assert entry.main(SWEEP) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("target", ["nowhere", "https://github.com/org", "org/repo/issues"])
def test_what_is_no_repository_is_one_sentence(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is asked."""
    assert entry.main(["sweep", target]) == 1
    assert "is neither a saved repository nor one on GitHub" in capsys.readouterr().err
