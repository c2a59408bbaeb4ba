"""Runs of one flaky test, analysed at the same moment by processes of their own: one issue with the
exact count, one comment, and no record is lost.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.build import FIRST_DAY, Job, World
from tests.server import rivals
from tests.server.analysis import ledger
from tests.server.fake_github import BOT, FakeGitHub, Fault

from flakebot import sweep_wiring, wiring
from flakebot.changes import UpdateIssue
from flakebot.views import markers
from flakebot.views.markers import Mark

NOW = FIRST_DAY + timedelta(days=1, hours=2)
PULL = 7
SHARED = 4
LOST = Fault(kind="after-status", status=502, every=10, skip=9, times=10**6)
"""Every tenth request is carried out, and its answer is lost."""


def compose(folder: Path, runs: int) -> None:
    """A flake in every run: each on a commit of its own, but for some workflows that share the
    newest commit of a pull request, and have another failure beside it.
    """
    world = World(root=folder)
    branch = world.pull(PULL, sha="head")
    for run_id in range(1, runs + 1):
        mine = run_id <= SHARED
        sha = "head" if mine else f"trunk{run_id}"
        where = branch if mine else "main"
        more = [Job(name="other", log="sigabrt")] if mine else []
        attempts = [Job(log="prefix-split"), *more], [Job(), *more]
        world.run(run_id, *attempts, day=1, sha=sha, branch=where)
        if mine:
            world.amend(f"runs/{run_id}/run.json", name=f"CI {run_id}")


def compete(folder: Path, runs: int, seed: int, *faults: Fault) -> None:
    """All runs at once, and what must be true afterwards."""
    with FakeGitHub(folder) as fake:
        fake.state.requests_left = 10**6
        fake.clock.now = NOW
        for fault in faults:
            fake.faults.add(fault)
        assert rivals.all_at_once(fake, range(1, runs + 1), NOW, seed) == []
        fake.faults.clear()
        check(fake, runs)
        assert fake.violations == []
        assert fake.leaks == []


def check(fake: FakeGitHub, runs: int) -> None:
    """Nothing is lost, nothing is there twice, and nothing is left to do."""
    state = fake.state
    keys = sorted((record.run_id, record.attempt) for record in ledger(fake))
    assert keys == [(run_id, attempt) for run_id in range(1, runs + 1) for attempt in (1, 2)]
    assert [issue["state"] for issue in state.issues.values()] == ["open"]
    ((number, issue),) = state.issues.items()
    assert (
        issue["body"]
        .splitlines()[1]
        .startswith(f"**Flaky**: failed in {runs} of {runs + SHARED} builds")
    )
    assert left_to_do(fake) == []
    assert state.comments[number] == {}
    ours = [c for c in state.comments[PULL].values() if c["user"]["login"] == BOT]
    assert [markers.key_of(Mark.PULL_REQUEST, comment["body"]) for comment in ours] == [""]


def left_to_do(fake: FakeGitHub) -> list[UpdateIssue]:
    """What a sweep would draw anew."""
    swept = sweep_wiring.on_github(
        wiring.Server(repository=fake.repository, token=fake.token, api_url=fake.url),
        given={"dry_run": True},
        now=NOW,
        say=lambda _: None,
    )
    return [change for change in swept.plan.changes if isinstance(change, UpdateIssue)]


def repetitions(count: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("seed", range(count))


FAULTS = pytest.mark.parametrize("faults", [(), (LOST,)], ids=["answered", "every-tenth-lost"])


@FAULTS
@repetitions(1)
def test_at_the_same_moment_one_issue_with_the_exact_count(
    tmp_path: Path, seed: int, faults: tuple[Fault, ...]
) -> None:
    """Eight processes; also when every tenth answer is lost after the request was carried out."""
    compose(tmp_path, 8)
    compete(tmp_path, 8, seed, *faults)


@pytest.mark.long
@pytest.mark.timeout(600)
@FAULTS
@repetitions(20)
def test_thirty_two_at_the_same_moment(
    tmp_path: Path, seed: int, faults: tuple[Fault, ...]
) -> None:
    """Twenty times each."""
    compose(tmp_path, 32)
    compete(tmp_path, 32, seed, *faults)
