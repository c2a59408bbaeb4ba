"""Run the iterations of a campaign, so many side by side, until all are done, the question is
answered, or somebody stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from flakebot.errors import FlakebotError
from flakebot.reproducing.iterating import Iterations, Task
from flakebot.reproduction import stopping
from flakebot.reproduction.iterations import Campaign, Iteration

_TICK = 0.2
"""Seconds between two looks at signals while iterations run."""

_SIDE_BY_SIDE = 4
"""Iterations a round and job: at the end of a round some jobs wait for the slowest."""

Done = Callable[[Iteration], None]


def rounds(campaign: Campaign, earlier: Iterable[Iteration]) -> Iterator[list[Task]]:
    """The iterations that are this machine's and in no earlier record, a few of each level and
    variant in turn.

    What changes while they run (a network, a neighbour on the machine) then changes for all levels,
    and an answer may be there long before the end. Only one level runs at a time: iterations of
    another beside it would be load that it does not name.
    """
    have = {iteration.key for iteration in earlier}
    jobs = campaign.setup.jobs
    size = jobs * _SIDE_BY_SIDE if jobs > 1 else 1
    numbers = [n for n in range(1, campaign.iterations + 1) if campaign.shard.takes(n)]
    for start in range(0, len(numbers), size):
        for level in campaign.levels:
            yield [
                Task(level=level, variant=variant, number=number)
                for number in numbers[start : start + size]
                for variant in campaign.variants
                if (level, variant.name, number) not in have
            ]


class Answer:
    """Whether the question of `--until` is answered; asked once per new iteration."""

    def __init__(self, campaign: Campaign, done: Sequence[Iteration]) -> None:
        self._campaign = campaign
        self._done = done
        self._seen = -1
        self.sentence = ""

    def __call__(self) -> bool:
        """Whether it is; what was said then is in `sentence`."""
        if len(self._done) != self._seen:
            self._seen = len(self._done)
            self.sentence = stopping.answer(self._campaign, self._done)
        return bool(self.sentence)


class Runner:
    """Runs what is not yet done.

    Args:
        campaign: what was asked.
        iterations: runs one.
        stopping: whether everything is to end.
        stop: makes everything end.
        enough: whether the question is answered.
        done: told of each iteration as it ends, in this thread.
    """

    def __init__(
        self,
        campaign: Campaign,
        iterations: Iterations,
        *,
        stopping: Callable[[], bool],
        stop: Callable[[], None],
        enough: Callable[[], bool],
        done: Done,
    ) -> None:
        self._campaign = campaign
        self._iterations = iterations
        self._stopping = stopping
        self._stop = stop
        self._enough = enough
        self._done = done
        self._fault: FlakebotError | None = None

    def run(self, earlier: Iterable[Iteration]) -> None:
        """Run what no earlier record holds.

        Raises:
            FlakebotError: no iteration can run like this; the others have ended by then.
        """
        with ThreadPoolExecutor(self._campaign.setup.jobs, "iteration") as pool:
            for tasks in rounds(self._campaign, earlier):
                if self._over():
                    break
                self._round(tasks, pool)
        if self._fault is not None:
            raise self._fault

    def _over(self) -> bool:
        """Whether no further iteration is begun."""
        return self._stopping() or self._enough()

    def _round(self, tasks: Sequence[Task], pool: ThreadPoolExecutor) -> None:
        left = iter(tasks)
        running: set[Future[Iteration | None]] = set()
        jobs = self._campaign.setup.jobs
        while True:
            if not self._over():
                new = islice(left, jobs - len(running))
                running |= {pool.submit(self._iterations.run, task) for task in new}
            if not running:
                return
            ended, running = wait(running, _TICK, FIRST_COMPLETED)
            for future in ended:
                self._take(future)

    def _take(self, future: Future[Iteration | None]) -> None:
        """Tell of an iteration; one that shows that none can run stops the others."""
        try:
            iteration = future.result()
        except FlakebotError as error:
            self._fault = self._fault or error
            self._stop()
        except BaseException:
            self._stop()
            raise
        else:
            if iteration is not None:
                self._done(iteration)
