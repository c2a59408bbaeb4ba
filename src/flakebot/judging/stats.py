"""The few statistics that verdicts and views rest on. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flakebot.report import Rate

Z_95 = 1.96
"""Standard normal quantile of a two-sided 95 % interval."""


def wilson(failures: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a proportion, as fractions; of nothing observed it is 0 to 1.

    Unlike the normal approximation it holds for few builds and for rates near 0 (Wilson 1927,
    https://doi.org/10.1080/01621459.1927.10502953).
    """
    if n == 0:
        return 0.0, 1.0
    p = failures / n
    centre = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = (centre - spread) / scale if failures else 0.0  # where rounding may leave a rest
    high = (centre + spread) / scale if failures < n else 1.0
    return low, high


def rate(failures: int, builds: int) -> Rate:
    """Failing builds among builds, with the 95 % Wilson interval."""
    low, high = wilson(failures, builds)
    return Rate(failures=failures, builds=builds, low=low, high=high)


def runs_needed(rate: float, alpha: float) -> int:
    """How many runs show a flake of this rate at least once with confidence 1 - alpha.

    Raises:
        ValueError: when rate or alpha does not lie between 0 and 1.
    """
    if not (0 < rate <= 1 and 0 < alpha < 1):
        raise ValueError(f"rate {rate} and alpha {alpha} must lie between 0 and 1")
    return 1 if rate == 1 else math.ceil(math.log(alpha) / math.log1p(-rate))


def silence_probability(rate: float, builds: int) -> float:
    """How probable so many builds without a failure are while the old rate still holds.

    Counted in builds, not in days: days without builds prove nothing.
    """
    return float((1 - rate) ** builds)


def zero_upper_bound(n: int) -> float:
    """The highest rate that no failure in n builds leaves possible at 95 %: about 3/n."""
    return 1.0 if n == 0 else 1 - 0.05 ** (1 / n)


def shows_now_and_then(rate: float, row: int, chance: float) -> bool:
    """Whether a flake of this rate shows so long a row of failures at least with this chance;
    without any failure before it there is no flake.
    """
    return rate > 0 and rate**row >= chance


def row_below(rate: float, chance: float) -> int:
    """The shortest row of failures less probable than a chance at this rate; 0 when none is."""
    if rate <= 0:
        return int(chance > 0)
    if rate >= 1 or chance <= 0:
        return 0
    row = max(1, math.floor(math.log(chance) / math.log(rate)))
    return row if rate**row < chance else row + 1


def hypergeometric_tail(hits: int, *, drawn: int, marked: int, total: int) -> float:
    """How probable at least so many hits are among those drawn, when some of all are marked.

    The one-sided p-value of Fisher's exact test, in whole numbers until the last division.
    """
    most = min(drawn, marked)
    ways = sum(
        math.comb(marked, k) * math.comb(total - marked, drawn - k) for k in range(hits, most + 1)
    )
    return ways / math.comb(total, drawn)


def log_choose(of: int, chosen: int) -> float:
    """The logarithm of the number of ways to choose so many of these; minus infinity for none."""
    if not 0 <= chosen <= of:
        return -math.inf
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)


def tail_bound(hits: int, *, drawn: int, marked: int, total: int) -> float:
    """`hypergeometric_tail` from above, in time that does not grow with the numbers.

    Terms beyond the first fall at least as fast as the first two do, so that a geometric series
    bounds them; where they do not fall yet, it is 1.
    """
    missed = total - marked - drawn + hits
    falling = (marked - hits) * (drawn - hits)
    slowly = (hits + 1) * (missed + 1)
    if falling >= slowly:
        return 1.0
    log = (
        log_choose(marked, hits)
        + log_choose(total - marked, drawn - hits)
        - log_choose(total, drawn)
    )
    return min(1.0, math.exp(log) / (1 - falling / slowly))


def discoveries(chances: Sequence[float], compared: int, false_share: float) -> tuple[bool, ...]:
    """Which of these p-values are discoveries, among as many comparisons (Benjamini, Hochberg).

    Comparisons that nobody would call a discovery need no p-value, but count.
    """
    ordered = sorted(chances)
    passing = (p for k, p in enumerate(ordered, 1) if p * compared <= k * false_share)
    limit = max(passing, default=-1.0)
    return tuple(p <= limit for p in chances)
