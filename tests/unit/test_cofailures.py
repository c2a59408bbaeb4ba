"""Which tests fail together: planted groups are found, and tests that are only flaky are not."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit import record_builders as b

from flakebot.judging import cofailures
from flakebot.judging.cofailures import Group
from flakebot.judging.history import History
from flakebot.model import Category
from flakebot.records import RunRecord
from flakebot.settings import Thresholds

THRESHOLDS = Thresholds()
OUTAGE, MACHINE = Category.HF_FETCH, Category.DISK_FULL


def name(number: int) -> str:
    return f"tests/t.py::test_{number:03}"


def key(number: int) -> str:
    return f"pytest:{name(number)}"


def recorded(
    run_id: int,
    bad: Collection[int],
    tests: int,
    *,
    way: str = "",
    category: Category = Category.ASSERTION,
    **more: object,
) -> RunRecord:
    """A run of so many tests, of which some failed, each in its own way unless one is given."""
    job = b.job(
        *(b.entry(name(n), fingerprint=way or f"v1:{n}", category=category) for n in bad),
        passed=[name(n) for n in range(tests) if n not in bad],
        ran=10_000,
    )
    at = b.NOW - timedelta(hours=500 - run_id)
    return replace(b.run(run_id, job, pr=run_id % 7), created_at=at, **more)  # type: ignore[arg-type]  # any field


def flaky(
    seed: int, rate: float, *, tests: int, runs: int, planted: Collection[int] = (), q: float = 1.0
) -> list[RunRecord]:
    """Tests that fail at one rate, independently; in every twentieth run those planted, each with
    the chance q.
    """
    dice = random.Random(seed)  # noqa: S311  # a fixed seed, no secret
    made = []
    for run_id in range(1, runs + 1):
        hit = planted if dice.random() < 0.05 else ()
        bad = [n for n in range(tests) if (n in hit and dice.random() < q) or dice.random() < rate]
        made.append(recorded(run_id, bad, tests))
    return made


def found(records: Sequence[RunRecord], thresholds: Thresholds = THRESHOLDS) -> tuple[Group, ...]:
    return cofailures.groups(History(records, thresholds), thresholds)


def together(times: int, *, tests: int = 2, of: Collection[int] = (0, 1)) -> list[RunRecord]:
    """Forty runs, in the first of which some tests fail together."""
    return [recorded(n, of if n <= times else (), tests) for n in range(1, 41)]


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_independent_flaky_tests_are_no_group(rate: float) -> None:
    """Of 20 tests with equal rates, 190 pairs a time, in six repositories: no false group."""
    groups = [found(flaky(seed, rate, tests=20, runs=100)) for seed in range(6)]
    assert groups == [()] * 6


@pytest.mark.parametrize(("q", "whole"), [(1.0, 4), (0.9, 4)])
def test_a_planted_group_is_found_among_flaky_tests(q: float, whole: int) -> None:
    """Four of 20 flaky tests fail together in one run of twenty; nearly always just they are a
    group, and hardly ever is another test in one.
    """
    planted = {1, 5, 9, 19}
    keys = {key(n) for n in planted}
    exact = others = 0
    for seed in range(5):
        groups = found(flaky(seed, 0.02, tests=20, runs=200, planted=planted, q=q))
        exact += any(set(group.keys) == keys for group in groups)
        others += sum(not set(group.keys) <= keys for group in groups)
    assert exact >= whole
    assert others <= 1


def test_a_group_tells_its_runs_and_members() -> None:
    """Counts, the newest runs first, and in how many the message was the same."""
    alike = [recorded(n, (0, 1), 3, way="v1:same", url=f"https://x/{n}") for n in (1, 2)]
    apart = [recorded(n, (0, 1), 3, url=f"https://x/{n}") for n in (3, 4, 5)]
    alone = [recorded(6, (0,), 3), recorded(7, (1,), 3), recorded(8, (2,), 3)]
    (group,) = found([*alike, *apart, *alone, *(recorded(n, (), 3) for n in range(9, 60))])
    assert group.keys == (key(0), key(1))
    assert [(member.failed, member.together) for member in group.members] == [(6, 5), (6, 5)]
    assert (group.runs, group.together, group.alike) == (7, 5, 2)
    assert [meeting.run_id for meeting in group.meetings] == [5, 4, 3, 2, 1]
    assert (group.meetings[0].url, group.meetings[0].alike) == ("https://x/5", False)
    assert group.meetings[-1].alike
    assert (group.weakest.both, group.weakest.either, group.weakest.ran) == (5, 7, 59)
    assert group.weakest.chance < 1e-5


def test_only_so_many_runs_are_listed() -> None:
    """All are counted."""
    (group,) = found(together(14))
    assert len(group.meetings) == cofailures.LAST
    assert group.together == 14


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (together(2), "two runs are a coincidence"),
        ([recorded(n, (0, 1), 2) for n in range(1, 41)], "they never passed"),
        (
            [recorded(n, (0, 1) if n < 9 else (), 2, category=OUTAGE) for n in range(1, 41)],
            "an outage",
        ),
        (
            [recorded(n, (0, 1) if n < 9 else (), 2, category=MACHINE) for n in range(1, 41)],
            "a fault of the machine",
        ),
        (
            [recorded(n, range(12) if n < 9 else (), 12, way="v1:one") for n in range(1, 41)],
            "one cause under ten tests",
        ),
        (
            [
                recorded(n, range(40) if n < 9 else (), 40, way="" if n < 9 else "x")
                for n in range(1, 41)
            ],
            "runs that are broken as a whole",
        ),
        (
            [
                replace(recorded(n, (0, 1) if n < 9 else (), 2), pull_request=7, trunk=False)
                for n in range(1, 41)
            ],
            "one change",
        ),
        (
            [
                replace(
                    recorded(n, (0, 1) if 10 <= n < 18 else (), 2),
                    pull_request=0, trunk=True, branch="main",
                )
                for n in range(1, 41)
            ],
            "a regression on the default branch",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_group(records: list[RunRecord], why: str) -> None:
    """Failures with a known cause, too few, or without a run in which either passed."""
    assert found(records) == (), why


def test_a_whole_job_that_failed_joins_nothing() -> None:
    """A mass failure is one event."""
    mass = [
        b.run(n, b.job(*(b.entry(name(i), fingerprint=f"v1:{i}") for i in range(6)), ran=6))
        for n in (1, 3, 5, 7)
    ]
    calm = [recorded(n, (), 6) for n in range(20, 60)]
    assert found([*mass, *calm]) == ()


def test_tests_that_passed_twice_did_not_fail() -> None:
    """A record keeps them beside those that did."""
    twice = [b.entry(name(n), b.PASSED, b.PASSED) for n in (0, 1)]
    records = [b.run(n, b.job(*twice if n < 9 else ()), pr=n % 7) for n in range(1, 41)]
    assert found(records) == ()


def test_pairs_in_a_chain_are_no_group_of_three() -> None:
    """The middle one fails with each of the others, which never meet."""
    left, right = (0, 1), (1, 2)
    records = [recorded(n, left if n <= 6 else right if n <= 12 else (), 3) for n in range(1, 200)]
    (group,) = found(records)
    assert group.keys == (key(0), key(1))


def test_a_part_that_meets_the_rest_too_seldom_stays_apart() -> None:
    """Each pair is beyond chance, yet the mean share between the parts is too small."""
    parts = [(0, 1)] * 9 + [(2, 3)] * 9 + [(0, 1, 2, 3)] * 5
    records = [recorded(n, bad, 4) for n, bad in enumerate(parts, 1)]
    records += [recorded(n, (), 4) for n in range(100, 400)]
    assert [group.keys for group in found(records)] == [(key(0), key(1)), (key(2), key(3))]


def test_runs_count_in_which_both_ran() -> None:
    """Jobs that do not run one of them are no evidence that they fail apart."""
    records = together(6)
    alone = [recorded(n, (0,), 1) for n in range(50, 70)]
    (group,) = found([*records, *alone])
    assert (group.weakest.both, group.weakest.either, group.weakest.ran) == (6, 6, 40)
    assert cofailures.share(group.keys, History(records), THRESHOLDS) == 1.0


def test_the_share_of_tests_that_no_longer_meet_is_small() -> None:
    """By which a group is held to have come apart; of one test, or none that failed, it is 0."""
    history = History([*together(2), recorded(50, (0,), 2), recorded(51, (1,), 2)])
    keys = (key(0), key(1))
    assert cofailures.share(keys, history, THRESHOLDS) == 0.5
    assert cofailures.share(keys[:1], history, THRESHOLDS) == 0.0
    assert cofailures.share((key(8), key(9)), history, THRESHOLDS) == 0.0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_records_makes_no_difference(seed: int, dice: random.Random) -> None:
    """And no test is in two groups."""
    records = flaky(seed, 0.1, tests=8, runs=60, planted={1, 2, 3})
    groups = found(records)
    shuffled = list(records)
    dice.shuffle(shuffled)
    assert found(shuffled) == groups
    keys = [each for group in groups for each in group.keys]
    assert len(keys) == len(set(keys))
