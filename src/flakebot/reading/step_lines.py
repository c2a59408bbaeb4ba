"""Where a line of a job's log stands in GitHub's view of the job: in which step, and where in it.
Pure.

GitHub's address of a line is `…/job/ID#step:NUMBER:LINE`, with the number that the API gives the
step (actions/toolkit#1506). LINE counts the step's own lines from 1, groups and commands among
them: an annotation points there with `_logger.TotalLines + 1` of the step, and the logger counts
each line of a message (actions/runner, ExecutionContext.cs `Write`, Logging.cs `PagingLogger`). The
same method writes the same message to the log of the job, in the same order. So a line's number in
its step is its distance from the first line of the step.

The log of a job does not name its steps. A step begins with `##[group]Run …` within a second of the
time that the API tells; so does each step of a composite action inside its step, and a program may
print such a line. A line whose step is not certain has no place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import re2

from flakebot.github_objects import Step
from flakebot.logs import Line
from flakebot.model import Place, StepStart

MAX_STARTS = 5_000
"""Lines that may begin a step and are remembered; with more of them no line has a place."""

GROUP = "##[group]"
_RUN = "##[group]Run "
ENDING = ("Post job cleanup.", "Cleaning up orphan processes", "Cleaning up...")
"""What the runner prints at the end of every job, failed or not."""

_TITLE = 200

_SLACK = timedelta(seconds=1)
"""The API gives whole seconds, and a step prints its first line a moment after it began."""

_RUNNERS_OWN = frozenset({"Set up job", "Initialize containers", "Stop containers", "Complete job"})
"""Steps that the runner adds; like `Pre …` and `Post …` they begin without a `##[group]Run`."""

_ACTION = re2.compile(r"^Run (?:\./\S*|docker://\S+|[\w.-]+/[\w./-]+@\S+)$")
"""The title of a step that uses an action; other steps run a script and hold no steps."""


def begins_step(line: Line) -> bool:
    """Whether the runner starts a step here."""
    return line.text.startswith(_RUN)


def start_of(line: Line) -> StepStart | None:
    """A line that may begin a step, None for any other."""
    if begins_step(line):
        title = line.text.removeprefix(GROUP)[:_TITLE]
        return StepStart(line=line.number, time=line.time, title=title)
    if line.text.startswith(ENDING):
        return StepStart(line=line.number, time=line.time)
    return None


class StepLines:
    """The places of the lines of one job's log.

    Args:
        steps: the job's, as the API tells them.
        starts: the lines of its log that may begin a step, in order; none if some were left out.
    """

    def __init__(self, steps: Sequence[Step], starts: Sequence[StepStart]) -> None:
        timed = [(_time(start), start) for start in starts]
        self._starts = [(at, start) for at, start in timed if at is not None]
        known = len(timed) == len(self._starts)
        ran = [s for s in steps if s.started_at is not None and s.conclusion != "skipped"]
        self._ran = sorted(ran, key=lambda step: step.number) if known else []
        begins = self._begins()
        self._known = [(line, at) for at, line in enumerate(begins) if line]

    def place(self, line: int) -> Place:
        """The place of a line, numbered from 1 in the job's log; zeros where it is not certain."""
        at = bisect_right(self._known, (line, len(self._ran))) - 1
        if line < 1 or at < 0:
            return Place()
        begin, index = self._known[at]
        following = self._known[at + 1][1] if at + 1 < len(self._known) else len(self._ran)
        if self._begun_between(self._ran[index + 1 : following], begin, line):
            return Place()
        return Place(step=self._ran[index].number, line=line - begin + 1)

    def _begun_between(self, steps: Sequence[Step], begin: int, line: int) -> bool:
        """Whether one of these steps may have begun behind a line and not behind another."""
        first = min((s.started_at for s in steps if s.started_at is not None), default=None)
        return first is not None and any(
            begin < start.line <= line and at >= first - _SLACK for at, start in self._starts
        )

    def _begins(self) -> list[int]:
        """The first line of each step, 0 where it is not certain."""
        groups = [(at, start) for at, start in self._starts if start.title]
        scripted = [step for step in self._ran if not _is_runners(step)]
        if len(groups) == len(scripted):
            found = [_if_near(s, [g]) for s, g in zip(scripted, groups, strict=True)]
            lines = {
                s.number: near[0].line for s, near in zip(scripted, found, strict=True) if near
            }
            return [lines.get(step.number, 0) for step in self._ran]
        return self._one_by_one(groups)

    def _one_by_one(self, groups: Sequence[tuple[datetime, StepStart]]) -> list[int]:
        found: list[int] = []
        alone, after = True, 0  # whether the step before holds no steps itself; its first line
        for step in self._ran:
            if _is_runners(step):
                found.append(0)
                continue
            near = _if_near(step, [each for each in groups if each[1].line > after])
            begin = _chosen(step, near, alone=alone)
            alone = begin is not None and not _is_action(begin)
            after = begin.line if begin else after
            found.append(begin.line if begin else 0)
        return found


def _chosen(step: Step, near: Sequence[StepStart], *, alone: bool) -> StepStart | None:
    """Which of the lines printed when a step began is its first: the one that bears its name, the
    only one, or the first, if none of the step before can be among them.
    """
    named = [start for start in near if start.title == step.name]
    if len(named) == 1:
        return named[0]
    if len(near) == 1 or (near and alone and _is_action(near[0])):
        return near[0]
    return None


def _if_near(step: Step, groups: Sequence[tuple[datetime, StepStart]]) -> list[StepStart]:
    """The lines that were printed when a step began."""
    begun = step.started_at or datetime.max.replace(tzinfo=UTC)
    return [start for at, start in groups if abs(at - begun) <= _SLACK]


def _is_runners(step: Step) -> bool:
    return step.name in _RUNNERS_OWN or step.name.startswith(("Pre ", "Post "))


def _is_action(start: StepStart) -> bool:
    return _ACTION.search(start.title) is not None


def _time(start: StepStart) -> datetime | None:
    """The whole second in which a line was printed; None when its stamp is no time."""
    try:
        return datetime.fromisoformat(start.time[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
