"""A runner that makes tests fail is named, and the tests are not blamed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from tests.unit.record_builders import (
    KEY,
    NOW,
    PASSED,
    PRINT,
    TEST,
    entry,
    job,
    run,
    verdict_on,
)

from flakebot.judging.history import History
from flakebot.judging.stats import discoveries, hypergeometric_tail
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.report import Kind, Overall

OTHER = "tests/router/test_other.py::test_other"
BAD = "gpu-07"


def on(
    runner: str,
    number: int,
    *tests: str,
    pr: int = 0,
    fingerprint: str = PRINT,
    category: Category = Category.ASSERTION,
) -> RunRecord:
    """A run of one job on a runner, in which these tests failed and the others passed."""
    entries = [entry(test, fingerprint=fingerprint, category=category) for test in tests]
    passed = [test for test in (TEST, OTHER) if test not in tests]
    return run(number, job(*entries, passed=passed, runner=runner), pr=pr)


def life(
    bad: str = BAD, *, tests: tuple[str, ...] = (TEST, OTHER), prs: int = 3
) -> list[RunRecord]:
    """Five runs on a bad runner, one test failing in each, and thirty on six others."""
    records = [on(bad, 100 + 10 * n, tests[n % len(tests)], pr=20 + n % prs) for n in range(5)]
    records += [on(f"gpu-{n % 6 + 1:02}", 101 + n, pr=40 + n) for n in range(60) if n % 10 != 9]
    return records


def test_failures_of_a_bad_runner_are_its_own() -> None:
    """An event names it with its numbers; there is no finding about the test."""
    report = verdict_on(on(BAD, 500, TEST, pr=7), before=life())
    (event,) = report.events
    assert (report.findings, event.kind, report.overall) == ((), Kind.INFRA, Overall.INFRA)
    assert event.reasons == (
        "runner gpu-07 failed 6 of 6 builds so, 0 of 54 builds elsewhere: no test is blamed",
    )
    assert event.tests == (TEST,)


def test_they_are_not_counted_against_the_test() -> None:
    """Neither as failures nor as passes."""
    history = History(life())
    assert history.summary(KEY, NOW).rate.failures == 0
    assert history.bad_runner(BAD, PRINT)
    assert not history.bad_runner("gpu-01", PRINT)


def test_the_same_failure_elsewhere_is_judged_by_itself() -> None:
    """Only the runner's own failures are explained by it."""
    report = verdict_on(on("gpu-01", 500, TEST, pr=7), before=life())
    assert [finding.test for finding in report.findings] == [TEST]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (life("GitHub Actions 7"), "a fresh machine each time"),
        (life("Hosted Agent"), "a fresh machine each time"),
        (life(""), "nobody knows which it was"),
        (life(prs=1), "its author may be at fault"),
        (life(tests=(TEST,)), "the test may need what the runner lacks"),
        (life()[:3] + life()[5:], "too few failures"),
        ([each for each in life() if each.jobs[0].runner == BAD], "there is no other runner"),
        ([on(BAD, n, TEST if n % 2 else OTHER, pr=n) for n in range(100, 110)], "no others"),
        (
            [*life(), *(on("gpu-01", 200 + n, TEST, OTHER, pr=70 + n) for n in range(9))],
            "it fails elsewhere as well",
        ),
        (
            [on(BAD, 100 + n, TEST if n % 2 else OTHER, pr=n) for n in range(5)]
            + [on("gpu-01", 50 + n) for n in range(50)],
            "others ran only before the first failure",
        ),
    ],
)
def test_what_may_have_another_reason_is_not_blamed_on_a_runner(
    records: list[RunRecord], why: str
) -> None:
    """Not enough failures, changes, tests, or other runners to compare with."""
    names = {job.runner for record in records for job in record.jobs}
    history = History(records)
    assert not [name for name in names if history.bad_runner(name, PRINT)], why


def test_what_cannot_be_compared_does_not_hide_it() -> None:
    """A job whose runner is unknown, and the same failure in a job that it never ran."""
    unknown = run(200, job(passed=[TEST]))
    other = run(201, job(entry(), name="other", runner="gpu-01"), pr=80)
    found = History([*life(), unknown, other]).bad_runner(BAD, PRINT)
    assert found
    assert (found.failed, found.builds, found.others_failed, found.others) == (5, 5, 0, 54)


def test_an_outage_is_no_fault_of_a_runner() -> None:
    """Causes that have an owner already are not looked at."""
    records = [
        on(
            f"gpu-0{7 if n % 8 == 0 else 1}",
            100 + n,
            *[TEST] * (n % 8 == 0),
            pr=n,
            category=Category.HF_FETCH,
        )
        for n in range(80)
    ]
    assert not History(records).bad_runner(BAD, PRINT)


def test_a_flake_that_was_retried_is_explained_by_the_runner_too() -> None:
    """It failed and passed there; the runner is still the reason."""
    flaked = run(500, job(entry(TEST, Status.FAILED, PASSED), runner=BAD), pr=7)
    report = verdict_on(flaked, before=life())
    assert ([event.kind for event in report.events], report.findings) == ([Kind.INFRA], ())


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_tail_is_the_p_value_of_fishers_exact_test(a: int, b: int, c: int, d: int) -> None:
    """As scipy has it, which the tests have and the Action does without."""
    got = hypergeometric_tail(a, drawn=a + b, marked=a + c, total=a + b + c + d)
    known = scipy_stats.fisher_exact(np.array([[a, b], [c, d]]), alternative="greater").pvalue
    assert got == pytest.approx(known, rel=1e-6, abs=1e-12)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_discoveries_are_those_of_benjamini_and_hochberg(chances: list[float]) -> None:
    """As scipy has them, when every comparison has its p-value."""
    found = discoveries(chances, len(chances), 0.05)
    adjusted = scipy_stats.false_discovery_control(chances) if chances else ()
    for one, chance in zip(found, adjusted, strict=True):
        assert one == bool(chance <= 0.05) or chance == pytest.approx(0.05)


@pytest.mark.parametrize("about", [(), (KEY,), ("pytest:tests/router/test_other.py::test_other",)])
def test_what_a_history_is_about_changes_only_its_cost(about: tuple[str, ...]) -> None:
    """A test it was not made for is found all the same."""
    whole = History(life())
    part = History(life(), about=about)
    for key in (KEY, "pytest:tests/router/test_other.py::test_other", "pytest:nothing"):
        assert part.executions(key) == whole.executions(key)
    assert len(whole.executions(KEY)) == 59


def test_more_comparisons_need_better_evidence() -> None:
    """What was compared and is no candidate counts."""
    assert discoveries([0.004], 1, 0.01) == (True,)
    assert discoveries([0.004], 6, 0.01) == (False,)
