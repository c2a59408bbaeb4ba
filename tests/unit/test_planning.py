from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.reproduction_values import N16, SERIAL, campaign

from flakebot.reproduction import inference, planning
from flakebot.reproduction.iterations import Target


@pytest.mark.parametrize(
    ("rate", "iterations"), [(0.2, 14), (0.1, 29), (0.05, 59), (0.01, 299), (1.0, 1)]
)
def test_iterations_that_show_a_flake(rate: float, iterations: int) -> None:
    """The table of the policy."""
    assert planning.to_see(rate) == iterations


@pytest.mark.parametrize(("rate", "other"), [(0.2, 0.0), (0.5, 0.1), (1.0, 0.0)])
def test_iterations_a_level_for_a_comparison_are_the_fewest(rate: float, other: float) -> None:
    """With so many the power is 80 %, with one less it is not."""
    needed = planning.to_compare(rate, other)
    assert inference.power(other, rate, needed, needed) >= 0.8
    assert inference.power(other, rate, needed - 1, needed - 1) < 0.8


def test_twenty_percent_against_none_takes_33_iterations_a_level() -> None:
    """The number a report names after ten a level."""
    assert planning.to_compare(0.2) == 33


def test_a_difference_too_small_to_be_found_stops_at_the_most() -> None:
    """Two in a thousand are not found by repeating."""
    assert planning.to_compare(0.002) == planning.MOST


def test_silence_of_a_fix_is_sized_from_the_lower_bound() -> None:
    """For at least 10 %: 29 silent iterations; their silence means 95 %."""
    assert planning.for_fix(0.1) == 29
    assert planning.silence_means(0.1, 29) >= 0.95 > planning.silence_means(0.1, 28)
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        planning.for_fix(0.0)


def test_forecast_tells_what_a_campaign_will_be_able_to_show() -> None:
    """Ten iterations a level, and the numbers of the policy."""
    finding, comparing = planning.forecast(campaign(SERIAL, N16, iterations=10, expected=0.2))
    assert finding == "In 10 iterations a flake of 20 % shows with 89 % confidence; 95 % needs 14."
    assert comparing == (
        "0 % against 20 % between two levels is seen 12 % of the time; "
        "80 % needs 33 iterations a level."
    )


def test_forecast_of_a_tracked_flake_asks_about_its_rate() -> None:
    """The lower end of what the issue knows."""
    base = replace(campaign(SERIAL, iterations=29), target=Target(rate=0.3, rate_low=0.1))
    assert planning.forecast(base) == (
        "In 29 iterations a flake of 10 % shows with 95 % confidence; 95 % needs 29.",
    )


def test_forecast_says_where_no_plan_reaches() -> None:
    """A thousand iterations a level are too few for two in a thousand."""
    _, comparing = planning.forecast(campaign(SERIAL, N16, iterations=10, expected=0.002))
    assert comparing.endswith("80 % needs more than 1000 iterations a level.")


def test_forecast_of_one_level_compares_nothing() -> None:
    """A rate that nobody named is 5 %."""
    assert planning.forecast(campaign(SERIAL, iterations=1)) == (
        "In 1 iteration a flake of 5.0 % shows with 5.0 % confidence; 95 % needs 59.",
    )


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.0, "0.0 %"), (0.953, "95 %"), (0.9949, "99 %"), (0.995, "more than 99 %")],
)
def test_no_chance_is_certain(chance: float, words: str) -> None:
    """However many iterations were silent."""
    assert planning.chance_words(chance) == words
