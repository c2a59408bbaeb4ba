"""What numbers of failing iterations prove, and what they could not have shown. Pure.

Everything here holds for a number of iterations that was fixed before they ran; `sequential` has
what holds when one looks in between. scipy is imported when first needed: it is the extra
`reproduce`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from flakebot.errors import InputError
from flakebot.judging.stats import Z_95, wilson
from flakebot.model import value

ALPHA = 0.05
"""Chance of seeing a difference where there is none, the field's convention."""

WANTED_POWER = 0.8
"""Power that counts as enough to have looked (Cohen 1988, the field's convention)."""

_MANY = 2_000
"""Iterations a level above which the exact power is not worth the seconds it takes."""

RESAMPLES = 9_999
"""Random tables of a test with more than two rows or columns: p is known to one part in 10,000."""


@value
class Tally:
    """Failing iterations among all of one level or variant."""

    failed: int
    iterations: int

    @property
    def rate(self) -> float:
        """The share that failed, 0 of nothing."""
        return self.failed / self.iterations if self.iterations else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the rate."""
        return wilson(self.failed, self.iterations)


def require() -> None:
    """Make sure that scipy is there, before hours are spent on iterations.

    Raises:
        InputError: it is not; says how to install it.

    """
    try:
        import scipy.stats  # noqa: F401  # only whether it can be
    except ImportError as error:
        raise InputError(
            "The statistics of reproduce need scipy: pip install 'flakebot[reproduce]'."
        ) from error


# ------------------------------------------------------------------------------------------
# Two levels


@lru_cache(maxsize=4096)
def fisher(first: Tally, second: Tally) -> float:
    """The p value of Fisher's exact test that the second fails more often than the first.

    One-sided, because the question is: do more processes, or does taking an isolation away, make
    it worse? The interval of the difference shows an effect the other way round.
    """
    from scipy.stats import hypergeom

    failed, total = first.failed + second.failed, first.iterations + second.iterations
    if not failed:
        return 1.0
    return float(hypergeom.sf(second.failed - 1, total, failed, second.iterations))


def difference(first: Tally, second: Tally, z: float = Z_95) -> tuple[float, float]:
    """The 95 % interval of second rate minus first rate.

    Newcombe's hybrid of the two Wilson intervals, his method 10
    (https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
    """
    low1, high1 = wilson(first.failed, first.iterations, z)
    low2, high2 = wilson(second.failed, second.iterations, z)
    delta = second.rate - first.rate
    below = math.hypot(second.rate - low2, high1 - first.rate)
    above = math.hypot(high2 - second.rate, first.rate - low1)
    return max(-1.0, delta - below), min(1.0, delta + above)


def ratio(first: Tally, second: Tally, z: float = Z_95) -> tuple[float, float, float]:
    """Second rate over first rate with its 95 % interval; infinite where the first may be 0.

    Donner and Zou's interval from the two Wilson intervals, the counterpart of `difference` for a
    ratio (https://doi.org/10.1177/0962280210383203). Of nothing observed it is 0 to infinity.
    """
    low1, high1 = wilson(first.failed, first.iterations, z)
    low2, high2 = wilson(second.failed, second.iterations, z)
    one, two = first.rate, second.rate
    product = one * two
    under = product**2 - low2 * high1 * (2 * two - low2) * (2 * one - high1)
    over = product**2 - high2 * low1 * (2 * two - high2) * (2 * one - low1)
    low = _over(product - math.sqrt(max(0.0, under)), high1 * (2 * one - high1))
    high = _over(product + math.sqrt(max(0.0, over)), low1 * (2 * one - low1))
    return (two / one if one else math.inf), max(0.0, low), high


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else math.inf


def power(first: float, second: float, n_first: int, n_second: int) -> float:
    """How often Fisher's test at 5 % would see these two true rates in so many iterations.

    Exact, over all outcomes: 0 % against 20 % in 10 iterations a level is seen 12 % of the time. Of
    very many iterations it is that of 2,000, which is less.
    """
    import numpy as np
    from scipy.stats import binom

    n_first, n_second = min(n_first, _MANY), min(n_second, _MANY)
    chance = binom.pmf(np.arange(n_first + 1), n_first, first)
    seen = binom.sf(np.array(_critical(n_first, n_second)) - 1, n_second, second)
    return float(np.dot(chance, seen))


def detectable(first: Tally, n_second: int) -> float | None:
    """The smallest rate of the second that so many iterations would show 80 % of the time, when
    the first truly fails as often as it was seen to; None when there is none.
    """
    if power(first.rate, 1.0, first.iterations, n_second) < WANTED_POWER:
        return None
    low, high = first.rate, 1.0
    for _ in range(12):  # to one part in 4,000
        middle = (low + high) / 2
        enough = power(first.rate, middle, first.iterations, n_second) >= WANTED_POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


@lru_cache(maxsize=64)
def _critical(n_first: int, n_second: int) -> tuple[int, ...]:
    """For each number of failures of the first, the least of the second that Fisher's test calls
    more; n_second + 1 when none is enough.
    """
    import numpy as np
    from scipy.stats import hypergeom

    failed = np.arange(n_first + 1)
    low, high = np.zeros_like(failed), np.full_like(failed, n_second + 1)
    for _ in range((n_second + 1).bit_length()):  # halves until both meet, for all at once
        middle = (low + high) // 2
        p = hypergeom.sf(middle - 1, n_first + n_second, failed + middle, n_second)
        seen = (p <= ALPHA) | (middle > n_second)
        low, high = np.where(seen, low, middle + 1), np.where(seen, middle, high)
    return tuple(np.minimum(high, n_second + 1).tolist())


# ------------------------------------------------------------------------------------------
# More than two


def trend(tallies: Sequence[Tally], scores: Sequence[float]) -> float:
    """Two-sided p of the Cochran-Armitage test that failures rise or fall with the score.

    Armitage 1955, https://doi.org/10.2307/3001775. Nothing that varies gives 1.
    """
    total = sum(t.iterations for t in tallies)
    failed = sum(t.failed for t in tallies)
    share = failed / total if total else 0.0
    weighted = sum(s * t.iterations for s, t in zip(scores, tallies, strict=True))
    squared = sum(s * s * t.iterations for s, t in zip(scores, tallies, strict=True))
    variance = share * (1 - share) * (squared - weighted**2 / total) if total else 0.0
    if variance <= 0:
        return 1.0
    rise = sum(s * t.failed for s, t in zip(scores, tallies, strict=True)) - share * weighted
    return math.erfc(abs(rise) / math.sqrt(2 * variance))


def shift(table: Sequence[Sequence[int]]) -> float:
    """The p value of a differing mix of error types: rows are levels, columns are types.

    Fisher's exact test of two by two, its generalisation by random tables of more (Freeman and
    Halton 1951), drawn with a fixed seed so that a report can be made again. With less than two
    rows or columns that hold anything there is nothing to compare: 1.
    """
    import numpy as np
    from scipy.stats import MonteCarloMethod, fisher_exact

    counts = np.array(table, dtype=int)
    counts = counts[:, counts.any(axis=0)] if counts.size else counts.reshape(0, 0)
    counts = counts[counts.any(axis=1)]
    if min(counts.shape) < 2:  # noqa: PLR2004  # two to compare
        return 1.0
    if counts.shape == (2, 2):
        return float(fisher_exact(counts).pvalue)
    method = MonteCarloMethod(n_resamples=RESAMPLES, rng=np.random.default_rng(0))
    # scipy 1.17 gives an array of one for some tables, the number itself for others
    return float(np.asarray(fisher_exact(counts, method=method).pvalue).item())


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """The same p values, adjusted so that all of them together err 5 % of the time at 0.05.

    Holm 1979, https://www.jstor.org/stable/4615733.
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = highest
    return tuple(adjusted)
