"""Each request of a run fails in each of fifteen ways, alone and in random pairs.

The run ends within its bounds, with a result or one sentence; no record that the ledger holds is
lost, nothing is written twice, the token is shown nowhere, and after the next run GitHub looks as
if nothing had happened.
Without sockets, and time-outs are not waited for; over HTTP: `test_pipeline_faults.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tests.server.analysis import compose
from tests.server.disturbed import WAYS, disturb, places
from tests.server.fake_github import FakeGitHub
from tests.server.inprocess import connected
from tests.server.looks import Look, both

PAIRS = 300
SAMPLE = 12
"""Of all single faults and of pairs, in the short run."""


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """GitHub with both runs, without sockets."""
    folder = tmp_path_factory.mktemp("matrix")
    compose(folder)
    with FakeGitHub(folder) as github, connected(github):
        github.state.requests_left = 10**7
        github.token = "sentinel-of-no-known-shape"
        yield github
        assert github.violations == []
        assert github.leaks == []


@pytest.fixture(scope="module")
def looks(fake: FakeGitHub) -> list[Look]:
    """Both looks, as they go when nothing fails."""
    return both(fake)


def test_the_matrix_has_every_request_and_way(looks: list[Look]) -> None:
    """Reads and writes of the API, downloads from the storage."""
    counts = [len(places(look)) for look in looks]
    assert counts == [look.api + look.storage for look in looks]
    assert sum(counts) >= 58
    assert len(WAYS) == 15
    methods = {place.name.split()[1] for look in looks for place in places(look)}
    assert methods == {"GET", "POST", "PATCH"}


@pytest.mark.parametrize("seed", range(SAMPLE))
def test_a_sample_of_faults_does_no_harm(fake: FakeGitHub, looks: list[Look], seed: int) -> None:
    """One fault, and a pair."""
    dice = random.Random(seed)  # noqa: S311  # it chooses, it keeps no secret
    look = looks[seed % 2]
    for count in (1, 2):
        chosen = [(dice.choice(places(look)), dice.choice([*WAYS])) for _ in range(count)]
        assert disturb(fake, look, chosen) == []


@pytest.mark.matrix
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("way", WAYS)
def test_each_request_failing_in_each_way_does_no_harm(
    fake: FakeGitHub, looks: list[Look], way: str, number: int
) -> None:
    """One at a time."""
    look = looks[number]
    assert [said for place in places(look) for said in disturb(fake, look, [(place, way)])] == []


@pytest.mark.matrix
@pytest.mark.parametrize("seed", range(10))
def test_random_pairs_of_faults_do_no_harm(fake: FakeGitHub, looks: list[Look], seed: int) -> None:
    """Two requests of one run, each in any way."""
    dice = random.Random(1000 + seed)  # noqa: S311  # it chooses, it keeps no secret
    wrong: list[str] = []
    for _ in range(PAIRS // 10):
        look = dice.choice(looks)
        chosen = [(place, dice.choice([*WAYS])) for place in dice.sample(places(look), 2)]
        wrong += disturb(fake, look, chosen)
    assert wrong == []
