"""Places of log lines in GitHub's view."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.github_objects import Job, Repository, Run, Step
from flakebot.ledgers import lines
from flakebot.logs import Line
from flakebot.model import LogReading, Place, StepStart
from flakebot.reading import recording
from flakebot.reading.classify import read_log
from flakebot.reading.rules import builtin
from flakebot.reading.step_lines import MAX_STARTS, StepLines, start_of
from flakebot.settings import Limits

_NOWHERE = Place()


def _step(number: int, name: str, second: int, conclusion: str = "success") -> Step:
    started = datetime(2026, 2, 3, 17, second // 60, second % 60, tzinfo=UTC)
    return Step(name=name, number=number, started_at=started, conclusion=conclusion)


def _stamp(second: float) -> str:
    return (
        f"2026-02-03T17:{int(second) // 60:02}:{int(second) % 60:02}.{int(second * 10) % 10}000000Z"
    )


def _start(line: int, second: float, title: str = "") -> StepStart:
    return StepStart(line=line, time=_stamp(second), title=title)


_JOB = (
    _step(1, "Set up job", 0),
    _step(2, "Checkout", 2),
    _step(3, "Tests", 4, "failure"),
    _step(4, "Upload", 60, "skipped"),
    _step(9, "Post Checkout", 61),
    _step(10, "Complete job", 61),
)
_LOG = (
    _start(20, 2.1, "Run actions/checkout@v4"),
    _start(32, 4.3, "Run pytest -q"),
    _start(90, 61.2),
)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (0, _NOWHERE),
        (19, _NOWHERE),
        (20, Place(step=2, line=1)),
        (31, Place(step=2, line=12)),
        (32, Place(step=3, line=1)),
        (89, Place(step=3, line=58)),
        (90, _NOWHERE),
    ],
)
def test_a_step_reaches_from_its_first_line_to_the_next_steps(line: int, place: Place) -> None:
    """Lines count from 1 at the group that opens the step; what the runner adds has no place."""
    assert StepLines(_JOB, _LOG).place(line) == place


def test_a_line_long_before_an_unknown_step_is_certain() -> None:
    """A line that may begin a step does not, when the API says that the next step came later."""
    inner = (*_LOG[:2], _start(40, 20.0, "Run tests of module a"), _LOG[2])
    assert StepLines(_JOB, inner).place(50) == Place(step=3, line=19)


@pytest.mark.parametrize(
    ("name", "groups", "begin"),
    [
        # The step uses a composite action, whose first step begins at once.
        ("Tests", [_start(32, 4.1, "Run ./.github/actions/test"), _start(38, 4.2, "Run env")], 32),
        # The step bears the name of its script.
        ("Run pytest", [_start(30, 4.1, "Run uv sync"), _start(38, 4.2, "Run pytest")], 38),
        # A program printed a group of that kind: which is which cannot be told.
        ("Tests", [_start(30, 4.1, "Run a"), _start(38, 4.2, "Run b")], 0),
        # None was printed when the step began.
        ("Tests", [_start(30, 40.0, "Run a"), _start(38, 41.0, "Run b")], 0),
    ],
)
def test_which_group_begins_a_step(name: str, groups: list[StepStart], begin: int) -> None:
    """Its own name, the only one, or an action's behind a step that holds no others."""
    steps = (_step(1, "Set up job", 0), _step(3, name, 4, "failure"), _step(4, "Post x", 60))
    expected = Place(step=3, line=50 - begin + 1) if begin else _NOWHERE
    assert StepLines(steps, groups).place(50) == expected


def test_behind_a_composite_action_only_the_name_or_a_lone_group_tells() -> None:
    """The last steps inside an action may begin in the second in which the next step does."""
    steps = (_step(2, "Prepare", 2), _step(3, "Tests", 9, "failure"))
    log = (
        _start(10, 2.1, "Run ./prepare"),
        _start(15, 8.9, "Run uv sync"),
        _start(20, 9.1, "Run octo/tests@v1"),
        _start(24, 9.2, "Run pytest"),
    )
    found = StepLines(steps, log)
    assert found.place(12) == Place(step=2, line=3)
    assert found.place(30) == _NOWHERE


