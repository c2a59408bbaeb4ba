"""What a command changes, and what is said when it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit import record_builders as b
from tests.unit.memory_forge import BOT, MemoryForge

from flakebot.changes import (
    AddLabels,
    CommentOnIssue,
    React,
    RequestRerun,
    StartWorkflow,
    UpdateIssue,
)
from flakebot.commands import Asked, Command, Misunderstood, Name
from flakebot.errors import InputError
from flakebot.feedback import Word
from flakebot.github_objects import Account, Comment, Issue, Label, Run
from flakebot.sinks import answer, upkeep
from flakebot.sinks.answer import State
from flakebot.views import markers, tracking
from flakebot.views.markers import (
    DIGEST,
    GROUP,
    DigestRow,
    DigestState,
    GroupState,
    IssueState,
    Mark,
)
from flakebot.views.tracking import QUIET, Tracked

NOW = datetime(2026, 2, 1, tzinfo=UTC)
SHA = "0123456789abcdef0123456789abcdef01234567"
KEY = "pytest:tests/x.py::test_y"
DONE = React(comment_id=9, content="+1", reason="")


@dataclass
class Said:
    """A conversation in memory."""

    issues: dict[int, Issue] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    started: Sequence[Run] = ()
    dispatched: bool = False

    def may_write(self, login: str) -> bool:
        """Everybody but eve."""
        return login != "eve"

    def reacted(self, comment_id: int, login: str) -> bool:
        """To comment 1 alone."""
        return comment_id == 1 and bool(login)

    def issue(self, number: int) -> Issue:
        """One of those there are."""
        return self.issues[number]

    def commit(self, name: str) -> str | None:
        """One of those there are."""
        return self.commits.get(name)

    def runs(self, pull_request: int) -> Sequence[Run]:
        """Of pull request 7."""
        return self.started if pull_request == 7 else ()

    def has_started(self, file: str, login: str, since: datetime) -> bool:
        """A workflow, as is said."""
        return self.dispatched and (file, login, since) == ("reproduce.yml", BOT.login, NOW)


def asked(command: Command, *, on_pull: bool = False) -> Asked:
    number = 7 if on_pull else 5
    return Asked(
        comment_id=9,
        author="ada",
        number=number,
        on_pull_request=on_pull,
        created_at=NOW,
        said=command,
    )


def issue(number: int = 5, **fields: object) -> Issue:
    body = f"{markers.mark(Mark.ISSUE, KEY)}\nwords\n{markers.hide(IssueState(opened=3))}"
    made = Issue(number=number, body=body, user=BOT)
    return replace(made, **fields)  # type: ignore[arg-type]  # of a table


def tracked(number: int = 5, **fields: object) -> Tracked:
    return Tracked(issue=issue(number, **fields), key=KEY, state=IssueState(opened=3))


def run(number: int, hours: float, conclusion: str | None = "failure", attempt: int = 1) -> Run:
    return Run(
        id=number,
        head_sha="a",
        conclusion=conclusion,
        run_attempt=attempt,
        run_started_at=NOW + timedelta(hours=hours),
    )


def planned(command: Command, state: State) -> list[object]:
    """The changes but the reaction, which is always last and says yes."""
    on_pull = command.name is Name.RETRY
    *changes, last = answer.plan(asked(command, on_pull=on_pull), command, state).changes
    assert isinstance(last, React)
    assert replace(last, reason="") == DONE
    return list(changes)


def test_a_label_is_added_once() -> None:
    """People see by it what they asked for."""
    quiet = Command(name=Name.QUIET)
    made = planned(quiet, State(tracked=tracked()))
    assert made == [AddLabels(number=5, labels=(QUIET,), reason="a maintainer asks for it")]
    assert planned(quiet, State(tracked=tracked(labels=(Label(name=QUIET),)))) == []


@pytest.mark.parametrize(
    ("before", "commit", "closes", "rewrites"),
    [
        ({}, "", True, False),
        ({}, SHA, True, True),
        ({"state": "closed", "state_reason": "completed"}, "", False, False),
        ({"state": "closed", "state_reason": "completed"}, SHA, True, True),
        ({"state": "closed", "state_reason": "not_planned"}, "", True, False),
        ({"body": "no state"}, SHA, True, False),
    ],
)
def test_fixed_closes_and_remembers_the_commit(
    before: dict[str, object], commit: str, *, closes: bool, rewrites: bool
) -> None:
    """A failure on a commit that contains it opens the issue again."""
    about = tracked(**before)  # type: ignore[arg-type]  # of a table
    if "body" in before:
        about = replace(about, state=None)
    made = planned(Command(name=Name.FIXED), State(tracked=about, commit=commit))
    assert len(made) == closes
    for change in made:
        assert isinstance(change, UpdateIssue)
        assert (change.state, change.state_reason) == ("closed", "completed")
        hidden = markers.reveal(change.body, IssueState)
        assert hidden == (IssueState(opened=3, closed_by=SHA) if rewrites else None)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (Name.FLAKY, {}, None),
        (Name.FLAKY, {"state": "closed", "state_reason": "completed"}, ("open", "reopened")),
        (Name.FLAKY, {"state": "closed", "state_reason": "not_planned"}, ("open", "reopened")),
        (Name.FLAKY, {"state": "closed", "state_reason": "duplicate"}, None),
        (Name.NOT_A_FLAKE, {}, ("closed", "not_planned")),
        (
            Name.NOT_A_FLAKE,
            {"state": "open", "state_reason": "reopened"},
            ("closed", "not_planned"),
        ),
        (
            Name.NOT_A_FLAKE,
            {"state": "closed", "state_reason": "completed"},
            ("closed", "not_planned"),
        ),
        (Name.NOT_A_FLAKE, {"state": "closed", "state_reason": "not_planned"}, None),
        (Name.NOT_A_FLAKE, {"state": "closed", "state_reason": "duplicate"}, None),
    ],
)
def test_a_word_on_a_test_moves_its_issue(
    name: Name, before: dict[str, object], after: tuple[str, str] | None
) -> None:
    """What is no flake stays closed, what is one is open; nothing is written where it is so."""
    made = planned(Command(name=name), State(tracked=tracked(**before)))  # type: ignore[arg-type]  # of a table
    assert [
        (change.state, change.state_reason) for change in made if isinstance(change, UpdateIssue)
    ] == ([after] if after else [])
    assert planned(Command(name=name), State()) == []


@pytest.mark.parametrize(
    ("key", "hidden"),
    [
        (DIGEST, DigestState(rows=(DigestRow(key=KEY),))),
        (f"{GROUP}1", GroupState(members=("0d16e4c0f744f7e3", "351ea1dcfa43bec3"))),
    ],
)
def test_fixed_leaves_what_another_kind_of_issue_remembers(key: str, hidden: object) -> None:
    """A digest knows its tests by it, and a group its members."""
    body = f"{markers.mark(Mark.ISSUE, key)}\nwords\n{markers.hide(hidden)}"
    (about,) = tracking.ours([issue(body=body)], BOT.login)
    (change,) = planned(Command(name=Name.FIXED), State(tracked=about))
    assert isinstance(change, UpdateIssue)
    assert (change.state, change.body) == ("closed", None)


def test_merge_says_where_and_closes() -> None:
    """What stands there already is not said again."""
    command = Command(name=Name.MERGE, number=6)
    note, update = planned(command, State(tracked=tracked(), other=tracked(6)))
    assert isinstance(note, CommentOnIssue)
    assert "tracked in #6" in note.body
    assert isinstance(update, UpdateIssue)
    assert update.state_reason == "duplicate"
    done = tracked(state="closed", state_reason="duplicate")
    again = State(tracked=done, other=tracked(6), told=frozenset({(5, note.key)}))
    assert planned(command, again) == []


@pytest.mark.parametrize(
    "other", [tracked(5), tracked(6, state="closed", state_reason="duplicate")]
)
def test_no_merge_with_itself_or_into_what_is_closed_for_good(other: Tracked) -> None:
    """Nobody would look there."""
    with pytest.raises(InputError, match="is this one, or is closed for good"):
        planned(Command(name=Name.MERGE, number=6), State(tracked=tracked(), other=other))


@pytest.mark.parametrize(
    ("runs", "again"),
    [
        ((run(1, -1), run(2, -1, "success"), run(3, -1, "timed_out")), [1, 3]),
        ((run(1, -1), run(2, -1, "startup_failure")), [1]),
        ((run(1, -1), run(2, 1, None, attempt=2)), [1]),
        ((run(1, 1, None, attempt=2),), []),
        ((replace(run(1, 0), run_started_at=None),), [1]),
    ],
)
def test_retry_runs_again_what_was_not_since(runs: tuple[Run, ...], again: list[int]) -> None:
    """A run started after the comment is the answer to it."""
    made = planned(Command(name=Name.RETRY), State(runs=runs))
    assert [change.run_id for change in made if isinstance(change, RequestRerun)] == again
    assert len(made) == len(again)


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ((), "No finished run"),
        ((run(1, -1, None), run(2, -1, "success")), "No finished run"),
        ((run(1, 1, None),), "No finished run"),
        (tuple(run(n, -1) for n in range(1, answer.RUNS + 2)), "More than 10 runs"),
    ],
)
def test_nothing_to_run_again_is_said(runs: tuple[Run, ...], words: str) -> None:
    """In one sentence."""
    with pytest.raises(InputError, match=words):
        planned(Command(name=Name.RETRY), State(runs=runs))


def test_what_a_command_is_about_is_read() -> None:
    """No more than it needs."""
    forge = MemoryForge(said={5: [Comment(id=1, body=markers.mark(Mark.NOTE, "k"), user=BOT)]})
    said = Said(issues={5: issue(), 6: issue(6)}, commits={"012": SHA}, started=(run(1, 0),))

    def observe(command: Command, *, on_pull: bool = False) -> State:
        return answer.observe(asked(command, on_pull=on_pull), command, forge, said, list)

    assert observe(Command(name=Name.QUIET)) == State(tracked=tracked())
    fixed = observe(Command(name=Name.FIXED, sha="012"))
    assert fixed.commit == SHA
    assert fixed.said
    assert (fixed.said.word, fixed.said.function, fixed.said.commit) == (Word.FIXED, KEY, SHA)
    assert observe(Command(name=Name.RETRY), on_pull=True) == State(runs=(run(1, 0),))
    assert forge.requests == []
    flaky = observe(Command(name=Name.FLAKY))
    assert flaky.said == replace(fixed.said, word=Word.FLAKY, commit="")
    assert forge.requests == []
    merge = observe(Command(name=Name.MERGE, number=6))
    assert merge == State(tracked=tracked(), other=tracked(6), told=frozenset({(5, "k")}))


@pytest.mark.parametrize(
    ("command", "on_pull", "words"),
    [
        (Command(name=Name.RETRY), False, "for a pull request"),
        (Command(name=Name.QUIET), True, "for an issue that flakebot opened"),
        (Command(name=Name.FIXED, sha="abc"), False, "no such commit"),
        (Command(name=Name.MERGE, number=8), False, "Issue 8 is none that flakebot opened"),
        (Command(name=Name.MERGE, number=9), False, "Issue 9 was moved to another repository"),
    ],
)
def test_a_command_that_does_not_fit_is_refused(
    command: Command, words: str, *, on_pull: bool
) -> None:
    """Before anything is planned."""
    said = Said(issues={5: issue(), 8: issue(8, user=Account(login="eve")), 9: issue(40)})
    with pytest.raises(InputError, match=words):
        answer.observe(asked(command, on_pull=on_pull), command, MemoryForge(), said, list)


def test_on_a_pull_request_the_ledger_tells_which_test_is_meant() -> None:
    """It is read for that alone."""
    command = Command(name=Name.FLAKY)
    comment = asked(command, on_pull=True)
    found = answer.observe(comment, command, MemoryForge(), Said(), lambda: [b.failing(1, pr=7)])
    assert found.said
    assert (found.said.function, found.said.number) == (b.KEY, 7)


@pytest.mark.parametrize("dispatched", [False, True])
def test_reproduce_starts_the_workflow_once(*, dispatched: bool) -> None:
    """With numbers alone; what to run it reads from the issue."""
    command = Command(name=Name.REPRODUCE, processes=16)
    said = Said(issues={5: issue()}, dispatched=dispatched)
    state = answer.observe(asked(command), command, MemoryForge(), said, list)
    changes = answer.plan(asked(command), command, state).changes
    assert len(changes) == (1 if dispatched else 2)
    if not dispatched:
        assert isinstance(changes[0], StartWorkflow)
        inputs = {"issue": "5", "levels": "16", "iterations": ""}
        assert (changes[0].file, dict(changes[0].inputs)) == ("reproduce.yml", inputs)


@pytest.mark.parametrize("key", ["cargo:x::y", "pytest:-k::y", "digest"])
def test_what_pytest_cannot_be_given_is_not_reproduced(key: str) -> None:
    """As `flakebot reproduce` would refuse it an hour later."""
    command = Command(name=Name.REPRODUCE)
    with pytest.raises(InputError):
        answer.plan(asked(command), command, State(tracked=replace(tracked(), key=key)))


def test_an_answer_is_given_once() -> None:
    """A second time only the reaction is made."""
    about = asked(Command(name=Name.EXPLAIN))
    note, react = answer.reply(about, "body", frozenset()).changes
    assert isinstance(note, CommentOnIssue)
    assert note.body == "body"
    assert react == replace(DONE, reason=note.reason)
    assert answer.reply(about, "body", frozenset({(5, answer.key(about))})).changes == (react,)


def test_a_refusal_is_one_comment_in_one_line() -> None:
    """Words of GitHub mention nobody and break no line; a second time only the reaction is made."""
    about = asked(Command(name=Name.QUIET))
    note, react = answer.refusal(about, ["@eve\nsaid", "x" * 1000], frozenset()).changes
    assert isinstance(note, CommentOnIssue)
    assert "@eve" not in note.body
    assert len(note.body.splitlines()) == 2
    assert len(note.body) < 600
    assert answer.refusal(about, ["x"], frozenset({(5, note.key)})).changes == (react,)
    helped = answer.help_reply(about, Misunderstood(reply="There is `a`."), frozenset()).changes
    assert isinstance(helped[0], CommentOnIssue)
    assert helped[0].body.endswith("\nThere is `a`.\n")


def test_notes_of_others_are_none() -> None:
    """Anybody can write a marker."""
    mark = markers.mark(Mark.NOTE, "k")
    stranger = Comment(id=1, body=mark, user=Account(login="eve"))
    forge = MemoryForge(said={5: [stranger, Comment(id=2, body="hello", user=BOT)]})
    assert upkeep.notes([5], forge) == frozenset()
