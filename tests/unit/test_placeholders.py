"""What stands in a text until the changes before it are applied."""

from __future__ import annotations

import pytest

from flakebot.changes import CreateLabel, OpenIssue, Receipt, RequestRerun
from flakebot.views import placeholders

KEY = "pytest:tests/x.py::test_y"


def test_placeholders_become_numbers_or_a_dash() -> None:
    """An issue just opened is named by its number, one that was not is a dash."""
    body = f"a {placeholders.placeholder(KEY)} b {placeholders.placeholder('x')} c"
    assert placeholders.numbered(body, {KEY: 12}) == "a #12 b — c"
    assert placeholders.numbered("no placeholder", {KEY: 12}) == "no placeholder"


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
    body = f"a {placeholders.placeholder(KEY)}"
    assert placeholders.filled(body, receipts) == "a #12"
    assert placeholders.filled(body, receipts[:3]) == "a —"


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
    assert placeholders.filled(f"a {placeholders.RERUN} b", receipts) == f"a {told} b"


@pytest.mark.parametrize(
    ("body", "wanted", "same"),
    [
        ("a\r\n", "a", True),
        ("a", "b", False),
        ("a more", "a", False),
        ("a re-run requested b", f"a {placeholders.RERUN} b", True),
        ("a not run again: no. b", f"a {placeholders.RERUN} b", True),
        ("a not run again: no.", f"a {placeholders.RERUN}", True),
        ("a x b y c", f"a {placeholders.RERUN} b {placeholders.RERUN} c", True),
        ("a x", f"a {placeholders.RERUN} b", False),
        ("a x\ny b", f"a {placeholders.RERUN} b", False),
        (f"a {'x' * 700} b", f"a {placeholders.RERUN} b", False),
        ("a x b c", f"a {placeholders.RERUN} b", False),
        ("z x b", f"a {placeholders.RERUN} b", False),
    ],
)
def test_a_body_is_the_same_whatever_became_of_the_rerun(
    body: str, wanted: str, *, same: bool
) -> None:
    """One sentence may differ, and nothing around it."""
    assert placeholders.same(body, wanted) is same
