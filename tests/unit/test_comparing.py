from __future__ import annotations

import pytest
from tests.unit.reproduction_values import (
    FORKED,
    N16,
    N32,
    SERIAL,
    abort,
    campaign,
    iteration,
    outage,
    routing,
    several,
)

from flakebot.reproduction import comparing, inference, tables
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Iteration, Level


def run(level: Level, total: int, failing: int, variant: str = "") -> list[Iteration]:
    return several(level, total, [[abort()]] * failing, variant)


THREE = [*run(SERIAL, 100, 1), *run(N16, 100, 20), *run(N32, 100, 40)]


def test_each_two_levels_are_compared_and_adjusted_together() -> None:
    """The one pressed less hard first, whatever the order they were asked in."""
    asked = campaign(N32, SERIAL, N16)
    found = comparing.between_levels(asked, tables.groups(asked, THREE))
    assert [(each.first, each.second) for each in found] == [
        ("serial", "n16"),
        ("serial", "n32"),
        ("n16", "n32"),
    ]
    assert [each.difference for each in found] == pytest.approx([0.19, 0.39, 0.2])
    assert [each.adjusted for each in found] == list(inference.holm([each.p for each in found]))
    assert all(each.certain for each in found)
    one, two = Tally(failed=1, iterations=100), Tally(failed=20, iterations=100)
    assert (found[0].low, found[0].high) == inference.difference(one, two)


def test_ten_a_level_say_what_they_could_not_have_shown() -> None:
    """0 against 2 of 10 is no difference that anybody could have seen; the power is told."""
    asked = campaign(SERIAL, N16)
    (found,) = comparing.between_levels(
        asked, tables.groups(asked, [*run(SERIAL, 10, 0), *run(N16, 10, 2)])
    )
    assert not found.certain
    assert found.power == pytest.approx(0.1209, abs=1e-4)
    assert found.detectable == pytest.approx(0.484, abs=1e-3)


def test_a_campaign_that_stopped_at_its_answer_has_p_values_for_any_time() -> None:
    """Wider intervals, no power, and neither trend nor shift."""
    iterations = [*run(SERIAL, 40, 0), *run(N16, 40, 20)]
    asked, fixed = campaign(SERIAL, N16, until=0.95), campaign(SERIAL, N16)
    groups = tables.groups(asked, iterations)
    (found,) = comparing.between_levels(asked, groups)
    (plain,) = comparing.between_levels(fixed, groups)
    assert (found.power, found.detectable) == (None, None)
    assert found.certain
    assert found.p > plain.p
    assert found.low < plain.low < plain.high < found.high
    assert comparing.across_levels(asked, groups) == comparing.Across(trend=None, shift=None)


def test_a_level_that_has_not_run_is_not_compared() -> None:
    """Nothing is known of it yet."""
    asked = campaign(SERIAL, N16)
    groups = tables.groups(asked, run(SERIAL, 10, 0))
    assert comparing.between_levels(asked, groups) == ()


def test_trend_is_over_three_levels_of_processes() -> None:
    """Two are a comparison; levels under load are another question."""
    asked = campaign(SERIAL, N16, N32)
    across = comparing.across_levels(asked, tables.groups(asked, THREE))
    assert across.trend is not None
    assert across.trend < 1e-8
    loaded = Level(processes=16, load=8)
    asked = campaign(SERIAL, N16, loaded)
    iterations = [*run(SERIAL, 9, 1), *run(N16, 9, 2), *run(loaded, 9, 8)]
    assert comparing.across_levels(asked, tables.groups(asked, iterations)).trend is None


def test_error_types_shift_between_levels() -> None:
    """Outages when serial, aborts under load; each iteration counts by its first failure."""
    asked = campaign(SERIAL, N16)
    iterations = [
        *several(SERIAL, 50, [[outage()]] * 9),
        *several(N16, 50, [[abort(), outage()]] * 9),
    ]
    across = comparing.across_levels(asked, tables.groups(asked, iterations))
    assert across.shift == pytest.approx(4.11e-5, rel=0.01)


@pytest.mark.parametrize(
    "iterations",
    [
        [*run(SERIAL, 9, 4), *run(N16, 9, 4)],
        [*run(SERIAL, 9, 0), *several(N16, 9, [[abort()], [routing()]])],
        [],
    ],
)
def test_nothing_shifts_with_one_type_or_one_failing_level(iterations: list[Iteration]) -> None:
    """There is nothing to compare then."""
    asked = campaign(SERIAL, N16)
    assert comparing.across_levels(asked, tables.groups(asked, iterations)).shift is None


def test_variants_are_compared_with_the_tests_as_given_at_their_level() -> None:
    """A variant that helps is first of a positive difference."""
    asked = campaign(SERIAL, N16, variants=[FORKED])
    iterations = [*run(N16, 60, 30), *run(N16, 60, 2, "forked"), iteration(1)]
    (found,) = comparing.of_variants(asked, tables.groups(asked, iterations))
    assert (found.first, found.second) == ("n16 forked", "n16")
    assert found.difference == pytest.approx(28 / 60)
    assert found.certain
