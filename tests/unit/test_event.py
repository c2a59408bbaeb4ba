"""The event and the inputs say which run to analyse."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.commands import Asked, Command, Name
from flakebot.errors import InputError
from flakebot.event import INSIDE, AnalyseRun, AnswerComment, NothingToDo, SweepIssues, find_task
from flakebot.github_objects import RunRef

DONE = {"action": "completed", "workflow_run": {"id": 7, "run_attempt": 2}}
DELETED_AUTHOR = {"comment": {"id": 3, "body": "/flakebot quiet", "user": None}}


def comment(body: str, **user: object) -> dict[str, object]:
    """The event of a comment."""
    said = {"id": 3, "body": body, "user": {"login": "ada", "type": "User", **user}}
    moment = {"created_at": "2026-01-02T03:04:05Z"}
    return {"action": "created", "comment": said | moment, "issue": {"number": 5}}


def run(run_id: int, attempt: int | None = None, *, inside: bool) -> AnalyseRun:
    return AnalyseRun(ref=RunRef(run_id=run_id, attempt=attempt), inside=inside)


@pytest.mark.parametrize(
    ("event", "payload", "run_id", "attempt", "expected"),
    [
        ("workflow_run", DONE, "", "", run(7, 2, inside=False)),
        ("workflow_run", {**DONE, "workflow_run": {"id": 7}}, "", "", run(7, 1, inside=False)),
        ("workflow_run", DONE, "", "1", run(7, 1, inside=False)),
        ("workflow_run", DONE, "5", "", run(5, inside=False)),
        ("workflow_run", {**DONE, "action": "requested"}, "5", "3", run(5, 3, inside=False)),
        ("push", {}, "", "", run(99, inside=True)),
        ("pull_request", {"action": "opened"}, "", "1", run(99, 1, inside=True)),
        ("workflow_dispatch", {}, "5", "", run(5, inside=False)),
        ("push", {}, "99", "2", run(99, 2, inside=True)),
        ("schedule", {}, "5", "", run(5, inside=False)),
        ("whatever", {}, "5", "", run(5, inside=False)),
        ("", {}, "5", "", run(5, inside=False)),
    ],
)
def test_a_run_is_found(
    event: str, payload: dict[str, object], run_id: str, attempt: str, expected: AnalyseRun
) -> None:
    """After a workflow its run, inside one the current run, and a given run before both."""
    task = find_task(event, payload, run_id=run_id, run_attempt=attempt, current_run="99")
    assert expected == task


@pytest.mark.parametrize(("pull", "expected"), [(None, False), ({"url": "x"}, True)])
def test_a_command_is_found(pull: object, *, expected: bool) -> None:
    """With who wrote it, where and when."""
    payload = comment("/flakebot retry") | {"issue": {"number": 5, "pull_request": pull}}
    task = find_task("issue_comment", payload)
    assert task == AnswerComment(
        asked=Asked(
            comment_id=3,
            author="ada",
            number=5,
            on_pull_request=expected,
            created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            said=Command(name=Name.RETRY),
        )
    )


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"action": "created"}, "no whole comment"),
        ({"action": "created", "comment": {"id": "x"}, "issue": {"number": 5}}, "no whole comment"),
        (
            {**comment(""), "comment": {"id": 3, "body": "/flakebot", "user": {"login": "ada"}}},
            "when the comment was written",
        ),
    ],
)
def test_a_comment_that_is_not_whole_is_an_error(payload: dict[str, object], words: str) -> None:
    """In one sentence."""
    with pytest.raises(InputError, match=words):
        find_task("issue_comment", payload)


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_without_a_run_it_sweeps(event: str) -> None:
    """On a schedule, or by hand with no run given."""
    assert find_task(event, {"schedule": "0 5 * * *"}, current_run="99") == SweepIssues()


@pytest.mark.parametrize("event", sorted(INSIDE))
def test_every_event_with_tests_is_its_own_run(event: str) -> None:
    """The run that flakebot is a job of."""
    assert run(99, inside=True) == find_task(event, {}, current_run="99")


@pytest.mark.parametrize(
    ("event", "payload", "words"),
    [
        ("issue_comment", {"action": "edited"}, "is not new"),
        ("issue_comment", comment("hello"), "holds no `/flakebot` command"),
        ("issue_comment", comment("/flakebot quiet", type="Bot"), "is a bot's"),
        ("issue_comment", comment("<!-- flakebot:note a -->\n/flakebot quiet"), "holds no"),
        ("issue_comment", {**comment("/flakebot quiet"), **DELETED_AUTHOR}, "is a bot's"),
        ("workflow_run", {**DONE, "action": "in_progress"}, "is not completed"),
        ("workflow_run", {}, "is not completed"),
    ],
)
def test_nothing_is_done_without_a_finished_run(
    event: str, payload: dict[str, object], words: str
) -> None:
    """The reason is told in one sentence."""
    task = find_task(event, payload, current_run="99")
    assert isinstance(task, NothingToDo)
    assert words in task.reason


@pytest.mark.parametrize(
    ("event", "payload", "inputs", "sentence"),
    [
        ("watch", {}, {}, "The event 'watch' belongs to no run that flakebot knows of"),
        ("", {}, {}, "The event '' belongs to no run"),
        ("push", {}, {}, "GITHUB_RUN_ID is '', not a positive number."),
        ("push", {}, {"run_id": "x"}, "The input `run-id` is 'x', not a positive number."),
        ("push", {}, {"run_id": "0"}, "The input `run-id` is '0', not"),
        ("push", {}, {"run_id": "-1"}, "The input `run-id` is '-1', not"),
        ("push", {}, {"run_id": "٣"}, "The input `run-id` is '٣', not"),
        ("push", {}, {"run_id": "9" * 19}, "The input `run-id` is '9999999999999999999', not"),
        ("push", {}, {"run_id": "9" * 5000}, "The input `run-id` is '999"),
        ("push", {}, {"run_id": "1", "run_attempt": "1.5"}, "The input `run-attempt` is '1.5'"),
        ("workflow_run", {"action": "completed"}, {}, "holds no workflow run"),
        ("workflow_run", {**DONE, "workflow_run": {"id": True}}, {}, "`workflow_run.id` of the"),
        ("workflow_run", {**DONE, "workflow_run": {"id": 7, "run_attempt": None}}, {}, "is 'None'"),
    ],
)
def test_what_cannot_be_worked_with_is_named(
    event: str, payload: dict[str, object], inputs: dict[str, str], sentence: str
) -> None:
    """One sentence says which input or event is wrong."""
    with pytest.raises(InputError) as error:
        find_task(event, payload, **inputs)
    assert sentence in str(error.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(["id", "run_attempt", "x"]), inner, max_size=3),
    max_leaves=5,
)


@given(JSON, st.text(max_size=8))
def test_no_payload_is_a_crash(part: object, run_id: str) -> None:
    """Whatever an event holds: a task or one sentence."""
    payload = {"action": "completed", "workflow_run": part}
    with suppress(InputError):
        assert isinstance(find_task("workflow_run", payload, run_id=run_id), AnalyseRun)
