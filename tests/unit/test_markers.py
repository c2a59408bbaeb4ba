"""Hidden markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.changes import CreateLabel, OpenIssue, Receipt, RequestRerun
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


def test_placeholders_become_numbers_or_a_dash() -> None:
    """An issue just opened is named by its number, one that was not is a dash."""
    body = f"a {markers.placeholder(KEY)} b {markers.placeholder('x')} c"
    assert markers.fill(body, {KEY: 12}) == "a #12 b — c"
    assert markers.fill("no placeholder", {KEY: 12}) == "no placeholder"


def test_numbers_come_from_issues_that_were_opened() -> None:
    """Receipts of other changes, of failures and without an address give no number."""
    issue = OpenIssue(key=KEY, title="t", body="b", labels=(), reason="r")
    label = CreateLabel(name="l", color="0", description="")
    receipts = [
        Receipt(change=label, done=True, url="https://github.com/o/r/issues/1"),
        Receipt(change=issue, done=False, url="https://github.com/o/r/issues/2"),
        Receipt(change=issue, done=True, url=""),
        Receipt(change=issue, done=True, url="https://github.com/o/r/issues/12"),
    ]
    assert markers.numbers(receipts) == {KEY: 12}


ASKED = RequestRerun(run_id=9, attempt=1, reason="x")


@pytest.mark.parametrize(
    ("receipts", "told"),
    [
        ([], "re-run requested"),
        ([Receipt(change=ASKED, done=True)], "re-run requested"),
        (
            [Receipt(change=ASKED, done=False, reason="GitHub says\n*no* to @you")],
            "not run again: GitHub says \\*no\\* to @\u200byou",
        ),
    ],
)
def test_what_became_of_a_rerun_is_told(receipts: list[Receipt], told: str) -> None:
    """In GitHub's words when it refused, which are made inert."""
    assert markers.answered(f"a {markers.RERUN} b", receipts) == f"a {told} b"


@pytest.mark.parametrize(
    ("body", "wanted", "same"),
    [
        ("a\r\n", "a", True),
        ("a", "b", False),
        ("a more", "a", False),
        ("a re-run requested b", f"a {markers.RERUN} b", True),
        ("a not run again: no. b", f"a {markers.RERUN} b", True),
        ("a not run again: no.", f"a {markers.RERUN}", True),
        ("a x b y c", f"a {markers.RERUN} b {markers.RERUN} c", True),
        ("a x", f"a {markers.RERUN} b", False),
        ("a x\ny b", f"a {markers.RERUN} b", False),
        (f"a {'x' * 700} b", f"a {markers.RERUN} b", False),
        ("a x b c", f"a {markers.RERUN} b", False),
        ("z x b", f"a {markers.RERUN} b", False),
    ],
)
def test_a_body_is_the_same_whatever_became_of_the_rerun(
    body: str, wanted: str, *, same: bool
) -> None:
    """One sentence may differ, and nothing around it."""
    assert markers.same(body, wanted) is same
