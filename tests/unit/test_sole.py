"""Comments stand there once, though several runs write them at the same moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.unit.memory_forge import BOT, MemoryForge

from flakebot.github_objects import Comment
from flakebot.settings import Limits
from flakebot.sinks import sole
from flakebot.views import comment_sections, markers
from flakebot.views.comment_sections import Section
from flakebot.views.markers import Mark

NOTE = f"{markers.mark(Mark.NOTE, '1 flaky')}\nnote\n"


@dataclass
class Busy(MemoryForge):
    """Others write as well: before our comment, right after it, and when it is edited."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)

    def create_comment(self, number: int, body: str) -> Comment:
        """Write it between theirs."""
        self._say(number, self.before)
        made = super().create_comment(number, body)
        self._say(number, self.after)
        return made

    def update_comment(self, number: int, comment_id: int, body: str) -> Comment:
        """Edit it, which another run does too, from what it read before."""
        made = super().update_comment(number, comment_id, body)
        if self.edited:
            super().update_comment(number, comment_id, self.edited.pop())
        return made

    def _say(self, number: int, texts: list[str]) -> None:
        for text in texts:
            comment = Comment(id=self._number(), body=text, user=BOT)
            self.said.setdefault(number, []).append(comment)


def post(*workflows: str, sha: str = "c1") -> str:
    """A comment on a pull request with what these workflows say."""
    sections = [Section(workflow=w, sha=sha, rank=1, text=f"**{w} failed**") for w in workflows]
    return comment_sections.join(sections, Limits())


def texts(on: MemoryForge, number: int) -> list[str | None]:
    return [comment.body for comment in on.said[number]]


def workflows(on: MemoryForge, number: int) -> list[list[str]]:
    return [
        [section.workflow for section in comment_sections.split(text)] for text in texts(on, number)
    ]


def test_of_the_same_note_the_oldest_stays() -> None:
    """Whoever looks deletes the others, also those of runs that have ended since."""
    on = Busy(before=[NOTE, "other"], after=[NOTE])
    made = sole.comment(on, 5, Mark.NOTE, "1 flaky", NOTE)
    assert texts(on, 5) == [NOTE, "other"]
    assert made.id == on.said[5][0].id


def test_alone_it_costs_one_look() -> None:
    """And nothing else."""
    on = Busy()
    sole.comment(on, 5, Mark.NOTE, "1 flaky", NOTE)
    assert on.requests == ["create_comment", "comments"]


def test_a_list_that_is_late_is_believed_to_be() -> None:
    """What was just written is there, whatever the list says."""
    on = Busy()
    made = sole.comment(on, 5, Mark.NOTE, "another key", NOTE)
    assert texts(on, 5) == [made.body] == [NOTE]


def test_what_two_workflows_say_is_joined() -> None:
    """In the older comment; what was said of another commit goes."""
    on = Busy(before=[post("Docs")])
    sole.comment(on, 7, Mark.PULL_REQUEST, "", post("CI"))
    assert workflows(on, 7) == [["CI", "Docs"]]
    on = Busy(before=[post("Docs", sha="c0")])
    sole.comment(on, 7, Mark.PULL_REQUEST, "", post("CI"))
    assert workflows(on, 7) == [["CI"]]


def test_what_a_later_comment_says_is_taken_over() -> None:
    """Of a run that ended before it could do so; what it says of another commit goes with it."""
    on = Busy(before=[post("Docs"), post("Lint"), post("Old", sha="c0")])
    sole.comment(on, 7, Mark.PULL_REQUEST, "", post("CI"))
    assert workflows(on, 7) == [["CI", "Docs", "Lint"]]
    on = standing(post("A"))
    on.said[7].append(Comment(id=2, body=post("Docs"), user=BOT))
    sole.update(on, 7, 1, post("CI", "A"), "CI")
    assert workflows(on, 7) == [["A", "CI", "Docs"], ["Docs"]]


def test_an_edit_that_was_written_over_is_made_again() -> None:
    """A third run edited the comment from what it had read before ours."""
    on = Busy(before=[post("Docs")], edited=[post("Docs", "Lint")])
    sole.comment(on, 7, Mark.PULL_REQUEST, "", post("CI"))
    assert workflows(on, 7) == [["CI", "Docs", "Lint"]]


def test_it_ends_while_others_go_on() -> None:
    """After a few looks; the next run mends what is missing."""
    on = Busy(before=[post("Docs")], edited=[post("Docs")] * 99)
    made = sole.comment(on, 7, Mark.PULL_REQUEST, "", post("CI"))
    assert on.requests.count("comments") == sole.LOOKS
    assert made.id == on.said[7][0].id


def standing(said: str, *edited: str) -> Busy:
    return Busy(said={7: [Comment(id=1, body=said, user=BOT)]}, edited=list(edited))


def test_an_edit_that_another_run_undoes_is_made_again() -> None:
    """It read the comment before ours was written, and has a part of its own there by now."""
    on = standing(post("A"), post("A", "Lint"))
    made = sole.update(on, 7, 1, post("CI", "A"), "CI")
    assert workflows(on, 7) == [["A", "CI", "Lint"]]
    assert (made.id, on.requests.count("update_comment")) == (1, 3)


def test_an_edit_is_made_as_planned_when_nobody_else_writes() -> None:
    """One write between two looks; what stands there already is not written."""
    on = standing(post("A"))
    for writes in (1, 1):
        sole.update(on, 7, 1, post("CI", "A"), "CI")
        assert on.requests.count("update_comment") == writes
    assert texts(on, 7) == [post("CI", "A")]


def test_an_edit_gives_up_at_last_and_says_what_stands_there() -> None:
    """Others who never stop do not keep a run for ever."""
    on = standing(post("A"), post("A"), post("B"), post("A"))
    assert sole.update(on, 7, 1, post("CI", "A"), "CI").id == 1
    assert on.requests.count("comments") == 1 + sole.LOOKS


def test_parts_that_went_meanwhile_leave_the_plan() -> None:
    """Where nothing is left to say, what was planned is said."""
    assert comment_sections.renewed((), post("A"), "CI") == post("A")
