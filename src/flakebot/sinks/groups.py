"""Keeps one issue for each group of tests that fail together, beside the issues of the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from flakebot.changes import Change, OpenIssue, Plan, UpdateIssue
from flakebot.judging import cofailures
from flakebot.judging.cofailures import LEAST, Group
from flakebot.model import value
from flakebot.sinks import issues, sweep
from flakebot.sinks.sweep import Sweep
from flakebot.views import group_text, markers
from flakebot.views.group_text import Row
from flakebot.views.markers import GROUP, Companion, GroupState, Together
from flakebot.views.tracking import KEEP_OPEN, Tracked
from flakebot.wording import plural

SHOWN = 5
"""Companions that the issue of a test names; the issue of the group has all."""

NAME_CHARACTERS = 120
"""Of a companion's name, which each issue also remembers."""

SAME = 2
"""Members that a group shares with an issue to be the one that this is about."""


def joined(context: Sweep, login: str) -> Sweep:
    """The sweep with the tests that fail together, and what the issue of each says of the others.

    Args:
        context: a sweep that has listed our issues.
        login: the account that flakebot writes as.
    """
    found = cofailures.groups(context.history, context.settings.thresholds)
    tracked = issues.tracked(context, login)
    together = {key: _companions(key, group, tracked) for group in found for key in group.keys}
    return replace(context, groups=found, together=together)


def plan(
    context: Sweep, tracked: Mapping[str, tuple[Tracked, ...]], swept: Sequence[Change] = ()
) -> Plan:
    """What to open, to draw anew, to open again and to close.

    A group has an issue while two of its members have open ones. One that people closed stays
    closed, and no failure that the ledger may have lost is taken for one that was not.

    Args:
        context: what the sweep goes by.
        tracked: our issues by key.
        swept: what the sweep is about to change, which is taken as done.
    """
    desk = _Desk(context=context, tracked=tracked, open=sweep.left_open(tracked, swept))
    about = _matched(context.groups, _parents(tracked))
    due = [each for each in context.groups if each.keys not in about and desk.lives(each.keys)]
    most = context.settings.max_new_issues
    changes: list[Change] = [desk.opening(group) for group in due[:most]]
    for group in context.groups:
        if group.keys in about:
            changes += desk.kept(about[group.keys], group)
    covered = {parent.number for parent in about.values()}
    for parent in _parents(tracked):
        if parent.number not in covered:
            changes += desk.parted(parent)
    rest = len(due[most:])
    held = f"{plural(rest, 'more group')} of tests that fail together will get an issue later."
    return Plan(changes=tuple(changes), held_back=(held,) if rest else ())


