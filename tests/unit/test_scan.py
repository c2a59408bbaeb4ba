"""The search of whole blocks finds every line that matters, wherever the bytes were cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from flakebot import logs
from flakebot.frameworks import FRAMEWORKS
from flakebot.frameworks.reading import Gated, Reading
from flakebot.logs import Block, Line, Reader
from flakebot.reading import rules, scan
from flakebot.reading.job_causes import Evidence, Steps
from flakebot.settings import Limits

STAMP = "2026-02-03T17:46:30.1837739Z "
LOGS = sorted((Path(__file__).parent.parent / "fixtures" / "logs").glob("*.log"))
MARK = b"\xef\xbb\xbf"
SHORT = ("cargo", "xdist", "go-panics")
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


class EveryLine(scan.Scan):
    """The plain way: every line becomes a `Line` and is shown to every framework."""

    def read(self, block: Block) -> None:
        """Take each line of the next block."""
        for number, row in enumerate(block.data[1:-1].split(b"\n"), block.number):
            self._exactly(row, number)

    def _feed(self, line: Line) -> bool:
        taken = [parser.feed(line) for parser in self._each]
        return any(taken)


def found(data: bytes, cuts: list[int], way: type[scan.Scan] = scan.Scan) -> Found:
    """What is read of bytes that come cut at these places."""
    reader, built_in = Reader(Limits()), rules.builtin()
    steps = Steps(built_in)
    scanner = way(reader, steps, built_in)
    places = [0, *cuts, len(data)]
    for block in reader.blocks(data[at:end] for at, end in pairwise(places)):
        scanner.read(block)
    said = (steps.stop, steps.failing, steps.errors, steps.complete)
    return scanner.readings(), steps.evidence(everything=True), said


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_recorded_log_reads_the_same_by_either_way(path: Path) -> None:
    """What is skipped would have changed nothing."""
    data = path.read_bytes()
    assert found(data, []) == found(data, [], EveryLine)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=40), st.integers(1, 400)
)
def test_any_log_reads_the_same_by_either_way(rows: list[tuple[str, bool]], size: int) -> None:
    """With and without stamps, mixed, and cut anywhere."""
    data = "".join(f"{STAMP if stamped else ''}{text}\n" for text, stamped in rows).encode()
    assert found(data, list(range(size, len(data), size))) == found(data, [], EveryLine)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("stem", SHORT)
def test_a_cut_at_any_byte_changes_nothing(
    stem: str, ends: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small blocks, and a chunk that ends at each byte in turn: of a mark, a character, a colour, a
    line end, a line longer than may be kept.
    """
    data = LOGS[0].with_name(f"{stem}.log").read_bytes().replace(b"\r\n", b"\n")
    rows = data.removeprefix(MARK).split(b"\n")[-24:]
    rows[4:4] = [STAMP.encode() + "\u00e9\u2713\U0001f600 \x1b[31mred\x1b[0m".encode() + b"x" * 300]
    data = MARK + ends.join(rows)
    limits = Limits(line_bytes=200)
    monkeypatch.setattr(logs, "_READ", 128)
    whole = list(Reader(limits).lines([data]))
    reading = found(data, [])
    assert len(whole) == len(rows) - (not rows[-1])
    for at in range(len(data) + 1):
        assert list(Reader(limits).lines([data[:at], data[at:]])) == whole
    for at in range(0, len(data) + 1, 7):
        assert found(data, [at]) == reading


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
    gate = getattr(FRAMEWORKS[name], "GATE", "")
    assert gate
    assert re2.search(gate, "2026-02-03 INFO nothing of interest: 12 of 34 %") is None
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
