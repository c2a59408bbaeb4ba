"""Whether everything is to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether everything is to end: on SIGINT and SIGTERM, when the time is over, on a fault."""

    def __init__(self, seconds: float) -> None:
        self.interrupted = False
        self._asked = False
        self._deadline = time.monotonic() + seconds if seconds else float("inf")

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._deadline

    def __call__(self) -> bool:
        """Whether it is."""
        return self.interrupted or self._asked or self.late

    def now(self) -> None:
        """End everything."""
        self._asked = True

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Take the signals that a person or a CI runner sends."""
        kept = {each: signal.signal(each, self._signalled) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in kept.items():
                signal.signal(each, handler)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
