"""A router among mock workers, and what its tests check."""

import ctypes
import random
import time
from collections.abc import Iterable

from ..utils import faults


class MockRouter:
    """Sends a request to the worker that holds its prefix, unless a fault is on."""

    def __init__(self, workers: int = 4) -> None:
        first = random.randrange(8 * 10**17, 9 * 10**18)
        self.workers = [first + n for n in range(workers)]

    def send(self, requests: int, *, fault: str = "") -> list[int]:
        """Answer each request with the id of the worker that took it."""
        time.sleep(random.uniform(0.02, 0.12))
        chosen = self.workers[:2] if faults.on(fault) else self.workers[:1]
        return [chosen[n % len(chosen)] for n in range(requests)]


class Runtime:
    """A native runtime; a second one in the same process may end it."""

    def start(self) -> None:
        """Start, or abort the whole process as a native library does."""
        if faults.once("sigabrt-once"):
            ctypes.CDLL(None).abort()


def verify_prefix_reuse(worker_ids: Iterable[int]) -> None:
    """Requests with one prefix must reach one worker."""
    unique = set(worker_ids)
    assert len(unique) == 1, (
        "Expected all responses to have the same decode_worker_id (due to prefix reuse), "
        f"but found {len(unique)} unique values: {unique}"
    )


def verify_events(worker_ids: Iterable[int]) -> None:
    """Only one rank may publish events."""
    ranks = [(worker, n) for n, worker in enumerate(dict.fromkeys(worker_ids))]
    assert len(ranks) == 1, (
        "Expected exactly 1 (worker_id, dp_rank) to have events (due to prefix reuse), "
        f"but found {len(ranks)} with events: {ranks}"
    )


def verify_same_state(first: int, second: int) -> None:
    """Two indexers that saw the same stream must agree."""
    assert first == second, (
        "Router states have different numbers of events: "
        f"Router 1 has {first} events, Router 2 has {second} events"
    )
