"""A wrong command, told from its first iteration."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flakebot.model import LogReading, Status, TestId
from flakebot.reproduction import misuse
from flakebot.reproduction.iterations import Ending, Iteration, Level, Worker
from flakebot.reproduction.journal import Journal

BEGUN = Iteration(
    level=Level(),
    number=1,
    started=datetime(2026, 2, 3, tzinfo=UTC),
    seconds=0.0,
    exit_code=None,
)
A, B, C = (TestId(f"t.py::test_{letter}") for letter in "abc")
JOURNAL = Journal(workers=(Worker(name="gw0", tests=(A, B)), Worker(name="gw1", tests=(C,))))
LOG = LogReading(source="iter_1.log")


@pytest.mark.parametrize(
    ("changes", "reading", "notes", "says"),
    [
        ({"exit_code": 4}, LOG, Journal(), "The test command is wrong; pytest said: no -n"),
        ({"exit_code": 3}, LOG, Journal(), "pytest breaks before the first test, perhaps by a"),
        ({"exit_code": 3}, LOG, Journal(workers=(Worker(),)), "pytest breaks before the first"),
        ({"exit_code": 3}, LOG, Journal(workers=(Worker(tests=(A,)),)), ""),
        ({"exit_code": 3}, replace(LOG, counts={Status.PASSED: 1}), Journal(), ""),
        ({"exit_code": 4}, LOG, Journal(workers=(Worker(tests=(A,)),)), ""),
        ({"exit_code": 5}, LOG, Journal(), "The test command runs no test"),
        ({"exit_code": 5}, LOG, Journal(workers=(Worker(tests=(A,)),)), ""),
        ({"exit_code": 0}, replace(LOG, workers=2), Journal(), "add `-- -n 0`"),
        ({"exit_code": 1}, LOG, JOURNAL, "add `-- -n 0`"),
        ({"exit_code": 1}, LOG, Journal(workers=(Worker(),)), ""),
        ({"exit_code": 0, "level": Level(processes=2)}, replace(LOG, workers=2), JOURNAL, ""),
        ({"exit_code": 5, "ending": Ending.TERMINATED}, LOG, Journal(), ""),
    ],
)
def test_a_wrong_command_is_told_at_once(
    changes: dict[str, object], reading: LogReading, notes: Journal, says: str
) -> None:
    """No iteration can do anything about it."""
    iteration = replace(BEGUN, **changes)  # type: ignore[arg-type]  # fields by name
    told = misuse.fault(iteration, reading, notes, "no -n")
    assert told.startswith(says) if says and "`" not in says else says in told
    assert bool(told) is bool(says)
