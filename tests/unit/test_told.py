"""What a record keeps of the verdicts on its run."""

from __future__ import annotations

from tests.unit import record_builders as b

from flakebot.judging import told
from flakebot.model import Category
from flakebot.records import Said

OTHER = "tests/t.py::test_other"


def test_findings_and_events_are_kept_worst_first() -> None:
    """An outage speaks for the tests it hit; a test that failed twice keeps the worse verdict."""
    outage = b.entry(OTHER, category=Category.HF_FETCH, fingerprint="v1:hf-fetch:1", cause=0)
    both = b.job(outage, causes=(b.cause(Category.HF_FETCH, "v1:hf-fetch:1"),), name="gpu")
    flake = b.job(b.entry(b.TEST, b.FAILED, b.PASSED))
    worse = b.job(b.entry(OTHER), name="cpu")
    report = b.verdict_on(b.run(1, both, flake, worse))
    assert told.said(report) == (
        Said(about=OTHER, kind="new"),
        Said(about=b.TEST, kind="flaky", level="proven"),
    )


def test_jobs_without_failing_tests_are_kept_by_name() -> None:
    """Those that an outage hit, and those that are red for another reason."""
    hit = b.job(conclusion="failure", causes=(b.cause(Category.HF_FETCH),), name="gpu")
    red = b.job(conclusion="failure", failed_step="make", name="build")
    report = b.verdict_on(b.run(1, hit, red))
    assert told.said(report) == (
        Said(about="job:build", kind="unclassified"),
        Said(about="job:gpu", kind="external"),
    )


def test_no_more_is_kept_than_anybody_reads() -> None:
    """A record is kept for good."""
    names = [f"tests/t.py::test_{n}" for n in range(told.MOST + 1)]
    failed = [b.entry(name, fingerprint=f"v1:{name}") for name in names]
    report = b.verdict_on(b.run(1, b.job(*failed, ran=1000)))
    assert len(told.verdicts(report)) == told.MOST + 1
    assert len(told.said(report)) == told.MOST
