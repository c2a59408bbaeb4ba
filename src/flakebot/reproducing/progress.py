"""Show how far the iterations are: bars on a terminal, a line for each elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from flakebot import untrusted
from flakebot.judging.stats import wilson
from flakebot.reproduction import lines
from flakebot.reproduction.iterations import Campaign, Iteration, Level


class Shown:
    """What is seen of a campaign under way.

    Args:
        campaign: what was asked.
        earlier: iterations of an earlier run.
        console: on standard error.
    """

    def __init__(self, campaign: Campaign, earlier: Sequence[Iteration], console: Console) -> None:
        mine = sum(map(campaign.shard.takes, range(1, campaign.iterations + 1)))
        self._total = mine * len(campaign.variants)
        self._jobs = campaign.setup.jobs
        self._console = console
        self._done = {level: _of(earlier, level) for level in campaign.levels}
        self._fresh: dict[Level, list[Iteration]] = {level: [] for level in campaign.levels}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            console=console,
            disable=not console.is_terminal,
            refresh_per_second=2,  # every look at the bars is load beside the tests
        )
        self._rows: dict[Level, TaskID] = {
            level: self._bars.add_task(
                level.name, total=self._total, completed=len(done), told=self._told(level)
            )
            for level, done in self._done.items()
        }

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def add(self, iteration: Iteration) -> None:
        """An iteration ended."""
        level = iteration.level
        self._done[level].append(iteration)
        self._fresh[level].append(iteration)
        told = self._told(level)
        self._bars.update(self._rows[level], completed=len(self._done[level]), told=told)
        if not self._console.is_terminal:
            count = f"{len(self._done[level])}/{self._total}"
            self.say(f"{lines.result(iteration)} [{level.name} {count}: {told}]")
        elif not iteration.passed:
            self.say(lines.result(iteration))

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._console.print(untrusted.terminal(text), markup=False, highlight=False, soft_wrap=True)

    def _told(self, level: Level) -> str:
        """Failures so far with their interval, and the time left."""
        done = self._done[level]
        failed = sum(not each.passed for each in done)
        low, high = wilson(failed, len(done))
        told = f"{failed} failed ({low:.0%} to {high:.0%})" if done else "not begun"
        return f"{told}, {_clock(self._left(level))} left" if self._fresh[level] else told

    def _left(self, level: Level) -> float:
        """Seconds, if the others take as long as those that this run has seen."""
        fresh = self._fresh[level]
        mean = sum(each.seconds for each in fresh) / len(fresh)
        return mean * (self._total - len(self._done[level])) / self._jobs


def _of(iterations: Sequence[Iteration], level: Level) -> list[Iteration]:
    return [each for each in iterations if each.level == level]


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
