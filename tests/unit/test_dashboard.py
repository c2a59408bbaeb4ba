"""The issue that shows how all flaky tests stand: what is in it, and when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import MemoryForge
from tests.unit.test_accuracy import told, word
from tests.unit.test_sweep import context, forge_with, issue

from flakebot import sinks
from flakebot.changes import Change, OpenIssue, Plan, UpdateIssue
from flakebot.feedback import Word
from flakebot.github_objects import Issue, Repository
from flakebot.judging import standing
from flakebot.judging.history import History
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category
from flakebot.records import RunRecord
from flakebot.settings import Limits, Settings
from flakebot.sinks import dashboard, sweep
from flakebot.sinks.sweep import Sweep
from flakebot.views.dashboard import TITLE

OTHER = "tests/t.py::test_other"
BROKEN = [b.run(n, b.job(b.entry(OTHER, fingerprint="v1:x"))) for n in range(50, 54)]
RECORDS = (
    b.run(1, b.job(b.entry(b.TEST, b.FAILED, b.PASSED), minutes=180.0)),
    *b.passes(2, 8),
    *BROKEN,
)


def planned(forge: MemoryForge, given: Sweep, swept: Sequence[Change] = ()) -> Plan:
    given = sweep.listing(given, forge)
    return dashboard.plan(given, dashboard.observe(given, forge), swept)


def text(forge: MemoryForge, given: Sweep, swept: Sequence[Change] = ()) -> str:
    """The body that would be written."""
    (change,) = planned(forge, given, swept).changes
    assert isinstance(change, OpenIssue | UpdateIssue)
    return change.body or ""


def test_it_is_opened_once_and_then_kept() -> None:
    """By its own marker; nothing is written while nothing changes."""
    forge, given = forge_with(issue(1, created_at=b.NOW)), context(RECORDS)
    (opened,) = planned(forge, given).changes
    assert isinstance(opened, OpenIssue)
    assert (opened.title, opened.labels) == (TITLE, ("flaky-test",))
    sinks.apply(opened, forge)
    assert planned(forge, given).changes == ()
    later = context((*RECORDS, b.flaking(60)))
    (update,) = planned(forge, later).changes
    assert isinstance(update, UpdateIssue)


def test_what_certainly_costs_most_stands_first() -> None:
    """Rate times the minutes of the jobs that it failed; an unknown length is a minute."""
    body = text(forge_with(issue(1, created_at=b.NOW)), context(RECORDS))
    lines = [line for line in body.splitlines() if line.startswith(("| #1", "| — "))]
    assert lines[0].startswith(f"| #1 | `{b.KEY[7:]}` | flaky | 1 of 9 | 2.0 % | 3 h | `···")
    assert lines[1].startswith(f"| — | `{OTHER}` | broken | 4 of 4 | 51 % | 4 min | `···")
    assert "**2 tests: 1 broken, 1 flaky.**" in body
    assert f"| — | `{OTHER}` | {BROKEN[0].head_sha[:7]} | 4 |" in body
    assert "### Longest without an owner" in body
    assert "### Changed within 7 days" not in body


def test_an_open_issue_makes_no_test_flaky() -> None:
    """It waits for a silence that means something, or for people."""
    body = text(forge_with(issue(1, created_at=b.NOW)), context(b.passes(2, 8)))
    assert "**1 test: 1 healthy.**" in body


def test_an_owned_test_is_not_listed_as_unowned() -> None:
    """Owners are those of CODEOWNERS."""
    forge = forge_with(issue(1, created_at=b.NOW))
    forge.files["CODEOWNERS"] = "* @org/all\n"
    assert "without an owner" not in text(forge, context(RECORDS))


def test_what_the_sweep_is_about_to_close_is_shown_as_closed() -> None:
    """So that the next sweep finds nothing to change."""
    closing = UpdateIssue(number=1, key=b.KEY, reason="", state="closed")
    body = text(forge_with(issue(1, created_at=b.NOW)), context(RECORDS), [closing])
    assert "1 issue closed as done within 30 days" in body
    assert f"| #1 | `{b.KEY[7:]}` | 2026-" in body.partition("### Closed as done")[2]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"state_reason": "completed"}, True),
        ({"state_reason": "not_planned"}, False),
        ({"state_reason": "completed", "closed_at": b.NOW - timedelta(days=400)}, False),
    ],
)
def test_closed_issues_are_shown_for_a_while(changed: dict[str, object], *, shown: bool) -> None:
    """Not those that people dismissed, nor old ones."""
    closed = issue(1, state="closed", closed_at=context(RECORDS).now)
    forge = forge_with(replace(closed, **changed))  # type: ignore[arg-type]  # any field
    assert ("### Closed as done" in text(forge, context(RECORDS))) == shown


def test_outages_and_health_are_told() -> None:
    """Of Hugging Face, and of what flakebot could not read."""
    hit = b.job(conclusion="failure", causes=(b.cause(Category.HF_FETCH),), minutes=30.0)
    lost = b.run(100, b.job(conclusion="failure", log="gone"))
    given = context((*RECORDS, b.run(99, hit), lost), now=lost.created_at + timedelta(days=1))
    body = text(forge_with(issue(1, HUGGING_FACE)), given)
    assert "Hugging Face could not be reached in 1 of 15 runs" in body
    assert "15 attempts of runs, 1 of which no log could be read; 1 of 15 logs missing" in body


def test_accuracy_is_told_by_words() -> None:
    """The kinds that maintainers had words on, with intervals; without one, how to have one."""
    none = text(forge_with(issue(1)), context(RECORDS))
    assert "No maintainer has had a word on these verdicts yet; `/flakebot flaky` or" in none
    records = (*RECORDS, told(70, "new"), told(71, "flaky known"), told(72, "flaky proven"))
    given = replace(context(records), said=(word(Word.FLAKY, 80), word(Word.FLAKY, 90)))
    body = text(forge_with(issue(1)), given)
    assert (
        "- Verdicts that maintainers' words agree with: flaky proven 1 of 1 (21 % to 100 %), "
        "flaky known 1 of 1 (21 % to 100 %), new 0 of 1 (0.0 % to 79 %)\n"
    ) in body


@pytest.mark.parametrize(
    ("forge", "given"),
    [
        (forge_with(), context(RECORDS)),
        (forge_with(issue(1)), context(())),
        (forge_with(issue(1)), context(RECORDS, settings=Settings(issues=False))),
        (
            forge_with(issue(1)),
            context(RECORDS, repository=Repository(full_name="o/r", has_issues=False)),
        ),
        (forge_with(issue(1), issue(2, "dashboard", state="closed")), context(RECORDS)),
    ],
)
def test_it_is_left_alone(forge: MemoryForge, given: Sweep) -> None:
    """Without anything to show, and where people closed it."""
    assert planned(forge, given) == Plan()


def test_it_fits_with_a_thousand_issues() -> None:
    """What does not fit is counted."""
    names = [f"tests/t.py::test_{'x' * 150}_{n:04}" for n in range(1000)]
    listed: dict[int, Issue] = {
        n: issue(n, f"pytest:{name}", created_at=b.NOW) for n, name in enumerate(names, 1)
    }
    records: list[RunRecord] = [
        b.run(1 + at, b.job(*(b.entry(one, b.FAILED, b.PASSED, fingerprint=one) for one in part)))
        for at, part in enumerate(names[n : n + 5] for n in range(0, 1000, 5))
    ]
    forge = MemoryForge(listed=listed)
    body = text(forge, context(records))
    assert len(body) < Limits().body_characters
    assert "… and 960 more." in body


def test_weeks_are_those_of_the_calendar() -> None:
    """Failures before them are left out, and those of a later clock."""
    records = [b.flaking(1), b.run(2, b.job(b.entry(b.TEST, b.FAILED, b.PASSED)), created_at=b.NOW)]
    one = standing.standings([b.KEY], History(records), b.NOW)[0]
    assert (one.weeks[-1], sum(one.weeks)) == (1, 2)
    assert (
        sum(standing.standings([b.KEY], History(records), b.NOW + timedelta(weeks=20))[0].weeks)
        == 0
    )
    assert (
        sum(standing.standings([b.KEY], History(records), b.NOW - timedelta(weeks=4))[0].weeks) == 1
    )


def test_changes_of_state_are_shown_for_a_week() -> None:
    """The newest first, with reason and commit; a failure of which nothing came is none."""
    red = [
        b.run(n, b.job(b.entry(OTHER, fingerprint="v1:x")), created_at=b.NOW - timedelta(hours=n))
        for n in (90, 80, 70, 60)
    ]
    old = replace(b.flaking(1), created_at=b.NOW - timedelta(days=8))
    alone = b.run(5, b.job(b.entry("tests/t.py::test_alone", fingerprint="v1:y")))
    new = replace(b.flaking(2, pr=7), created_at=b.NOW - timedelta(days=1))
    body = text(forge_with(issue(1, created_at=b.NOW)), context([old, alone, *red], now=b.NOW))
    rows = body.partition("### Changed within 7 days")[2].splitlines()
    (row,) = (row for row in rows if " → " in row)
    assert row == (
        f"| `{OTHER}` | 2026-11-18 00:00 | suspect → broken | failed in 4 builds in a row of job "
        f"test on the default branch | {red[3].head_sha[:7]} |"
    )
    later = text(forge_with(issue(1, created_at=b.NOW)), context([alone, *red, new], now=b.NOW))
    rows = later.partition("### Changed within 7 days")[2].splitlines()
    found = [row for row in rows if " → " in row]
    assert "| healthy → flaky | failed and passed in job test of pull request 7 |" in found[0]
    assert len(found) == 2


def test_a_broken_test_that_passed_once_has_the_commit_that_broke_it() -> None:
    """No row of failures is on, and no two passes in a row have ended it."""
    once = b.run(54, b.job(passed=[OTHER]))
    body = text(forge_with(issue(1, created_at=b.NOW)), context((*RECORDS, once)))
    assert f"| — | `{OTHER}` | {BROKEN[3].head_sha[:7]} | — |" in body
