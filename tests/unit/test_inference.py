from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flakebot.errors import InputError
from flakebot.reproduction import inference
from flakebot.reproduction.inference import Tally


def tally(failed: int, iterations: int) -> Tally:
    return Tally(failed=failed, iterations=iterations)


def test_a_missing_scipy_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that is not installed is named before anything runs."""
    inference.require()
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(InputError, match=r"pip install 'flakebot\[reproduce\]'"):
        inference.require()


def test_the_tea_tasting_lady() -> None:
    """Fisher's own example: three of four cups right, p = 0.2429 (The Design of Experiments)."""
    assert round(inference.fisher(tally(1, 4), tally(3, 4)), 4) == 0.2429


@pytest.mark.parametrize("n", [0, 5])
def test_where_nothing_failed_there_is_no_difference(n: int) -> None:
    """Or nothing ran, as when the test that is looked for was skipped."""
    assert inference.fisher(tally(0, n), tally(0, n)) == 1.0


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((0, 20), (10, 10), 0.6791, 1.0000),
        ((0, 10), (10, 10), 0.6075, 1.0000),
    ],
)
def test_difference_matches_newcombes_table(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Table II of Newcombe 1998, method 10, for all eight of its examples."""
    found = inference.difference(tally(*first), tally(*second))
    assert found == pytest.approx((low, high), abs=1e-4)


@given(st.integers(20, 80), st.integers(20, 80))
def test_ratio_is_near_the_logarithmic_interval_of_many(first: int, second: int) -> None:
    """Far from 0 and 1 it agrees with scipy's interval within a tenth."""
    point, low, high = inference.ratio(tally(first * 5, 500), tally(second * 5, 500))
    scipys = stats.contingency.relative_risk(second * 5, 500, first * 5, 500)
    ends = scipys.confidence_interval()
    assert point == pytest.approx(float(scipys.relative_risk))
    assert (low, high) == pytest.approx((float(ends.low), float(ends.high)), rel=0.1)


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_ratio_lies_in_its_interval(failed: int, more: int, other: int, others: int) -> None:
    """For every pair of levels, rates of 0 and 1 among them."""
    first, second = tally(failed, failed + more), tally(other, other + others)
    point, low, high = inference.ratio(first, second)
    if first.failed or second.failed:
        assert 0 <= low <= point + 1e-9
        assert point <= high + 1e-9


def test_a_level_that_never_failed_gives_a_ratio_without_upper_end() -> None:
    """12 of 30 against 0 of 70 is surely more than seven times as often."""
    point, low, high = inference.ratio(tally(0, 70), tally(12, 30))
    assert (point, round(low, 2), high) == (math.inf, 7.1, math.inf)


@pytest.mark.parametrize("iterations", range(1, 200))
def test_no_rounding_gives_a_level_that_never_failed_an_upper_end(iterations: int) -> None:
    """Wilson's lower end of 0 of 11 is 0 and no rest of a subtraction, by which 1 is divided."""
    _, low, high = inference.ratio(tally(0, iterations), tally(1, 2))
    assert 0 < low < high == math.inf


def test_ratio_of_nothing_is_anything() -> None:
    """Without an iteration no ratio is excluded."""
    assert inference.ratio(tally(0, 0), tally(0, 0)) == (math.inf, 0.0, math.inf)


def test_ten_iterations_a_level_see_twenty_percent_in_twelve_percent_of_cases() -> None:
    """The number of the policy: 0 % against 20 %, 10 iterations a level, 12 %."""
    assert round(inference.power(0.0, 0.2, 10, 10), 4) == 0.1209


@pytest.mark.parametrize(
    ("first", "second", "n_first", "n_second"),
    [(0.1, 0.4, 20, 20), (0.0, 0.2, 10, 25), (0.3, 0.3, 12, 9), (0.05, 0.9, 5, 4)],
)
def test_power_is_the_share_of_outcomes_that_scipys_test_calls_a_difference(
    first: float, second: float, n_first: int, n_second: int
) -> None:
    """Every outcome weighed by its probability, each judged by scipy's test."""
    expected = sum(
        float(stats.binom.pmf(a, n_first, first)) * float(stats.binom.pmf(b, n_second, second))
        for a in range(n_first + 1)
        for b in range(n_second + 1)
        if stats.fisher_exact(np.array([[a, n_first - a], [b, n_second - b]]), "less").pvalue
        <= inference.ALPHA
    )
    assert inference.power(first, second, n_first, n_second) == pytest.approx(expected)


def test_power_of_very_many_iterations_is_that_of_many() -> None:
    """A million iterations take no minutes to describe."""
    few = inference.power(0.5, 0.52, 2_000, 2_000)
    assert inference.power(0.5, 0.52, 1_000_000, 1_000_000) == few < 1


def test_the_smallest_difference_that_would_have_been_seen() -> None:
    """At that rate the power is 80 %, a little below it is less."""
    least = inference.detectable(tally(1, 100), 100)
    assert least is not None
    assert inference.power(0.01, least, 100, 100) >= 0.8 > inference.power(0.01, 0.09, 100, 100)
    assert round(least, 3) == 0.093


def test_two_iterations_a_level_can_show_nothing() -> None:
    """Not even 0 % against 100 % is called a difference then; four a level could show that."""
    assert inference.detectable(tally(0, 4), 4) == pytest.approx(0.95, abs=0.05)
    assert inference.detectable(tally(0, 2), 2) is None


@pytest.mark.parametrize(
    ("failed", "iterations", "scores", "p"),
    [
        # Agresti, Categorical Data Analysis, table 2.7: alcohol and malformations, M^2 = 6.57.
        ([48, 38, 5, 1, 1], [17114, 14502, 793, 127, 38], [0, 0.5, 1.5, 4, 7], 0.0104),
        # The example of DescTools' CochranArmitageTest: Z = -1.8856, p = 0.05935.
        ([0, 1, 0, 3], [10, 10, 10, 10], [1, 2, 3, 4], 0.0593),
    ],
)
def test_trend_matches_published_examples(
    failed: Sequence[int], iterations: Sequence[int], scores: Sequence[float], p: float
) -> None:
    """Cochran-Armitage as a textbook and another implementation have it."""
    tallies = [tally(f, n) for f, n in zip(failed, iterations, strict=True)]
    assert round(inference.trend(tallies, scores), 4) == p


@pytest.mark.parametrize(
    "tallies", [[], [tally(0, 0)], [tally(0, 9), tally(0, 9)], [tally(9, 9), tally(9, 9)]]
)
def test_no_trend_where_nothing_varies(tallies: Sequence[Tally]) -> None:
    """All passed, all failed or nothing ran: p is 1."""
    assert inference.trend(tallies, range(len(tallies))) == 1.0


def test_shift_matches_freeman_and_halton() -> None:
    """Mehta and Patel's table of 1983 (R's `Job` satisfaction): exact p = 0.7827."""
    job = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    assert inference.shift(job) == pytest.approx(0.7827, abs=0.015)


def test_shift_of_a_table_that_scipy_answers_with_an_array() -> None:
    """Which tables it does that for follows no rule that we know."""
    assert inference.shift([[1, 1, 0], [0, 1, 2]]) == pytest.approx(0.6, abs=0.03)


def test_shift_of_two_types_between_two_levels_is_fishers_test() -> None:
    """Empty rows and columns say nothing; the rest is scipy's two-sided test."""
    found = inference.shift([[1, 0, 9], [0, 0, 0], [11, 0, 3]])
    assert found == pytest.approx(0.002759, abs=1e-6)


def test_shift_is_the_same_each_time() -> None:
    """A report that is made again says the same."""
    table = [[5, 0, 1], [2, 6, 3]]
    assert inference.shift(table) == inference.shift(table) < 0.05


@pytest.mark.parametrize("table", [[], [[]], [[1, 2]], [[0, 3], [0, 4]], [[0, 0], [0, 0]]])
def test_nothing_shifts_without_two_of_each(table: Sequence[Sequence[int]]) -> None:
    """One level with failures, or one error type, cannot differ from another."""
    assert inference.shift(table) == 1.0


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], (0.03, 0.06, 0.06, 0.02)),
        ([0.5, 0.9], (1.0, 1.0)),
        ([], ()),
    ],
)
def test_holm_adjusts_as_in_the_textbook(ps: Sequence[float], adjusted: Sequence[float]) -> None:
    """The usual example of four p values."""
    assert inference.holm(ps) == pytest.approx(adjusted)


def test_rate_of_no_iterations_is_zero_and_its_interval_everything() -> None:
    """Nothing ran, so nothing is excluded."""
    assert (tally(0, 0).rate, tally(0, 0).interval) == (0.0, (0.0, 1.0))
