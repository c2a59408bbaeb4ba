"""Every request of an analysis fails once, in every way: nothing is written twice, and all heals.

Two looks at a pull request: the first opens label, issue, comment and ledger branch, the second
changes them. Nothing really waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.server.analysis import PULL, compose, seen
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tests.server.looks import Look, both, doubles, missing, restore

SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
PASSING: Mapping[str, Mapping[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "502 after": {"kind": "after-status", "status": 502},
    "reset": {"kind": "reset"},
    "reset after": {"kind": "after-reset"},
    "cut off": {"kind": "truncated"},
    "page of HTML": {"kind": "html"},
    "secondary limit": {
        "kind": "status",
        "status": 403,
        "headers": {"Retry-After": "30"},
        "body": SECONDARY,
    },
    "429": {"kind": "status", "status": 429, "headers": {"Retry-After": "5"}},
}
"""Faults that one more try, or a look at what is there, gets over."""

DISTORTED = {"500", "cut off", "page of HTML"}
"""Those that reads are tried with as well."""

REFUSED = {"kind": "status", "status": 404, "body": b'{"message": "Not Found"}'}
SLOW = {"kind": "slow", "seconds": 3.0}
SLOW_AFTER = {"kind": "after-slow", "seconds": 3.0}


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """GitHub with both runs."""
    folder = tmp_path_factory.mktemp("faults")
    compose(folder)
    with FakeGitHub(folder) as github:
        github.state.requests_left = 10**6
        yield github
        assert github.violations == []
        assert github.leaks == []


@pytest.fixture(scope="module")
def looks(fake: FakeGitHub) -> list[Look]:
    """Both looks, as they go when nothing fails."""
    return both(fake)


def test_both_looks_write_what_they_should(looks: list[Look]) -> None:
    """So that the tests below are about something: every kind of write is among them."""
    first, second = (look.wanted for look in looks)
    assert [len(there.issues) for there in (first, second)] == [1, 1]
    assert first.issues != second.issues
    assert [comment[0] for comment in first.comments] == [PULL]
    assert sorted(comment[0] for comment in second.comments) == [PULL, first.issues[0][0]]
    assert [len(there.records) for there in (first, second)] == [2, 4]


@pytest.mark.parametrize("fault", PASSING)
def test_passing_fault_changes_nothing(fake: FakeGitHub, looks: list[Look], fault: str) -> None:
    """Whichever request it hits, GitHub looks as if it had not happened, in the same run.

    The second look reads as the first does, so of it the writes are failed.
    """
    first, second = looks
    hits = first.failing(fake, PASSING[fault], reads=fault in DISTORTED)
    changed = [hit for hit in hits if seen(fake) != first.wanted]
    hits = second.failing(fake, PASSING[fault], reads=False)
    changed += [hit for hit in hits if seen(fake) != second.wanted]
    assert changed == []


@pytest.mark.parametrize("number", [0, 1])
def test_refusal_is_stable_after_the_next_run(
    fake: FakeGitHub, looks: list[Look], number: int
) -> None:
    """A 404 is believed; nothing stands twice, all that is tracked is, and a third run is still."""
    look, wrong = looks[number], []
    for hit in look.failing(fake, REFUSED, reads=number == 0):
        twice = doubles(fake)
        look.play(fake)
        healed = seen(fake)
        look.play(fake)
        if twice or doubles(fake) or seen(fake) != healed or missing(healed, look.wanted):
            wrong.append(hit)
    assert wrong == []


@pytest.mark.parametrize(("number", "status"), [(0, 500), (1, 403)])
def test_lasting_failure_is_one_sentence_and_heals(
    fake: FakeGitHub, looks: list[Look], number: int, status: int
) -> None:
    """From some request on all fail, as far as flakebot goes on asking: the run ends with a result
    or an expected error, and the next one finds everything.
    """
    look, wrong = looks[number], []
    fault = {"kind": "status", "status": status, "times": 10**6}
    for hit in look.failing(fake, fault, reads=number == 0):
        twice = doubles(fake)
        look.play(fake)
        if twice or doubles(fake) or missing(seen(fake), look.wanted):
            wrong.append(hit)
    assert wrong == []


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("GET", "/issues$", SLOW),
        ("GET", "/zipball/", SLOW),
        ("POST", "/issues$", SLOW_AFTER),
        ("POST", "/issues/7/comments$", SLOW),
        ("POST", "/git/refs$", SLOW_AFTER),
    ],
)
def test_silence_is_outlasted(
    fake: FakeGitHub, looks: list[Look], method: str, path: str, fault: Mapping[str, Any]
) -> None:
    """A request without an answer in time is sent again, a create only after a look."""
    look = looks[0]
    restore(fake, look.given)
    fake.faults.add(Fault(method=method, path=path, **fault))
    look.play(fake, "[limits]\nrequest-seconds = 1.0\n")
    assert fake.faults.pending == 0
    assert seen(fake) == look.wanted
