"""What minitest prints; the texts of Rails follow its guide on testing."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import minitest
from flakebot.model import Status

RUN = """E.FSF

  1) Error:
ShelfTest#test_raises:
ArgumentError: no book
    test/shelf_test.rb:16:in `test_raises'

  2) Failure:
Shelf::Test#test_0001_has a spec style [test/shelf_test.rb:27]:
Expected: 2
  Actual: 1

  3) Skipped:
ShelfTest#test_later [test/shelf_test.rb:20]:
soon

5 runs, 3 assertions, 1 failures, 1 errors, 1 skips"""

VERBOSE = f"""ShelfTest#test_raises = 0.00 s = E
ShelfTest#test_holds = 0.01 s = .
Shelf::Test#test_0001_has a spec style = 0.00 s = F
ShelfTest#test_later = 0.00 s = S
{RUN}"""

RAILS = """Failure:
ShelfTest#test_is_wide [test/shelf_test.rb:11]:
too small

rails test test/shelf_test.rb:10"""

BAD = {"ShelfTest#test_raises": ["error"], "Shelf::Test#test_0001_has a spec style": ["failed"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (VERBOSE, BAD),
        (RAILS, {"ShelfTest#test_is_wide": ["failed"]}),
        ("  1) Failure:\ntest_old(ShelfTest) [a.rb:3]:\nx", {"test_old(ShelfTest)": ["failed"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(minitest, text)
    assert outcomes(found) == expected
    assert found == gated(minitest, text)
    assert found.failed


def test_reports() -> None:
    """The message stands below the name, until an empty line."""
    found = read(minitest, VERBOSE)
    lines = ["Expected: 2", "  Actual: 1"]
    assert reports(found, "Shelf::Test#test_0001_has a spec style") == [("call", lines)]
    assert found.passed == {"ShelfTest#test_holds"}


def test_totals() -> None:
    """What is not named is counted."""
    found = read(minitest, "5 runs, 3 assertions, 0 failures, 0 errors, 1 skips")
    assert (found.seen, found.failed) == (True, False)
    assert found.counts == {Status.PASSED: 4, Status.SKIPPED: 1}


def test_another_log_is_not_ours() -> None:
    """A heading alone proves nothing."""
    text = "Failure:\nsomething else:\n  1) Error:\nx\nit = 1 s = F\n3 of 4 assertions, x"
    assert not read(minitest, text).seen
    assert [row for row in taken(minitest, text) if not row.endswith(("Failure:", "Error:"))] == []
