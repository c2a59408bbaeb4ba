"""A project's own patterns of secrets, checked before anything is read. Pure.

A faulty rule is left out; a faulty pattern here stops the run, because what it was to hide would be
shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from flakebot.errors import SettingsError
from flakebot.reading import rules
from flakebot.secrets_mask import Masker

MOST = 20
"""Patterns of one project: every line that is shown is searched for all of them."""

CHARACTERS = 500
"""Of one pattern; the longest built-in one has half of it."""

PROGRAM = 1000
"""Instructions of a compiled pattern; each costs time, and all stand in one program."""

_ORDINARY = (
    "FAILED tests/router/test_a.py::test_b[tcp-2] - AssertionError: assert 200 == 503",
    "thread 'main' panicked at src/lib.rs:10:5:",
    "##[error]Process completed with exit code 1.",
)


def masker(patterns: Sequence[str], where: str) -> Masker:
    """What hides the built-in secrets and those of a project.

    Raises:
        SettingsError: one sentence about the first pattern that cannot be used; `where` names the
            place in the settings file.

    """
    if len(patterns) > MOST:
        raise SettingsError(f"{where} holds {len(patterns)} patterns; {MOST} are the most.")
    for number, pattern in enumerate(patterns, 1):
        if fault := _fault(pattern):
            raise SettingsError(f"{where}, pattern {number}: {fault}.")
    return Masker(patterns)


def _fault(pattern: str) -> str:
    """What is wrong with a pattern by itself, empty when nothing is."""
    if len(pattern) > CHARACTERS:
        return f"it is longer than {CHARACTERS} characters"
    try:
        compiled = rules.compiled(pattern)
    except re2.error as error:
        return f"RE2 cannot read it: {rules.said(error)}"
    if compiled.programsize > PROGRAM:
        size = compiled.programsize
        return f"it is too large ({size} instructions of {PROGRAM}): repeat less often"
    hidden = next((line for line in _ORDINARY if compiled.search(line) is not None), None)
    return f"it would hide something in the ordinary line {hidden!r}" if hidden else ""
