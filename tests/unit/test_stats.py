from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.judging.stats import (
    hypergeometric_tail,
    log_choose,
    rate,
    runs_needed,
    silence_probability,
    tail_bound,
    wilson,
    zero_upper_bound,
)
from flakebot.report import Rate


@pytest.mark.parametrize(
    ("failures", "n", "low"),
    [
        (1, 2, 0.095),
        (1, 5, 0.036),
        (2, 10, 0.057),
        (3, 20, 0.052),
        (5, 100, 0.022),
        (10, 100, 0.055),
        (412, 570, 0.685),
    ],
)
def test_wilson_lower_bound_matches_published_numbers(failures: int, n: int, low: float) -> None:
    """The lower bounds that pytorch's and Kibana's code give for the same counts."""
    assert low == round(wilson(failures, n)[0], 3)


def test_wilson_interval_of_nothing_is_everything() -> None:
    """Without a build no rate is excluded."""
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_interval_holds_the_proportion(failures: int, more: int) -> None:
    """The interval lies between 0 and 1 and the observed proportion lies in it."""
    n = failures + more
    low, high = wilson(failures, n)
    assert 0 <= low <= failures / n + 1e-12
    assert failures / n - 1e-12 <= high <= 1


def test_rate_carries_its_interval() -> None:
    """4 of 52 builds with the interval that views show."""
    found = rate(4, 52)
    expected = Rate(failures=4, builds=52, low=0.0303, high=0.1817)
    assert expected == Rate(
        failures=4, builds=52, low=round(found.low, 4), high=round(found.high, 4)
    )


@pytest.mark.parametrize(
    ("p", "alpha", "runs"),
    [
        (0.2, 0.05, 14),
        (0.1, 0.05, 29),
        (0.05, 0.05, 59),
        (0.02, 0.05, 149),
        (0.01, 0.05, 299),
        (0.2, 0.01, 21),
        (0.1, 0.01, 44),
        (0.05, 0.01, 90),
        (0.02, 0.01, 228),
        (0.01, 0.01, 459),
        (1.0, 0.05, 1),
    ],
)
def test_runs_needed_to_see_a_flake(p: float, alpha: float, runs: int) -> None:
    """The table of the policy: 20 % needs 14 runs, 1 % needs 299."""
    assert runs == runs_needed(p, alpha)


@pytest.mark.parametrize(("p", "alpha"), [(0, 0.05), (1.1, 0.05), (0.5, 0), (0.5, 1)])
def test_runs_needed_refuses_what_is_no_probability(p: float, alpha: float) -> None:
    """A rate of 0 needs infinitely many runs, so it is an error."""
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        runs_needed(p, alpha)


def test_silence_means_something_after_enough_builds() -> None:
    """Silence of 66 builds is chance less than once in a thousand for a flake of 10 %."""
    assert silence_probability(0.1, 65) > 0.001 > silence_probability(0.1, 66)


@pytest.mark.parametrize(("n", "bound"), [(0, 1.0), (10, 0.259), (100, 0.03), (300, 0.01)])
def test_no_failure_leaves_about_three_over_n(n: int, bound: float) -> None:
    """The rule of three."""
    assert bound == round(zero_upper_bound(n), 3)


@given(st.integers(1, 60), st.data())
def test_the_tail_is_bounded_from_above(total: int, data: st.DataObject) -> None:
    """And not by much, where it matters."""
    marked = data.draw(st.integers(0, total))
    drawn = data.draw(st.integers(0, total))
    hits = data.draw(st.integers(max(0, drawn + marked - total), min(marked, drawn)))
    exact = hypergeometric_tail(hits, drawn=drawn, marked=marked, total=total)
    bound = tail_bound(hits, drawn=drawn, marked=marked, total=total)
    assert exact <= bound * (1 + 1e-9)
    assert bound <= 1
    if exact < 0.01:
        assert bound <= 3 * exact


@pytest.mark.parametrize(
    ("of", "chosen", "ways"), [(5, 2, 10), (5, 0, 1), (5, 5, 1), (5, 6, 0), (5, -1, 0)]
)
def test_ways_to_choose(of: int, chosen: int, ways: int) -> None:
    """Their logarithm, also of none."""
    assert math.exp(log_choose(of, chosen)) == pytest.approx(ways)
