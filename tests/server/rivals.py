"""Many processes that analyse runs of one fake GitHub at the same moment."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import ClassVar

from tests.server.fake_github import FakeGitHub

from flakebot import wiring
from flakebot.github_objects import RunRef
from flakebot.retrying import Patience

FASTER = 10.0
"""How many times faster than flakebot's own the rivals' waits are."""

LATEST_SECONDS = 0.3
"""After the signal, at most, a rival begins."""

GATE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Task:
    """A run for a rival, and where it is."""

    repository: str
    url: str
    token: str
    run_id: int
    now: datetime
    seed: int


class _Gate:
    """Opens when all rivals stand before it."""

    barrier: ClassVar[Barrier]


def all_at_once(fake: FakeGitHub, runs: Sequence[int], now: datetime, seed: int) -> list[str]:
    """Analyse each run in a process of its own; what any of them could not do, in sentences."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "flakebot.pipeline", "flakebot.hugging_face.hub"])
    tasks = [
        Task(
            repository=fake.repository,
            url=fake.url,
            token=fake.token,
            run_id=run_id,
            now=now,
            seed=seed * 1000 + n,
        )
        for n, run_id in enumerate(runs)
    ]
    with ProcessPoolExecutor(
        len(tasks), context, initializer=_join, initargs=(context.Barrier(len(tasks)),)
    ) as rivals:
        return [sentence for undone in rivals.map(_analyse, tasks) for sentence in undone]


def _join(barrier: Barrier) -> None:
    _Gate.barrier = barrier


def _analyse(task: Task) -> list[str]:
    """Wait for the others, then for a moment, then do what the Action does."""
    dice = random.Random(task.seed)  # noqa: S311  # no secret
    _Gate.barrier.wait(GATE_SECONDS)
    time.sleep(dice.uniform(0, LATEST_SECONDS))  # noqa: TID251  # the moment is what is tested
    patience = Patience(
        120,
        sleep=lambda seconds: time.sleep(seconds / FASTER),  # noqa: TID251  # real, and shorter
        uniform=dice.uniform,
    )
    result, _ = wiring.run_on_github(
        wiring.Server(repository=task.repository, token=task.token, api_url=task.url),
        RunRef(run_id=task.run_id),
        given={"retry_hugging_face": "off"},
        now=task.now,
        say=lambda _: None,
        patience=patience,
    )
    undone = [receipt.reason for receipt in result.receipts if not receipt.done]
    return [*undone, *result.plan.held_back, *result.report.problems]
