"""Keeps one tracking issue per test function, one for Hugging Face, and a digest of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flakebot import planner
from flakebot.changes import Change, CommentOnIssue, CreateLabel, OpenIssue, Plan, UpdateIssue
from flakebot.judging.external import ExternalSummary
from flakebot.judging.settling import Settled, Settlement, settle
from flakebot.judging.summaries import FingerprintRow, TestSummary
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, Issue, value
from flakebot.ports import Forge
from flakebot.report import Finding, Kind
from flakebot.settings import Settings
from flakebot.sinks import issue_digest
from flakebot.sinks.context import Context
from flakebot.views import codeowners, issue_text, markers, tracking
from flakebot.views.markers import DIGEST, IssueState, Mark
from flakebot.views.source_path import source_path
from flakebot.views.tracking import Tracked

NAME = "issues"

_OUTSIDE = frozenset({Kind.EXTERNAL, Kind.INFRA})
_LABEL_COLOR = "d4c5f9"
_LABEL_DESCRIPTION = "A test that fails without a reason in the change"


@value
class State:
    """What is on GitHub: our issues by key, and what only matters when something is written.

    `reopen` holds the closed issues whose closing commit the failing commit contains; `told` holds
    issue number and key of notes that stand there already; `labels` are those the repository lacks.
    """

    tracked: Mapping[str, tuple[Tracked, ...]]
    reopen: frozenset[int] = frozenset()
    told: frozenset[tuple[int, str]] = frozenset()
    labels: tuple[str, ...] = ()
    owners: tuple[codeowners.Entry, ...] = ()


@value
class _Note:
    """A comment that is due."""

    key: str
    new: tuple[FingerprintRow, ...]
    previous: IssueState


def list_ours(forge: Forge, settings: Settings) -> Sequence[Issue]:
    """All issues under the first of our labels; the search index lags behind, the list does not."""
    return forge.issues(settings.issue_labels[0]) if settings.issue_labels else ()


def observe(context: Context, forge: Forge) -> State:
    """List our issues, and read only what the coming plan needs; a partial list is an error."""
    if not _wanted(context):
        return State(tracked={})
    listed = context.listed
    if listed is None:
        listed = list_ours(forge, context.settings)
    tracked = tracking.by_key(tracking.ours(listed, forge.bot()))
    targets = _targets(context)
    openings = [key for key in _candidates(context) if key not in tracked]
    existing = [tracked[key][0] for key in targets if key in tracked]
    return State(
        tracked=tracked,
        reopen=frozenset(t.number for t in existing if _may_reopen(t, context, forge)),
        told=frozenset(_told(tracked, existing, context, forge)),
        labels=_missing_labels(listed, context.settings, forge) if openings else (),
        owners=_owners(forge) if openings or existing else (),
    )


def plan(context: Context, state: State) -> Plan:
    """What to write; raises `UnsafePlanError` when improbably many issues would be new."""
    if not context.settings.issues:
        return Plan()
    if not context.repository.has_issues:
        return Plan(held_back=("The repository has no issues, so no test is tracked.",))
    openings = [_opening(key, context, state) for key in _candidates(context)]
    fresh = [each for each in openings if each.key not in state.tracked]
    opened = sum(_opened_here(group[0], context) for group in state.tracked.values())
    capped = planner.cap(fresh, context.settings, opened_before=opened)
    changes = [*capped.kept, *issue_digest.changes(capped, state.tracked, context)]
    if any(isinstance(change, OpenIssue) for change in changes):
        changes[:0] = [
            CreateLabel(name=name, color=_LABEL_COLOR, description=_LABEL_DESCRIPTION)
            for name in state.labels
        ]
    for key in _targets(context):
        if key in state.tracked:
            changes += _upkeep(state.tracked[key][0], context, state)
    changes += _duplicates(state)
    return Plan(changes=tuple(changes), held_back=tuple(_held_back(capped.rest, context)))


# ------------------------------------------------------------------------------------------
# Which issues this run speaks of


def _wanted(context: Context) -> bool:
    """Whether this run has anything to say in an issue at all."""
    enabled = context.settings.issues and context.repository.has_issues
    return enabled and bool(_targets(context))


def _targets(context: Context) -> tuple[str, ...]:
    """Keys with an occurrence in this run whose issue, if there is one, is brought up to date."""
    keys = [
        f.function for f in context.report.findings if f.verdict.kind not in _OUTSIDE and f.test
    ]
    hit = _outage(context, *(state for state in Settled if state is not Settled.NOT_HIT))
    return tuple(dict.fromkeys([*hit, *keys]))


def _candidates(context: Context) -> tuple[str, ...]:
    """Keys that deserve an issue, worst first."""
    keys = {f.function for f in context.report.findings if _deserves(f)}
    worst = sorted(keys, key=lambda key: _badness(_summary(key, context)))
    counted = _outage(context, Settled.COUNTED)
    return (*counted, *(key for key in worst if len(key) <= markers.KEY_CHARACTERS))


def _deserves(finding: Finding) -> bool:
    """Whether a finding is a flake of a test, on more evidence than one pull request's own."""
    return finding.counted and finding.verdict.kind is Kind.FLAKY and bool(finding.test)


