"""What became of an outage: passed, answered, pending or counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.record_builders import NOW, cause, entry, job, run

from flakebot.judging.settling import PENDING, Settled, settle, strike
from flakebot.model import Category, Status
from flakebot.records import Fetch, JobEntry, RunRecord, TestEntry

HF = "v1:hf-fetch:00000001"
OUTAGE = cause(Category.HF_FETCH, HF, "ReadTimeout: huggingface.co")
ANSWERED = (Fetch(address="https://huggingface.co/a", result="recovered", tries=2),)
FAILING = (Fetch(address="https://huggingface.co/a", result="failing", tries=5),)
SKIPPED = (Fetch(address="https://huggingface.co/a", result="skipped"),)


def hit(*tests: str, name: str = "test") -> JobEntry:
    """A job whose tests could not fetch a model."""
    named = tests or ("a.py::t",)
    entries = (entry(t, category=Category.HF_FETCH, fingerprint=HF, cause=0) for t in named)
    return job(*entries, name=name, conclusion="failure", causes=(OUTAGE,))


def attempt(
    number: int, *jobs: JobEntry, fetches: tuple[Fetch, ...] = (), rerun: bool = False
) -> RunRecord:
    return replace(run(999, *jobs, attempt=number, pr=7, fetches=fetches), rerun=rerun)


GREEN = job()


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([attempt(1, GREEN)], Settled.NOT_HIT),
        ([attempt(1, hit(), fetches=ANSWERED)], Settled.ANSWERED),
        ([attempt(1, hit(), fetches=FAILING)], Settled.COUNTED),
        ([attempt(1, hit(), fetches=SKIPPED)], Settled.COUNTED),
        ([attempt(1, hit(), fetches=(*ANSWERED, *SKIPPED))], Settled.ANSWERED),
        ([attempt(1, hit(), fetches=(*ANSWERED, *FAILING))], Settled.COUNTED),
        ([attempt(1, hit())], Settled.COUNTED),
        ([attempt(1, hit(), fetches=ANSWERED, rerun=True)], Settled.PENDING),
        ([attempt(1, hit(), fetches=ANSWERED, rerun=True), attempt(2, GREEN)], Settled.PASSED),
        ([attempt(1, hit(), fetches=FAILING), attempt(2, GREEN)], Settled.PASSED),
        (
            [
                attempt(1, hit(), fetches=ANSWERED, rerun=True),
                attempt(2, hit(), fetches=ANSWERED, rerun=True),
            ],
            Settled.PENDING,
        ),
        (
            [
                attempt(1, hit(), fetches=ANSWERED, rerun=True),
                attempt(2, hit(), fetches=ANSWERED, rerun=True),
                attempt(3, hit(), fetches=ANSWERED),
            ],
            Settled.COUNTED,
        ),
        (
            [
                attempt(1, hit(), hit(name="arm64"), fetches=ANSWERED, rerun=True),
                attempt(2, hit(name="arm64"), job(name="test"), fetches=FAILING),
            ],
            Settled.COUNTED,
        ),
        (
            [
                attempt(1, hit(), fetches=ANSWERED, rerun=True),
                attempt(2, hit(name="another"), GREEN, fetches=ANSWERED),
            ],
            Settled.ANSWERED,
        ),
    ],
)
def test_the_last_attempt_settles_it(records: list[RunRecord], state: Settled) -> None:
    """In whichever order the records come."""
    assert settle(Category.HF_FETCH, reversed(records), NOW).state is state


def test_a_later_attempt_that_says_nothing_settles_nothing() -> None:
    """A log that could not be read, and a job that was not let finish."""
    first = attempt(1, hit(), fetches=FAILING)
    unread = attempt(2, job(conclusion="failure", log="expired"))
    cancelled = replace(attempt(2, job(conclusion="cancelled")), conclusion="cancelled")
    for second in (unread, cancelled):
        assert settle(Category.HF_FETCH, [first, second], NOW).state is Settled.COUNTED


def test_another_failure_in_the_next_attempt_got_past_the_outage() -> None:
    """What it is, is judged elsewhere."""
    records = [attempt(1, hit(), fetches=FAILING), attempt(2, job(entry()))]
    found = settle(Category.HF_FETCH, records, NOW)
    assert (found.state, len(found.hits), found.lasting) == (Settled.PASSED, 1, ())


def test_a_rerun_that_never_came_is_given_up() -> None:
    """GitHub refused it, or nobody analysed it: what was known before counts again."""
    records = [
        attempt(1, hit(), fetches=ANSWERED, rerun=True),
        attempt(2, hit(), fetches=ANSWERED, rerun=True),
    ]
    late = records[0].created_at + PENDING + timedelta(seconds=1)
    assert settle(Category.HF_FETCH, records, late).state is Settled.COUNTED
    assert settle(Category.HF_FETCH, records[:1], late).state is Settled.ANSWERED


@pytest.mark.parametrize(
    ("test", "conclusion", "causes", "hits"),
    [
        (entry(category=Category.HF_FETCH, fingerprint=HF), "failure", (), 1),
        (None, "failure", (OUTAGE,), 1),
        (None, "success", (OUTAGE,), 0),
        (
            entry("a.py::t", Status.FAILED, Status.PASSED, category=Category.HF_FETCH, cause=0),
            "success",
            (OUTAGE,),
            0,
        ),
        (entry(), "failure", (cause(),), 0),
    ],
)
def test_what_counts_as_hit(
    test: TestEntry | None, conclusion: str, causes: tuple[object, ...], hits: int
) -> None:
    """A failed test or a red job; not what was retried and recovered in the job itself."""
    its = job(*([test] if test else []), conclusion=conclusion, causes=causes)
    assert len(strike(Category.HF_FETCH, [attempt(1, its)]).hits) == hits


def test_a_job_is_hit_alone_when_nothing_else_failed_in_it() -> None:
    """Only then are its minutes lost to the outage."""
    mixed = job(
        *hit().tests, entry("b.py::u"), conclusion="failure", causes=(OUTAGE,), name="mixed"
    )
    green = job(*hit().tests, conclusion="success", causes=(OUTAGE,), name="green")
    found = strike(Category.HF_FETCH, [attempt(1, hit(), mixed, green)])
    assert [each.alone for each in found.hits] == [True, False, False]
