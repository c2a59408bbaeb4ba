"""Keeps tracking issues in line with time: closes what has gone silent, opens again what came back,
draws texts anew. Needs no run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flakebot.changes import Change, CommentOnIssue, Plan, UpdateIssue
from flakebot.judging import silence
from flakebot.judging.cofailures import Group
from flakebot.judging.sightings import Sighting
from flakebot.judging.silence import Silence
from flakebot.keys import HUGGING_FACE
from flakebot.model import value
from flakebot.ports import Forge
from flakebot.sinks import issue_digest, issues, upkeep
from flakebot.sinks.context import Views
from flakebot.sinks.upkeep import State
from flakebot.views import closing_text
from flakebot.views.markers import IssueState
from flakebot.views.tracking import KEEP_OPEN, Tracked
from flakebot.wording import plural

MOST_CLOSED = 25
"""Issues that one sweep closes: as many as a person still looks through."""

MOST_DRAWN = 200
"""Texts that one sweep draws anew, the oldest first: GitHub allows about 500 writes an hour
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""

MOST_ASKED = 20
"""Closed issues with later failures whose ancestry one sweep asks for, in two requests each."""


@value
class Sweep(Views):
    """What a sweep goes by; `groups` are the tests that fail together."""

    groups: tuple[Group, ...] = ()


def listing(context: Sweep, forge: Forge) -> Sweep:
    """The sweep with our issues, where there may be any and something is on record of them."""
    may_be = context.settings.issues and context.repository.has_issues
    if not (may_be and context.history.records):
        return context
    return replace(context, listed=issues.list_ours(forge, context.settings))


def observe(context: Sweep, forge: Forge) -> State:
    """Read only what the coming plan needs."""
    tracked = issues.tracked(context, forge.bot())
    state = State(tracked=tracked)
    came_back = [
        (each, seen) for each in _firsts(state) if (seen := _returned(each, context)) is not None
    ][:MOST_ASKED]
    reopen = frozenset(
        each.number for each, seen in came_back if upkeep.contains_fix(seen.head_sha, each, forge)
    )
    state = replace(state, reopen=reopen)
    closings = [each for each, _ in _closings(context, state) if not each.quiet]
    living = _living(context, state)
    told = upkeep.told(tracked, living, context, forge)
    return replace(
        state,
        told=told | upkeep.notes((each.number for each in closings), forge),
        owners=upkeep.owners(forge) if closings or living else None,
    )


def plan(context: Sweep, state: State) -> Plan:
    """What to close, to open again and to draw anew."""
    if not context.settings.issues:
        return Plan(held_back=("Tracking issues are switched off, so there is nothing to sweep.",))
    if not context.repository.has_issues:
        return Plan(held_back=("The repository has no issues, so there is nothing to sweep.",))
    days = context.settings.thresholds.window_days
    if not context.history.records:
        return Plan(held_back=(f"The ledger holds no run of the last {days} days.",))
    closings = _closings(context, state)
    drawn = [list(upkeep.changes(open_, context, state)) for open_ in _living(context, state)]
    due = [one for one in drawn if one]
    changes: list[Change] = [
        change for each in closings for change in _close(*each, context, state)
    ]
    changes += [change for one in due[:MOST_DRAWN] for change in one]
    changes += upkeep.duplicates(state)
    changes += issue_digest.pruned(state.tracked, context)
    return Plan(changes=tuple(changes), held_back=tuple(_held_back(len(due))))


def left_open(
    tracked: Mapping[str, tuple[Tracked, ...]], swept: Sequence[Change]
) -> frozenset[str]:
    """The keys whose issue is open, once the sweep has closed and opened again what it will."""
    turned: Mapping[int, str] = {
        one.number: one.state for one in swept if isinstance(one, UpdateIssue) and one.state
    }
    firsts = (its[0] for its in tracked.values())
    return frozenset(one.key for one in firsts if turned.get(one.number, one.issue.state) == "open")


def _held_back(due: int) -> Iterator[str]:
    if due > MOST_DRAWN:
        yield f"{plural(due - MOST_DRAWN, 'more text')} will be drawn anew by the next sweep."


def _firsts(state: State) -> Iterator[Tracked]:
    """The canonical issue of each test, and that of Hugging Face; other keys have no colon."""
    return (group[0] for key, group in state.tracked.items() if ":" in key)


# ------------------------------------------------------------------------------------------
# Closing


def _closings(context: Sweep, state: State) -> list[tuple[Tracked, Silence]]:
    """Open issues whose silence means something, the longest silence first; an outage may stand in
    what the ledger has lost.
    """
    found = [
        (each, quiet)
        for each in _firsts(state)
        if each.open and not each.has(KEEP_OPEN)
        if not (each.key == HUGGING_FACE and context.doubt)
        if (quiet := _silence(each.key, context)).meaningful
    ]
    found.sort(key=lambda pair: (pair[1].probability, pair[0].number))
    return found[:MOST_CLOSED]


def _silence(key: str, context: Sweep) -> Silence:
    thresholds = context.settings.thresholds
    if key == HUGGING_FACE:
        return silence.of_outage(upkeep.hugging_face(context), context.now, thresholds)
    executions = context.history.executions(key)
    fixes = context.history.fixes.get(key, ())
    return silence.of_test(executions, context.now, thresholds, context.doubt, fixes)


def _close(tracked: Tracked, quiet: Silence, context: Sweep, state: State) -> Iterator[Change]:
    """One comment with the reason, then the state; the text remembers the commit."""
    before = tracked.state or IssueState()
    key = f"{before.told + 1} silent"
    commented = not tracked.quiet
    if commented and (tracked.number, key) not in state.told:
        yield CommentOnIssue(
            number=tracked.number,
            key=key,
            body=closing_text.body(key, quiet, tracked.key, context.settings),
            reason=closing_text.sentence(quiet, tracked.key),
        )
    body = None
    if _on_record(tracked.key, context):
        remembered = replace(before, closed_by=quiet.commit or None)
        body = upkeep.body(tracked.key, remembered, context, state, before.told + commented)
    yield UpdateIssue(
        number=tracked.number,
        key=tracked.key,
        body=body,
        state="closed",
        state_reason="completed",
        reason=closing_text.sentence(quiet, tracked.key),
    )


# ------------------------------------------------------------------------------------------
# Opening again and drawing anew


def _returned(tracked: Tracked, context: Sweep) -> Sighting | None:
    """A proven flake that was seen after the issue was closed: the run that saw it may have been
    cut off before it opened the issue again.
    """
    closed_at = tracked.issue.closed_at
    if tracked.open or tracked.dismissed or tracked.key == HUGGING_FACE or closed_at is None:
        return None
    seen = upkeep.summary(tracked.key, context).occurrences
    return next((each for each in seen if each.proven and each.at > closed_at), None)


def _living(context: Sweep, state: State) -> Sequence[Tracked]:
    """Issues that are open or about to be, those longest untouched first.

    One whose last failure is no longer on record keeps its text: it says more than an empty table.
    """
    closing = {each.number for each, _ in _closings(context, state)}
    found = [
        each
        for each in _firsts(state)
        if (each.open and each.number not in closing) or each.number in state.reopen
        if _on_record(each.key, context)
    ]
    return sorted(found, key=lambda each: (_touched(each), each.number))


def _touched(tracked: Tracked) -> datetime:
    return tracked.issue.updated_at or datetime.min.replace(tzinfo=UTC)


def _on_record(key: str, context: Sweep) -> bool:
    if key == HUGGING_FACE:
        return upkeep.hugging_face(context).events > 0
    return upkeep.summary(key, context).windows[-1].rate.failures > 0
