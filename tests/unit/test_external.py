"""What the ledger says of Hugging Face's outages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.record_builders import NOW, cause, entry, failing, job, run

from flakebot.judging.external import ExternalSummary, Outage, OutageRow, Signs, outcome
from flakebot.judging.history import History
from flakebot.ledgers import lines
from flakebot.model import Category
from flakebot.records import CauseEntry, Fetch, JobEntry, RunRecord

HF = "v1:hf-fetch:00000001"
OUTAGE = replace(cause(Category.HF_FETCH, HF, "ReadTimeout: huggingface.co"), model="a/b")
LIMITED = replace(
    cause(Category.HF_FETCH, "v1:hf-fetch:429", "429 Client Error: Too Many Requests"), model="c/d"
)


def hit(*tests: str, name: str = "test", by: CauseEntry = OUTAGE, minutes: float = 6) -> JobEntry:
    """A job whose tests could not fetch a model."""
    entries = (
        entry(t, category=Category.HF_FETCH, fingerprint=by.fingerprint, cause=0) for t in tests
    )
    return job(*entries, name=name, conclusion="failure", causes=(by,), minutes=minutes)


def asked(*results: str) -> tuple[Fetch, ...]:
    return tuple(
        Fetch(address=f"https://huggingface.co/{n}", result=result, tries=3, seconds=12.4)
        for n, result in enumerate(results)
    )


def summary(*records: RunRecord) -> ExternalSummary:
    return History(records).external_summary("hf-fetch", NOW)


def row(name: str, runs: int, jobs: int, tests: int, minutes: float, text: str = "") -> OutageRow:
    """A line of a table; its text is the outage's unless told."""
    return OutageRow(
        name=name,
        runs=runs,
        jobs=jobs,
        tests=tests,
        minutes=minutes,
        text=text or OUTAGE.text,
    )


def test_an_outage_counts_once_per_run() -> None:
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
        pending=0,
        runs=3,
        total=row("total", 1, 2, 2, 12),
        minutes_recovered=6,
        windows=(("24 h", 1), ("7 d", 1), ("30 d", 1), ("total", 1)),
        by_kind=(row("time-out", 1, 2, 2, 12),),
        by_model=(row("a/b", 1, 2, 2, 12),),
        by_workflow=(row("CI", 1, 2, 2, 12),),
        by_hour=(row("02", 1, 2, 2, 12),),
        by_fingerprint=(row(HF, 1, 2, 2, 12),),
        by_job=(row("test", 1, 1, 2, 6), row("arm64", 1, 1, 1, 6)),
        by_test=(row("a.py::t", 1, 2, 2, 12), row("a.py::u", 1, 1, 2, 6)),
        signs=Signs(inside_tests=2, jobs=2),
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
        runs_since_last=2,
    )


def test_three_attempts_of_one_run_count_once() -> None:
    """At the last, with the minutes of all."""
    attempts = [
        replace(run(990, hit("a.py::t"), attempt=n, pr=7, fetches=asked("recovered")), rerun=n < 3)
        for n in (1, 2, 3)
    ]
    found = summary(*attempts)
    assert (found.events, found.recovered, found.runs) == (1, 0, 1)
    assert found.total == row("total", 1, 1, 1, 18)
    (seen,) = found.occurrences
    assert (seen.attempt, seen.result) == (3, "recovered after 12 s; hit again in attempts 2 and 3")
    assert (found.windows[-1], found.runs_since_last) == (("total", 1), 0)


def test_a_rerun_that_is_under_way_counts_neither_way() -> None:
    """It is shown as being run again."""
    first = replace(run(990, hit("a.py::t"), fetches=asked("recovered")), rerun=True)
    found = summary(first)
    assert (found.events, found.recovered, found.pending) == (0, 0, 1)
    assert (found.total.runs, found.minutes_recovered, found.occurrences) == (0, 0, ())


def test_no_outage() -> None:
    """Nothing hit leaves zeros."""
    found = summary(failing(400))
    assert (
        found.events,
        found.recovered,
        found.runs,
        found.first_seen,
        found.runs_since_last,
    ) == (0, 0, 1, None, 0)


