"""The native runtime of the suite: compiled C where there was a compiler, else its like in Python
whose abort is libc's own.
"""

from __future__ import annotations

import ctypes
import os


class Emulated:
    """The same state machine, kept by Python; it aborts the process just as really."""

    def __init__(self) -> None:
        self._started = self._cancelled = False

    def runtime_start(self) -> None:
        """Start, or abort after a shutdown."""
        if self._cancelled:
            ctypes.CDLL(None).abort()
        self._started = True

    def runtime_shutdown(self) -> None:
        """Cancel for good."""
        self._cancelled = self._cancelled or self._started

    def runtime_reset(self) -> None:
        """As if nothing had been."""
        self._started = self._cancelled = False


_PATH = os.environ.get("FLAKY_SUITE_NATIVE", "")
runtime = ctypes.CDLL(_PATH) if _PATH else Emulated()
"""One per process."""