@value
class _Desk:
    """What the issues of groups are planned by; `open` are the keys with an open issue."""

    context: Sweep
    tracked: Mapping[str, tuple[Tracked, ...]]
    open: frozenset[str]

    def lives(self, keys: Sequence[str]) -> bool:
        """Whether at least two of these tests have an open issue."""
        return sum(key in self.open for key in keys) >= SAME

    def opening(self, group: Group) -> OpenIssue:
        """A new issue."""
        key = group_text.key_of(group)
        return OpenIssue(
            key=key,
            title=group_text.title(group),
            body=self._body(key, group),
            labels=self.context.settings.issue_labels,
            reason=f"{plural(len(group.members), 'test')} fail together",
        )

    def kept(self, parent: Tracked, group: Group) -> Iterator[Change]:
        """Follow a group that still fails together."""
        ours = _remembered(parent).closed
        if not parent.open and (not ours or parent.dismissed or not self.lives(group.keys)):
            return
        if parent.open and not self.lives(group.keys):
            yield from self._close(parent, "fewer than two of them have an open issue")
            return
        body = self._body(parent.key, group)
        changed = body if markers.plain(body) != markers.plain(parent.issue.body) else None
        if changed or not parent.open:
            yield UpdateIssue(
                number=parent.number,
                key=parent.key,
                body=changed,
                state=None if parent.open else "open",
                state_reason=None if parent.open else "reopened",
                reason="new numbers" if parent.open else "they fail together again",
            )

    def parted(self, parent: Tracked) -> Iterator[Change]:
        """Close the issue of tests that no longer fail together.

        Between that and what it takes to be opened lies half the share, so that no single run turns
        it there and back.
        """
        if not parent.open:
            return
        keys = self._members(parent)
        thresholds = self.context.settings.thresholds
        if not self.lives(keys):
            yield from self._close(parent, "fewer than two of them have an open issue")
        elif (
            self.context.doubt is None
            and cofailures.share(keys, self.context.history, thresholds)
            < LEAST * thresholds.together_share
        ):
            yield from self._close(parent, "they mostly fail apart now")

    def _close(self, parent: Tracked, sentence: str) -> Iterator[Change]:
        if parent.has(KEEP_OPEN):
            return
        rows = [self._row(key) for key in self._members(parent)]
        settings = self.context.settings
        yield UpdateIssue(
            number=parent.number,
            key=parent.key,
            body=group_text.ended_body(parent.key, rows, _remembered(parent), sentence, settings),
            state="closed",
            state_reason="completed",
            reason=sentence,
        )

    def _body(self, key: str, group: Group) -> str:
        rows = [replace(self._row(each.key), member=each) for each in group.members]
        return group_text.body(key, group, rows, self.context.settings)

    def _row(self, key: str) -> Row:
        return Row(
            name=key.partition(":")[2],
            number=_number(key, self.tracked),
            done=key not in self.open,
        )

    def _members(self, parent: Tracked) -> list[str]:
        """The tests that an issue is about, as far as they are tracked or on record."""
        known = {*self.tracked, *self.context.history.observed}
        wanted = set(_remembered(parent).members)
        return sorted(key for key in known if markers.digest(key) in wanted)


def _companions(key: str, group: Group, tracked: Mapping[str, tuple[Tracked, ...]]) -> Together:
    """The other members of a test's group, those first that it meets most."""
    others = [each for each in group.keys if each != key]
    pairs = {other: group.pairs[min(key, other), max(key, other)] for other in others}
    others.sort(key=lambda other: (-pairs[other].share, other))
    shown = tuple(
        Companion(
            name=group_text.short_name(other, NAME_CHARACTERS),
            number=_number(other, tracked),
            both=pairs[other].both,
            either=pairs[other].either,
        )
        for other in others[:SHOWN]
    )
    return Together(shown=shown, more=len(others) - len(shown))


def _number(key: str, tracked: Mapping[str, tuple[Tracked, ...]]) -> int:
    return tracked[key][0].number if key in tracked else 0


def _parents(tracked: Mapping[str, tuple[Tracked, ...]]) -> list[Tracked]:
    """The issues about groups, the oldest first."""
    found = [its[0] for key, its in tracked.items() if key.startswith(GROUP)]
    return sorted(found, key=lambda parent: parent.number)


def _remembered(parent: Tracked) -> GroupState:
    return markers.reveal(parent.issue.body, GroupState) or GroupState()


def _matched(
    groups: Sequence[Group], parents: Sequence[Tracked]
) -> Mapping[tuple[str, ...], Tracked]:
    """The issue that is about each group, by the members they share; of several the oldest."""
    remembered = [(parent, set(_remembered(parent).members)) for parent in parents]
    found: dict[tuple[str, ...], Tracked] = {}
    for group in groups:
        members = {markers.digest(key) for key in group.keys}
        taken = {parent.number for parent in found.values()}
        shared = [
            (-len(members & its), parent.number, parent)
            for parent, its in remembered
            if len(members & its) >= SAME and parent.number not in taken
        ]
        if shared:
            found[group.keys] = min(shared, key=lambda one: one[:2])[2]
    return found
