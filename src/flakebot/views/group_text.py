"""The issue about tests that fail together. Pure."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import replace

from flakebot import untrusted
from flakebot.judging.cofailures import Group, Member
from flakebot.model import value
from flakebot.settings import Settings
from flakebot.views import markers, render
from flakebot.views.issue_text import TITLE_CHARACTERS
from flakebot.views.markers import GROUP, GroupState, Mark
from flakebot.views.source_path import source_path

NAMED = 3
"""Tests that a title names."""

FILES = 5
"""Files that the command names."""

RAREST = 12
"""Zeros of the longest odds that are told."""


@value
class Row:
    """A test with its issue, 0 for none, and whether that is closed; `member` has its runs."""

    name: str
    number: int = 0
    done: bool = False
    member: Member | None = None


def key_of(group: Group) -> str:
    """The key of the issue that is opened for a group; it stays when members come and go."""
    return GROUP + markers.digest("\n".join(group.keys))


def state_of(group: Group) -> GroupState:
    """What the issue remembers of its group."""
    return GroupState(members=tuple(markers.digest(key) for key in group.keys))


def title(group: Group) -> str:
    """The title; people may change it."""
    # The last part of an id tells more than its path, which the members may share.
    names = [untrusted.clean(_name(key)).rpartition("::")[2] for key in group.keys]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    tests = f"{', '.join(names[:NAMED])}{more}"
    return render.short(f"Fail together; cause unproven: {tests}", TITLE_CHARACTERS)


def body(key: str, group: Group, rows: Sequence[Row], settings: Settings) -> str:
    """The text while they fail together; `key` is the issue's own."""
    return render.fitting(
        "group_issue",
        settings.limits,
        marker=render.ours(markers.mark(Mark.ISSUE, key)),
        state=render.ours(markers.hide(state_of(group))),
        ended="",
        rows=rows,
        group=group,
        weakest=group.weakest,
        chance=f"{_once_in(group.weakest.chance):,}",
        days=settings.thresholds.window_days,
        meetings=[(met, [_name(key) for key in met.keys]) for met in group.meetings],
        commands=_commands(group),
    )


def ended_body(
    key: str, rows: Sequence[Row], state: GroupState, sentence: str, settings: Settings
) -> str:
    """The text of an issue that flakebot closes; it remembers its members, so as to come back."""
    return render.fitting(
        "group_issue",
        settings.limits,
        marker=render.ours(markers.mark(Mark.ISSUE, key)),
        state=render.ours(markers.hide(replace(state, closed=True))),
        ended=sentence,
        rows=rows,
    )


def _once_in(chance: float) -> int:
    """How rare a chance is, as a power of ten that is not above it."""
    exponent = math.floor(-math.log10(chance)) if chance > 0 else RAREST
    return int(10 ** min(RAREST, exponent))


def _commands(group: Group) -> tuple[str, ...]:
    """How to run the files of the members together, under load and without; of pytest alone."""
    names = [key.removeprefix("pytest:") for key in group.keys if key.startswith("pytest:")]
    files = dict.fromkeys(path for name in names if (path := source_path(name)))
    if not files or len(names) < len(group.keys):
        return ()
    shown = " ".join(shlex.quote(path) for path in list(files)[:FILES])
    return (f"flakebot reproduce {shown} --levels serial,16",)


def short_name(key: str, limit: int) -> str:
    """What can be seen of a test's name, cut in its middle."""
    return render.short(untrusted.clean(_name(key)), limit)


def _name(key: str) -> str:
    return key.partition(":")[2]
