"""Tell where lines are printed by tests of pytest, which may print what other tools print. Pure."""

from __future__ import annotations

import re2

_ENDED = re2.compile(r" in [\d.]+s(?: \([\d:]+\))? =+$")


class Foreign:
    """Whether lines stand inside a pytest session."""

    GATE = r"^=+ test session starts =|^=.* in [\d.]+s.* =+$|^##\[error\]"
    """The lines that can matter to it."""

    def __init__(self) -> None:
        self.inside = False

    def feed(self, text: str) -> None:
        """Take a line that begins with `=` or `##[`."""
        if text.startswith("##[error]"):
            self.inside = False
        elif " test session starts =" in text:
            self.inside = True
        elif self.inside and text.endswith("=") and _ENDED.search(text) is not None:
            self.inside = False
