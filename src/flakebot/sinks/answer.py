"""Does what a maintainer's command asks for, and says so by a reaction, or why not in a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from flakebot import untrusted
from flakebot.changes import (
    AddLabels,
    Change,
    CommentOnIssue,
    Plan,
    React,
    RequestRerun,
    StartWorkflow,
    UpdateIssue,
)
from flakebot.commands import Asked, Command, Misunderstood, Name
from flakebot.errors import InputError
from flakebot.feedback import Feedback
from flakebot.github_objects import RED, Run
from flakebot.model import value
from flakebot.ports import Conversation, Forge
from flakebot.records import RunRecord
from flakebot.reproduction.tracked import file_of
from flakebot.sinks import upkeep, word
from flakebot.sinks.upkeep import Notes
from flakebot.views import markers, render, tracking
from flakebot.views.markers import IssueState, Mark
from flakebot.views.tracking import Tracked

RUNS = 10
"""Most runs that one command starts again."""

REPRODUCE = "reproduce.yml"
"""The repository's workflow that runs a test many times (examples/reproduce.yml)."""

_REASON_CHARACTERS = 300
_FAILED = RED - {"startup_failure"}
"""Without runs that never started: GitHub runs none again whose workflow file is broken
(cli/cli#9221)."""

_ANYWHERE = frozenset({Name.FLAKY, Name.NOT_A_FLAKE})
_LABELS = {Name.QUIET: tracking.QUIET, Name.KEEP_OPEN: tracking.KEEP_OPEN}


@value
class State:
    """What a command is about: an issue of ours, the one it names, or runs of a pull request.

    `commit` is the full hash of the one it names, `told` are the notes that stand there already;
    `said` is what the ledger keeps of it; `started` says that the workflow was started for it.
    """

    tracked: Tracked | None = None
    other: Tracked | None = None
    commit: str = ""
    runs: tuple[Run, ...] = ()
    told: Notes = frozenset()
    said: Feedback | None = None
    started: bool = False


def observe(
    asked: Asked,
    command: Command,
    forge: Forge,
    conversation: Conversation,
    records: Callable[[], Sequence[RunRecord]],
) -> State:
    """Read what the command is about; `records` reads the ledger.

    Raises:
        FlakebotError: it cannot be read, or the command does not fit where it stands.

    """
    elsewhere = asked.on_pull_request != (command.name is Name.RETRY)
    if elsewhere and command.name not in _ANYWHERE:
        place = "a pull request" if command.name is Name.RETRY else "an issue that flakebot opened"
        raise InputError(f"The command is for {place}.")
    if command.name is Name.RETRY:
        return State(runs=tuple(conversation.runs(asked.number)))
    repository = forge.repository().full_name
    if asked.on_pull_request:
        return State(said=word.on_pull_request(asked, command, records(), repository))
    tracked = ours(asked.number, forge, conversation)
    if command.name is Name.MERGE:
        other = ours(command.number, forge, conversation)
        return State(tracked=tracked, other=other, told=upkeep.notes([asked.number], forge))
    if command.name is Name.REPRODUCE:
        started = conversation.has_started(REPRODUCE, forge.bot(), asked.created_at)
        return State(tracked=tracked, started=started)
    commit = conversation.commit(command.sha) if command.sha else ""
    if commit is None:
        raise InputError("The repository has no such commit.")
    said = None
    if command.name in word.WORDS:
        said = word.on_issue(asked, command, tracked, repository, commit)
    return State(tracked=tracked, commit=commit, said=said)


def plan(asked: Asked, command: Command, state: State) -> Plan:
    """What to change, with the reaction last.

    Raises:
        InputError: nothing can be done, and why.

    """
    changes = tuple(_changes(asked, command, state))
    reason = f"`/flakebot {command.name}` is done"
    return Plan(
        changes=(*changes, React(comment_id=asked.comment_id, content="+1", reason=reason)),
    )


def refusal(asked: Asked, sentences: Sequence[str], told: Notes) -> Plan:
    """The one comment that says why nothing, or not everything, was done.

    Args:
        asked: the comment with the command.
        sentences: why, of which some may be GitHub's words.
        told: the notes that stand there already.
    """
    lines = [render.short(" ".join(sentence.split()), _REASON_CHARACTERS) for sentence in sentences]
    said = [untrusted.inline(line) for line in lines]
    return _refused(asked, "Not done: " + " ".join(dict.fromkeys(said)), told)


def help_reply(asked: Asked, said: Misunderstood, told: Notes) -> Plan:
    """The one comment that says which commands there are."""
    return _refused(asked, said.reply, told)


def key(asked: Asked) -> str:
    """By which the one answer to a comment is found again."""
    return f"answer to {asked.comment_id}"


def reply(asked: Asked, body: str, told: Notes) -> Plan:
    """A comment that is the answer, whose first line is the marker of its key, and the reaction."""
    return _answered(asked, body, told, "+1", "a maintainer asks for it")


