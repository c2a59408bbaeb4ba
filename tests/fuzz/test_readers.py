"""Readers meet what looks like a log and is none: real lines, spliced, cut, repeated, shuffled.

Random bytes never get past the first line of a parser. What is tried here is grown from lines that
real tools print, so that it goes deep.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.fuzz.seeds import archive, log_lines, seeds
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.fuzz
LOG_LIKE = ("log", "frameworks", "texts", "hub_addresses", "command")
OTHERS = tuple(name for name in TARGETS if name not in LOG_LIKE)

STAMPS = (b"", b"2026-03-02T08:15:20.1145320Z ", b"\xef\xbb\xbf2026-03-02T08:15:20.1145320Z ")
ODDITIES = (
    b"", b"\r", b"\x1b[31m", b"\x1b[36;1m", b"\x00", b"\xff\xfe", b"\xe2\x80\xae", b"::", b"[",
    b"]",
    b"##[error]", b"##[group]Run x", b"##[endgroup]", b"=" * 80, b"_" * 70, b"9" * 5000, b" " * 300,
    b"E   ", b"> ", b"-1", b"0.00s", b"\t", b'"', b"'", b"\\",
)  # fmt: skip
"""What makes a line of a log begin, end or mean something else."""


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """One line: a real one, two halves of real ones, or one with something put into it."""
    first, second = (draw(st.sampled_from(log_lines())) for _ in range(2))
    at = draw(st.integers(0, len(first)))
    kind = draw(st.sampled_from(("whole", "cut", "spliced", "odd", "repeated", "plain")))
    match kind:
        case "cut":
            return first[:at]
        case "spliced":
            return first[:at] + second[draw(st.integers(0, len(second))) :]
        case "odd":
            return first[:at] + draw(st.sampled_from(ODDITIES)) + first[at:]
        case "repeated":
            return first[:at] + first[at:] * draw(st.integers(1, 20))
        case "plain":
            return draw(st.sampled_from(STAMPS)) + first[29:]
        case _:
            return first


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Lines in any order, some many times, the last one perhaps without an end."""
    found = draw(st.lists(lines(), min_size=1, max_size=40))
    if draw(st.booleans()):
        found += draw(st.permutations(found))
    return b"\n".join(found) + draw(st.sampled_from((b"\n", b"", b"\r\n")))


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A seed of a target with pieces taken out, doubled and changed."""
    data = draw(st.sampled_from(list(seeds(name))))
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted(draw(st.integers(0, len(data))) for _ in range(2))
        piece = draw(st.sampled_from((b"", data[start:end] * 2, *ODDITIES)) | st.binary(max_size=8))
        data = data[:start] + piece + data[end:]
    return data


@pytest.mark.parametrize("name", LOG_LIKE)
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(data=logs())
def test_nothing_like_a_log_is_a_crash(name: str, data: bytes) -> None:
    """No exception, and what each target asserts holds."""
    TARGETS[name](data)


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_like_a_file_of_its_kind_is_a_crash(name: str, data: st.DataObject) -> None:
    """The same of files, options and addresses: an expected error is a sentence."""
    TARGETS[name](data.draw(mutated(name)))


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\xff\xfe\x00")
@example(data=b"[" * 100_000)
@example(data=b'{"a":' * 50_000)
def test_no_bytes_are_a_crash(name: str, data: bytes) -> None:
    """Bytes without any sense, and nesting without an end."""
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_fit_to_begin_with(name: str) -> None:
    """The corpus itself breaks nothing, and is not empty."""
    found = list(seeds(name))
    assert found
    for seed in found[::7]:
        TARGETS[name](seed)


def test_a_number_without_an_end_is_a_damaged_archive() -> None:
    """Python refuses to read 5,000 digits: the archive is refused as any other that is broken."""
    TARGETS["archive"](archive({"9" * 5000 + "_test.txt": b"x"}))
