"""What one tracking issue is about: a test function, whatever its parameters, or Hugging Face; and
when two names of a job are one. Pure.
"""

from __future__ import annotations

from functools import lru_cache

import re2

HUGGING_FACE = "external:hugging-face"
"""Key of the one issue that counts Hugging Face's failures."""

_POSITION = re2.compile(r"(\.[a-z]+):\d+:\d+\b")
"""Line and column behind a file's name."""

_BETWEEN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
"""What Playwright and jest print between the parts of an id."""


@lru_cache(maxsize=65_536)
def function_of(test: str) -> str:
    """The test without what changes beside it: parameters, which only ids of Python tests have, and
    the place in its file that Playwright prints, which every edit above moves. Jest puts blanks
    between the suites where a test is tried again, and a sign where it failed at last.

    Everything from the first `[` after the file's `::` is a parameter, since neither a class nor a
    function can hold one and a parameter may hold `::`, brackets and anything else. Under
    `--dist=loadgroup` pytest-xdist appends `@group`
    (https://pytest-xdist.readthedocs.io/en/stable/distribution.html).
    """
    path, found, name = test.partition(".py::")
    if found:
        return f"{path}{found}{name.partition('[')[0].partition('@')[0]}"
    moved = str(_POSITION.sub(r"\1", test, count=1)) if _BETWEEN in test else test
    return moved if moved != test else test.replace(_BETWEEN, " ")


@lru_cache(maxsize=65_536)
def tracking_key(framework: str, test: str) -> str:
    """The key of a test's tracking issue, as `pytest:tests/x.py::test_y`."""
    return f"{framework}:{function_of(test)}"


def letters(name: str) -> str:
    """What is left of a name when signs and upper case are no difference."""
    return "".join(filter(str.isalnum, name)).casefold()
