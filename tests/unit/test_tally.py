"""Outcomes gathered by scope."""

from __future__ import annotations

import pytest

from flakebot.frameworks.reading import Reading, Room
from flakebot.frameworks.reports import HEAD, TAIL, Report
from flakebot.frameworks.runs import Run
from flakebot.frameworks.tally import REPORTS, Tally
from flakebot.logs import Line
from flakebot.model import Status

P, F, C, U = Status.PASSED, Status.FAILED, Status.CRASHED, Status.UNFINISHED


def told(tally: Tally) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in tally.result().tests}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([F], [P], {"t": (F,)}),
        ([P], [F], {"t": (F,)}),
        ([F, P], [P], {"t": (F, P)}),
        ([F, P], [F], {"t": (F,)}),
        ([P], [P], {}),
    ],
)
def test_one_name_in_two_places_is_told_by_its_worst_place(
    first: list[Status], second: list[Status], expected: dict[str, tuple[Status, ...]]
) -> None:
    """A failure here and a pass there is no flake."""
    tally = Tally()
    for scope, statuses in (("a", first), ("b", second)):
        tally.scope = scope
        for number, status in enumerate(statuses, 1):
            tally.end("t", status, Line(number, ""))
    assert told(tally) == expected


def test_a_scope_that_is_named_late_goes_on() -> None:
    """The same package run again continues the outcomes of its tests."""
    tally = Tally()
    for status in (F, P):
        case = tally.end("t", status, Line(1, ""))
        tally.report(case, lines=[Line(1, "x")])
        tally.close()
        tally.rename("package")
    assert told(tally) == {"t": (F, P)}
    assert len(tally.result().tests[0].blocks) == 2


def test_what_still_runs_can_be_ended_or_is_unfinished() -> None:
    """A test that started and never ended is told."""
    tally = Tally()
    tally.start("a", Line(1, ""))
    assert [case.outcomes for case in tally.stop(C)] == [[C]]
    tally.start("b", Line(2, ""))
    assert told(tally) == {"a": (C,), "b": (U,)}
    assert tally.result().last == "b"


def test_reports_are_bounded() -> None:
    """A test takes bounded memory, however often and however much is printed of it."""
    tally = Tally()
    for _ in range(REPORTS + 5):
        tally.report(tally.end("t", F, Line(1, "")))
        assert tally.busy
        assert all(tally.write(Line(1, str(n))) for n in range(HEAD + TAIL + 5))
        tally.close()
    assert not tally.write(Line(1, "x"))
    blocks = tally.result().tests[0].blocks
    kept = [*range(HEAD), *range(HEAD + 5, HEAD + TAIL + 5)]
    assert [[int(line.text) for line in block.lines] for block in blocks] == [kept] * REPORTS


def test_nothing_is_an_empty_reading() -> None:
    """A log without tests."""
    assert Tally().result() == Reading()


def test_totals_count_what_is_not_named() -> None:
    """Frameworks that name no passing test still say how many there were."""
    tally = Tally()
    tally.named[P] += 5
    assert tally.result().counts == {P: 5}


def test_passed_tests_are_remembered_as_long_as_there_is_room() -> None:
    """The others are counted; one that fails, now or later, is always told."""
    tally = Tally(Room(1))
    for number, name in enumerate(("a", "b", "c"), 1):
        tally.start(name, Line(number, ""))
        tally.end(name, P, Line(number, ""))
    tally.end("c", F, Line(9, ""))
    tally.end("d", F, Line(10, ""))
    tally.end("d", P, Line(11, ""))
    found = tally.result()
    assert found.passed == {"a"}
    assert found.nameless == 2
    assert found.counts == {P: 4, F: 2}
    assert told(tally) == {"c": (F,), "d": (F, P)}


def test_a_run_remembers_passed_tests_as_long_as_there_is_room() -> None:
    """Of a whole log and of one run, whose totals still add up."""
    tally = Tally(Room(1))
    run = Run(Room(2))
    for name in ("a", "b", "c"):
        run.put(name, P, 1)
    run.put("d", F, 2)
    assert run.unnamed({P: 5, F: 1}) == {P: 2, F: 0}
    run.into(tally)
    found = tally.result()
    assert found.passed == {"a"}
    assert found.nameless == 2
    assert found.counts == {P: 3, F: 1}
    assert [test.id for test in found.tests] == ["d"]


def test_what_is_printed_of_a_test_that_is_only_counted_is_dropped() -> None:
    """There was no room for it, and it did nothing but pass."""
    tally = Tally(Room(0))
    tally.add("a", 1, P)
    tally.attach("a", Report(lines=[Line(1, "x")]))
    tally.add("b", 2, F)
    tally.attach("b", Report(lines=[Line(2, "y")]))
    found = tally.result()
    assert (found.nameless, found.passed) == (1, frozenset())
    assert [(test.id, len(test.blocks)) for test in found.tests] == [("b", 1)]
