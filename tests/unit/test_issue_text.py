"""Details of issue bodies that the golden files do not show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v

from flakebot.judging.history import History
from flakebot.judging.summaries import TestSummary
from flakebot.model import Status, TestId
from flakebot.settings import Limits
from flakebot.views import issue_text
from flakebot.views.markers import IssueState

KEY = "pytest:tests/router/test_router.py::test_bindings"


def summary() -> TestSummary:
    return History([*v.past(), v.record()]).summary(KEY, v.NOW)


def body(it: TestSummary) -> str:
    return issue_text.test_body(it, IssueState(), owners=(), limits=Limits())


@pytest.mark.parametrize(
    ("test", "workers", "expected"),
    [
        ("a/b.py::t[x y]", 0, ["python -m pytest 'a/b.py::t[x y]'"]),
        (
            "a/b.py::t['; rm -rf ~ #]",
            4,
            [
                """python -m pytest 'a/b.py::t['"'"'; rm -rf ~ #]'""",
                "python -m pytest a/b.py -n 4  # under its usual load",
            ],
        ),
        ("../b.py::t", 4, ["python -m pytest ../b.py::t"]),
    ],
)
def test_commands_can_be_pasted(test: str, workers: int, expected: list[str]) -> None:
    """An id is quoted for a shell, and a file is only named when it is a plain path."""
    it = summary()
    seen = replace(
        it.occurrences[0],
        test=TestId(test),
        occurrence=replace(it.occurrences[0].occurrence, workers=workers),
    )
    text = body(replace(it, occurrences=(seen,)))
    commands = text.partition("### Reproduce\n\n```text\n")[2].partition("\n```")[0]
    assert commands.split("\n") == expected


def test_other_frameworks_have_their_own_command() -> None:
    """The key says which framework it is; only pytest has a load."""
    it = summary()
    occurrence = replace(it.occurrences[0].occurrence, workers=4)
    seen = replace(it.occurrences[0], test=TestId("TestA/b"), occurrence=occurrence)
    text = body(replace(it, key="go-test:TestA/b", occurrences=(seen,)))
    assert "go test ./... -count=1 '-run=^TestA$/^b$'" in text
    assert "python -m pytest" not in text
    unknown = body(replace(it, key="junit:TestA/b", occurrences=(seen,)))
    assert "go test" not in unknown


def test_another_framework_has_no_command_yet() -> None:
    """Better none than a wrong one."""
    assert "### Reproduce" not in body(replace(summary(), key="cargo:x::y"))


def test_a_summary_without_failures_is_drawn() -> None:
    """When all its failures turned out to be others'."""
    it = History([v.record(1, v.job(passed=(v.ROUTER,)))]).summary(KEY, v.NOW)
    assert "**Healthy**: none of 1 build on record failed." in body(it)


def test_what_was_told_is_kept() -> None:
    """Fingerprints are never forgotten below the limit, so that none is news twice."""
    before = IssueState(opened=5, told=2, state="broken", fingerprints=("v1:panic:1",))
    state = issue_text.state_of(summary(), before, run_id=9, told=3)
    expected = IssueState(
        opened=5,
        added_by=9,
        added=("v1:crash-sigabrt:2f6c0a91",),
        told=3,
        state="flaky",
        fingerprints=("v1:crash-sigabrt:2f6c0a91", "v1:panic:1"),
    )
    assert state == expected


def test_failures_of_one_pull_request_stand_apart() -> None:
    """They are listed, folded, and not counted."""
    own = v.record(1, v.failing_job(outcomes=(Status.FAILED,)), pull=9)
    it = History([own]).summary(KEY, v.NOW)
    text = body(it)
    assert "Seen in one pull request only, and not counted" in text
    assert "| total | 0 | 0 | — | — |" in text
