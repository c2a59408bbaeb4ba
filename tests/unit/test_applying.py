"""One change at a time, written once however the connection behaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.memory_forge import BOT, SITE, MemoryForge

from flakebot import sinks
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
from flakebot.errors import FlakebotError, GitHubError, PermissionMissingError
from flakebot.github_objects import Account, Comment, Issue, Label
from flakebot.views import markers, placeholders
from flakebot.views.markers import Mark

KEY = "pytest:tests/x.py::test_y"
ISSUE_BODY = f"{markers.mark(Mark.ISSUE, KEY)}\nbody\n"
NOTE_BODY = f"{markers.mark(Mark.NOTE, '1 flaky')}\nnote\n"
PULL_BODY = f"{markers.mark(Mark.PULL_REQUEST)}\nsee {placeholders.placeholder(KEY)}\n"

OPEN = OpenIssue(key=KEY, title="t", body=ISSUE_BODY, labels=("flaky-test",), reason="r")
NOTE = CommentOnIssue(number=5, key="1 flaky", body=NOTE_BODY, reason="r")
POST = PostComment(pull_request=7, body=PULL_BODY, reason="r")


def forge() -> MemoryForge:
    """One issue of ours and one comment of ours."""
    issue = Issue(number=5, body="old", user=BOT, html_url=f"{SITE}/issues/5")
    return MemoryForge(listed={5: issue}, said={7: [Comment(id=1, body="old", user=BOT)]})


def texts(on: MemoryForge, number: int) -> list[str | None]:
    return [comment.body for comment in on.said.get(number, [])]


def test_an_issue_is_opened() -> None:
    """The receipt names it."""
    on = forge()
    receipt = sinks.apply(OPEN, on)
    assert (True, f"{SITE}/issues/101") == (receipt.done, receipt.url)
    assert on.listed[101].body == ISSUE_BODY


@pytest.mark.parametrize(
    ("error", "edited"),
    [
        (GitHubError("no answer", passing=True), False),
        (GitHubError("it is locked", status=403), True),
        (PermissionMissingError("issues: write", "comment"), True),
    ],
)
def test_an_issue_waits_for_the_comment_that_goes_before_it(
    error: FlakebotError, *, edited: bool
) -> None:
    """Its text remembers the comment as made: the next run makes both, unless none ever can."""
    on = forge()
    on.failures["create_comment"] = error
    edits = [UpdateIssue(number=n, key=KEY, body="new", reason="r") for n in (5, 6)]
    on.listed[6] = replace(on.listed[5], number=6)
    receipts = sinks.apply_all(Plan(changes=(NOTE, *edits)), on)
    assert [receipt.done for receipt in receipts] == [False, edited, True]
    assert receipts[0].passing is not edited
    assert (on.listed[5].body == "new") is edited
    on.failures.clear()
    again = sinks.apply_all(Plan(changes=(NOTE, *edits)), on)
    assert all(receipt.done for receipt in again)


@pytest.mark.parametrize("refused", [True, False])
def test_a_reaction_is_left_out_when_something_before_it_failed(*, refused: bool) -> None:
    """So that it only ever says yes to what was done."""
    on = forge()
    if refused:
        on.failures["add_labels"] = PermissionMissingError("issues: write", "write issues")
    labels = AddLabels(number=5, labels=("flakebot: quiet",), reason="r")
    reaction = React(comment_id=4, content="+1", reason="r")
    receipts = sinks.apply_all(Plan(changes=(labels, reaction)), on)
    assert [receipt.done for receipt in receipts] == [not refused, not refused]
    assert on.reactions == ([] if refused else [(4, "+1")])
    assert [label.name for label in on.listed[5].labels] == [] if refused else ["flakebot: quiet"]


@pytest.mark.parametrize("change", [OPEN, NOTE, POST])
@pytest.mark.parametrize("before", [True, False])
def test_a_lost_answer_never_doubles_a_write(change: Change, before: bool) -> None:  # noqa: FBT001  # table
    """Whether the connection broke before or after the write, it stands there once."""
    on = replace(forge(), swallowed=int(before), lost=int(not before))
    assert sinks.apply(change, on).done
    issues = [i for i in on.listed.values() if markers.key_of(Mark.ISSUE, i.body) == KEY]
    notes = [t for t in texts(on, 5) if markers.key_of(Mark.NOTE, t) == "1 flaky"]
    posts = [t for t in texts(on, 7) if markers.key_of(Mark.PULL_REQUEST, t) == ""]
    assert len([*issues, *notes, *posts]) == 1


def test_two_lost_answers_are_said() -> None:
    """It is tried once more and no more."""
    on = replace(forge(), swallowed=2)
    receipt = sinks.apply(OPEN, on)
    assert (receipt.done, receipt.reason) == (False, "no answer came")
    assert on.requests.count("create_issue") == 2


def test_a_stranger_s_marker_is_not_ours() -> None:
    """Somebody who copies the marker does not keep us from writing."""
    on = replace(forge(), swallowed=1)
    stranger = Account(login="mallory")
    on.said[5] = [Comment(id=2, body=NOTE_BODY, user=stranger)]
    sinks.apply(NOTE, on)
    assert texts(on, 5) == [NOTE_BODY, NOTE_BODY]


def test_an_issue_is_updated_closed_and_reopened() -> None:
    """What is None stays as it is."""
    on = forge()
    sinks.apply(UpdateIssue(number=5, key=KEY, reason="r", body="new"), on)
    sinks.apply(
        UpdateIssue(number=5, key=KEY, reason="r", state="closed", state_reason="duplicate"), on
    )
    issue = on.listed[5]
    assert (issue.body, issue.state, issue.state_reason) == ("new", "closed", "duplicate")


def test_an_update_that_github_swallows_is_noticed() -> None:
    """An oversize body is answered with 200 and the old text (field report)."""
    on = replace(forge(), keeps_old_body=True)
    receipt = sinks.apply(UpdateIssue(number=5, key=KEY, reason="r", body="new"), on)
    assert receipt.reason == "GitHub accepted the new text of issue #5 but kept the old one."


def test_a_comment_names_the_issue_just_opened() -> None:
    """Its number is not known before it is there."""
    on = forge()
    receipts = sinks.apply_all(Plan(changes=(OPEN, POST)), on)
    assert [receipt.done for receipt in receipts] == [True, True]
    assert texts(on, 7)[1] == f"{markers.mark(Mark.PULL_REQUEST)}\nsee #101\n"


def test_a_comment_is_updated_and_deleted() -> None:
    """An issue that could not be opened leaves a dash."""
    on = forge()
    sinks.apply(
        UpdateComment(pull_request=7, comment_id=1, body=PULL_BODY, part="CI", reason="r"), on
    )
    assert texts(on, 7) == [f"{markers.mark(Mark.PULL_REQUEST)}\nsee —\n"]
    sinks.apply(DeleteComment(pull_request=7, comment_id=1, reason="r"), on)
    assert texts(on, 7) == []


def test_labels_and_reruns() -> None:
    """They have no address."""
    on = forge()
    label = CreateLabel(name="flaky-test", color="d4c5f9", description="d")
    start = StartWorkflow(file="reproduce.yml", inputs=(("issue", "5"),), reason="r")
    plan = Plan(changes=(label, RequestRerun(run_id=9, attempt=1, reason="r"), start))
    assert [(r.done, r.url) for r in sinks.apply_all(plan, on)] == [(True, "")] * 3
    assert on.started == [("reproduce.yml", {"issue": "5"})]
    assert on.names == [Label(name="flaky-test", color="d4c5f9", description="d")]
    assert on.reruns == [9]


def test_a_missing_permission_does_not_stop_the_rest() -> None:
    """The receipt names the line to add; the next change is tried."""
    on = forge()
    on.failures["create_issue"] = PermissionMissingError("issues: write", "open an issue")
    first, second = sinks.apply_all(Plan(changes=(OPEN, POST)), on)
    assert (first.done, second.done) == (False, True)
    assert "`issues: write`" in first.reason


@pytest.mark.parametrize("first", [OPEN, NOTE, POST])
def test_nothing_is_written_after_what_flakebot_would_not_know_again(first: Change) -> None:
    """The token of a GitHub App writes under a login that only the answer tells."""

    class OfAnApp(MemoryForge):
        """Knows its login as little as GitHub tells it."""

        def bot(self) -> str:
            return "somebody-else[bot]"

    on = OfAnApp(listed={5: Issue(number=5, body="old")})
    later = replace(OPEN, key="pytest:tests/x.py::test_z")
    receipts = sinks.apply_all(Plan(changes=(first, later)), on)
    assert [receipt.done for receipt in receipts] == [False, False]
    assert len({receipt.reason for receipt in receipts}) == 1
    assert f'set `bot-login = "{BOT.login}"`' in receipts[0].reason
    assert len(on.listed) == 1 + (first is OPEN)
