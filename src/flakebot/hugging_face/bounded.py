"""Bound a request as a whole: clients bound only the pause between two bytes, and a server that
sends one at a time is waited for without end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

_T = TypeVar("_T")


class LateError(Exception):
    """The seconds are over; what was begun goes on until its server or this process ends."""


def within(seconds: float, act: Callable[[], _T]) -> _T:
    """What an act returns or raises, in a thread that is left behind when it takes longer: nothing
    ends one that waits for bytes.

    Raises:
        LateError: it did not end in so many seconds.
    """
    ended: Future[_T] = Future()

    def run() -> None:
        try:
            ended.set_result(act())
        except Exception as error:  # noqa: BLE001  # raised where it is waited for
            ended.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if wait([ended], seconds).not_done:
        raise LateError(f"no whole answer within {seconds:g} s")
    return ended.result()
