"""What a tracking issue that stands is told and how its text follows the ledger. Pure but for what
is read of GitHub.

Shared by the views of a run and by the sweep, which has no run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flakebot.changes import Change, CommentOnIssue, UpdateIssue
from flakebot.judging.external import ExternalSummary
from flakebot.judging.summaries import FingerprintRow, TestSummary
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, value
from flakebot.ports import Forge
from flakebot.sinks import sole
from flakebot.sinks.context import Views
from flakebot.views import codeowners, issue_text, markers, tracking
from flakebot.views.markers import IssueState, Mark
from flakebot.views.source_path import source_path
from flakebot.views.tracking import Tracked

OWNERS_CHARACTERS = 1000
"""More names of owners than this an issue does not remember: they are read each time."""

Notes = frozenset[tuple[int, str]]
"""Comments of ours on issues: an issue's number, and the key of what is said there."""


@value
class State:
    """What is on GitHub: our issues by key, and what only matters when something is written.

    `reopen` holds the closed issues whose closing commit the failing commit contains; `told` are
    the notes that stand there already; `labels` are those the repository lacks; `owners` is None
    when issues keep those that they remember.
    """

    tracked: Mapping[str, tuple[Tracked, ...]]
    reopen: frozenset[int] = frozenset()
    told: Notes = frozenset()
    labels: tuple[str, ...] = ()
    owners: tuple[codeowners.Entry, ...] | None = None


@value
class _Note:
    """A comment that is due."""

    key: str
    new: tuple[FingerprintRow, ...]
    previous: IssueState


def summary(key: str, views: Views) -> TestSummary:
    """What the ledger says of a test."""
    return views.history.summary(key, views.now)


def hugging_face(views: Views) -> ExternalSummary:
    """What the ledger says of Hugging Face."""
    return views.history.external_summary(Category.HF_FETCH, views.now)


def body(key: str, previous: IssueState | None, views: Views, state: State, told: int) -> str:
    """An issue's text as the ledger has it now; `told` counts the comments made so far."""
    run_id, limits = views.run_id, views.settings.limits
    if key == HUGGING_FACE:
        kept = previous or IssueState(opened=run_id)
        return issue_text.hugging_face_body(hugging_face(views), kept, limits)
    found = summary(key, views)
    owned_by = _owners(key, previous, state)
    remembered = issue_text.state_of(
        found,
        previous,
        run_id=run_id,
        told=told,
        together=views.together,
        namesakes=views.namesakes,
    )
    short = sum(map(len, owned_by)) <= OWNERS_CHARACTERS
    return issue_text.test_body(
        found,
        replace(remembered, owners=(owned_by or None) if short else None),
        owners=owned_by,
        limits=limits,
        said=[each for each in views.said if each.function == key],
    )


def _owners(key: str, previous: IssueState | None, state: State) -> tuple[str, ...]:
    """Who owns a test, by `CODEOWNERS` where it was read, else as its issue remembers."""
    if state.owners is None:
        return (previous.owners or ()) if previous else ()
    return codeowners.owners(state.owners, source_path(key.partition(":")[2]))


def knows_owners(tracked: Tracked) -> bool:
    """Whether an issue can be drawn without `CODEOWNERS`."""
    return tracked.key == HUGGING_FACE or bool(tracked.state and tracked.state.owners)


def changes(tracked: Tracked, views: Views, state: State) -> Iterator[Change]:
    """The comment that is due, and the body, the state or both where they changed."""
    if tracked.dismissed:
        return
    note = _note(tracked, views) if tracked.open or tracked.number in state.reopen else None
    if note and (tracked.number, note.key) not in state.told:
        yield _comment(tracked, note, views)
    reopen = tracked.number in state.reopen
    before = tracked.state
    if before and (tracked.open or reopen):
        before = replace(before, closed_by=None)
    text = body(tracked.key, before, views, state, (before.told if before else 0) + bool(note))
    changed = text if markers.plain(text) != markers.plain(tracked.issue.body) else None
    if changed or reopen:
        reason = "it fails on a commit that contains the fix" if reopen else "new numbers"
        yield UpdateIssue(
            number=tracked.number,
            key=tracked.key,
            body=changed,
            state="open" if reopen else None,
            state_reason="reopened" if reopen else None,
            reason=reason,
        )


