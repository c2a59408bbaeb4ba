"""`flakebot replay` over real HTTP: what it asks, and that it writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, Job, World
from tests.server.analysis import analyse, writes
from tests.server.fake_github import FakeGitHub

from flakebot import __main__ as entry
from flakebot.github_objects import RunRef

LATER = FIRST_DAY + timedelta(days=20)
REPLAY = ["replay", "org/repo", "--now", LATER.isoformat(), "--json"]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """GitHub with a flake, runs in which it passed, and a failure that is new."""
    world = World(root=tmp_path)
    world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="flake1")
    world.trunk(2, *["passed"] * 4, day=2)
    world.run(9, [Job(log="bindings-split")], day=9, sha="red1")
    with FakeGitHub(tmp_path) as fake:
        fake.state.requests_left = 10_000
        for look in world.looks:
            analyse(fake, RunRef(run_id=look.run_id), now=look.now)
        fake.clock.now = LATER
        monkeypatch.setenv("GITHUB_API_URL", fake.url)
        monkeypatch.setenv("GITHUB_TOKEN", fake.token)
        yield fake
        assert fake.violations == []
        assert fake.leaks == []


@pytest.mark.parametrize(("logs", "reread", "requests"), [(0, 0, 6), (2, 2, 20)])
def test_what_was_said_is_said_again_by_a_bounded_number_of_requests(
    github: FakeGitHub, capsys: pytest.CaptureFixture[str], logs: int, reread: int, requests: int
) -> None:
    """From the ledger in a handful, whatever the number of runs; logs cost some for each run."""
    before, asked = len(writes(github)), github.requests.total()
    assert entry.main([*REPLAY, "--logs", str(logs)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["reread"], told["changed"], told["problems"]) == (6, reread, 0, [])
    assert {count["then"] for count in told["verdicts"]} == {"flaky proven", "new"}
    assert github.requests.total() - asked <= requests
    assert len(writes(github)) == before


@pytest.mark.usefixtures("github")
def test_a_settings_file_is_tried_without_being_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rules are asked of the logs that are read."""
    file = tmp_path / "tried.toml"
    file.write_text(
        '[[rule]]\nid = "tried"\ncategory = "network-dns"\npattern = "[a-z]"\nassertions = true\n'
        'match = ["x"]\nno_match = ["1"]\n'
    )
    assert entry.main([*REPLAY, "--logs", "1", "--settings", str(file)]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {(c["run_id"], c["then"], c["now"]) for c in changes} == {(9, "new", "external")}
    assert changes[0]["url"].endswith("/actions/runs/9")
