"""Names of jobs as artifacts and archives have them, which lack some of the signs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.keys import letters


def rank(artifact: str, names: Sequence[str]) -> int:
    """Which of the wanted names the name of an artifact holds, as many as there are when none."""
    name = letters(artifact)
    named = (n for n, wanted in enumerate(names) if letters(wanted) and letters(wanted) in name)
    return next(named, len(names))
