from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from flakebot.reproduction import sequential
from flakebot.reproduction.inference import Tally

CAMPAIGNS, LOOKS = 200, 100
TALLIES = st.builds(
    lambda failed, more: Tally(failed=failed, iterations=failed + more),
    st.integers(0, 200),
    st.integers(0, 200),
)


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5])
def test_looking_after_every_iteration_errs_no_more_than_promised(rate: float) -> None:
    """Of 200 campaigns without a difference, looked at 100 times each, 5 % at most claim one or
    lose the true rate; a test for a fixed number would be wrong in about a third of them.
    """
    draw = random.Random(7)  # noqa: S311  # a simulation
    claimed = lost = 0
    for _ in range(CAMPAIGNS):
        failed = [0, 0]
        outside = differ = False
        for look in range(1, LOOKS + 1):
            failed = [count + (draw.random() < rate) for count in failed]
            both = [Tally(failed=count, iterations=look) for count in failed]
            differ = differ or sequential.p_value(both) <= 0.05
            low, high = sequential.interval(both[0], 0.05)
            outside = outside or not low <= rate <= high
        claimed += differ
        lost += outside
    assert claimed / CAMPAIGNS <= 0.05
    assert lost / CAMPAIGNS <= 0.05


@given(TALLIES)
def test_interval_holds_the_rate_and_is_wider_than_wilsons(tally: Tally) -> None:
    """What all looks together cost shows in the width."""
    low, high = sequential.interval(tally, 0.05)
    assert 0 <= low <= tally.rate <= high <= 1 or not tally.iterations
    wilson = tally.interval
    assert high - low >= wilson[1] - wilson[0] - 1e-9


@given(TALLIES, st.sampled_from([0.01, 0.05, 0.2]))
def test_the_ends_of_the_interval_are_where_the_ratio_is_one_over_alpha(
    tally: Tally, alpha: float
) -> None:
    """Computed with scipy's beta function instead."""
    passed = tally.iterations - tally.failed
    averaged = special.betaln(tally.failed + 0.5, passed + 0.5) - special.betaln(0.5, 0.5)
    for end in sequential.interval(tally, alpha):
        if 1e-9 < end < 1 - 1e-9:
            under = special.xlogy(tally.failed, end) + special.xlog1py(passed, -end)
            assert averaged - under == pytest.approx(-special.xlogy(1, alpha), abs=1e-4)


@given(TALLIES)
def test_equal_groups_are_no_evidence(tally: Tally) -> None:
    """Two groups that failed as often as each other never differ."""
    assert sequential.evidence([tally, tally]) <= 1 + 1e-9
    assert sequential.p_value([tally, tally]) == pytest.approx(1.0)


def test_a_plain_difference_is_seen_early() -> None:
    """0 against 40 % needs about 22 iterations a level, 0 against 20 % about 55."""
    none, some = Tally(failed=0, iterations=22), Tally(failed=9, iterations=22)
    assert sequential.p_value([none, some]) < 0.05
    none, few = Tally(failed=0, iterations=54), Tally(failed=11, iterations=54)
    assert sequential.p_value([none, few]) < 0.05


def test_evidence_without_end_is_a_number() -> None:
    """0 against 100 % in a thousand iterations does not overflow."""
    groups = [Tally(failed=0, iterations=5000), Tally(failed=5000, iterations=5000)]
    assert sequential.evidence(groups) > 1e300
