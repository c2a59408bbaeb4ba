"""Hidden markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.github_objects import Account
from flakebot.views import markers
from flakebot.views.markers import IssueState, Mark

KEY = "pytest:tests/x.py::test_y"


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_key_survives_its_marker(key: str) -> None:
    """Any key comes back out of the first line, which stays one line and one comment."""
    line = markers.mark(Mark.ISSUE, key)
    assert key == markers.key_of(Mark.ISSUE, f"{line}\nprose")
    assert [line.count("-->"), len(line.splitlines())] == [1, 1]


def test_a_marker_without_a_key_is_known_again() -> None:
    """The comment on a pull request needs no key."""
    assert markers.key_of(Mark.PULL_REQUEST, markers.mark(Mark.PULL_REQUEST) + "\r\nx") == ""


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        f"said by a person\n{markers.mark(Mark.ISSUE, KEY)}",
        f"{markers.mark(Mark.ISSUE, KEY)} and more",
        f"> {markers.mark(Mark.ISSUE, KEY)}",
        f"<!-- flakebot:issue {KEY} -->",
        markers.mark(Mark.NOTE, KEY),
        "<!-- flakebot:issue",
    ],
)
def test_only_an_exact_first_line_is_a_marker(body: str | None) -> None:
    """A quoted, unencoded, later or other marker is none."""
    assert markers.key_of(Mark.ISSUE, body) is None


@pytest.mark.parametrize("body", [None, "prose", "a\r\nb"])
def test_another_state_takes_the_place_of_the_last(body: str | None) -> None:
    """The text stays; one without a state gets one at its end."""
    once = markers.restate(body, IssueState(opened=1))
    twice = markers.restate(f"{once}\nafter", IssueState(opened=2))
    assert markers.reveal(twice, IssueState) == IssueState(opened=2)
    lines = [*markers.plain(body).split("\n"), markers.hide(IssueState(opened=2)), "after"]
    assert twice.split("\n") == lines


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_a_state_survives_being_hidden(texts: list[str]) -> None:
    """Any state comes back, and is one HTML comment whatever it holds."""
    state = IssueState(opened=7, told=2, state="flaky", fingerprints=tuple(texts))
    line = markers.hide(state)
    assert state == markers.reveal(f"prose\n{line}\n", IssueState)
    assert line.count("-->") == 1


@pytest.mark.parametrize(
    "body",
    [None, "", "prose", "<!-- flakebot:state {] -->", '<!-- flakebot:state {"told":"x"} -->'],
)
def test_a_lost_state_is_none(body: str | None) -> None:
    """What people broke is not guessed at."""
    assert markers.reveal(body, IssueState) is None


def test_the_last_state_counts() -> None:
    """Ours is the last line; what looks like one before it is prose."""
    older, newer = IssueState(told=1), IssueState(told=2)
    body = f"{markers.hide(older)}\n{markers.hide(newer)}"
    assert newer == markers.reveal(body, IssueState)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (None, False),
        (Account(login="github-actions[bot]", type="Bot"), True),
        (Account(login="GitHub-Actions[bot]", type="Bot"), True),
        (Account(login="github-actions"), False),
    ],
)
def test_the_author_decides(user: Account | None, expected: bool) -> None:  # noqa: FBT001  # a table
    """A marker by anybody else means nothing."""
    assert expected is markers.written_by(user, "github-actions[bot]")
