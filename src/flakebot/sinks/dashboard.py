"""Keeps one issue that shows how all flaky tests of the repository stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from flakebot.changes import Change, OpenIssue, Plan, UpdateIssue
from flakebot.judging import accuracy, standing
from flakebot.judging.states import State as TestState
from flakebot.judging.states import Transition
from flakebot.keys import HUGGING_FACE
from flakebot.model import value
from flakebot.ports import Forge
from flakebot.sinks import issues, sweep, upkeep
from flakebot.sinks.sweep import Sweep
from flakebot.views import codeowners, dashboard, markers
from flakebot.views.dashboard import Dashboard, Fixed, Row
from flakebot.views.markers import DASHBOARD
from flakebot.views.source_path import source_path
from flakebot.views.tracking import Tracked

FIXED = timedelta(days=30)
"""How long a closed issue is shown as recently done."""

CHANGED = timedelta(days=7)
"""How long a change of state is shown."""

_SHOWN = frozenset({TestState.FLAKY, TestState.BROKEN})


@value
class State:
    """Our issues by key, and who owns what."""

    tracked: Mapping[str, tuple[Tracked, ...]]
    owners: tuple[codeowners.Entry, ...] = ()


def observe(context: Sweep, forge: Forge) -> State:
    """Read who owns what, if there is anything to show."""
    tracked = issues.tracked(context, forge.bot())
    return State(tracked=tracked, owners=upkeep.owners(forge) if tracked else ())


def plan(context: Sweep, state: State, swept: Sequence[Change] = ()) -> Plan:
    """Open it beside the first tracking issue, then keep it; closed by anybody it stays closed.

    Args:
        context: what the sweep goes by.
        state: what is there now.
        swept: what the sweep is about to change, which is shown as done.
    """
    before = state.tracked.get(DASHBOARD, (None,))[0]
    if not any(":" in key for key in state.tracked) or (before and not before.open):
        return Plan()
    shown = _shown(context, state, swept)
    body = dashboard.body(shown, context.settings)
    reason = "how all flaky tests stand"
    if before is None:
        labels = context.settings.issue_labels
        opened = OpenIssue(
            key=DASHBOARD, title=dashboard.TITLE, body=body, labels=labels, reason=reason
        )
        return Plan(changes=(opened,))
    if markers.plain(body) == markers.plain(before.issue.body):
        return Plan()
    update = UpdateIssue(number=before.number, key=DASHBOARD, body=body, reason=reason)
    return Plan(changes=(update,))


def _shown(context: Sweep, state: State, swept: Sequence[Change]) -> Dashboard:
    open_ = sweep.left_open(state.tracked, swept)
    firsts = [group[0] for key, group in state.tracked.items() if ":" in key]
    alive = {one.key: one for one in firsts if one.key in open_}
    fixed = sorted(_fixed(firsts, alive, context), key=attrgetter("closed", "number"), reverse=True)
    return Dashboard(
        rows=tuple(_rows(alive, context, state)),
        fixed=tuple(fixed),
        changes=_changes(context),
        outage=upkeep.hugging_face(context),
        health=standing.health(context.history.records, context.now),
        accuracy=accuracy.by_words(context.history.records, context.said),
    )


def _rows(alive: Mapping[str, Tracked], context: Sweep, state: State) -> Iterator[Row]:
    """Tests with an open issue, and flaky ones that have none."""
    keys = {key for key in alive if key != HUGGING_FACE}
    keys |= {
        key
        for key in context.history.observed - state.tracked.keys()
        if upkeep.summary(key, context).state in _SHOWN
    }
    for one in standing.standings(keys, context.history, context.now):
        found = alive.get(one.key)
        yield Row(
            standing=one,
            number=found.number if found else 0,
            owners=codeowners.owners(state.owners, source_path(one.key.partition(":")[2])),
            opened=found.issue.created_at if found else None,
        )


def _fixed(
    firsts: Sequence[Tracked], alive: Mapping[str, Tracked], context: Sweep
) -> Iterator[Fixed]:
    """Issues of tests that were closed as done of late, or are about to be."""
    for one in firsts:
        closed: datetime = one.issue.closed_at or context.now
        if one.key in alive or one.dismissed or context.now - closed > FIXED:
            continue
        yield Fixed(number=one.number, name=one.key.partition(":")[2], closed=closed)


def _changes(context: Sweep) -> tuple[tuple[str, Transition], ...]:
    """Changes of state of late, but those of tests that failed and nothing came of it."""
    quiet = {TestState.HEALTHY, TestState.SUSPECT}
    found = [
        (key.partition(":")[2], each)
        for key in context.history.observed
        for each in upkeep.summary(key, context).transitions
        if context.now - each.at <= CHANGED and not {each.before, each.after} <= quiet
    ]
    return tuple(sorted(found, key=lambda one: (one[1].at, one[0]), reverse=True))
