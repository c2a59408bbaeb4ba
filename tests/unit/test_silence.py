"""How much it means that a test has not failed for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit import record_builders as b

from flakebot.feedback import Feedback, Word
from flakebot.judging import silence
from flakebot.judging.external import ExternalSummary, OutageRow
from flakebot.judging.fixes import Fix
from flakebot.judging.history import History
from flakebot.judging.silence import Silence
from flakebot.judging.stats import rate
from flakebot.model import Category, TestId
from flakebot.records import JobEntry, RunRecord
from flakebot.settings import Thresholds

OTHER = TestId("tests/router/test_router.py::test_route[nats]")


def of(
    *records: RunRecord,
    days: float = 30,
    thresholds: Thresholds | None = None,
    doubt: datetime | None = None,
) -> Silence:
    """The silence of the test, so many days after the last record."""
    history = History(records)
    now = max(record.created_at for record in records) + timedelta(days=days)
    return silence.of_test(history.executions(b.KEY), now, thresholds or Thresholds(), doubt)


def runs(first: int, count: int, *passed: str, name: str = "test") -> list[RunRecord]:
    """Runs of the default branch in which these variants passed."""
    return [
        b.run(number, b.job(passed=passed, name=name)) for number in range(first, first + count)
    ]


@pytest.mark.parametrize(
    ("records", "builds", "meaningful"),
    [
        ([b.failing(1)], 0, False),
        ([b.failing(1), *b.passes(2, 29)], 29, False),
        ([b.failing(1), *b.passes(2, 30)], 30, True),
        ([*b.passes(1, 9), b.failing(10), *b.passes(11, 300)], 300, False),
        ([*b.passes(1, 9), b.failing(10), *b.passes(11, 400)], 400, True),
        ([*b.passes(1, 9), b.failing(10), *b.passes(11, 400), b.failing(500)], 0, False),
        (b.passes(1, 687), 687, False),
        (b.passes(1, 688), 688, True),
    ],
)
def test_enough_builds_make_a_silence(
    records: Sequence[RunRecord], builds: int, *, meaningful: bool
) -> None:
    """By the lower bound of the rate before; without a failure on record by the lowest that
    counts.
    """
    found = of(*records)
    assert (found.builds, found.meaningful) == (builds, meaningful)


@pytest.mark.parametrize(
    ("first", "builds", "meaningful"), [(1, 39, True), (11, 30, True), (12, 29, False)]
)
def test_silence_begins_where_nothing_is_lost(first: int, builds: int, *, meaningful: bool) -> None:
    """Before, a failure may have been; the rate is still that of the failures on record."""
    records = [b.failing(1), *b.passes(2, 39)]
    doubt = records[first - 1].created_at
    found = of(*records, doubt=doubt)
    assert (found.builds, found.meaningful, found.since) == (builds, meaningful, doubt)
    assert of(*records[1:], doubt=doubt).since == doubt
    late = of(*records, days=0, doubt=records[-1].created_at)
    assert (late.builds, late.meaningful) == (1, False)


def test_a_doubt_older_than_the_last_failure_changes_nothing() -> None:
    """What was lost before it is no part of the silence."""
    records = [*b.passes(1, 5), b.failing(6), *b.passes(7, 40)]
    assert of(*records, doubt=records[2].created_at) == of(*records)


def test_the_rate_of_before_is_that_since_it_changed() -> None:
    """Ten red builds after 300 clean ones that are mended are over soon."""
    red = [*b.story("F" + "." * 300 + "F" * 10), *b.passes(400, 12)]
    found = of(*red)
    assert found.before == rate(10, 10)
    assert (found.builds, found.meaningful) == (12, True)


def test_a_failure_without_the_fix_breaks_no_silence() -> None:
    """A pull request that was not rebased since shows what is mended already."""
    late = b.failing(500, pr=9)
    word = Feedback(
        repository=b.REPOSITORY,
        comment_id=1,
        created_at=b.NOW - timedelta(hours=950),
        login="maintainer",
        word=Word.FIXED,
        function=b.KEY,
    )
    fix = Fix(word=word, commit="fix", lacking=frozenset({(late.head_sha, late.base_sha)}))
    records = [b.failing(10, pr=3), b.flaking(40), *b.passes(101, 300), late, *b.passes(501, 30)]
    executions = History(records).executions(b.KEY)
    found = silence.of_test(executions, b.NOW, Thresholds(), fixes=[fix])
    assert (found.builds, found.since) == (330, b.NOW - timedelta(hours=960))


def test_a_silence_begins_with_the_failure_and_not_with_its_commit() -> None:
    """A release is tested every night: a failure of last night is no silence of a month."""

    def nightly(run_id: int, job: JobEntry) -> RunRecord:
        return b.run(run_id, job, sha="release", branch="release", trunk=False)

    passed, failed = b.job(passed=[b.TEST]), b.job(b.entry())
    old = [nightly(1, passed), b.failing(2), *b.passes(3, 600)]
    found = of(*old, nightly(900, failed), days=0)
    assert (found.builds, found.meaningful) == (0, False)
    assert found.since == b.NOW - timedelta(hours=100)


@pytest.mark.parametrize(("days", "meaningful"), [(6.9, False), (7, True)])
def test_a_silence_lasts_some_days(days: float, *, meaningful: bool) -> None:
    """A thousand builds of one day may share their luck."""
    last = b.NOW - timedelta(hours=999)
    builds = [b.run(2 + n, b.job(passed=[b.TEST]), created_at=last) for n in range(50)]
    assert of(b.failing(1), *builds, days=days).meaningful == meaningful


@pytest.mark.parametrize(
    "records",
    [
        runs(2, 500, OTHER),
        runs(2, 500, b.TEST, name="another job"),
        [b.run(number, b.job()) for number in range(2, 500)],
    ],
)
def test_where_it_cannot_fail_is_no_silence(records: Sequence[RunRecord]) -> None:
    """Another variant, a job in which it never failed, runs in which it was not seen."""
    found = of(b.failing(1), *records)
    assert (found.builds, found.meaningful, found.probability) == (0, False, 1.0)


def test_the_newest_commit_of_the_default_branch_is_known() -> None:
    """By it a later failure is told to be on code that had gone silent."""
    trunk, pull = b.passing(2), b.passing(3, pr=7)
    assert of(b.failing(1), trunk, pull).commit == trunk.head_sha
    assert of(b.failing(1), pull).commit == ""


def test_the_bounds_are_settings() -> None:
    """A project may ask for less."""
    thresholds = Thresholds(close_probability=0.5, close_quiet_days=1)
    assert of(b.failing(1), *b.passes(2, 4), days=1, thresholds=thresholds).meaningful
    assert not of(b.failing(1), *b.passes(2, 2), days=1, thresholds=thresholds).meaningful


@pytest.mark.parametrize(
    ("events", "runs_in_all", "since_last", "builds", "meaningful"),
    [(3, 75, 65, 65, True), (3, 500, 50, 50, False), (0, 700, 0, 700, True)],
)
def test_an_outage_can_be_silent_too(
    events: int, runs_in_all: int, since_last: int, builds: int, *, meaningful: bool
) -> None:
    """Counted in runs."""
    nothing = OutageRow(name="total", runs=events, jobs=0, tests=0, minutes=0)
    summary = ExternalSummary(
        category=Category.HF_FETCH,
        events=events,
        recovered=0,
        pending=0,
        runs=runs_in_all,
        total=nothing,
        last_seen=b.NOW - timedelta(days=8) if events else None,
        runs_since_last=since_last,
    )
    found = silence.of_outage(summary, b.NOW, Thresholds())
    assert (found.builds, found.meaningful) == (builds, meaningful)