def _badness(summary: TestSummary) -> tuple[float, int, str]:
    """Sorts the highest certain failure rate to the front (policy 8)."""
    return (-summary.rate.low, -summary.rate.failures, summary.key)


def _outage(context: Context, *states: Settled) -> tuple[str, ...]:
    """The key of Hugging Face's issue when this run was hit and stands like that, as the ledger
    has it.
    """
    return (HUGGING_FACE,) if _settlement(context).state in states else ()


def _settlement(context: Context) -> Settlement:
    run = context.report.run.id
    own = [record for record in context.history.records if record.run_id == run]
    return settle(Category.HF_FETCH, own, context.now)


def _held_back(rest: Sequence[OpenIssue], context: Context) -> Iterator[str]:
    """What is not given an issue of its own, and why."""
    if rest:
        most = context.settings.max_new_issues
        yield f"{len(rest)} more flaky tests are in the digest: one run opens {most} new issues."
    for finding in context.report.findings:
        if _deserves(finding) and len(finding.function) > markers.KEY_CHARACTERS:
            yield (
                f"A test whose id has {len(finding.function)} characters is not tracked: "
                f"{markers.KEY_CHARACTERS} are the most."
            )


# ------------------------------------------------------------------------------------------
# What they say


def _summary(key: str, context: Context) -> TestSummary:
    return context.history.summary(key, context.now)


def _hugging_face(context: Context) -> ExternalSummary:
    return context.history.external_summary(Category.HF_FETCH, context.now)


def _body(key: str, previous: IssueState | None, context: Context, state: State, told: int) -> str:
    """An issue's body as the ledger has it now; `told` counts the comments made so far."""
    run_id, limits = context.report.run.id, context.settings.limits
    if key == HUGGING_FACE:
        kept = previous or IssueState(opened=run_id)
        return issue_text.hugging_face_body(_hugging_face(context), kept, limits)
    summary = _summary(key, context)
    return issue_text.test_body(
        summary,
        issue_text.state_of(summary, previous, run_id=run_id, told=told),
        owners=codeowners.owners(state.owners, source_path(key.partition(":")[2])),
        limits=limits,
    )


def _opening(key: str, context: Context, state: State) -> OpenIssue:
    """A new issue."""
    if key == HUGGING_FACE:
        title, reason = issue_text.HUGGING_FACE_TITLE, "Hugging Face could not be reached"
    else:
        rate = _summary(key, context).rate
        title = issue_text.title(key)
        reason = f"a flake with no issue yet, failed in {rate.failures} of {rate.builds} builds"
    return OpenIssue(
        key=key,
        title=title,
        body=_body(key, None, context, state, told=0),
        labels=context.settings.issue_labels,
        reason=reason,
    )


def _upkeep(tracked: Tracked, context: Context, state: State) -> Iterator[Change]:
    """The comment that is due, and the body, the state or both where they changed."""
    if tracked.dismissed:
        return
    note = _note(tracked, context) if tracked.open or tracked.number in state.reopen else None
    if note and (tracked.number, note.key) not in state.told:
        yield _comment(tracked, note, context)
    told = (tracked.state.told if tracked.state else 0) + bool(note)
    body = _body(tracked.key, tracked.state, context, state, told)
    changed = body if markers.plain(body) != markers.plain(tracked.issue.body) else None
    reopen = tracked.number in state.reopen
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


