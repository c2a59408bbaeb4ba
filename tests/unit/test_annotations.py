"""Annotations as workflow command lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v

from flakebot.model import Category, Place
from flakebot.report import Kind
from flakebot.sinks import annotations as notes


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (Kind.NEW, "::error file=tests/router/test_router.py,title=New failure::"),
        (Kind.BROKEN, "::warning file=tests/router/test_router.py,title=Not new%2C fails"),
        (Kind.UNCLASSIFIED, "::warning file=tests/router/test_router.py,title=Failure that"),
        (Kind.FLAKY, "::notice file=tests/router/test_router.py,title=Flaky::"),
        (Kind.INFRA, "::notice file=tests/router/test_router.py,title=Infrastructure failure::"),
    ],
)
def test_the_verdict_decides_the_type(kind: Kind, start: str) -> None:
    """Only what is new is an error."""
    (line,) = notes.lines(v.report(v.finding(kind)))
    assert start == line[: len(start)]


def test_a_line_is_named_as_github_numbers_it() -> None:
    """The step and the line in it, where they are known; else the line of the whole log."""
    here = replace(v.seen(), place=Place(step=3, line=12))
    (known,) = notes.lines(v.report(v.finding(Kind.NEW, at=here)))
    (unknown,) = notes.lines(v.report(v.finding(Kind.NEW, at=replace(here, place=Place()))))
    assert ", step 3, line 12)" in known
    assert f", line {here.line})" in unknown


@pytest.mark.parametrize(
    ("test", "message"),
    [(v.ROUTER, f"{v.ROUTER}: m (test (amd64)) — "), ("", "job test (amd64): m — ")],
)
def test_no_line_is_named_where_there_is_none(test: str, message: str) -> None:
    """What is known from JUnit alone, and a job whose log says nothing, stand in no line."""
    (line,) = notes.lines(v.report(v.finding(Kind.NEW, test, at=v.seen(line=0, text="m"))))
    assert f"::{message}" in line


def test_events_are_told_once() -> None:
    """An outage is one notice, with what became of it."""
    (line,) = notes.lines(v.report(events=(v.outage(),), records=(v.record(1, OUTAGE_JOB),)))
    assert line == (
        "::notice title=Hugging Face outage::ReadTimeoutError: "
        "HTTPSConnectionPool(host='huggingface.co', port=443) (hit 2 tests in 1 job) "
        "— recovered after 12 s"
    )


OUTAGE_JOB = v.job("test (arm64)", 12)


def test_a_red_job_nobody_explains_is_a_warning() -> None:
    """Silence would look like a pass."""
    (line,) = notes.lines(v.report(records=(v.record(1, v.job("docs", 14)),)))
    assert line == "::warning title=Job failed%2C no reason found::docs: Run tests"


def test_ten_of_a_type_are_kept_and_the_last_says_so() -> None:
    """The runner would drop the rest without a word."""
    findings = [v.finding(Kind.NEW, f"tests/a.py::test_{i}") for i in range(12)]
    lines = notes.lines(v.report(*findings, v.finding()))
    assert len(lines) == 11
    assert lines[9] == "::error title=flakebot::3 more are in the job summary"


def test_hostile_text_stays_one_command() -> None:
    """Neither an id nor a message ends the line, sets a property or starts a command."""
    test = "x.py::t[\n::set-output name=a::b\r##[error]x,file=/etc/passwd]"
    at = v.seen(text="m\n::stop-commands::x\x1b[31m", category=Category.ASSERTION)
    (line,) = notes.lines(v.report(v.finding(Kind.NEW, test, at=at)))
    assert [line] == line.splitlines()
    assert "##[" not in line
    assert "\x1b" not in line
    assert line.startswith("::error file=x.py,title=New failure::")


def test_a_long_message_is_cut() -> None:
    """Below what the runner keeps, so that the end is ours."""
    (line,) = notes.lines(v.report(v.finding(Kind.NEW, at=v.seen(text="x" * 9000))))
    assert len(line) < 4096
