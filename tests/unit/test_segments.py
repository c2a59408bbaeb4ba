"""Where the rate of a test changed, and that a steady one is left whole."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit import record_builders as b

from flakebot.judging.history import History
from flakebot.judging.segments import MOST, changes, gone, segments, silence_chance
from flakebot.judging.stats import rate
from flakebot.settings import Limits, Thresholds
from flakebot.views import issue_text
from flakebot.views.markers import IssueState

CHANCE = Thresholds().change_chance


def steady(chance: random.Random, p: float, n: int) -> list[bool]:
    """So many builds of a test that fails by chance."""
    return [chance.random() < p for _ in range(n)]


@pytest.mark.parametrize("p", [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5])
def test_a_steady_flake_is_not_split(p: float) -> None:
    """Whatever its rate and however many builds: at most 2 of 600 sequences with a chance of one in
    a thousand.
    """
    chance = random.Random(f"steady {p}")  # noqa: S311  # repeatable
    split = sum(
        bool(changes(steady(chance, p, n), CHANCE)) for n in (20, 60, 200, 400) for _ in range(150)
    )
    assert split <= 2


@pytest.mark.parametrize("p", [0.02, 0.1, 0.5])
def test_a_steady_flake_is_hardly_ever_split_in_all_its_life(p: float) -> None:
    """Looked at again and again over 200 builds: 1 of 25 lives at most."""
    chance = random.Random(f"life {p}")  # noqa: S311  # repeatable
    lives = [steady(chance, p, 200) for _ in range(25)]
    ever = sum(any(changes(life[:n], CHANCE) for n in range(5, 201, 5)) for life in lives)
    assert ever <= 1


@pytest.mark.parametrize(("clean", "red"), [(10, 9), (20, 5), (50, 3), (100, 3), (300, 2)])
def test_a_regression_is_found(clean: int, red: int) -> None:
    """After so many clean builds, so many red ones are a new rate, and not one fewer."""
    history = [False] * clean + [True] * red
    assert changes(history, CHANCE) == (clean,)
    assert changes(history[:-1], CHANCE) == ()


@pytest.mark.parametrize(
    ("p", "before", "within"), [(0.05, 300, 400), (0.2, 100, 100), (0.2, 300, 80), (0.5, 100, 30)]
)
def test_a_fix_is_found(p: float, before: int, within: int) -> None:
    """Silence after a flake of such a rate: half of the fixes are seen within so many builds."""
    chance = random.Random(f"fix {p} {before}")  # noqa: S311  # repeatable
    lives = [[*steady(chance, p, before), *[False] * within] for _ in range(20)]
    assert sum(bool(changes(life, CHANCE)) for life in lives) >= 10


@pytest.mark.parametrize(
    ("history", "starts"),
    [
        ([], ()),
        ([True], ()),
        ([False] * 500, ()),
        ([True] * 500, ()),
        ([True] + [False] * 500, ()),
        ([False] * 100 + [True] * 4 + [False] * 100, (100, 104)),
        ([True] * 100 + [False] * 5 + [True] * 100, (100, 105)),
        ([False] * 60 + [True] * 20 + [False] * 60 + [True] * 20, (60, 80, 140)),
        ([True, False] * 30 + [False] * 60, (59,)),
        ([True, False] * 30 + [False] * 60 + [True, False] * 30, (59, 120)),
    ],
)
def test_histories_that_can_be_told_by_eye(history: list[bool], starts: tuple[int, ...]) -> None:
    """A regression that was mended, a fix that did not hold; one failure is no rate."""
    assert changes(history, CHANCE) == starts


def test_neighbours_that_are_alike_are_joined_again() -> None:
    """A silence is cut out first, but the three builds before it are no rate of their own."""
    history = [letter == "F" for letter in ".FF...........................FFFFFF"]
    assert changes(history, CHANCE) == (30,)


def test_a_history_has_only_so_many_segments() -> None:
    """What changes all the time has no rate, and must not cost more for it."""
    history = ([False] * 60 + [True] * 30) * 20
    found = changes(history, CHANCE)
    assert 5 < len(found) < 2 * MOST
    assert found[-1] == len(history) - 30


@given(st.lists(st.booleans(), max_size=120), st.floats(0.0, 0.5))
@settings(max_examples=100, deadline=None)
def test_cuts_are_between_builds_that_differ(history: list[bool], chance: float) -> None:
    """In order, with other shares of failures on their two sides."""
    found = changes(history, chance)
    assert list(found) == sorted(set(found))
    assert all(0 < start < len(history) for start in found)
    bounds = [0, *found, len(history)]
    shares = [sum(history[a:z]) / (z - a) for a, z in pairwise(bounds) if z > a]
    assert all(one != other for one, other in pairwise(shares))


@given(st.lists(st.booleans(), max_size=120))
@settings(max_examples=100, deadline=None)
def test_failures_and_passes_from_the_end_are_no_different(history: list[bool]) -> None:
    """Read backwards, a history is changed if it is read forwards."""
    assert bool(changes(history, 0.05)) == bool(changes(history[::-1], 0.05))


def test_the_rate_is_that_of_the_newest_segment() -> None:
    """With the time and the commit of its first build, and what its failures were."""
    records = b.story("." * 60 + "FfFPp" * 4)
    old, new = segments(b.builds(records), Thresholds())
    assert (old.rate, new.rate) == (rate(0, 60), rate(20, 20))
    assert (new.since, new.commit) == (records[60].created_at, records[60].head_sha)
    assert (old.until, new.until) == (records[59].created_at, records[-1].created_at)
    assert (new.proven, new.trunk, new.pull_requests) == (8, 12, 8)


def test_the_newest_segment_has_builds_enough_for_a_rate() -> None:
    """Four red builds are a regression to the ladder, and no rate yet."""
    assert len(segments(b.builds(b.story("." * 60 + "F" * 9)), Thresholds())) == 1
    assert len(segments(b.builds(b.story("." * 60 + "F" * 10)), Thresholds())) == 2
    few = Thresholds(min_builds=4)
    assert len(segments(b.builds(b.story("." * 60 + "F" * 4)), few)) == 2


def test_a_job_in_which_it_never_failed_is_no_silence() -> None:
    """The job in which it fails stopped running; another goes on."""
    there = b.story("FF.F.F.FF.F.FF.F.F.F", name="arm64")
    elsewhere = b.story("." * 200, first=100, name="amd64")
    assert len(segments(b.builds([*there, *elsewhere]), Thresholds())) == 1
    silent = b.story("." * 200, first=100, name="arm64")
    assert len(segments(b.builds([*there, *silent]), Thresholds())) == 2


def test_no_builds_no_segments() -> None:
    """Nor any rate."""
    assert segments((), Thresholds()) == ()


@pytest.mark.parametrize(
    ("failures", "until", "quiet", "found"),
    [
        (1, 1, 1000, False),
        (5, 40, 200, False),
        (5, 40, 260, True),
        (20, 40, 20, False),
        (20, 40, 25, True),
    ],
)
def test_a_silence_is_a_change_as_a_split_is(
    failures: int, until: int, quiet: int, *, found: bool
) -> None:
    """The same chance that cuts off the silence at the end of a history."""
    assert (silence_chance(failures, until, quiet) < CHANCE) == found


def test_one_way_of_failing_can_end_while_another_goes_on() -> None:
    """The rate of the test only falls; the way that was fixed is gone."""
    other = "v1:assertion:00000002"
    both = [
        b.failing(n, fingerprint=b.PRINT if n % 4 else other) if n % 2 == 0 else b.passing(n)
        for n in range(1, 81)
    ]
    rest = [b.failing(n, fingerprint=other) if n % 4 == 0 else b.passing(n) for n in range(81, 161)]
    built = b.builds([*both, *rest])
    assert gone(built, b.PRINT, Thresholds()) == 82
    assert gone(built, other, Thresholds()) == 0
    assert gone(built, "v1:assertion:00000003", Thresholds()) == 0
    assert gone((), other, Thresholds()) == 0
    summary = History([*both, *rest]).summary(b.KEY, b.NOW)
    rows = summary.by_fingerprint
    assert [(row.fingerprint, row.count, row.gone) for row in rows] == [
        (other, 40, 0),
        (b.PRINT, 20, 82),
    ]
    text = issue_text.test_body(summary, IssueState(), owners=(), limits=Limits(), said=())
    assert "| 2026-10-13, gone for 82 builds |" in text
    assert text.count("gone for") == 1
