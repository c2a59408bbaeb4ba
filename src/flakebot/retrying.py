"""Trying again and waiting: the only place that sleeps, bounded in tries and in seconds.

What is worth another try is the caller's business, told by `TryAgainError`; how long to wait and
when to give up is decided here, the same for everybody: what the server asks for, else exponential
back-off with full jitter
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), all out of one budget.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from flakebot.errors import GitHubError

_T = TypeVar("_T")

TRIES = 5
"""Of one request: with a first pause of a second this outlasts the usual hiccup of half a
minute."""

TWICE = 2
"""Tries of what is believed when it is said again."""

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


class TryAgainError(Exception):
    """One try failed in a way that may pass.

    Args:
        error: what is raised when there is no further try.
        after: seconds the server asks to wait; None leaves it to the back-off.
        once: one more try at most, and what it says is believed.
    """

    def __init__(self, error: Exception, *, after: float | None = None, once: bool = False) -> None:
        self.error = error
        if isinstance(error, GitHubError) and not once:
            error.passing = True
        self.after = after
        self.once = once
        super().__init__(str(error))


class Patience:
    """A budget of seconds for all waiting together, with the sleeper, the dice and the stopwatch.

    Args:
        seconds: for all waiting; what would pass it is not waited for.
        sleep: waits; tests pass a function that notes the seconds and returns.
        uniform: draws a number between two bounds.
        stopwatch: seconds since some fixed moment.
    """

    def __init__(
        self,
        seconds: float,
        *,
        sleep: Callable[[float], None] = time.sleep,  # noqa: TID251  # the one place
        uniform: Callable[[float, float], float] = random.uniform,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.left = seconds
        self.stopwatch = stopwatch
        self._sleep = sleep
        self._uniform = uniform

    def part(self, seconds: float) -> Patience:
        """At most so many seconds of this budget, for one purpose; what it waits is taken from
        here.
        """
        return Patience(
            min(seconds, self.left),
            sleep=self.wait,
            uniform=self._uniform,
            stopwatch=self.stopwatch,
        )

    def beside(self, seconds: float) -> Patience:
        """A budget of its own, with the same sleeper, dice and stopwatch."""
        return Patience(seconds, sleep=self._sleep, uniform=self._uniform, stopwatch=self.stopwatch)

    def wait(self, seconds: float) -> None:
        """Wait, and take it from the budget."""
        self.left -= seconds
        self._sleep(seconds)

    def linger(self, seconds: float) -> None:
        """Wait up to so many seconds, so that not all who were turned away come back at once."""
        self.wait(self._uniform(0.0, max(seconds, 0.0)))

    def pause(self, seconds: float) -> None:
        """Wait out of courtesy, as between two writes; not taken from the budget."""
        self._sleep(seconds)

    def call(
        self, attempt: Callable[[], _T], *, tries: int = TRIES, first: float = FIRST_SECONDS
    ) -> _T:
        """Call until it no longer raises `TryAgainError`; raises the error in it after the last
        try, or at once when the wait would pass the budget.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            wait=lambda state: self._seconds(state, first),
            stop=lambda state: (
                state.attempt_number >= _worth(state, tries) or state.upcoming_sleep > self.left
            ),
            sleep=self.wait,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except TryAgainError as last:
            raise last.error from last

    def _seconds(self, state: RetryCallState, first: float) -> float:
        """What the server asks for, plus up to a second so that not all come back at once; else
        back-off.
        """
        failure = state.outcome and state.outcome.exception()
        if isinstance(failure, TryAgainError) and failure.after is not None:
            return max(failure.after, 0.0) + self._uniform(0.0, 1.0)
        ceiling = min(first * 2.0 ** (state.attempt_number - 1), LONGEST_SECONDS)
        return self._uniform(0.0, ceiling)


def _worth(state: RetryCallState, tries: int) -> int:
    """How many tries the last failure is worth in all."""
    failure = state.outcome and state.outcome.exception()
    return TWICE if isinstance(failure, TryAgainError) and failure.once else tries
