"""What the processes of an iteration noted of their tests."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from flakebot.model import TestId
from flakebot.reproduction import journal
from flakebot.reproduction.iterations import Worker

A, B, C = (TestId(f"t.py::test_{letter}") for letter in "abc")


def notes(*events: tuple[str, str]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def test_processes_are_put_together() -> None:
    """Workers by number, tests in the order in which they began, what did not end as running."""
    tenth = notes(("worker", "gw10"), ("begin", C))
    second = notes(
        ("worker", "gw2"),
        *(("collected", test) for test in (A, B, C)),
        ("begin", A),
        ("end", A),
        ("begin", B),
    )
    found = journal.read([tenth, second])
    assert found.workers == (Worker(name="gw2", tests=(A, B)), Worker(name="gw10", tests=(C,)))
    assert found.collected == (A, B, C)
    assert found.running == (B, C)
    assert found.unreported == (B, C)
    assert found.parallel
    assert not found.done
    assert journal.read([tenth, second + notes(("done", ""))]).done


def test_one_process_is_not_parallel() -> None:
    """Without xdist the worker has no name."""
    found = journal.read([notes(("worker", ""), ("begin", A), ("end", A))])
    assert (found.parallel, found.running, found.ended) == (False, (), frozenset({A}))
    assert journal.read([]) == journal.Journal()


def test_a_skipped_test_is_noted_once() -> None:
    """It began and ended, perhaps in two processes."""
    content = notes(("begin", A), ("skipped", A), ("end", A), ("begin", B), ("end", B))
    found = journal.read([content, content])
    assert (found.skipped, found.ended) == ((A,), frozenset({A, B}))


def test_a_cut_or_foreign_line_costs_no_other() -> None:
    """A killed process leaves half a line, and the tests may write there too."""
    content = b'["begin"' + b"\n\xff\n[1, 2]\n" + notes(("begin", A), ("dance", B))
    assert journal.read([content]).workers == (Worker(tests=(A,)),)


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_anything_is_read(files: list[bytes]) -> None:
    """Nothing in the files is trusted to have a shape."""
    assert len(journal.read(files).workers) == len(files)
