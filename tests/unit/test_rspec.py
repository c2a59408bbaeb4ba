"""What RSpec prints; retries follow the README of NoRedInk/rspec-retry."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import rspec
from flakebot.model import Status

RUN = """Pending: (Failures listed here are expected and do not affect your suite's status)

  1) Shelf is pending
     # soon
     Failure/Error: it("is pending") { expect(1).to eq(2) }

Failures:

  1) Shelf is wide
     Failure/Error: expect(2 + 2).to eq(5)

       expected: 5
            got: 4

       (compared using ==)
     # ./spec/shelf_spec.rb:3:in `block (2 levels)'

  2) Shelf raises
     Failure/Error: raise ArgumentError, "no book"

     ArgumentError:
       no book

  3) Shelf holds many
     Got 2 failures from failure aggregation block.

Finished in 0.03038 seconds (files took 0.13376 seconds to load)
7 examples, 3 failures, 1 pending

Failed examples:

rspec ./spec/shelf_spec.rb:3 # Shelf is wide
rspec './spec/shelf_spec.rb[1:3:3]' # Shelf raises
rspec ./spec/shelf_spec.rb:9 # Shelf holds many"""

NAMES = """Failures:

  1) Shelf is
as wide as
   it is high
     Failure/Error: expect(2 + 2).to eq(5)

  2) Shelf waits FIXED
     Expected pending 'was broken' to fail. No error was raised.
     # ./spec/shelf_spec.rb:7

  3) Shelf raises
     Failure/Error: raise ArgumentError, "no book"

Finished in 0.03038 seconds (files took 0.13376 seconds to load)
3 examples, 3 failures"""

LOADING = """An error occurred while loading ./spec/broken_spec.rb. - Did you mean?
                    rspec ./spec/shelf_spec.rb

Failure/Error: require "no_such_gem"

LoadError:
  cannot load such file -- no_such_gem
Finished in 0.00008 seconds (files took 0.16314 seconds to load)
0 examples, 0 failures, 1 error occurred outside of examples"""

RETRY = "RSpec::Retry: 2nd try ./spec/shelf_spec.rb:3"
BAD = {"Shelf is wide": ["failed"], "Shelf raises": ["failed"], "Shelf holds many": ["failed"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (NAMES, {"Shelf is": ["failed"], "Shelf waits": ["failed"], "Shelf raises": ["failed"]}),
        (LOADING, {"./spec/broken_spec.rb": ["error"]}),
        (f"{RETRY}\n{RUN}", {**BAD, "Shelf is wide": ["failed", "failed"]}),
        (f"{RETRY}\n7 examples, 0 failures", {"./spec/shelf_spec.rb:3": ["failed", "passed"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(rspec, text)
    assert outcomes(found) == expected
    assert found == gated(rspec, text)
    assert found.failed == any(Status(each[-1]).bad for each in expected.values())


def test_reports() -> None:
    """Messages stand at the margin; a class and its message are one statement."""
    found = read(rspec, RUN)
    wide = ["expected: 5", "got: 4", "  (compared using ==)"]
    ((kind, lines),) = reports(found, "Shelf is wide")
    assert (kind, lines[:3]) == ("call", wide)
    assert reports(found, "Shelf raises") == [("call", ["ArgumentError: no book"])]
    assert found.counts == {Status.FAILED: 3, Status.PASSED: 3, Status.SKIPPED: 1}


def test_an_example_that_was_to_fail_and_passed_says_so() -> None:
    """It is the only failure without an error."""
    said = ["Expected pending 'was broken' to fail. No error was raised."]
    said += ["  # ./spec/shelf_spec.rb:7"]
    assert reports(read(rspec, NAMES), "Shelf waits") == [("call", said)]


def test_another_log_is_not_ours() -> None:
    """Others number their failures too, and know examples."""
    text = "Failures:\n\n  1) Suite works\n     Error: no\nthen\n  2) x\n     Failure/Error: y"
    assert not read(rspec, text).seen
    assert [row for row in taken(rspec, text) if "Suite" not in row] == []
    assert not read(rspec, "An error occurred somewhere\nmany examples, no failures").seen
