"""What PyTorch's `run_test.py` says of whole test files."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import outcomes, read, reports, taken

from flakebot.frameworks import pytorch_run_test
from flakebot.frameworks.reading import Reading
from flakebot.model import LogReading
from flakebot.reading.classify import read_log
from flakebot.reading.rules import builtin
from flakebot.settings import Limits

START = "Running nn/test_pruning 1/2 ... [2026-07-29 20:03:27.204228][7732.556005635]"
PRINTED = """\
PRINTING LOG FILE of nn/test_pruning 1/2 (test/test-reports/nn.test_pruning_1.2_1_.log)
Traceback (most recent call last):
AttributeError: module 'torch' has no attribute 'prune'
Got exit code 1
FINISHED PRINTING LOG FILE of nn/test_pruning 1/2 (test/test-reports/nn.test_pruning_1.2_1_.log)
"""
FAILED = "nn/test_pruning 1/2 failed!"


def whole(text: str) -> LogReading:
    """The log as all of flakebot reads it."""
    return read_log("log", [text.encode()], builtin(), Limits())


def test_a_file_that_cannot_be_imported_failed_as_a_whole() -> None:
    """Its id is the file's name, its report what it printed; both announcements are one failure."""
    found = read(pytorch_run_test, f"{START}\n{PRINTED}{FAILED}\nRuntimeError: {FAILED}\n")
    assert outcomes(found) == {"nn/test_pruning": ["failed"]}
    (_, lines), (kind, ends) = reports(found, "nn/test_pruning")
    assert "AttributeError: module 'torch' has no attribute 'prune'" in lines
    assert (kind, ends) == ("summary", [FAILED])
    assert found.tests[0].covers == (2, 7)
    assert (found.failed, found.counts) == (True, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FAILED} Received signal: SIGBUS", "crashed"),
        (f"{FAILED} [Errno 2] No such file", "failed"),
        (
            PRINTED.replace("Got exit code 1", "Command took >30min, returning 124") + FAILED,
            "timeout",
        ),
        (f"##[group]{PRINTED}{FAILED}", "failed"),
        (f"{FAILED}\nnn/test_pruning 2/2 failed!", "failed"),
    ],
)
def test_how_a_file_failed(text: str, expected: str) -> None:
    """A signal is a crash, its limit a time-out; two shards are one file."""
    assert outcomes(read(pytorch_run_test, text)) == {"nn/test_pruning": [expected]}


def test_a_file_without_shards_is_known_by_its_start() -> None:
    """Older versions name no shard; other tools say so of other things."""
    text = "Running test_nn ... [2022-01-01 10:00:00.000000]\ntest_nn failed!"
    assert outcomes(read(pytorch_run_test, text)) == {"test_nn": ["failed"]}
    assert read(pytorch_run_test, "Lint failed!\nFINISHED PRINTING LOG FILE of x (y)") == Reading()


def test_tests_that_passed_in_a_new_process_are_flaky() -> None:
    """The line stands alone when the file was successful at last."""
    line = (
        "The following tests failed and then succeeded when run in a new process"
        "['test/test_xpu.py::TestXpu::test_graph', 'test/test_xpu.py::TestXpu::test_pool']"
    )
    expected = {
        "test/test_xpu.py::TestXpu::test_graph": ["failed", "passed"],
        "test/test_xpu.py::TestXpu::test_pool": ["failed", "passed"],
    }
    assert outcomes(read(pytorch_run_test, line)) == expected
    printed = PRINTED.replace("Got exit code 1", line)
    assert outcomes(read(pytorch_run_test, printed)) == expected


def test_it_takes_no_line_away() -> None:
    """What a file printed may tell more about the job."""
    assert taken(pytorch_run_test, f"{START}\n{PRINTED}{FAILED}") == []


def test_a_file_is_left_out_where_its_tests_are_told() -> None:
    """The test that failed is named by pytest; the file's failure follows from it."""
    session = """\
============================= test session starts ==============================
nn/test_pruning.py::TestPruning::test_cut FAILED [100%]
=================================== FAILURES ===================================
_____________________________ TestPruning.test_cut _____________________________
E   AssertionError: 1 != 2
=========================== short test summary info ============================
FAILED nn/test_pruning.py::TestPruning::test_cut - AssertionError: 1 != 2
============================== 1 failed in 0.10s ===============================
"""
    text = PRINTED.replace("Traceback (most recent call last):\n", session)
    found = whole(f"{START}\n{text}{FAILED}\n")
    assert [test.id for test in found.tests] == ["nn/test_pruning.py::TestPruning::test_cut"]
    alone = whole(f"{START}\n{PRINTED}{FAILED}\n")
    assert [test.id for test in alone.tests] == ["nn/test_pruning"]
    assert {str(status): number for status, number in alone.counts.items()} == {"failed": 1}
    assert alone.causes[0].text == "AttributeError: module 'torch' has no attribute 'prune'"