def _refused(asked: Asked, text: str, told: Notes) -> Plan:
    body = f"{markers.mark(Mark.NOTE, key(asked))}\n{text}\n"
    return _answered(asked, body, told, "confused", "a maintainer's command was not done")


def _answered(
    asked: Asked,
    body: str,
    told: Notes,
    reaction: Literal["+1", "confused"],
    reason: str,
) -> Plan:
    own = key(asked)
    note = CommentOnIssue(number=asked.number, key=own, body=body, reason=reason)
    react = React(comment_id=asked.comment_id, content=reaction, reason=reason)
    return Plan(changes=(react,) if (asked.number, own) in told else (note, react))


def ours(number: int, forge: Forge, conversation: Conversation) -> Tracked:
    """An issue that is flakebot's own, by its marker and its author."""
    issue = conversation.issue(number)
    if issue.number != number:  # GitHub leads from an issue that was moved to where it is now
        raise InputError(f"Issue {number} was moved to another repository.")
    found = tracking.ours([issue], forge.bot())
    if not found:
        raise InputError(f"Issue {number} is none that flakebot opened.")
    return found[0]


def _changes(asked: Asked, command: Command, state: State) -> Iterator[Change]:
    if state.tracked is None:
        if command.name is Name.RETRY:
            yield from _again(asked, state.runs)
    elif state.other is not None:
        yield from _merged(state.tracked, state.other, state.told)
    elif command.name is Name.FIXED:
        yield from _fixed(state.tracked, state.commit)
    elif command.name in _ANYWHERE:
        yield from _judged(state.tracked, flaky=command.name is Name.FLAKY)
    elif command.name is Name.REPRODUCE:
        yield from _reproduced(state.tracked, command, started=state.started)
    elif not state.tracked.has(label := _LABELS[command.name]):
        number, reason = state.tracked.number, "a maintainer asks for it"
        yield AddLabels(number=number, labels=(label,), reason=reason)


def _fixed(tracked: Tracked, commit: str) -> Iterator[Change]:
    """Close as completed; a failure on a commit that contains the fix opens it again, by ancestry
    of the commit that was named, else of what the default branch was at the closing.
    """
    hidden = replace(tracked.state or IssueState(), closed_by=commit or None)
    body = markers.restate(tracked.issue.body, hidden)
    changed = body if tracked.state and body != markers.plain(tracked.issue.body) else None
    if tracked.open or tracked.issue.state_reason != "completed" or changed:
        yield UpdateIssue(
            number=tracked.number,
            key=tracked.key,
            body=changed,
            state="closed",
            state_reason="completed",
            reason="a maintainer says that it is fixed",
        )


def _judged(tracked: Tracked, *, flaky: bool) -> Iterator[Change]:
    """Close as not planned what is no flake, so that it stays closed, and open again what is one; a
    duplicate is left to the issue that it is one of.
    """
    is_so = tracked.open if flaky else tracked.dismissed
    if is_so or tracked.issue.state_reason == "duplicate":
        return
    yield UpdateIssue(
        number=tracked.number,
        key=tracked.key,
        state="open" if flaky else "closed",
        state_reason="reopened" if flaky else "not_planned",
        reason=f"a maintainer says that it is {'a' if flaky else 'no'} flake",
    )


def _reproduced(tracked: Tracked, command: Command, *, started: bool) -> Iterator[Change]:
    """Start the workflow that runs the issue's test many times: what to run it reads from the
    issue's marker itself.
    """
    file_of(tracked.key)
    if not started:
        inputs = (
            ("issue", str(tracked.number)),
            ("levels", str(command.processes or "")),
            ("iterations", str(command.iterations or "")),
        )
        yield StartWorkflow(file=REPRODUCE, inputs=inputs, reason="a maintainer asks for it")


def _merged(tracked: Tracked, other: Tracked, told: Notes) -> Iterator[Change]:
    """Close as a duplicate, unless the issue that is to stay cannot."""
    if tracked.number == other.number or other.dismissed:
        raise InputError(f"Issue {other.number} is this one, or is closed for good itself.")
    reason = f"a maintainer says that issue #{other.number} tracks the same"
    yield from upkeep.duplicate(tracked, other.number, told, reason)


def _again(asked: Asked, runs: Sequence[Run]) -> Iterator[Change]:
    """Run the failed jobs again, unless they were since the comment was written."""
    since = [run for run in runs if run.run_started_at and run.run_started_at >= asked.created_at]
    failed = [run for run in runs if run.conclusion in _FAILED and run not in since]
    if not failed and not any(run.run_attempt > 1 for run in since):
        raise InputError(
            "No finished run of this pull request's newest commit has failed jobs to run again."
        )
    if len(failed) > RUNS:
        raise InputError(f"More than {RUNS} runs of the newest commit have failed jobs.")
    for run in failed:
        reason = "a maintainer asks for it"
        yield RequestRerun(run_id=run.id, attempt=run.run_attempt, reason=reason)
