"""Trying again: how often, how long, and out of one budget."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flakebot.errors import GitHubError
from flakebot.retrying import Patience, TryAgainError


def failing(times: int, after: float | None = None, *, once: bool = False) -> Callable[[], str]:
    """A call that fails so many times, each with an error of its own, then succeeds."""
    errors = iter(range(1, times + 1))

    def call() -> str:
        for number in errors:
            raise TryAgainError(ValueError(f"failure {number}"), after=after, once=once)
        return "done"

    return call


@pytest.fixture
def naps() -> list[float]:
    """The seconds that would have been waited."""
    return []


def patience(naps: list[float], seconds: float = 1000.0) -> Patience:
    """A budget whose dice always show the highest number."""
    return Patience(seconds, sleep=naps.append, uniform=lambda _, high: high)


def test_pauses_double(naps: list[float]) -> None:
    """The pauses grow up to a minute."""
    assert patience(naps).call(failing(8), tries=9) == "done"
    assert naps == [1, 2, 4, 8, 16, 32, 60, 60]


def test_first_pause_can_be_chosen(naps: list[float]) -> None:
    """Whoever knows better says how long the first pause may be."""
    patience(naps).call(failing(2), first=5.0)
    assert naps == [5, 10]


def test_jitter_is_full(naps: list[float]) -> None:
    """The dice choose between nothing and the whole pause, so that not all come back at once."""
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    Patience(9, sleep=naps.append, uniform=uniform).call(failing(2))
    assert (asked, naps) == ([(0, 1), (0, 2)], [0, 0])


def test_wish_of_the_server_goes_first(naps: list[float]) -> None:
    """What the server asks for is waited, and up to a second more."""
    patience(naps).call(failing(2, after=30.0))
    patience(naps).call(failing(1, after=-5.0))
    assert naps == [31, 31, 1]


def test_last_error_is_raised_after_the_last_try(naps: list[float]) -> None:
    """The caller gets the error of the last try, not of the machinery."""
    with pytest.raises(ValueError, match="failure 5"):
        patience(naps).call(failing(9))
    assert len(naps) == 4


def test_what_is_said_twice_is_believed(naps: list[float]) -> None:
    """One more try, and no third; what is believed is nothing that may pass."""
    assert patience(naps).call(failing(1, once=True)) == "done"
    with pytest.raises(ValueError, match="failure 2"):
        patience(naps).call(failing(9, once=True))
    assert naps == [1, 1]
    gone, busy = GitHubError("gone", status=422), GitHubError("busy", status=500)
    TryAgainError(gone, once=True)
    TryAgainError(busy)
    assert (gone.passing, busy.passing) == (False, True)


def test_wait_beyond_the_budget_is_not_begun(naps: list[float]) -> None:
    """No try follows that would come too late."""
    with pytest.raises(ValueError, match="failure 1"):
        patience(naps, 10).call(failing(9, after=10.0))
    assert naps == []


def test_budget_is_shared(naps: list[float]) -> None:
    """What one call has waited another cannot."""
    budget = patience(naps, 5)
    budget.call(failing(2))
    with pytest.raises(ValueError, match="failure 2"):
        budget.call(failing(9))
    assert (sum(naps), budget.left) == (4, 1)


def test_part_is_taken_from_the_whole(naps: list[float]) -> None:
    """A part has a bound of its own, and never more than is left of the whole."""
    budget = patience(naps, 10)
    with pytest.raises(ValueError, match="failure 3"):
        budget.part(4).call(failing(9))
    assert (naps, budget.left, budget.part(60).left) == ([1, 2], 7, 7)


def test_a_budget_beside_is_its_own(naps: list[float]) -> None:
    """Its waiting costs the first nothing, and neither ends the other."""
    whole = patience(naps, seconds=1)
    beside = whole.beside(100)
    beside.wait(50)
    assert (whole.left, beside.left, naps) == (1, 50, [50])


def test_courtesy_costs_no_patience(naps: list[float]) -> None:
    """A pause between writes is waited beside the budget."""
    budget = patience(naps, 1)
    budget.pause(5)
    assert (naps, budget.left) == ([5], 1)


def test_lingering_is_up_to_the_seconds_and_costs_patience(naps: list[float]) -> None:
    """So that not all who were turned away come back at once; nothing below nothing."""
    budget = patience(naps, 10)
    budget.linger(4)
    budget.linger(-1)
    assert (naps, budget.left) == ([4, 0], 6)


def test_other_errors_are_not_tried_again(naps: list[float]) -> None:
    """Only what says so is worth another try."""
    with pytest.raises(ZeroDivisionError):
        patience(naps).call(lambda: 1 // 0)
    assert naps == []


def test_defaults_really_wait() -> None:
    """Without a sleeper of the caller's the real one is used, here for no time at all."""
    budget = Patience(1)
    budget.wait(0)
    assert budget.stopwatch() <= budget.stopwatch()
