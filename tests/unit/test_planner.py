"""Plans: order, limits, words."""

from __future__ import annotations

import pytest

from flakebot import planner
from flakebot.changes import (
    AddLabels,
    Change,
    CommentOnIssue,
    CreateLabel,
    DeleteComment,
    OpenIssue,
    Plan,
    PostComment,
    React,
    RequestRerun,
    StartWorkflow,
    UpdateComment,
    UpdateIssue,
)
from flakebot.errors import UnsafePlanError
from flakebot.settings import Limits, Settings

LABEL = CreateLabel(name="flaky-test", color="d4c5f9", description="")
UPDATE = UpdateIssue(number=3, key="b", body="x", reason="new numbers")
NOTE = CommentOnIssue(number=3, key="1 flaky", body="x", reason="it fails in a new way")
POST = PostComment(pull_request=7, body="x", reason="1 new failure")
EDIT = UpdateComment(pull_request=7, comment_id=5, body="x", part="CI", reason="1 flaky test")
DELETE = DeleteComment(pull_request=7, comment_id=6, reason="it stands twice")
LABELLED = AddLabels(number=3, labels=("flakebot: quiet",), reason="a maintainer asks for it")
REACTION = React(comment_id=8, content="+1", reason="it is done")
START = StartWorkflow(file="a.yml", inputs=(("issue", "5"), ("levels", "")), reason="r")
RERUN = RequestRerun(run_id=9, attempt=1, reason="Hugging Face answers again")


def opening(key: str = "a") -> OpenIssue:
    return OpenIssue(key=key, title=f"Flaky test: {key}", body="x", labels=(), reason="new")


def test_changes_come_in_the_order_in_which_they_rest_on_each_other() -> None:
    """Labels before issues, a note before the update that says it was told, the comment last."""
    changes: list[Change] = [REACTION, START, RERUN, LABELLED, DELETE, EDIT, POST, UPDATE, NOTE]
    changes += [opening(), LABEL]
    first = (LABEL, opening(), NOTE, UPDATE, LABELLED, RERUN, START)
    assert (*first, POST, EDIT, DELETE, REACTION) == planner.make_plan(changes, Settings()).changes


def test_the_order_of_equals_is_kept() -> None:
    """What matters most comes first, and stays there."""
    plan = planner.make_plan([opening("b"), opening("a")], Settings())
    assert (opening("b"), opening("a")) == plan.changes


def test_the_same_change_is_made_once() -> None:
    """Two sinks that want the same get it once, and each thing held back is said once."""
    plan = planner.make_plan([LABEL, LABEL], Settings(), held_back=["x", "x"])
    assert Plan(changes=(LABEL,), held_back=("x",)) == plan


def test_two_changes_of_one_thing_are_refused() -> None:
    """Two texts for one issue cannot both be right."""
    other = UpdateIssue(number=3, key="b", body="y", reason="another")
    with pytest.raises(UnsafePlanError, match="update issue #3 and also update issue #3"):
        planner.make_plan([UPDATE, other], Settings())


@pytest.mark.parametrize(("count", "refused"), [(25, False), (26, True)])
def test_an_improbable_flood_is_refused(count: int, refused: bool) -> None:  # noqa: FBT001  # table
    """Above the limit nothing is believed, and the incident is named."""
    openings = [opening(str(i)) for i in range(count)]
    if refused:
        with pytest.raises(UnsafePlanError, match="golang/go#72731"):
            planner.cap(openings, Settings())
        with pytest.raises(UnsafePlanError, match="26 issues"):
            planner.make_plan(openings, Settings())
    else:
        assert count == len(planner.make_plan(openings, Settings()).changes)


@pytest.mark.parametrize(
    ("most", "before", "kept"), [(5, 0, "abcde"), (5, 3, "ab"), (5, 5, ""), (5, 9, ""), (0, 0, "")]
)
def test_the_worst_are_opened_first(most: int, before: int, kept: str) -> None:
    """What the same run opened before it was interrupted counts."""
    settings = Settings(max_new_issues=most, limits=Limits(new_issues_abort=7))
    capped = planner.cap([opening(key) for key in "abcdefg"], settings, opened_before=before)
    assert (kept, "abcdefg") == (
        "".join(each.key for each in capped.kept),
        "".join(each.key for each in (*capped.kept, *capped.rest)),
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (LABEL, 'create label "flaky-test": new issues carry it and the repository lacks it'),
        (opening(), 'open issue "Flaky test: a": new'),
        (UPDATE, "update issue #3: new numbers"),
        (UpdateIssue(number=3, key="b", state="open", reason="r"), "reopen issue #3: r"),
        (UpdateIssue(number=3, key="b", state="closed", reason="r"), "close issue #3: r"),
        (NOTE, "comment on issue #3: it fails in a new way"),
        (POST, "comment on pull request #7: 1 new failure"),
        (EDIT, "update the comment on pull request #7: 1 flaky test"),
        (DELETE, "delete comment 6 on pull request #7: it stands twice"),
        (LABELLED, "label issue #3 flakebot: quiet: a maintainer asks for it"),
        (REACTION, "react to comment 8 with +1: it is done"),
        (
            START,
            "start the workflow a.yml with issue 5, levels as planned: r",
        ),
        (
            RERUN,
            "re-run the failed jobs of run 9 after attempt 1: Hugging Face answers again",
        ),
    ],
)
def test_each_change_is_one_line(change: Change, line: str) -> None:
    """A person reads what will be done and why."""
    assert [line] == planner.describe(Plan(changes=(change,)))


def test_a_description_is_safe_to_print() -> None:
    """Nothing that came from a log moves the cursor or starts a line."""
    hostile = OpenIssue(key="a", title="x\x1b[2J\ny\u202e", body="", labels=(), reason="r")
    plan = Plan(changes=(hostile,), held_back=("no\x07 more",))
    lines = planner.describe(plan)
    assert [line[:10] for line in lines] == ["open issue", "not done: "]
    assert all(line.isprintable() for line in lines)
