"""Whether flakebot itself was at work: runs that finished and that it has not recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from flakebot.errors import FlakebotError
from flakebot.ports import Forge
from flakebot.records import RunRecord
from flakebot.wording import plural

UNATTENDED = timedelta(days=1)
"""Without a record for so long, flakebot asks whether it has missed runs."""

UNDER_WAY = timedelta(hours=2)
"""A run that ended less long ago may still be under analysis."""

MANY = 100
"""Missed runs that are counted: more would be asked for, and say no more."""


def missed(
    past: Sequence[RunRecord], forge: Forge, now: datetime, *, own: int = 0
) -> tuple[str, ...]:
    """That flakebot itself has not worked for a day although runs finished; asked for only then.

    Args:
        past: what is on record.
        forge: for the runs that finished since.
        now: the time.
        own: the run under analysis, which is not on record yet.
    """
    last = max((record.created_at for record in past), default=now)
    if now - last <= UNATTENDED:
        return ()
    known, recorded = {one.workflow for one in past}, {own, *(one.run_id for one in past)}
    try:
        missing = (
            run
            for run in forge.finished_runs(last, now - UNDER_WAY)
            if (run.name or run.path) in known and run.id not in recorded
            if run.updated_at and now - run.updated_at > UNDER_WAY
        )
        found = list(islice(missing, MANY))
    except FlakebotError as error:
        return (str(error),)
    if not found:
        return ()
    runs = plural(len(found), "run") if len(found) < MANY else f"{MANY} runs or more"
    sentence = (
        f"flakebot has recorded no run that began after {last:%Y-%m-%d %H:%M} UTC, although {runs} "
        "of the workflows it reads finished since: look at the runs of its own workflow."
    )
    return (sentence,)
