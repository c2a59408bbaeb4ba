"""Commands in comments are read strictly, and only where a reader sees them as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.commands import (
    ITERATIONS,
    LINE_CHARACTERS,
    PROCESSES,
    USES,
    Command,
    Misunderstood,
    Name,
    parse,
)

SHA = "0123456789abcdef0123456789abcdef01234567"
QUIET = Command(name=Name.QUIET)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/flakebot quiet", QUIET),
        ("/flakebot keep-open", Command(name=Name.KEEP_OPEN)),
        ("/flakebot retry", Command(name=Name.RETRY)),
        ("/flakebot fixed", Command(name=Name.FIXED)),
        ("/flakebot flaky", Command(name=Name.FLAKY)),
        ("/flakebot not-a-flake", Command(name=Name.NOT_A_FLAKE)),
        (
            "/flakebot flaky  tests/x.py::test_y[a  b]",
            Command(name=Name.FLAKY, test="tests/x.py::test_y[a b]"),
        ),
        ("/flakebot fixed 0123abc", Command(name=Name.FIXED, sha="0123abc")),
        (f"/flakebot fixed {SHA.upper()}", Command(name=Name.FIXED, sha=SHA)),
        ("/flakebot merge #12", Command(name=Name.MERGE, number=12)),
        ("/flakebot merge 12", Command(name=Name.MERGE, number=12)),
        ("/flakebot explain", Command(name=Name.EXPLAIN)),
        ("/flakebot reproduce", Command(name=Name.REPRODUCE)),
        ("/flakebot reproduce -n 16", Command(name=Name.REPRODUCE, processes=16)),
        (
            "/flakebot reproduce --iterations 1000 -n 64",
            Command(name=Name.REPRODUCE, processes=PROCESSES, iterations=ITERATIONS),
        ),
        ("/flakebot\tQuiet  \r\n", QUIET),
        ("Thanks!\r\n\r\n/flakebot quiet\r\nIt is noise.", QUIET),
        ("```\n/flakebot retry\n```\n/flakebot quiet", QUIET),
        ("`/flakebot retry`\n> /flakebot retry\n    /flakebot retry\n/flakebot quiet", QUIET),
        ("<!-- a -->\n/flakebot quiet", QUIET),
        ("Use `<!--` there.\n\n/flakebot quiet", QUIET),
        ("<!--\n\n/flakebot retry\n-->\n/flakebot quiet", QUIET),
        ("```not a fence```\n/flakebot quiet", QUIET),
    ],
)
def test_a_command_is_read(body: str, expected: Command) -> None:
    """In any case, with text around it."""
    assert parse(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Nothing here",
        "please /flakebot quiet",
        " /flakebot quiet",
        "/flakebots quiet",
        "/Flakebot quiet",
        "> /flakebot quiet",
        "```\n/flakebot quiet\n```",
        "```sh\n/flakebot quiet",
        "````\n```\n/flakebot quiet\n````",
        "~~~\n```\n/flakebot quiet\n~~~",
        "```\n``` x\n/flakebot quiet",
        "   ~~~\n/flakebot quiet",
        "<!--\n/flakebot quiet\n-->",
        "<!--\n\n/flakebot quiet\n-->",
        "a <!--\n/flakebot quiet\n-->",
        "<!-- flakebot:note a -->\n/flakebot quiet",
        "<!-- a --> <!-- b\n/flakebot quiet",
    ],
)
def test_what_a_reader_does_not_see_as_a_command_is_none(body: str) -> None:
    """Code, quotes, comments, the middle of a line, other words."""
    assert parse(body) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("/flakebot", "No command is named."),
        ("/flakebot quite", "did you mean `/flakebot quiet`?"),
        ("/flakebot keepopen", "did you mean `/flakebot keep-open`?"),
        ("/flakebot explain tests/x.py", "The command is written `/flakebot explain`."),
        ("/flakebot not-a-flak", "did you mean `/flakebot not-a-flake [test]`?"),
        ("/flakebot reproduce -n 65", "at most 64 processes and 1000 iterations."),
        ("/flakebot reproduce --iterations 1001", "at most 64 processes"),
        ("/flakebot reproduce -n 0", "at most 64 processes"),
        ("/flakebot reproduce -n", "[-n 16] [--iterations 100]`, with at most"),
        ("/flakebot reproduce -n 4 -n 8", "at most 64 processes"),
        ("/flakebot reproduce 100", "at most 64 processes"),
        ("/flakebot reproduce -n 4;id", "at most 64 processes"),
        ("/flakebot reproduce --tests 1", "at most 64 processes"),
        ("/flakebot dance", "There is no such command. Nothing"),
        ("/flakebot quiet now", "The command is written `/flakebot quiet`."),
        ("/flakebot merge", "The command is written `/flakebot merge #N`."),
        ("/flakebot merge #0", "`/flakebot merge #N`."),
        ("/flakebot merge #1 #2", "`/flakebot merge #N`."),
        ("/flakebot fixed master", "`/flakebot fixed [sha]`."),
        ("/flakebot fixed 012345", "`/flakebot fixed [sha]`."),
        ("/flakebot quiet\n/flakebot retry", "more than one command"),
        ("/flakebot " + "q" * LINE_CHARACTERS, "too long"),
    ],
)
def test_what_is_not_understood_is_answered(body: str, words: str) -> None:
    """With the reason, the nearest command and the list of all."""
    answer = parse(body)
    assert isinstance(answer, Misunderstood)
    assert words in answer.reply
    assert all(use in answer.reply for use in USES.values())


@given(st.text(alphabet="/flakebot quiet@#`~>\n\r\t<!-é", max_size=300))
def test_any_text_is_read_without_an_error_and_never_quoted(text: str) -> None:
    """A reply holds our words alone, so it mentions nobody."""
    answer = parse("/flakebot " + text)
    assert answer is not None
    if isinstance(answer, Misunderstood):
        assert "@" not in answer.reply
        assert len(answer.reply) < 1000


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        ("/flakebot quiet <!-- enough -->", True),
        ("/flakebot <!-- a --> quiet <!-- b -->", True),
        ("/flakebot quiet <!--", False),
        ("/flakebot quiet <!-- to\nthe --> end", False),
    ],
)
def test_what_github_shows_of_a_line_counts(body: str, *, understood: bool) -> None:
    """A comment within a line is not seen; one that does not end there is answered."""
    answer = parse(body)
    assert answer == Command(name=Name.QUIET) if understood else isinstance(answer, Misunderstood)


def test_a_long_comment_is_read_as_far_as_github_takes_one() -> None:
    """What stands behind that is not looked at."""
    assert parse("x\n" * 40_000 + "/flakebot quiet") is None
