"""The words that all views share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v

from flakebot.model import Category, TestId
from flakebot.report import Event, Finding, Kind, Level, Overall, Report, Unread
from flakebot.views import telling

UNREAD = Unread(job="gpu", url="", reason="no log is kept")
KNOWN = v.finding(level=Level.KNOWN)
RED = v.record(v.RUN_ID, v.job("docs", 14))
CANCELLED = v.record(v.RUN_ID, v.job("docs", 14, conclusion="cancelled"))
CLEAN = v.record(v.RUN_ID, v.job("docs", 14, conclusion="success"))


GATED = v.outage(category=Category.HF_ACCESS)


def group(kind: Kind) -> Event:
    """One cause under many tests."""
    return replace(v.outage(category=Category.ASSERTION), kind=kind)


@pytest.mark.parametrize(
    ("report", "headline", "aside"),
    [
        (v.report(records=(CLEAN,)), "All green", ""),
        (v.report(KNOWN, KNOWN), "Nothing here is yours: 2 known flakes", ""),
        (
            v.report(KNOWN, KNOWN, events=(v.outage(),)),
            "Nothing here is yours: 2 known flakes and 1 Hugging Face outage",
            "",
        ),
        (v.report(KNOWN, v.finding()), "Nothing here is yours: 2 flaky tests", ""),
        (
            v.report(v.finding(Kind.BROKEN), v.finding(Kind.INFRA), events=(group(Kind.FLAKY),)),
            (
                "Nothing here is yours: 1 group of flakes, 1 failure that is not new and "
                "1 infrastructure failure"
            ),
            "",
        ),
        (v.report(v.finding(Kind.NEW)), "1 new failure, look at this first", ""),
        (
            v.report(events=(GATED,), records=(CLEAN,)),
            "1 Hugging Face access fault to mend: asking again does not help",
            "",
        ),
        (
            v.report(KNOWN, events=(GATED, v.outage())),
            "1 Hugging Face access fault to mend: asking again does not help",
            "Not yours: 1 known flake and 1 Hugging Face outage.",
        ),
        (
            v.report(v.finding(Kind.NEW), events=(GATED,)),
            "1 new failure, look at this first",
            "To mend: 1 Hugging Face access fault.",
        ),
        (
            v.report(v.finding(Kind.NEW), KNOWN, events=(group(Kind.NEW),), unread=(UNREAD,)),
            "2 new failures, look at these first",
            "Not yours: 1 known flake. 1 log could not be read, so this may not be all.",
        ),
        (v.report(records=(RED,)), "1 failure could not be judged", ""),
        (
            v.report(v.finding(Kind.NEW), v.finding(Kind.UNCLASSIFIED)),
            "1 new failure, look at this first",
            "1 more failure could not be judged.",
        ),
        (
            v.report(unread=(UNREAD,), records=(CLEAN,)),
            "No failure was found, but 1 log could not be read",
            "",
        ),
        (
            v.report(records=(CLEAN,), overall=Overall.UNKNOWN),
            "No failure was found in what could be read, but the run failed",
            "",
        ),
        (v.report(records=(CANCELLED,)), "Nothing failed, but 1 job did not finish", ""),
    ],
)
def test_headlines(report: Report, headline: str, aside: str) -> None:
    """What the author needs first, and what else there is."""
    assert (telling.headline(report), telling.aside(report)) == (headline, aside)


def test_the_latest_attempt_of_a_job_decides() -> None:
    """A job that passed when it was run again is not red; one that was not re-run keeps its end."""
    first = v.record(v.RUN_ID, v.job("a", 1), v.job("b", 2))
    second = v.record(v.RUN_ID, v.job("a", 3, conclusion="success"), attempt=2)
    red = telling.red_jobs(v.report(records=(first, second)))
    assert [job.name for job in red] == ["b"]


def test_a_green_job_hides_no_red_one_of_its_name() -> None:
    """GitHub lets two jobs of a workflow have one name."""
    both = v.record(v.RUN_ID, v.job("a", 1), v.job("a", 2, conclusion="success"))
    assert [job.id for job in telling.red_jobs(v.report(records=(both,)))] == [1]


@pytest.mark.parametrize(
    ("kind", "category", "name"),
    [
        (Kind.EXTERNAL, Category.HF_ACCESS, "Hugging Face access fault"),
        (Kind.EXTERNAL, Category.GIT_FETCH, "External failure"),
        (Kind.INFRA, Category.DISK_FULL, "Infrastructure failure"),
        (Kind.NEW, Category.IMPORT_ERROR, "One cause, many tests"),
    ],
)
def test_names_of_events(kind: Kind, category: Category, name: str) -> None:
    """By category where there is a word for it, else by kind."""
    assert telling.event_name(replace(v.outage(category=category), kind=kind)) == name


@pytest.mark.parametrize(
    ("tests", "jobs", "reach"),
    [(2, 1, "2 tests in 1 job"), (1, 2, "1 test in 2 jobs"), (0, 1, "1 job")],
)
def test_reach(tests: int, jobs: int, reach: str) -> None:
    """How much an event hit."""
    event = replace(v.outage(), tests=v.outage().tests[:tests], jobs=("a", "b")[:jobs])
    assert telling.reach(event) == reach


def test_the_step_of_an_unknown_job_is_empty() -> None:
    """Only what a record holds is said."""
    report = v.report(records=(RED,))
    assert [telling.failed_step(report, job) for job in (14, 15)] == ["Run tests", ""]


@pytest.mark.parametrize(
    ("report", "rank"),
    [
        (v.report(v.finding(Kind.NEW), KNOWN), 0),
        (v.report(KNOWN, records=(RED,)), 1),
        (v.report(KNOWN, events=(GATED,)), 1),
        (v.report(KNOWN), 3),
        (v.report(records=(CLEAN,)), 6),
    ],
)
def test_rank(report: Report, rank: int) -> None:
    """What wants a person's eye most comes first: a red job without a reason, and what is to be
    mended, before what is nobody's here.
    """
    assert telling.rank(report) == rank


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (KNOWN, f"flaky, known: {KNOWN.test}: {KNOWN.verdict.reasons[0]}"),
        (
            replace(v.finding(Kind.NEW), test=TestId("")),
            f"new: {v.finding(Kind.NEW).function}: {v.finding(Kind.NEW).verdict.reasons[0]}",
        ),
    ],
)
def test_a_finding_is_told_in_one_line(found: Finding, line: str) -> None:
    """By its test, or by its function where no test is named."""
    assert telling.line(found) == line
