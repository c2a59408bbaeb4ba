from __future__ import annotations

import pytest
from tests.unit.memory_forge import BOT, MemoryForge

from flakebot.github_objects import Comment, Issue
from flakebot.sinks import reproduction_comment
from flakebot.views import markers
from flakebot.views.markers import Mark

NUMBER = 71


def body(text: str) -> str:
    return f"{markers.mark(Mark.REPRODUCTION, reproduction_comment.KEY)}\n{text}\n"


def forge(*comments: str, lost: int = 0, swallowed: int = 0) -> MemoryForge:
    said = [Comment(id=n, body=text, user=BOT) for n, text in enumerate(comments, start=1)]
    return MemoryForge(
        listed={NUMBER: Issue(number=NUMBER)}, said={NUMBER: said}, lost=lost, swallowed=swallowed
    )


def bodies(forge: MemoryForge) -> list[str | None]:
    return [comment.body for comment in forge.said[NUMBER]]


def test_the_first_report_is_a_new_comment() -> None:
    """Beside whatever else stands there."""
    there = forge("hello", markers.mark(Mark.NOTE, "1"))
    assert reproduction_comment.post(there, NUMBER, body("one"))
    assert bodies(there)[2:] == [body("one")]


def test_the_next_report_takes_its_place() -> None:
    """There is one, however often it is posted; the oldest is kept if there are two."""
    there = forge(body("one"), body("other"))
    reproduction_comment.post(there, NUMBER, body("two"))
    assert bodies(there) == [body("two"), body("other")]


def test_the_same_report_is_not_written_again() -> None:
    """GitHub's line ends do not matter."""
    there = forge(body("one").replace("\n", "\r\n"))
    reproduction_comment.post(there, NUMBER, body("one"))
    assert bodies(there) == [body("one").replace("\n", "\r\n")]


@pytest.mark.parametrize(("lost", "swallowed"), [(1, 0), (0, 1)])
def test_an_answer_that_is_lost_leaves_one_comment(lost: int, swallowed: int) -> None:
    """Whether it was written before the answer was lost, or not."""
    there = forge(lost=lost, swallowed=swallowed)
    reproduction_comment.post(there, NUMBER, body("one"))
    assert bodies(there) == [body("one")]
