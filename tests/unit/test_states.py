"""What a test is after each build, and what it takes to become something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit import record_builders as b

from flakebot.judging.builds import Build
from flakebot.judging.states import MENDED, Life, State, life
from flakebot.records import RunRecord
from flakebot.settings import Thresholds

QUICK = Thresholds(close_quiet_days=1, min_builds=5, close_probability=0.05, change_chance=0.05)
"""States end sooner, so that short stories have many."""


def lived(*records: RunRecord, thresholds: Thresholds | None = None) -> Life:
    return life(b.builds(records), thresholds or Thresholds())


def told(letters: str) -> list[str]:
    """The changes of state of a story: the run, and the state it brought."""
    records = b.story(letters)
    runs = {record.created_at: record.run_id for record in records}
    return [f"{runs[each.at]} {each.after}" for each in lived(*records).transitions]


QUIET = "." * 200
"""More than a week."""


@pytest.mark.parametrize(
    ("letters", "changes"),
    [
        ("", []),
        ("....", []),
        ("..F", ["3 suspect"]),
        ("..P", ["3 flaky"]),
        ("..p", ["3 flaky"]),
        # Comes and goes, over enough builds.
        ("F........F", ["1 suspect", "10 flaky"]),
        ("F.......F", ["1 suspect"]),
        ("FFF", ["1 suspect"]),
        # A regression, and its end.
        ("....FFFF", ["5 suspect", "8 broken"]),
        ("....FFFF.F.F", ["5 suspect", "8 broken"]),
        ("....FFFF..", ["5 suspect", "8 broken", "10 fixed-watching"]),
        ("....FFFF..F", ["5 suspect", "8 broken", "10 fixed-watching", "11 suspect"]),
        ("....FFFF--", ["5 suspect", "8 broken"]),
        ("P...FFFF..", ["1 flaky", "8 broken", "10 flaky"]),
        # A frequent flake fails four times in a row now and then.
        ("P.P.P.P.FFFF", ["1 flaky"]),
        ("P.P.P.P.FFFFFFF", ["1 flaky", "15 broken"]),
        # Silence: of a week, or so long that the rate has changed.
        (f"F{QUIET}", ["1 suspect", "169 healthy"]),
        (f"P{QUIET}", ["1 flaky", "169 fixed-watching"]),
        (f"P{QUIET}{QUIET}", ["1 flaky", "169 fixed-watching", "337 healthy"]),
        (f"P{QUIET}P", ["1 flaky", "169 fixed-watching", "202 flaky"]),
        (f"P{QUIET}F", ["1 flaky", "169 fixed-watching", "202 flaky"]),
        ("P.P.P.P.P.P.P.P.P.P." + "." * 25, ["1 flaky", "45 fixed-watching"]),
        # Healthy again, it starts anew.
        (f"P{QUIET}{QUIET}F", ["1 flaky", "169 fixed-watching", "337 healthy", "402 suspect"]),
    ],
)
def test_the_life_of_a_test(letters: str, changes: list[str]) -> None:
    """Each change at the build that brought it."""
    assert told(letters) == changes


def test_a_change_says_when_where_and_why() -> None:
    """With the commit of its build."""
    records = b.story("....FFFF..")
    suspect, broken, watching = lived(*records).transitions
    assert (suspect.before, suspect.at, suspect.commit) == (
        State.HEALTHY,
        records[4].created_at,
        records[4].head_sha,
    )
    assert suspect.reason == "failed in job test of the default branch"
    assert broken.reason == "failed in 4 builds in a row of job test on the default branch"
    assert watching.reason == "passed 2 times in a row on the default branch"
    (flaky,) = lived(*b.story("p")).transitions
    assert flaky.reason == "failed and passed in job test of pull request 1"
    branch = replace(b.flaking(5), trunk=False)
    assert lived(branch).transitions[0].reason == "failed and passed in job test of a branch"
    again = lived(*b.story("F........F")).transitions[-1]
    assert again.reason == (
        "failed again in job test of the default branch, with passes in between"
    )
    assert "no failure in 168 builds since" in lived(*b.story(f"F{QUIET}")).transitions[-1].reason
    assert "failed again in job" in lived(*b.story(f"P{QUIET}F")).transitions[-1].reason
    mended = lived(*b.story("P...FFFF..")).transitions[-1].reason
    assert mended.endswith("; it was flaky before it broke")


def test_every_job_that_broke_must_pass() -> None:
    """One architecture is mended, the other is not."""
    both = [
        b.run(n, b.job(b.entry(), name="amd64", id=1), b.job(b.entry(), name="arm64", id=2))
        for n in range(1, 5)
    ]
    amd64 = b.story("..", first=5, name="amd64")
    assert lived(*both, *amd64).state is State.BROKEN
    assert lived(*both, *amd64, *b.story("..", first=7, name="arm64")).state is (
        State.FIXED_WATCHING
    )


def test_a_job_in_which_it_never_failed_is_no_silence() -> None:
    """However long it passes there."""
    elsewhere = b.story(QUIET, first=2, name="amd64")
    assert lived(*b.story("P", name="arm64"), *elsewhere).state is State.FLAKY


stories = st.text(alphabet="..-FfPp", max_size=80)


def lives(letters: str) -> tuple[tuple[Build, ...], list[Life]]:
    """The builds of a story, and the life up to each of them; ten hours lie between two builds."""
    records = [
        replace(each, created_at=b.NOW + timedelta(hours=10 * n))
        for n, each in enumerate(b.story(letters))
    ]
    built = b.builds(records)
    return built, [life(built[:n], QUICK) for n in range(len(built) + 1)]


@given(stories)
@settings(max_examples=150, deadline=None)
def test_later_builds_take_no_change_back(letters: str) -> None:
    """Each build adds one change at most, and those before it stay; they lead to the state."""
    _, grown = lives(letters)
    for before, after in pairwise(grown):
        assert after.transitions[: len(before.transitions)] == before.transitions
        assert len(after.transitions) <= len(before.transitions) + 1
    states = [State.HEALTHY, *(each.after for each in grown[-1].transitions)]
    assert states[-1] is grown[-1].state
    assert [each.before for each in grown[-1].transitions] == states[:-1]


@given(stories)
@settings(max_examples=150, deadline=None)
def test_no_build_turns_a_state_there_and_back_without_the_evidence(letters: str) -> None:
    """Every change, also the way back, has the row of failures, the row of passes or the silence
    behind it that it takes; only the ways into suspect and flaky take a single failure.
    """
    built, grown = lives(letters)
    for number, (before, after) in enumerate(pairwise(grown)):
        if before.state is not after.state:
            assert evident(built, number, before.state, after.state)


def evident(built: tuple[Build, ...], number: int, before: State, after: State) -> bool:
    """Whether the builds up to a change are what the change takes."""
    so_far = built[: number + 1]
    failed = [build.failed for build in so_far]
    trunk = [build for build in so_far if build.trunk]
    if after is State.BROKEN:
        return all(build.only_failed for build in trunk[-QUICK.broken_streak :])
    if before is State.BROKEN:
        return all(build.passed for build in trunk[-MENDED:])
    if after in {State.HEALTHY, State.FIXED_WATCHING}:
        quiet = len(failed) - max(n for n, bad in enumerate(failed) if bad) - 1
        return quiet >= 3
    return failed[-1]


@given(stories, st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_records_does_not_matter(letters: str, shuffled) -> None:  # type: ignore[no-untyped-def]  # hypothesis' Random
    """Nor whether one is there twice."""
    records = b.story(letters)
    again = [*records, *records[::3]]
    shuffled.shuffle(again)
    assert lived(*again, thresholds=QUICK) == lived(*records, thresholds=QUICK)
