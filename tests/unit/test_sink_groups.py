"""The issues about tests that fail together: opened, followed, closed, and left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import BOT, MemoryForge
from tests.unit.test_cofailures import key, name, recorded
from tests.unit.test_sweep import context as sweep_context
from tests.unit.test_sweep import forge_with, issue

from flakebot import sinks
from flakebot.changes import Change, OpenIssue, Plan, UpdateIssue
from flakebot.github_objects import Issue
from flakebot.judging import cofailures
from flakebot.judging.history import History
from flakebot.records import RunRecord
from flakebot.settings import Settings, Thresholds
from flakebot.sinks import groups, issues, sweep
from flakebot.sinks.sweep import Sweep
from flakebot.views import group_text, markers
from flakebot.views.markers import GroupState, IssueState, Mark
from flakebot.views.tracking import KEEP_OPEN

PAIR = [recorded(n, (0, 1) if n % 6 == 4 else (), 3) for n in range(1, 41)]
"""Two of three tests failed together in seven of forty runs."""

APART = [recorded(n, (n % 2,) if n <= 30 else (), 3) for n in range(1, 41)]
"""They took turns."""

KEYS = (key(0), key(1))
PARENT = "together-1"


def context(records: Sequence[RunRecord], forge: MemoryForge, **changed: object) -> Sweep:
    made = sweep_context(records, listed=tuple(forge.listed.values()), **changed)
    return groups.joined(made, forge.bot())


def planned(forge: MemoryForge, given: Sweep, swept: Sequence[Change] = ()) -> Plan:
    return groups.plan(given, issues.tracked(given, forge.bot()), swept)


def settled(forge: MemoryForge, records: Sequence[RunRecord], **changed: object) -> list[Change]:
    """What is planned; once that is written, nothing more is."""
    plan = planned(forge, context(records, forge, **changed))
    assert all(receipt.done for receipt in sinks.apply_all(plan, forge))
    assert planned(forge, context(records, forge, **changed)).changes == ()
    return list(plan.changes)


def tracked(*numbers: int) -> list[Issue]:
    """Open issues of the tests with these numbers; GitHub counts from 1."""
    return [issue(n + 1, key(n)) for n in numbers]


def parent(number: int = 9, *labels: str, closed: bool | None = None, **changed: object) -> Issue:
    """An issue about the pair as a sweep left it."""
    state = GroupState(members=tuple(markers.digest(each) for each in KEYS), closed=closed)
    body = f"{markers.mark(Mark.ISSUE, PARENT)}\nold text\n{markers.hide(state)}\n"
    return issue(number, PARENT, *labels, body=body, **changed)


def test_a_group_with_two_open_issues_gets_one_of_its_own() -> None:
    """It lists them as tasks, and is known again by its members."""
    forge = forge_with(*tracked(0, 1))
    (opened,) = settled(forge, PAIR)
    assert isinstance(opened, OpenIssue)
    assert opened.title == "Fail together; cause unproven: test_000, test_001"
    assert (opened.reason, opened.labels) == ("2 tests fail together", ("flaky-test",))
    assert "\n- [ ] #1 `tests/t.py::test_000`: failed in 7 runs, in 7 of them with another\n" in (
        opened.body
    )
    assert "less than once in 10,000,000 times" in opened.body
    assert "flakebot reproduce tests/t.py --levels serial,16" in opened.body


def test_a_group_that_hardly_has_issues_gets_none() -> None:
    """It stands in the issue that there is."""
    forge = forge_with(*tracked(0))
    assert settled(forge, PAIR) == []
    given = context(PAIR, forge)
    comment, drawn = sweep.plan(given, sweep.observe(given, forge)).changes
    assert isinstance(drawn, UpdateIssue)
    assert "### Fails together with\n\n- `tests/t.py::test_001`: both failed in 7 of 7 runs" in (
        drawn.body or ""
    )
    sinks.apply(comment, forge)
    sinks.apply(drawn, forge)
    given = context(PAIR, forge)
    assert sweep.plan(given, sweep.observe(given, forge)).changes == ()


def test_a_run_leaves_what_the_sweep_said() -> None:
    """It has not all tests at hand; a sweep that finds the group gone takes it out."""
    forge = forge_with(*tracked(0))
    given = context(PAIR, forge)
    sinks.apply_all(sweep.plan(given, sweep.observe(given, forge)), forge)
    bare = replace(given, together=None, listed=tuple(forge.listed.values()))
    assert sweep.plan(bare, sweep.observe(bare, forge)).changes == ()
    gone = context(APART, forge)
    sinks.apply_all(sweep.plan(gone, sweep.observe(gone, forge)), forge)
    assert "Fails together" not in (forge.listed[1].body or "")
    state = markers.reveal(forge.listed[1].body, IssueState)
    assert state is not None
    assert state.together is None


def test_only_the_closest_companions_are_named() -> None:
    """A large group names all its members in one place."""
    members = range(groups.SHOWN + 3)
    records = [recorded(n, members if n % 6 == 4 else (), 9) for n in range(1, 41)]
    forge = forge_with(*tracked(*members))
    given = context(records, forge)
    assert given.together is not None
    told = given.together[key(0)]
    assert (len(told.shown), told.more) == (groups.SHOWN, 2)
    _, drawn, *_ = sweep.plan(given, sweep.observe(given, forge)).changes
    assert isinstance(drawn, UpdateIssue)
    assert "\n… and 2 more.\n" in (drawn.body or "")
    (opened,) = planned(forge, given).changes
    assert isinstance(opened, OpenIssue)
    assert opened.title.endswith("test_000, test_001, test_002 and 5 more")


def test_an_issue_follows_its_group() -> None:
    """Also when a member is new: two old ones are enough to be the same."""
    forge = forge_with(*tracked(0, 1, 2), parent())
    more = [recorded(n, (0, 1, 2) if n % 6 == 4 else (), 3) for n in range(1, 41)]
    (update,) = settled(forge, more)
    assert isinstance(update, UpdateIssue)
    assert (update.number, update.state, update.reason) == (9, None, "new numbers")
    assert "**3 tests fail together" in (update.body or "")


def test_of_two_issues_the_closer_one_and_then_the_older_is_followed() -> None:
    """The other one closes, as its tests are spoken of elsewhere no less than two groups are."""
    forge = forge_with(*tracked(0, 1), parent(9), replace(parent(10), number=10))
    other = replace(forge.listed[10], body=(forge.listed[10].body or "").replace("r-1", "r-2"))
    forge.listed[10] = replace(
        other, body=(other.body or "").replace("together%2D1", "together%2D2")
    )
    acts = [(c.number, c.state) for c in settled(forge, PAIR) if isinstance(c, UpdateIssue)]
    assert acts == [(9, None)]


@pytest.mark.parametrize(
    ("issues", "records", "sentence"),
    [
        (tracked(0), PAIR, "fewer than two of them have an open issue"),
        (tracked(2), PAIR, "fewer than two of them have an open issue"),
        (tracked(0, 1), APART, "they mostly fail apart now"),
    ],
)
def test_a_group_that_came_apart_is_closed(
    issues: list[Issue], records: list[RunRecord], sentence: str
) -> None:
    """With the reason, and without a comment."""
    forge = forge_with(*issues, parent())
    (update,) = settled(forge, records)
    assert isinstance(update, UpdateIssue)
    assert (update.state, update.state_reason, update.reason) == ("closed", "completed", sentence)
    assert f"**Closed: {sentence}.**" in (update.body or "")
    assert markers.reveal(forge.listed[9].body, GroupState) == GroupState(
        members=tuple(markers.digest(each) for each in KEYS), closed=True
    )


def test_a_failure_that_was_lost_parts_nobody() -> None:
    """They may have failed together in it; that two issues are open is no question of that."""
    lost = {"doubt": b.NOW}
    assert settled(forge_with(*tracked(0, 1), parent()), APART, **lost) == []
    (update,) = settled(forge_with(*tracked(0), parent()), APART, **lost)
    assert isinstance(update, UpdateIssue)
    assert update.state == "closed"


def test_what_the_sweep_closes_and_opens_counts_as_done() -> None:
    """So that the next sweep finds nothing to change."""
    forge = forge_with(*tracked(0, 1), parent())
    closing = UpdateIssue(number=1, key=key(0), reason="", state="closed")
    (update,) = planned(forge, context(PAIR, forge), [closing]).changes
    assert isinstance(update, UpdateIssue)
    assert update.state == "closed"
    assert "- [x] #1 `tests/t.py::test_000`" in (update.body or "")


def test_a_group_between_both_bounds_is_left_as_it_is() -> None:
    """It takes half the share to be closed of what it takes to be opened."""
    turns = [recorded(n, (0, 1) if n % 5 == 0 else (n % 2,), 3) for n in range(1, 31)]
    records = [*turns, *(recorded(n, (), 3) for n in range(31, 200))]
    thresholds = Thresholds()
    history = History(records)
    mean = cofailures.share(KEYS, history, thresholds)
    assert cofailures.LEAST * thresholds.together_share <= mean < thresholds.together_share
    assert settled(forge_with(*tracked(0, 1), parent()), records) == []


@pytest.mark.parametrize(
    ("made", "records"),
    [
        (parent(9, KEEP_OPEN), APART),
        (parent(state="closed", state_reason="completed"), PAIR),
        (parent(state="closed", state_reason="not_planned", closed=True), PAIR),
        (parent(state="closed", state_reason="completed", closed=True), APART),
    ],
)
def test_people_win(made: Issue, records: list[RunRecord]) -> None:
    """Kept open by a label, closed by a person, dismissed."""
    forge = forge_with(*tracked(0, 1), made)
    assert settled(forge, records) == []


def test_a_closed_group_is_not_opened_for_one_issue() -> None:
    """It takes two."""
    closed = parent(state="closed", state_reason="completed", closed=True)
    assert settled(forge_with(*tracked(0), closed), PAIR) == []


def test_what_flakebot_closed_comes_back() -> None:
    """With new numbers, and then only with those."""
    forge = forge_with(
        *tracked(0, 1), parent(state="closed", state_reason="completed", closed=True)
    )
    (update,) = settled(forge, PAIR)
    assert isinstance(update, UpdateIssue)
    assert (update.state, update.state_reason) == ("open", "reopened")
    assert update.reason == "they fail together again"
    drawn = forge.listed[9].body
    forge.listed[9] = replace(forge.listed[9], state="closed")
    forge.listed[9] = replace(
        forge.listed[9],
        body=(drawn or "").replace('"version"', '"closed":true,"version"'),
    )
    assert len(settled(forge, PAIR)) == 1


def test_one_sweep_opens_only_so_many() -> None:
    """The largest first; the rest is for the next."""
    bad = [(0, 1), (2, 3), (4, 5, 6)]
    records = [recorded(n, bad[n % 3] if n <= 18 else (), 7) for n in range(1, 80)]
    forge = forge_with(*tracked(*range(7)))
    given = context(records, forge, settings=Settings(max_new_issues=1))
    plan = planned(forge, given)
    (opened,) = plan.changes
    assert isinstance(opened, OpenIssue)
    assert "test_004, test_005, test_006" in opened.title
    assert plan.held_back == ("2 more groups of tests that fail together will get an issue later.",)


def test_an_issue_whose_state_is_gone_is_closed() -> None:
    """Nobody knows what it is about."""
    bare = issue(9, PARENT, body=markers.mark(Mark.ISSUE, PARENT), user=BOT)
    (update,) = settled(forge_with(*tracked(0), bare), APART)
    assert isinstance(update, UpdateIssue)
    assert update.state == "closed"


@pytest.mark.parametrize(
    ("chance", "told"), [(0.5, 1), (0.1, 10), (0.002, 100), (1e-30, 10**12), (0.0, 10**12)]
)
def test_odds_are_never_overstated(chance: float, told: int) -> None:
    """A power of ten below them."""
    assert group_text._once_in(chance) == told


def test_only_pytest_has_a_command() -> None:
    """As `flakebot reproduce` runs it."""
    records = [
        b.run(
            n,
            b.job(
                *(
                    replace(b.entry(name(i), fingerprint=f"v1:{i}"), framework=kind)
                    for i, kind in enumerate(("pytest", "jest"))
                    if n <= 6
                ),
                passed=[] if n <= 6 else [name(0), name(1)],
            ),
            pr=n % 5,
        )
        for n in range(1, 41)
    ]
    (group,) = cofailures.groups(History(records), Thresholds())
    assert group_text._commands(group) == ()
