from __future__ import annotations

import pytest
from tests.unit.record_builders import NOW, cause, entry, failing, job, run

from flakebot.judging.external import ExternalSummary, Outage, OutageRow, outcome
from flakebot.judging.history import History
from flakebot.model import Category, Status
from flakebot.records import Fetch, JobEntry, RunRecord, TestEntry

HF = "v1:hf-fetch:00000001"
OUTAGE = cause(Category.HF_FETCH, HF, "ReadTimeout: huggingface.co")


def hit(*tests: str, name: str = "test") -> JobEntry:
    """A job whose tests could not fetch a model."""
    entries = (entry(t, category=Category.HF_FETCH, fingerprint=HF, cause=0) for t in tests)
    return job(*entries, name=name, conclusion="failure", causes=(OUTAGE,))


def asked(*results: str) -> tuple[Fetch, ...]:
    return tuple(
        Fetch(address=f"https://huggingface.co/{n}", result=result, tries=3, seconds=12.4)
        for n, result in enumerate(results)
    )


def summary(*records: RunRecord) -> ExternalSummary:
    return History(records).external_summary("hf-fetch", NOW)


def test_an_outage_counts_once_per_run_attempt() -> None:
    """However many jobs and tests it hit; what was recovered is not counted."""
    lasting = run(
        990, hit("a.py::t", "a.py::u"), hit("a.py::t", name="arm64"), fetches=asked("failing")
    )
    recovered = run(995, hit("a.py::t"), fetches=asked("recovered"))
    found = summary(lasting, recovered, failing(996))
    assert found == ExternalSummary(
        category=Category.HF_FETCH,
        events=1,
        recovered=1,
        runs=3,
        windows=(("24 h", 1), ("7 d", 1), ("30 d", 1), ("total", 1)),
        by_fingerprint=(OutageRow(name=HF, count=1, text=OUTAGE.text),),
        by_job=(OutageRow(name="arm64", count=1), OutageRow(name="test", count=1)),
        by_test=(OutageRow(name="a.py::t", count=1), OutageRow(name="a.py::u", count=1)),
        tests=2,
        occurrences=(
            Outage(
                at=lasting.created_at,
                run_id=990,
                attempt=1,
                branch="main",
                pull_request=0,
                head_sha="0000990aaaa",
                jobs=("test", "arm64"),
                tests=2,
                job="test",
                url="https://github.com/octo/repo/job/test",
                line=7,
                text=OUTAGE.text,
                excerpt=OUTAGE.excerpt,
                result="still failing after 3 tries",
            ),
        ),
        first_seen=lasting.created_at,
        last_seen=lasting.created_at,
        attempts_since_last=2,
    )


def test_no_outage() -> None:
    """Nothing hit leaves zeros."""
    found = summary(failing(400))
    assert (
        found.events,
        found.recovered,
        found.runs,
        found.first_seen,
        found.attempts_since_last,
    ) == (0, 0, 1, None, 0)


@pytest.mark.parametrize(
    ("results", "events"),
    [((), 1), (("skipped",), 1), (("recovered", "failing"), 1), (("recovered", "skipped"), 0)],
)
def test_recovered_means_that_every_address_answered(results: tuple[str, ...], events: int) -> None:
    """Nobody asked is not recovered."""
    assert events == summary(run(400, hit("a.py::t"), fetches=asked(*results))).events


@pytest.mark.parametrize(
    ("test", "conclusion", "causes", "events"),
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
    test: TestEntry | None, conclusion: str, causes: tuple[object, ...], events: int
) -> None:
    """A failed test or a red job; not what was retried and recovered in the job itself."""
    its = job(*([test] if test else []), conclusion=conclusion, causes=causes)
    assert events == summary(run(400, its)).events


def test_a_hit_without_a_kept_cause_has_no_words() -> None:
    """The link to the job is still there."""
    (found,) = summary(run(400, job(entry(category=Category.HF_FETCH)))).occurrences
    assert (found.text, found.line, found.excerpt) == ("", 0, ())


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ((), ""),
        (("skipped",), ""),
        (("recovered",), "recovered after 12 s"),
        (("recovered", "failing"), "still failing after 6 tries"),
        (("failing", "permanent"), "refused for good: no reason given"),
        (("ambiguous",), "cannot be told: the answers were ambiguous"),
    ],
)
def test_outcome(results: tuple[str, ...], words: str) -> None:
    """The worst answer speaks."""
    assert words == outcome(asked(*results))
