"""The event and the inputs say which run to analyse."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.errors import InputError
from flakebot.event import INSIDE, AnalyseRun, NothingToDo, find_task
from flakebot.model import RunRef

DONE = {"action": "completed", "workflow_run": {"id": 7, "run_attempt": 2}}


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
        ("workflow_dispatch", {}, "", "", run(99, inside=True)),
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


@pytest.mark.parametrize("event", sorted(INSIDE))
def test_every_event_with_tests_is_its_own_run(event: str) -> None:
    """The run that flakebot is a job of."""
    assert run(99, inside=True) == find_task(event, {}, current_run="99")


@pytest.mark.parametrize(
    ("event", "payload", "words"),
    [
        ("schedule", {}, "give the input `run-id`"),
        ("issue_comment", {"action": "created"}, "is no run"),
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