def test_a_job_with_two_causes_adds_up() -> None:
    """Each cause has its tests, and the minutes stand at the first; a test of no kept cause too."""
    both = job(
        entry("a.py::t", category=Category.HF_FETCH, fingerprint=HF, cause=0),
        entry("a.py::u", category=Category.HF_FETCH, fingerprint="v1:hf-fetch:429", cause=1),
        entry("a.py::v", category=Category.HF_FETCH, fingerprint="v1:hf-fetch:x"),
        conclusion="failure",
        causes=(OUTAGE, LIMITED),
        minutes=10,
    )
    found = summary(run(990, both))
    assert found.by_kind == (
        row("time-out", 1, 1, 2, 10),
        row("429", 1, 1, 1, 0, LIMITED.text),
    )
    assert [(each.name, each.tests) for each in found.by_model] == [("a/b", 2), ("c/d", 1)]


def test_minutes_of_a_job_that_failed_otherwise_too_are_not_lost_to_it() -> None:
    """It would have been red anyhow."""
    mixed = job(
        *hit("a.py::t").tests,
        entry("b.py::own"),
        conclusion="failure",
        causes=(OUTAGE,),
        minutes=10,
    )
    assert summary(run(990, mixed)).total.minutes == 0


def test_signs_of_why_it_failed() -> None:
    """Jobs refused together, forks, the small quota, and tests that had to fetch."""
    small = replace(LIMITED, text="429 Client Error for url: https://huggingface.co/api/models/c/d")
    fork = replace(
        run(
            990,
            hit("a.py::t", name="one", by=LIMITED),
            hit("a.py::t", name="two", by=LIMITED),
            hit(name="download", by=LIMITED),
            hit("a.py::t", name="slow"),
            pr=7,
        ),
        fork=True,
    )
    own = run(991, hit("a.py::t", by=small))
    assert summary(fork, own).signs == Signs(
        together=3, forks=1, small_quota=1, inside_tests=4, jobs=5
    )


def test_hours_are_in_utc_and_in_order() -> None:
    """The hour in which the run began."""
    runs = [
        replace(run(n, hit("a.py::t")), created_at=NOW - timedelta(hours=hours))
        for n, hours in ((1, 1), (2, 30), (3, 25))
    ]
    found = summary(*runs)
    assert [(each.name, each.runs) for each in found.by_hour] == [("06", 1), ("11", 2)]


def test_a_record_of_an_earlier_version_counts() -> None:
    """It says nothing of model, fork or attempts, and is read as it is."""
    old = (
        b'{"repository":"octo/repo","run_id":1,"attempt":1,"workflow":"CI","event":"push",'
        b'"branch":"main","head_sha":"abc","created_at":"2026-11-20T10:00:00Z",'
        b'"conclusion":"failure","trunk":true,"jobs":[{"id":1,"name":"test",'
        b'"conclusion":"failure","minutes":3.5,"causes":[{"category":"hf-fetch",'
        b'"rule":"hf-status","line":3,"text":"503 Server Error: x","fingerprint":"v1:x"}]}]}\n'
    )
    (record,) = lines.decode("ledger/2026-W47.jsonl", old).records
    found = summary(record)
    assert found.by_kind == (row("5xx", 1, 1, 0, 3.5, "503 Server Error: x"),)
    assert [each.name for each in found.by_model] == [""]


@pytest.mark.parametrize("more", [0, 5])
def test_a_hit_without_a_kept_cause_has_no_words(more: int) -> None:
    """The link to the job is still there."""
    its = job(entry(category=Category.HF_FETCH), minutes=more)
    found = summary(run(400, its))
    (seen,) = found.occurrences
    assert (seen.text, seen.line, seen.excerpt) == ("", 0, ())
    assert [(each.name, each.tests, each.minutes) for each in found.by_kind] == [("other", 1, more)]
    assert [each.name for each in (*found.by_model, *found.by_fingerprint)] == ["", ""]


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