def _comment(tracked: Tracked, note: _Note, views: Views) -> CommentOnIssue:
    """The note as a comment."""
    return CommentOnIssue(
        number=tracked.number,
        key=note.key,
        body=issue_text.note_body(
            note.key,
            summary(tracked.key, views),
            previous=note.previous,
            new=note.new,
            limits=views.settings.limits,
        ),
        reason="it fails in a new way" if note.new else "its state changed",
    )


def _note(tracked: Tracked, views: Views) -> _Note | None:
    """The comment that is due: never for mere counts, never where people want quiet.

    Its key holds the number of comments before it, so that it is found again after a crash and the
    same change of state can be told again months later.
    """
    previous = tracked.state
    if previous is None or tracked.quiet or tracked.key == HUGGING_FACE:
        return None
    now = summary(tracked.key, views)
    seen = previous.fingerprints
    new = tuple(row for row in now.by_fingerprint if row.fingerprint not in seen)
    if len(seen) >= issue_text.FINGERPRINTS:  # what it no longer remembers would be new for ever
        new = ()
    if not new and previous.state == now.state:
        return None
    parts = [str(previous.told + 1), str(now.state), *(row.fingerprint for row in new[:10])]
    return _Note(key=" ".join(parts), new=new, previous=previous)


# ------------------------------------------------------------------------------------------
# Duplicates


def duplicates(state: State) -> Iterator[Change]:
    """Close what tracks the same as an older issue."""
    for first, extra in _extras(state.tracked):
        reason = f"issue #{first.number} tracks the same"
        yield from duplicate(extra, first.number, state.told, reason)


def duplicate(extra: Tracked, first: int, told: Notes, reason: str) -> Iterator[Change]:
    """Close an issue as a duplicate, with a link to the first, which stays."""
    key = f"duplicate of {first}"
    if (extra.number, key) not in told:
        body = issue_text.duplicate_body(key, first)
        yield CommentOnIssue(number=extra.number, key=key, body=body, reason=reason)
    if extra.open or extra.issue.state_reason != "duplicate":
        yield UpdateIssue(
            number=extra.number,
            key=extra.key,
            state="closed",
            state_reason="duplicate",
            reason=reason,
        )


def _extras(tracked: Mapping[str, tuple[Tracked, ...]]) -> Iterator[tuple[Tracked, Tracked]]:
    """Open issues that track the same as a canonical one, each beside it."""
    for first, *others in tracked.values():
        for extra in others:
            if extra.open and not extra.has(tracking.KEEP_OPEN):
                yield first, extra


def told(
    tracked: Mapping[str, tuple[Tracked, ...]],
    existing: Iterable[Tracked],
    views: Views,
    forge: Forge,
) -> Notes:
    """Our notes on those issues on which one is due."""
    due = [each.number for each in existing if not each.dismissed and _note(each, views)]
    due += [extra.number for _, extra in _extras(tracked)]
    return notes(due, forge)


def notes(numbers: Iterable[int], forge: Forge) -> Notes:
    """Number and key of each note of ours on these issues."""
    return frozenset(
        (number, key) for number in numbers for key, _ in sole.ours(forge, number, Mark.NOTE)
    )


def contains_fix(commit: str, tracked: Tracked, forge: Forge) -> bool:
    """Whether a commit contains the one that closed an issue, as the issue itself remembers it or
    else as GitHub does.
    """
    remembered = tracked.state.closed_by if tracked.state else None
    closing = remembered or forge.closing_commit(tracked.issue)
    return closing is not None and forge.contains(commit, closing) is True


def owners(forge: Forge) -> tuple[codeowners.Entry, ...]:
    """The first `CODEOWNERS` there is."""
    for place in codeowners.PLACES:
        if (text := forge.contents(place)) is not None:
            return codeowners.parse(text)
    return ()
