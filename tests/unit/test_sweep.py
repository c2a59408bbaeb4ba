"""What a sweep closes, opens again and draws anew, and how much of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import BOT, MemoryForge

from flakebot import planner, sinks
from flakebot.changes import Change, CommentOnIssue, Plan, UpdateIssue
from flakebot.github_objects import Issue, Label, Repository
from flakebot.judging.history import History
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, TestId
from flakebot.records import RunRecord
from flakebot.settings import Settings
from flakebot.sinks import sweep
from flakebot.sinks.sweep import Sweep
from flakebot.views import markers
from flakebot.views.markers import IssueState, Mark
from flakebot.views.tracking import KEEP_OPEN, QUIET

LABELS = (Label(name="flaky-test"),)


def issue(number: int, key: str = b.KEY, *labels: str, **changed: object) -> Issue:
    """A tracking issue as flakebot opened it; its text is out of date."""
    state = IssueState(opened=1, state="flaky", fingerprints=(b.PRINT,))
    body = f"{markers.mark(Mark.ISSUE, key)}\nold text\n{markers.hide(state)}\n"
    names = (*LABELS, *(Label(name=name) for name in labels))
    made = Issue(number=number, body=body, user=BOT, labels=names)
    return replace(made, **changed)  # type: ignore[arg-type]  # any field


def context(records: Sequence[RunRecord], **changed: object) -> Sweep:
    """A sweep a month after the last record."""
    made = Sweep(
        history=History(records),
        settings=Settings(),
        repository=Repository(full_name=b.REPOSITORY),
        now=max((r.created_at for r in records), default=b.NOW) + timedelta(days=20),
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # any field


def proposal(forge: MemoryForge, given: Sweep) -> Plan:
    """What a sweep would do with the issues that there are."""
    given = sweep.listing(given, forge)
    return sweep.plan(given, sweep.observe(given, forge))


def swept(forge: MemoryForge, given: Sweep) -> tuple[Change, ...]:
    """What a sweep does; a second one does nothing."""
    proposed = proposal(forge, given)
    plan = planner.make_plan(proposed.changes, given.settings, held_back=proposed.held_back)
    assert all(receipt.done for receipt in sinks.apply_all(plan, forge))
    again = proposal(forge, given)
    assert again.changes == ()
    return plan.changes


def forge_with(*issues: Issue) -> MemoryForge:
    return MemoryForge(listed={one.number: one for one in issues})


SILENT = (b.flaking(1), *b.passes(2, 40))
LIVELY = (*b.passes(1, 30), b.flaking(40))


def test_a_silent_test_is_closed_with_one_sentence() -> None:
    """The text remembers the commit, by which a later failure opens it again."""
    forge = forge_with(issue(1))
    comment, update = swept(forge, context(SILENT))
    assert isinstance(comment, CommentOnIssue)
    assert comment.reason == "no failure in 40 builds since 2026-10-09"
    assert isinstance(update, UpdateIssue)
    assert (update.state, update.state_reason) == ("closed", "completed")
    state = markers.reveal(forge.listed[1].body, IssueState)
    assert state is not None
    assert (state.told, state.closed_by) == (1, SILENT[-1].head_sha)


@pytest.mark.parametrize(
    ("label", "acts"),
    [(QUIET, ["close"]), (KEEP_OPEN, ["update"]), (KEEP_OPEN.upper(), ["update"])],
)
def test_labels_of_people_win(label: str, acts: list[str]) -> None:
    """No comment, or no closing."""
    changes = swept(forge_with(issue(1, b.KEY, label)), context(SILENT))
    assert [planner.act(change).partition(" ")[0] for change in changes] == acts


def test_a_comment_that_stands_there_is_not_made_twice() -> None:
    """An earlier sweep ended between the two writes."""
    forge = forge_with(issue(1))
    given = context(SILENT)
    first = proposal(forge, given).changes[0]
    sinks.apply(first, forge)
    assert [type(change) for change in swept(forge, given)] == [UpdateIssue]
    assert len(forge.said[1]) == 1


def test_hugging_face_can_go_silent_too() -> None:
    """Its issue is closed by runs, and drawn anew while it is not."""
    hit = b.job(conclusion="failure", causes=(b.cause(Category.HF_FETCH),))
    outage = b.run(1, hit)
    forge = forge_with(issue(1, HUGGING_FACE))
    comment, update = swept(forge, context([outage, *b.passes(2, 40)]))
    assert isinstance(comment, CommentOnIssue)
    assert "The next outage that counts opens it again." in comment.body
    assert planner.act(update) == "close issue #1"
    (drawn,) = swept(forge_with(issue(1, HUGGING_FACE)), context([outage]))
    assert planner.act(drawn) == "update issue #1"


def test_an_outage_that_was_lost_may_still_be_on() -> None:
    """Its runs are counted as a whole, so its issue is left open."""
    hit = b.job(conclusion="failure", causes=(b.cause(Category.HF_FETCH),))
    records = [b.run(1, hit), *b.passes(2, 40)]
    (drawn,) = swept(forge_with(issue(1, HUGGING_FACE)), context(records, doubt=b.NOW))
    assert planner.act(drawn) == "update issue #1"


def test_what_was_lost_is_no_silence() -> None:
    """Nothing closes on builds before it; the text is drawn anew all the same."""
    for doubt, acts in ((SILENT[10].created_at, ["comment", "close"]), (b.NOW, ["update"])):
        changes = swept(forge_with(issue(1)), context(SILENT, doubt=doubt))
        assert [planner.act(change).partition(" ")[0] for change in changes] == acts


def test_a_test_that_left_the_record_is_closed_in_its_old_words() -> None:
    """Its text says more than an empty table."""
    forge = forge_with(issue(1))
    comment, update = swept(forge, context(b.passes(1, 700)))
    assert isinstance(comment, CommentOnIssue)
    assert "No failure is on record in the last 90 days" in comment.body
    assert isinstance(update, UpdateIssue)
    assert (update.state, update.body) == ("closed", None)


def test_an_issue_without_its_state_is_closed_too() -> None:
    """Somebody has emptied it."""
    body = markers.mark(Mark.ISSUE, b.KEY)
    assert len(swept(forge_with(issue(1, body=body)), context(SILENT))) == 2


def test_silence_in_pull_requests_alone_knows_no_commit() -> None:
    """Then the default branch of the day counts."""
    quiet = [b.passing(n, pr=n) for n in range(2, 42)]
    forge = forge_with(issue(1))
    comment, _ = swept(forge, context([b.flaking(1), *quiet]))
    assert isinstance(comment, CommentOnIssue)
    assert "what is on the default branch now" in comment.body
    assert "closed_by" not in (forge.listed[1].body or "")


def test_one_sweep_closes_only_so_many() -> None:
    """The rest is for the next."""
    names = [f"tests/t.py::test_{n:02}" for n in range(sweep.MOST_CLOSED + 5)]
    flakes = b.job(*(b.entry(name, b.FAILED, b.PASSED, fingerprint=name) for name in names))
    quiet = b.job(passed=[TestId(name) for name in names])
    records = [b.run(1, flakes), *(b.run(n, quiet) for n in range(2, 42))]
    forge = forge_with(*(issue(n, f"pytest:{name}") for n, name in enumerate(names, 1)))
    given = context(records)
    changes = proposal(forge, given).changes
    acts = [planner.act(change).partition(" ")[0] for change in changes]
    assert (acts.count("close"), acts.count("update")) == (sweep.MOST_CLOSED, 5)


def test_one_sweep_draws_only_so_many_those_longest_untouched_first() -> None:
    """GitHub limits writes; what waits is said."""
    names = [f"tests/t.py::test_{n:03}" for n in range(sweep.MOST_DRAWN + 2)]
    flakes = [
        b.run(
            1 + part,
            b.job(*(b.entry(name, b.FAILED, b.PASSED, fingerprint=name) for name in these)),
        )
        for part, these in enumerate(names[at : at + 5] for at in range(0, len(names), 5))
    ]
    listed = [
        issue(n, f"pytest:{name}", updated_at=b.NOW - timedelta(hours=n))
        for n, name in enumerate(names, 1)
    ]
    forge, given = forge_with(*listed), context(flakes)
    plan = proposal(forge, given)
    drawn = [change.number for change in plan.changes if isinstance(change, UpdateIssue)]
    assert drawn == [*range(len(names), 2, -1)]
    assert plan.held_back == ("2 more texts will be drawn anew by the next sweep.",)


@pytest.mark.parametrize(
    ("changed", "parents", "acts"),
    [
        ({}, {"fix"}, ["reopen"]),
        ({}, {"other"}, []),
        ({"state_reason": "not_planned"}, {"fix"}, []),
        ({"closed_at": None}, {"fix"}, []),
        ({"closed_at": b.NOW}, {"fix"}, []),
    ],
)
def test_what_came_back_is_opened_again(
    changed: dict[str, object], parents: set[str], acts: list[str]
) -> None:
    """A proven flake after the closing, on a commit that contains the fix."""
    closed_at = b.NOW - timedelta(days=60)
    closed = issue(1, state="closed", state_reason="completed", closed_at=closed_at)
    forge = forge_with(replace(closed, **changed))  # type: ignore[arg-type]  # any field
    forge.closing[1] = "fix"
    forge.parents[LIVELY[-1].head_sha] = parents
    changes = swept(forge, context(LIVELY)) if not acts else planned(forge)
    assert [planner.act(change).partition(" ")[0] for change in changes] == acts


def planned(forge: MemoryForge) -> Sequence[Change]:
    given = context(LIVELY)
    return proposal(forge, given).changes


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (context(SILENT, settings=Settings(issues=False)), "switched off"),
        (context(SILENT, repository=Repository(full_name="o/r", has_issues=False)), "no issues"),
        (context(()), "holds no run"),
    ],
)
def test_nothing_is_read_where_nothing_can_be_done(given: Sweep, words: str) -> None:
    """And the reason is said."""
    forge = forge_with(issue(1))
    plan = proposal(forge, given)
    assert (plan.changes, forge.requests) == ((), [])
    assert words in plan.held_back[0]
