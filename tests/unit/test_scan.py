"""The search of whole blocks finds every line that matters, wherever the bytes were cut."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flakebot.frameworks import FRAMEWORKS
from flakebot.frameworks.reading import Gated, Reading
from flakebot.logs import Reader
from flakebot.reading import rules, scan
from flakebot.reading.job_causes import Evidence, Steps
from flakebot.settings import Limits

STAMP = "2026-02-03T17:46:30.1837739Z "
LOGS = sorted((Path(__file__).parent.parent / "fixtures" / "logs").glob("*.log"))
PIECES = (
    "tests/a.py::test_x PASSED                 [ 12%]",
    "tests/a.py::test_x FAILED                 [ 12%]",
    "tests/a.py::test_y ",
    "tests/a.py::test_y[gw0] PASSED",
    "[gw0] [ 50%] PASSED tests/a.py::test_y ",
    "[gw1] [ 60%] FAILED tests/a.py::test_z[a b] ",
    "output[gw1] [ 60%] FAILED tests/a.py::test_w",
    "output PASSED [ 70%]",
    "PASSED",
    "tests/b.py ..F. [ 80%]",
    "=== test session starts ===",
    "=== FAILURES ===",
    "___ test_x ___",
    "E   ConnectionRefusedError: [Errno 111] x",
    "=== 1 failed, 2 passed in 1.00s ===",
    "Fatal Python error: Aborted",
    "  File a.py line 1 in test_x",
    "[gw0] node down: Not properly terminated",
    "OSError: [Errno 28] No space left on device",
    "##[group]Run make",
    "##[endgroup]",
    "\x1b[36;1mmake\x1b[0m",
    "##[error]Process completed with exit code 1.",
    "##[error]The operation was canceled.",
    "dynamo_runtime::component: caf\u00e9 \x1b[1mok\x1b[0m",
    " 10 %\r 20 %",
    "",
)

Found = tuple[dict[str, Reading], list[Evidence], object]


def found(data: bytes, size: int, *, every_line: bool) -> Found:
    reader, built_in = Reader(Limits()), rules.builtin()
    steps = Steps(built_in)
    scanner = scan.Scan(reader, steps, built_in)
    for block in reader.blocks(data[at : at + size] for at in range(0, len(data), size)):
        (scanner.read_every_line if every_line else scanner.read_what_matters)(block)
    said = (steps.stop, steps.before_stop, steps.failing, steps.errors, steps.complete)
    return scanner.readings(), steps.evidence(everything=True), said


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_recorded_log_reads_the_same_by_either_way(path: Path) -> None:
    """What is skipped would have changed nothing."""
    data = path.read_bytes()
    assert found(data, 1 << 20, every_line=False) == found(data, 1 << 20, every_line=True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=40), st.integers(1, 400)
)
def test_any_log_reads_the_same_by_either_way(rows: list[tuple[str, bool]], size: int) -> None:
    """With and without stamps, mixed, and cut anywhere."""
    data = "".join(f"{STAMP if stamped else ''}{text}\n" for text, stamped in rows).encode()
    assert found(data, size, every_line=False) == found(data, len(data) + 1, every_line=True)


def test_long_logs_are_searched_and_short_ones_read() -> None:
    """A log of several blocks gives the same by the way that chooses for itself."""
    rows = [*[f"{STAMP}nothing to see {n} of it" for n in range(70_000)], *PIECES[-6:-1]]
    reader, built_in = Reader(Limits()), rules.builtin()
    steps = Steps(built_in)
    scanner = scan.Scan(reader, steps, built_in)
    data = "\n".join(rows).encode()
    for block in reader.blocks(data[at : at + 65536] for at in range(0, len(data), 65536)):
        scanner.read(block)
    assert steps.failing
    assert reader.count == len(rows)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a|b", "(?:^X)a|b"),
        (r"\^a[^b^]c^", r"\^a[^b^]c(?:^X)"),
        ("[]^]^[^]]^", "[]^](?:^X)[^]](?:^X)"),
        ("[[:alpha:]^]^", "[[:alpha:]^](?:^X)"),
    ],
)
def test_the_start_of_a_line_is_behind_its_stamp(pattern: str, expected: str) -> None:
    """Only a `^` outside of classes moves."""
    assert scan.anchored(pattern, "X") == expected


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_framework_says_which_lines_it_needs(name: str) -> None:
    """One framework without a gate would make every log a hundred times slower."""
    assert hasattr(FRAMEWORKS[name], "GATE")
    assert isinstance(FRAMEWORKS[name].parser(), Gated)


def test_rules_for_reports_are_not_searched_in_other_output() -> None:
    """What a test's report may say proves nothing elsewhere."""
    both = tuple(
        msgspec.structs.replace(
            rules.builtin().rules[0], id=scope, scope=scope, pattern=f"only {scope}"
        )
        for scope in ("test", "job")
    )
    found = scan._evidence(rules.RuleSet(both), stamped=False)
    assert (bool(found.Match("only test")), bool(found.Match("only job"))) == (False, True)
