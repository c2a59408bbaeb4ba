"""What holds however often one looks: for iterations that stop when the question is answered. Pure.

A test made for a fixed number of iterations errs far more often than 5 % when it is repeated until
it says yes (Armitage, McPherson and Rowe 1969, https://doi.org/10.2307/2343787). Here a look costs
nothing, because all looks were paid for beforehand: the likelihood of what was seen, averaged over
all rates, is compared with that under one rate, and under that rate the ratio exceeds 1/alpha at
any time with probability alpha at most (Ville's inequality). The price is that intervals are wider,
by about half, than those of a number fixed in advance.

Sources: Robbins 1970 (https://doi.org/10.1214/aoms/1177696786) and Howard, Ramdas, McAuliffe and
Sekhon 2021 (https://doi.org/10.1214/20-AOS1991) for intervals; Wasserman, Ramdas and Balakrishnan
2020 (https://doi.org/10.1073/pnas.1922664117) for several groups, whose common rate is not known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flakebot.reproduction.inference import Tally

_PRIOR = 0.5
"""Both parameters of the beta distribution of rates averaged over: Jeffreys's, which favours no
rate and wastes least on rates near 0 (Krichevsky and Trofimov 1981)."""

_STEPS = 60
"""Halvings of an interval: to the last digit of a float."""


def interval(tally: Tally, alpha: float) -> tuple[float, float]:
    """The rates that no look so far has excluded, with error alpha over all looks together."""
    rate, bound = tally.rate, math.log(1 / alpha)
    low = _edge(tally, rate, 0.0, bound) if tally.failed else 0.0
    high = _edge(tally, rate, 1.0, bound) if tally.failed < tally.iterations else 1.0
    return (low, high) if tally.iterations else (0.0, 1.0)


def evidence(tallies: Sequence[Tally]) -> float:
    """How much more likely the failures are under a rate of each group's own than under any common
    one; without a difference it is ever 1/alpha or more with probability alpha at most.
    """
    together = Tally(
        failed=sum(t.failed for t in tallies), iterations=sum(t.iterations for t in tallies)
    )
    apart = sum(_averaged(t) for t in tallies)
    return math.exp(min(700.0, apart - _likelihood(together, together.rate)))


def p_value(tallies: Sequence[Tally]) -> float:
    """The same as a p value that may be looked at at any time."""
    return min(1.0, 1 / evidence(tallies))


def _averaged(tally: Tally) -> float:
    """Log likelihood of a sequence of failures and passes, averaged over all rates."""
    passed = tally.iterations - tally.failed
    return _log_beta(_PRIOR + tally.failed, _PRIOR + passed) - _log_beta(_PRIOR, _PRIOR)


def _likelihood(tally: Tally, rate: float) -> float:
    """Log likelihood of the same under one rate."""
    passed = tally.iterations - tally.failed
    failing = tally.failed * math.log(rate) if tally.failed else 0.0
    return failing + (passed * math.log1p(-rate) if passed else 0.0)


def _edge(tally: Tally, inside: float, outside: float, bound: float) -> float:
    """Where the rates begin that are excluded, between the one seen and 0 or 1."""
    averaged = _averaged(tally)
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if averaged - _likelihood(tally, middle) < bound:
            inside = middle
        else:
            outside = middle
    return outside


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
