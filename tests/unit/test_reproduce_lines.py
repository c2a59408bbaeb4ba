"""The lines about iterations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flakebot.model import Category, TestId
from flakebot.reproduction import lines
from flakebot.reproduction.iterations import (
    Campaign,
    Ending,
    Failure,
    Iteration,
    Level,
    Setup,
    Shard,
    Variant,
)

PASSED = Iteration(
    level=Level(processes=16),
    number=7,
    started=datetime(2026, 2, 3, 12, tzinfo=UTC),
    seconds=12.345,
    exit_code=0,
)
CRASH = Failure(
    category=Category.CRASH_SIGABRT,
    text="Fatal Python error: \x1b[31mAborted",
    tests=(TestId("t.py::test_x"),),
)
CAMPAIGN = Campaign(setup=Setup(tests=("t.py",)), levels=(Level(),), iterations=10)


def test_a_passed_iteration_is_a_short_line() -> None:
    """When, where, which, how long."""
    assert lines.result(PASSED) == "2026-02-03T12:00:00Z n16 iter_7 passed 12.3s"


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        (
            {"failures": (CRASH,)},
            "n16 iter_7 failed 12.3s crash-sigabrt t.py::test_x: Fatal Python error: Aborted",
        ),
        (
            {"failures": (replace(CRASH, tests=()),), "ending": Ending.KILLED},
            "failed 12.3s killed crash-sigabrt: Fatal Python error: Aborted",
        ),
        (
            {"failures": (replace(CRASH, text="x" * 300, tests=()),), "variant": "forked"},
            f"n16-forked iter_7 failed 12.3s crash-sigabrt: {'x' * 105}…",
        ),
    ],
)
def test_a_failed_one_says_what_went_wrong(changes: dict[str, object], end: str) -> None:
    """In a line that a terminal shows as it is."""
    failed = replace(PASSED, exit_code=1, **changes)  # type: ignore[arg-type]  # fields by name
    assert lines.result(failed).endswith(end)


def test_the_heading_names_iteration_and_folder() -> None:
    """It parts a log that holds many."""
    forked = replace(PASSED, variant="forked")
    assert lines.heading(forked) == "==== iteration 7 of n16-forked"


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        (replace(CAMPAIGN, iterations=100, levels=(Level(), Level(processes=2))), ""),
        (replace(CAMPAIGN, setup=Setup(tests=("u.py",))), "tests: t.py there, u.py here"),
        (
            replace(CAMPAIGN, setup=Setup(tests=("t.py",), image="x")),
            "image: nothing there, x here",
        ),
        (replace(CAMPAIGN, variants=(Variant(name="a"),)), "other variants"),
        (replace(CAMPAIGN, shard=Shard(index=2, count=3)), "shard 1/1 there"),
    ],
)
def test_what_keeps_two_campaigns_apart(later: Campaign, reason: str) -> None:
    """More iterations and more levels do not."""
    assert lines.difference(CAMPAIGN, later) == reason
