"""GitHub's envelope is taken off, in bounded memory, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.logs import Line, Reader, read_lines, seconds_between
from flakebot.settings import Limits

STAMP = "2026-02-03T17:46:30.1837739Z"
NEXT = "2026-02-03T17:46:31.1837739Z"


def lines(text: str | bytes, limits: Limits | None = None) -> list[Line]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_lines([data], limits or Limits()))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"\ufeff{STAMP} hello", Line(1, "hello", STAMP)),
        (f"{STAMP} ", Line(1, "", STAMP)),
        ("no stamp", Line(1, "no stamp")),
        (f"{STAMP} \x1b[31m\x1b[1mred\x1b[0m", Line(1, "red", STAMP)),
        (f"{STAMP} \x1b]8;;https://x\x07link\x1b]8;;\x1b\\", Line(1, "link", STAMP)),
        (f"{STAMP} 10 %\r 50 %\r100 %\r", Line(1, "100 %", STAMP)),
        (f"{STAMP} \r\r", Line(1, "", STAMP)),
        (f"job / a\tRun tests\t{STAMP} hello", Line(1, "hello", STAMP)),
        (f"job / a\tUNKNOWN STEP\t\ufeff{STAMP} hello", Line(1, "hello", STAMP)),
        ("a\tb\tno stamp here", Line(1, "a\tb\tno stamp here")),
        ("[2025-06-28T09:19:58Z] FAILED", Line(1, "FAILED", "2025-06-28T09:19:58Z")),
        ("nul \x00 inside", Line(1, "nul � inside")),
    ],
)
def test_a_line_without_its_envelope(raw: str, expected: Line) -> None:
    """Stamps, marks, colours, columns and overwritten text go; the rest stays."""
    assert lines("x" * 8000 + "\n" + raw)[1] == expected._replace(number=2)


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    """One bad byte costs one character."""
    assert lines(b"caf\xe9 ok") == [Line(1, "caf� ok")]


def test_echoed_scripts_are_marked() -> None:
    """What a `run:` step shows of its script was not executed yet."""
    text = """##[group]Run pytest
env:
##[endgroup]
output
\x1b[36;1mpytest || exit 1\x1b[0m
##[group]Docker build
a step of the build
##[endgroup]"""
    expected = [True, True, True, False, True, False, False, False]
    assert [line.echoed for line in lines(text)] == expected


def test_an_endless_line_is_cut() -> None:
    """A line longer than the limit keeps its head, however it arrives."""
    limits = Limits(line_bytes=10)
    assert lines("a" * 50 + "\nb", limits) == [Line(1, "a" * 10), Line(2, "b")]
    pieces = (b"a" * 1024 * 1024 for _ in range(3))
    assert list(read_lines(pieces, limits)) == [Line(1, "a" * 10)]


@pytest.mark.parametrize(
    ("chunks", "has_cut"),
    [
        ([b"a" * 10 + b"\nb"], False),
        ([b"a" * 11 + b"\nb"], True),
        ([b"a\n" + b"x" * 20 + b"\rshort\n"], False),
        ([f"{STAMP} {'a' * 10}\n".encode()], False),
        ([f"{STAMP} {'a' * 11}\n".encode()], True),
        ([b"a" * 1024 * 1024] * 2, True),
        ([], False),
    ],
)
def test_a_cut_line_is_known(chunks: list[bytes], *, has_cut: bool) -> None:
    """What was overwritten is no text that is missing, nor is the stamp a part of a line."""
    reader = Reader(Limits(line_bytes=10))
    assert all(len(line.text) <= 10 for line in reader.lines(chunks))
    assert reader.has_cut is has_cut


def test_a_block_ends_at_a_line_end() -> None:
    """A log longer than what is cleaned at a time reads as one."""
    row = f"{STAMP} {'x' * 100}\n".encode()
    found = list(read_lines([row * 6000, row * 6000], Limits()))
    assert {line.text for line in found} == {"x" * 100}
    assert found[-1].number == 12000


@pytest.mark.parametrize(
    ("chunks", "limits", "problem", "count"),
    [
        ([], Limits(), "The log is empty.", 0),
        ([b""], Limits(), "The log is empty.", 0),
        ([b"PK\x03\x04\x00\x00"], Limits(), "The log is no text: it holds NUL bytes.", 0),
        ([b"PK", b"\x03\x04", b"\x00"], Limits(), "The log is no text: it holds NUL bytes.", 0),
        ([b"a\nb\n", b"c\nd\n"], Limits(log_bytes=6), "Only the first 6 bytes were read.", 3),
        ([b"a\n"], Limits(), "", 1),
    ],
)
def test_what_is_wrong_with_a_log_is_known(
    chunks: list[bytes], limits: Limits, problem: str, count: int
) -> None:
    """Empty logs, files that are no text, and logs over the limit say so."""
    reader = Reader(limits)
    assert len(list(reader.lines(chunks))) == count
    assert reader.problem == problem


def test_a_reader_knows_an_envelope() -> None:
    """Only a log with GitHub's stamps can show that a job went well."""
    for text, expected in ((f"{STAMP} a", True), ("a\nb", False)):
        reader = Reader(Limits())
        list(reader.lines([text.encode()]))
        assert reader.enveloped is expected


def test_seconds_between_two_stamps() -> None:
    """The time between two stamps; what is no stamp gives 0."""
    assert seconds_between(STAMP, NEXT) == 1
    assert seconds_between("", NEXT) == 0


def test_half_a_line_at_the_limit_is_dropped() -> None:
    """What the limit cuts off might have said the opposite."""
    reader = Reader(Limits(log_bytes=12))
    assert [line.text for line in reader.lines([b"whole\n", b"0 failed of 3\n"])] == ["whole"]
    assert reader.problem == "Only the first 12 bytes were read."


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_give_numbered_lines(data: bytes, size: int) -> None:
    """No bytes raise, and where chunks end changes nothing."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    whole = list(read_lines([data], Limits()))
    assert [line.number for line in whole] == list(range(1, len(whole) + 1))
    if b"\x00" not in data:
        assert list(read_lines(pieces, Limits())) == whole
