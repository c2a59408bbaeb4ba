"""Processes that burn CPU while iterations run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BURN = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""
"""Ends within a moment of its parent, however that ended."""

_SECONDS = 5
"""For one to end after SIGKILL."""


@contextmanager
def burning(processes: int) -> Iterator[None]:
    """So many CPUs are busy meanwhile."""
    command = [sys.executable, "-I", "-c", _BURN, str(os.getpid())]
    burners = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        for _ in range(processes)
    ]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
        for burner in burners:
            with suppress(subprocess.TimeoutExpired):  # it ends with us at the latest
                burner.wait(_SECONDS)
