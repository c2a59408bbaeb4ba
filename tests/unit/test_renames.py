"""Which tests are proposed as renamed, and what their issues say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit.test_sweep import context, forge_with, issue, swept

from flakebot.changes import UpdateIssue
from flakebot.commands import Command, Name, parse
from flakebot.judging.history import History
from flakebot.judging.renames import Rename, renames
from flakebot.keys import HUGGING_FACE, tracking_key
from flakebot.model import Category
from flakebot.records import RunRecord
from flakebot.settings import Thresholds
from flakebot.sinks import renames as sink
from flakebot.views import markers
from flakebot.views.markers import IssueState, Namesake

OLD, NEW, THIRD = (f"tests/t.py::test_{name}" for name in ("old", "new", "third"))
OLD_KEY, NEW_KEY, THIRD_KEY = (tracking_key("pytest", test) for test in (OLD, NEW, THIRD))
WAY, OTHER_WAY = "v1:exception:0000000a", "v1:exception:0000000b"
RENAMED = 20
"""The first run, an hour after the one before, in which the new test may be."""


def seen(
    test: str,
    number: int,
    *,
    failed: bool = False,
    way: str = WAY,
    job: str = "test",
    category: Category = Category.EXCEPTION,
    sha: str = "",
) -> RunRecord:
    """A run of the default branch in which a test passed, or failed and passed when repeated."""
    if not failed:
        return b.run(number, b.job(passed=[test], name=job), sha=sha)
    flake = b.entry(test, b.FAILED, b.PASSED, fingerprint=way, category=category)
    return b.run(number, b.job(flake, name=job), sha=sha)


def life(
    test: str, first: int = 1, runs: int = 10, way: str = WAY, job: str = "test"
) -> Iterator[RunRecord]:
    """A test that fails in the first of so many runs, and passes in the others."""
    yield seen(test, first, failed=True, way=way, job=job)
    yield from (seen(test, number, job=job) for number in range(first + 1, first + runs))


def proposed(
    records: Sequence[RunRecord], *keys: str, days: float = 8, hours: int = RENAMED
) -> list[tuple[str, str]]:
    """Old and new of what is proposed so many days after the run at that hour."""
    now = b.NOW - timedelta(hours=1000 - hours) + timedelta(days=days)
    found = renames(History(records), keys or (OLD_KEY, NEW_KEY), now, Thresholds())
    return [(each.old, each.new) for each in found]


GONE = [*life(OLD), *life(NEW, RENAMED)]


def test_the_same_way_of_failing_under_another_name() -> None:
    """One ended, the other began: it says which is which, and since when."""
    last = next(record for record in GONE if record.run_id == 10).created_at
    now = last + timedelta(days=8)
    for keys in ((OLD_KEY, NEW_KEY), (NEW_KEY, OLD_KEY)):
        found = renames(History(GONE), keys, now, Thresholds())
        assert found == (Rename(old=OLD_KEY, new=NEW_KEY, last=last),)


def test_a_branch_that_lags_behind_does_not_hide_it() -> None:
    """The old name still ran on another commit for a while."""
    assert proposed([*GONE, seen(OLD, RENAMED + 5, sha="stale")]) == [(OLD_KEY, NEW_KEY)]


ELSEWHERE = "tests/u.py::test_new"
NO_FILE = "recorder::tests::new"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([*GONE, seen(OLD, 40, failed=True)], id="the old one still fails"),
        pytest.param([*GONE, seen(OLD, 40)], id="the old one still passes"),
        pytest.param([*GONE, seen(NEW, 45, sha="0000005aaaa")], id="a commit that holds both"),
        pytest.param([*life(OLD), *life(NEW, RENAMED, way=OTHER_WAY)], id="fails otherwise"),
        pytest.param([*life(OLD), *life(NEW, RENAMED, job="other")], id="the old one's job is off"),
        pytest.param([seen(OLD, 1, failed=True), *life(NEW, RENAMED)], id="no pass is named"),
        pytest.param([*GONE, seen(THIRD, 12, failed=True)], id="a third test fails so"),
        pytest.param([*life(OLD, way=""), *life(NEW, RENAMED, way="")], id="no fingerprint"),
        pytest.param(
            [*GONE, seen(NEW, 0, failed=True, sha="before")], id="the new one is the older"
        ),
    ],
)
def test_nothing_is_proposed(records: list[RunRecord]) -> None:
    """Each time one thing is missing."""
    assert proposed(records, hours=35) == []


def test_what_was_not_understood_is_no_likeness() -> None:
    """Its fingerprint is that of all that nobody understood."""
    unknown = [
        seen(test, number, failed=True, category=Category.UNKNOWN)
        for test, number in ((OLD, 1), (NEW, RENAMED))
    ]
    assert proposed([*unknown, seen(OLD, 2), seen(NEW, RENAMED + 1)]) == []


@pytest.mark.parametrize("new", [ELSEWHERE, NO_FILE])
def test_another_file_is_another_test(new: str) -> None:
    """A test that moves between files is not told from one that was copied."""
    records = [*life(OLD), *life(new, RENAMED)]
    assert proposed(records, OLD_KEY, tracking_key("pytest", new)) == []


def test_tests_whose_ids_name_no_file_are_left_alone() -> None:
    """A module is no file."""
    old = "recorder::tests::old"
    records = [*life(old), *life(NO_FILE, RENAMED)]
    assert proposed(records, tracking_key("pytest", old), tracking_key("pytest", NO_FILE)) == []


def test_of_several_none_is_named() -> None:
    """Two old tests fit the new one, each by a way of its own."""
    third = [seen(NEW, RENAMED + 30, failed=True, way=OTHER_WAY)]
    records = [*GONE, *life(THIRD, 11, 8, OTHER_WAY), *third]
    assert proposed(records, OLD_KEY, NEW_KEY, THIRD_KEY) == []
    assert proposed(records, OLD_KEY, NEW_KEY) == [(OLD_KEY, NEW_KEY)]


def test_silence_takes_its_days() -> None:
    """As closing does."""
    assert proposed(GONE, hours=10, days=6.9) == []
    assert proposed(GONE, hours=10, days=7) == [(OLD_KEY, NEW_KEY)]


# ------------------------------------------------------------------------------------------
# What the issues say


def test_both_issues_say_so_and_how_to_confirm_it() -> None:
    """The command closes the old one, whichever of the two is read."""
    forge = forge_with(issue(3, OLD_KEY), issue(4, NEW_KEY), issue(5, HUGGING_FACE))
    given = context(GONE, listed=tuple(forge.listed.values()))
    changes = swept(forge, sink.proposed(given, forge.bot()))
    bodies = {each.number: each.body or "" for each in changes if isinstance(each, UpdateIssue)}
    same = "same file, same fingerprint"
    assert f"May be `{OLD}` renamed (#3): {same}, last seen 2026-10-10." in bodies[4]
    assert "`/flakebot merge #4` in a comment on #3" in bodies[4]
    assert f"May have been renamed to `{NEW}` (#4): {same}, this one last seen" in bodies[3]
    assert "`/flakebot merge #4` in a comment here" in bodies[3]
    assert parse("/flakebot merge #4") == Command(name=Name.MERGE, number=4)


@pytest.mark.parametrize("closed", [3, 4])
def test_an_issue_that_is_closed_is_not_spoken_of(closed: int) -> None:
    """After the merge, or once it was dismissed, nothing is left to confirm."""
    keys = {3: OLD_KEY, 4: NEW_KEY}
    issues = {number: issue(number, key) for number, key in keys.items()}
    issues[closed] = replace(issues[closed], state="closed", state_reason="duplicate")
    forge = forge_with(*issues.values())
    given = context(GONE, listed=tuple(forge.listed.values()))
    assert sink.proposed(given, forge.bot()).namesakes == {}


def test_a_run_leaves_what_the_sweep_found() -> None:
    """A run does not look for renamed tests; the next sweep takes back what no longer holds."""
    told = Namesake(name=OLD, number=3, older=True, new=4, last=b.NOW)
    before = IssueState(opened=1, state="flaky", fingerprints=(WAY,), namesake=told)
    body = f"{markers.mark(markers.Mark.ISSUE, NEW_KEY)}\n{markers.hide(before)}\n"
    for namesakes, kept in ((None, told), ({}, None)):
        forge = forge_with(issue(4, NEW_KEY, body=body))
        swept(forge, context(GONE, namesakes=namesakes))
        state = markers.reveal(forge.listed[4].body, IssueState)
        assert state is not None
        assert state.namesake == kept
        assert ("renamed" in (forge.listed[4].body or "")) == (kept is not None)