def _comment(tracked: Tracked, note: _Note, context: Context) -> CommentOnIssue:
    """The note as a comment."""
    return CommentOnIssue(
        number=tracked.number,
        key=note.key,
        body=issue_text.note_body(
            note.key,
            _summary(tracked.key, context),
            previous=note.previous,
            new=note.new,
            limits=context.settings.limits,
        ),
        reason="it fails in a new way" if note.new else "its state changed",
    )


def _note(tracked: Tracked, context: Context) -> _Note | None:
    """The comment that is due: never for mere counts, never where people want quiet.

    Its key holds the number of comments before it, so that it is found again after a crash and the
    same change of state can be told again months later.
    """
    previous = tracked.state
    if previous is None or tracked.quiet or tracked.key == HUGGING_FACE:
        return None
    summary = _summary(tracked.key, context)
    seen = previous.fingerprints
    new = tuple(row for row in summary.by_fingerprint if row.fingerprint not in seen)
    if not new and previous.state == summary.state:
        return None
    parts = [str(previous.told + 1), str(summary.state), *(row.fingerprint for row in new[:10])]
    return _Note(key=" ".join(parts), new=new, previous=previous)


# ------------------------------------------------------------------------------------------
# Duplicates


def _duplicates(state: State) -> Iterator[Change]:
    """Close what tracks the same as an older issue, with a link to that."""
    for first, extra in _extras(state.tracked):
        key = _duplicate_key(first)
        if (extra.number, key) not in state.told:
            yield CommentOnIssue(
                number=extra.number,
                key=key,
                body=issue_text.duplicate_body(key, first.number),
                reason=f"issue #{first.number} tracks the same",
            )
        yield UpdateIssue(
            number=extra.number,
            key=extra.key,
            state="closed",
            state_reason="duplicate",
            reason=f"issue #{first.number} tracks the same",
        )


def _extras(tracked: Mapping[str, tuple[Tracked, ...]]) -> Iterator[tuple[Tracked, Tracked]]:
    """Open issues that track the same as a canonical one, each beside it."""
    for first, *others in tracked.values():
        for extra in others:
            if extra.open and not extra.has(tracking.KEEP_OPEN):
                yield first, extra


def _duplicate_key(first: Tracked) -> str:
    return f"duplicate of {first.number}"


def _opened_here(tracked: Tracked, context: Context) -> bool:
    """Whether this very run opened an issue, before it was interrupted or looked at again."""
    opened = tracked.state.opened if tracked.state else 0
    return tracked.key != DIGEST and opened == context.report.run.id


# ------------------------------------------------------------------------------------------
# Reading


def _may_reopen(tracked: Tracked, context: Context, forge: Forge) -> bool:
    """Whether a closed issue fails again in spite of what closed it: by ancestry, not by time."""
    if tracked.open or tracked.dismissed or tracked.key not in _candidates(context):
        return False
    if tracked.key == HUGGING_FACE:
        return True  # no commit ends an outage
    closing = forge.closing_commit(tracked.issue)
    return closing is not None and forge.contains(context.report.head_sha, closing) is True


def _told(
    tracked: Mapping[str, tuple[Tracked, ...]],
    existing: Iterable[Tracked],
    context: Context,
    forge: Forge,
) -> Iterator[tuple[int, str]]:
    """Our notes on those issues on which one is due."""
    due = [each.number for each in existing if not each.dismissed and _note(each, context)]
    due += [extra.number for _, extra in _extras(tracked)]
    login = forge.bot()
    for number in due:
        for comment in forge.comments(number):
            key = markers.key_of(Mark.NOTE, comment.body)
            if key is not None and markers.written_by(comment.user, login):
                yield number, key


def _missing_labels(listed: Iterable[Issue], settings: Settings, forge: Forge) -> tuple[str, ...]:
    """Labels for new issues that the repository lacks; those in use are not asked for."""
    used = {label.name.casefold() for issue in listed for label in issue.labels}
    return tuple(
        name
        for name in settings.issue_labels
        if name.casefold() not in used and forge.label(name) is None
    )


def _owners(forge: Forge) -> tuple[codeowners.Entry, ...]:
    """The first `CODEOWNERS` there is."""
    for place in codeowners.PLACES:
        if (text := forge.contents(place)) is not None:
            return codeowners.parse(text)
    return ()