def test_a_group_at_the_wrong_time_begins_no_step() -> None:
    """As many groups as steps prove nothing when the times contradict."""
    steps = (_step(3, "Tests", 4),)
    assert StepLines(steps, [_start(30, 40.0, "Run a")]).place(31) == _NOWHERE


@pytest.mark.parametrize("stamp", ["", "2026-99-03T17:00:04.0000000Z", "no time at all"])
def test_without_times_nothing_has_a_place(stamp: str) -> None:
    """One stamp that is no time makes the whole log uncertain."""
    odd = StepStart(line=5, time=stamp, title="Run a")
    assert StepLines(_JOB, [odd, *_LOG]).place(40) == _NOWHERE


@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 90)), max_size=8),
    st.integers(-1, 70),
)
def test_a_place_is_always_within_a_step(
    seconds: list[int], groups: list[tuple[int, int]], line: int
) -> None:
    """Whatever a log claims: a step of the job and a line of the log, or nowhere."""
    steps = [_step(n, f"Step {n}", second) for n, second in enumerate(seconds, 1)]
    starts = [_start(at, second, "Run x") for at, second in sorted(groups)]
    place = StepLines(steps, starts).place(line)
    assert place == _NOWHERE or (place.step <= len(steps) and 1 <= place.line <= line)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("##[group]Run pytest", StepStart(line=7, time="t", title="Run pytest")),
        ("Post job cleanup.", StepStart(line=7, time="t")),
        ("##[group]Runner Image", None),
        ("Run pytest", None),
    ],
)
def test_lines_that_may_begin_a_step(text: str, start: StepStart | None) -> None:
    """The runner's own groups and the words with which it cleans up."""
    assert start_of(Line(7, text, "t")) == start


def test_the_address_of_a_place() -> None:
    """The anchor of GitHub's log view, or the job alone."""
    assert Place(step=3, line=12).within("https://x/job/1") == "https://x/job/1#step:3:12"
    assert _NOWHERE.within("https://x/job/1") == "https://x/job/1"
    assert Place(step=3, line=12).within("") == ""


def _read(text: str) -> LogReading:
    return read_log("job", [text.encode()], builtin(), Limits())


def test_a_record_keeps_the_place_of_each_test_and_cause() -> None:
    """From the log and GitHub's job to the anchors in the ledger; old records have none."""
    text = "".join(
        f"{_stamp(second)} {line}\n"
        for second, line in [
            (0, "Current runner version: '2.331.0'"),
            (4.2, "##[group]Run pytest -v"),
            (4.2, "##[endgroup]"),
            (5, "============================= test session starts ============================"),
            (6, "tests/test_a.py::test_x FAILED                                  [100%]"),
            (7, "=================================== FAILURES =================================="),
            (7, "____________________________________ test_x ___________________________________"),
            (7, "    def test_x():"),
            (7, ">       assert 1 == 2"),
            (7, "E       assert 1 == 2"),
            (7, "tests/test_a.py:2: AssertionError"),
            (8, "=========================== short test summary info ==========================="),
            (8, "FAILED tests/test_a.py::test_x - assert 1 == 2"),
            (8, "============================== 1 failed in 0.10s =============================="),
            (9, "##[error]Process completed with exit code 1."),
        ]
    )
    job = Job(id=5, name="test", steps=_JOB)
    run = Run(id=9, head_sha="a" * 40)
    record = recording.record(
        repository=Repository(full_name="octo/repo"),
        run=run,
        attempt=1,
        jobs=[recording.ReadJob(job=job, reading=_read(text))],
        observed=frozenset(),
        pull=None,
    )
    (entry,) = record.jobs
    assert [cause.place for cause in entry.causes] == [Place(step=3, line=9)]
    assert [test.place.step for test in entry.tests] == [3]
    (read,) = lines.decode("x", lines.encode([record])).records
    assert read == record


def test_a_log_of_too_many_groups_has_no_places() -> None:
    """What is not remembered might be the first line of a step."""
    group = f"{_stamp(4)} ##[group]Run a\n"
    assert len(_read(group * MAX_STARTS).starts) == MAX_STARTS
    assert _read(group * (MAX_STARTS + 2)).starts == ()
