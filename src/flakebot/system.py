"""What the machine offers."""

from __future__ import annotations

import os


def processors() -> int:
    """Those that this process may use, as far as the system tells: macOS tells only how many it
    has.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
