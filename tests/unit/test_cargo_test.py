"""What `cargo test` prints."""

from __future__ import annotations

from flakebot.frameworks import cargo_test
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

LOG = """running 4 tests
test recorder::tests::ignored ... ignored, needs a GPU
test hub::tests::from_hf ... FAILED
test recorder::tests::ok ... ok
test result: nothing
test that this sentence is no result
test a b ... ok

failures:

---- hub::tests::from_hf stdout ----
Error: "503"

---- recorder::tests::cut stdout ----

thread 'recorder::tests::cut' (5361) panicked at src/lib.rs:2:74:
failures:
    hub::tests::from_hf

test result: FAILED. 1 passed; 1 failed; 1 ignored"""


def read(text: str) -> Reading:
    parser = cargo_test.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def test_results_and_reports() -> None:
    """Statuses, the output of failures, and one whose status line was lost."""
    found = read(LOG)
    assert {test.id: test.line for test in found.tests} == {
        "hub::tests::from_hf": 3,
        "recorder::tests::cut": 14,
    }
    assert found.passed == {"recorder::tests::ok"}
    assert found.counts == {Status.SKIPPED: 1, Status.FAILED: 2, Status.PASSED: 1}
    assert found.tests[0].blocks[0].lines[0].text == 'Error: "503"'


def test_a_failure_without_output_has_no_report() -> None:
    """A status alone is all there is."""
    assert read("test a::b ... FAILED").tests[0].blocks == ()


def test_long_output_is_cut() -> None:
    """One failure takes bounded memory."""
    found = read("---- a::b stdout ----\n" + "noise\n" * 1000)
    assert len(found.tests[0].blocks[0].lines) == 150


def test_another_log_is_not_ours() -> None:
    """Without a test nothing was seen."""
    assert read("hello").seen is False
