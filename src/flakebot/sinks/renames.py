"""Tells two tracking issues of each other when one test may be the other renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flakebot.judging import renames
from flakebot.judging.renames import Rename
from flakebot.keys import HUGGING_FACE
from flakebot.sinks import issues
from flakebot.sinks.sweep import Sweep
from flakebot.views import group_text
from flakebot.views.markers import Namesake
from flakebot.views.tracking import Tracked

_NAME_CHARACTERS = 120
"""Of the other's name, which each issue also remembers."""


def proposed(context: Sweep, login: str) -> Sweep:
    """The sweep with what the issues of tests that may have been renamed say of each other.

    Args:
        context: a sweep that has listed our issues.
        login: the account that flakebot writes as.
    """
    tracked = issues.tracked(context, login)
    firsts = {key: its[0] for key, its in tracked.items() if ":" in key and key != HUGGING_FACE}
    living = {key: each for key, each in firsts.items() if each.open}
    found = renames.renames(context.history, living, context.now, context.settings.thresholds)
    told = dict(each for rename in found for each in _told(rename, living))
    return replace(context, namesakes=told)


def _told(rename: Rename, tracked: Mapping[str, Tracked]) -> Iterator[tuple[str, Namesake]]:
    """What the issue of each says of the other."""
    for own, other in ((rename.new, rename.old), (rename.old, rename.new)):
        yield (
            own,
            Namesake(
                name=group_text.short_name(other, _NAME_CHARACTERS),
                number=tracked[other].number,
                older=other == rename.old,
                new=tracked[rename.new].number,
                last=rename.last,
            ),
        )
