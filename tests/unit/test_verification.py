from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.reproduction_values import (
    ABORT,
    BINDINGS,
    N16,
    ROUTING,
    SERIAL,
    abort,
    campaign,
    iteration,
    routing,
    several,
    worker,
)

from flakebot.reproduction import verification
from flakebot.reproduction.iterations import Campaign, Iteration, Target
from flakebot.reproduction.verification import Verdict

RAN = [worker("gw0", BINDINGS)]


def fixing(rate_low: float = 0.1, level: str = "n16", until: float = 0.0) -> Campaign:
    target = Target(test=BINDINGS, fingerprint=ABORT, level=level, rate=0.3, rate_low=rate_low)
    return replace(campaign(SERIAL, N16, until=until), target=target)


def test_silence_at_the_level_where_it_failed_means_fixed() -> None:
    """29 iterations at 16 processes for a flake of at least 10 %; serial ones do not count."""
    found = verification.verify(
        fixing(), [*several(N16, 29, [], workers=RAN), *several(SERIAL, 50, [[abort()]])]
    )
    assert (found.verdict, found.needed, found.tally.iterations) == (Verdict.FIXED, 29, 29)
    assert found.sentence == "Fixed, with 95 % confidence: silent in 29 iterations."
    assert round(found.confidence, 3) == 0.953


def test_no_silence_makes_certain() -> None:
    """A hundred iterations leave less than a percent of doubt, and never none."""
    found = verification.verify(fixing(), several(N16, 100, [], workers=RAN))
    assert found.sentence == "Fixed, with more than 99 % confidence: silent in 100 iterations."


def test_fewer_are_not_enough() -> None:
    """And the sentence says how many would be."""
    found = verification.verify(fixing(), several(N16, 10, [], workers=RAN))
    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.sentence == (
        "Not enough: silent in 10 iterations, which gives 65 % confidence; 29 are needed."
    )


def test_one_failure_is_still_failing_at_its_rate() -> None:
    """With the interval of the rate; no confidence in a fix is left."""
    found = verification.verify(fixing(), several(N16, 29, [[abort()]], workers=RAN))
    assert (found.verdict, found.confidence) == (Verdict.STILL_FAILING, 0.0)
    assert found.sentence == "Still failing: in 1 of 29 iterations, 3.4 % (0.6 % to 17 %)."


def test_another_failure_of_the_test_is_told_and_not_taken_for_silence() -> None:
    """An assertion in the same test neither proves nor disproves that the abort is gone."""
    other = replace(routing(), tests=(BINDINGS,))
    iterations = [iteration(1, other, level=N16, workers=[worker("gw0", BINDINGS)])]
    found = verification.verify(fixing(), iterations)
    assert (found.otherwise, found.tally.iterations) == (1, 0)
    assert found.verdict is Verdict.NOT_ENOUGH


def test_without_an_old_rate_no_silence_is_enough() -> None:
    """Nothing says how many iterations would be."""
    found = verification.verify(fixing(rate_low=0.0), several(N16, 500, [], workers=RAN))
    assert (found.verdict, found.needed) == (Verdict.NOT_ENOUGH, 0)
    assert found.sentence == (
        "Not enough: silent in 500 iterations, and no old rate is known that could size them."
    )


@pytest.mark.parametrize(("until", "needed"), [(0.0, 29), (0.8, 16), (0.99, 44)])
def test_the_confidence_asked_for_sizes_the_silence(until: float, needed: int) -> None:
    """95 % when none is named."""
    assert verification.verify(fixing(until=until), []).needed == needed


def test_without_a_level_all_levels_count() -> None:
    """The command line named other levels than the issue's."""
    iterations: list[Iteration] = [
        *several(N16, 20, [], workers=RAN),
        *several(SERIAL, 9, [], workers=RAN),
    ]
    assert verification.verify(fixing(level=""), iterations).verdict is Verdict.FIXED


def test_iterations_in_which_the_test_did_not_run_are_no_silence() -> None:
    """Other tests passed, or nothing is known of what ran."""
    other = [worker("gw0", ROUTING)]
    iterations = [*several(N16, 29, [], workers=other), *several(SERIAL, 29, [])]
    found = verification.verify(fixing(level=""), iterations)
    assert (found.verdict, found.tally.iterations) == (Verdict.NOT_ENOUGH, 0)
