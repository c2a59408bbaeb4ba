"""The source file a test id names. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+")
_LONGEST = 300
"""Of a path in a repository that is worth believing."""


def source_path(test: str) -> str:
    """The relative path before `::` in a test id, empty when it is none that can be trusted.

    Test ids come from logs, so a path that is absolute, climbs out of the repository or holds an
    unusual character is no path.
    """
    path = test.partition("::")[0]
    parts = path.split("/")
    strange = path.startswith("/") or ".." in parts or "" in parts or not set(path) <= _SAFE
    if strange or len(path) > _LONGEST or not PurePosixPath(path).suffix:
        return ""
    return path
