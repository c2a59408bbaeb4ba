"""Read what the processes of an iteration wrote: tests may have put anything in its place."""

from __future__ import annotations

import os
from pathlib import Path

_END = 1024
"""Bytes of the end of a file that is longer than asked for: what was noted last."""


def read(path: Path, most: int) -> bytes:
    """So many bytes of a file's begin and, on a line of its own, the end of a longer one; nothing
    of what cannot be read, or is no file: a pipe would be waited for.
    """
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            begin = file.read(most)
            file.seek(max(file.tell(), os.fstat(file.fileno()).st_size - _END))
            end = file.read(_END)
    except OSError:
        return b""
    return begin + b"\n" + end if end else begin
