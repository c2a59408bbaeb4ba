"""A session that a running test prints, as pytester's do under `-s`: none of it is ours. Pure."""

from __future__ import annotations

import re2

from flakebot.frameworks.pytest_sections import ENDS, section_name, totals
from flakebot.frameworks.pytest_session import Session
from flakebot.frameworks.pytest_status import BARE, split_percent

GATE = r"[ .FEsxXR]=+ test session starts =+$|^rootdir: .*pytest-of-"
"""The lines that show such a session, beside those of any."""

_STARTS = " test session starts ="
_GLUED = re2.compile(r"^((?:\S+\.py |\S+::.* )?[.FEsxXR]*)=+ test session starts =+$")
_DOTS = re2.compile(r"[.FEsxXR]+")
_TEMPORARY = "pytest-of-"
"""In the path of a folder that pytest made for a test."""


def before_start(text: str) -> str:
    """The progress of the test that runs, when the start of a session is glued to it."""
    match = _GLUED.match(text) if _STARTS in text else None
    return "" if match is None else match.group(1)


def roots_in_test(text: str) -> bool:
    """Whether the session that began has its files where only a test can have made them."""
    return text.startswith("rootdir: ") and _TEMPORARY in text


def goes_on(text: str, test: str | None) -> bool:
    """Whether a line is the status of the test that runs, or the next one in its file."""
    if test is None:
        return False
    return split_percent(text)[0] in BARE or text.startswith(test.partition("::")[0] + "::")


class Nested:
    """How deep the lines stand in such sessions."""

    def __init__(self) -> None:
        self._depth = 0
        self._reports = False  # the tests of the innermost one are over

    @property
    def open(self) -> bool:
        """Whether one is under way."""
        return self._depth > 0

    def begin(self) -> None:
        """One began."""
        self._depth, self._reports = 1, False

    def feed(self, text: str, session: Session) -> bool:
        """Take a line; false when it is ours again, because the session was killed."""
        if text.startswith(ENDS) or before_start(text) or self._ours(text, session.current):
            self._depth = 0
            return False
        if _STARTS in text:
            self._depth += self._reports  # else the one before was killed
            self._reports = False
        elif text.startswith("=") and section_name(text) is not None:
            self._reports = True
            self._depth -= totals(text) is not None
        return True

    def _ours(self, text: str, test: str | None) -> bool:
        """Whether a line is progress that no session inside prints."""
        return goes_on(text, test) or not (self._reports or _DOTS.fullmatch(text) is None)
