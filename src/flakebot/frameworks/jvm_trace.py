"""Lines of a JVM stack trace as statements of errors. Pure."""

from __future__ import annotations

from flakebot.logs import Line


def statement(line: Line) -> Line:
    """A message at the left margin, whatever introduced it; frames stay indented, so that no class
    or method name is taken for a message.
    """
    text = line.text.strip()
    if text.startswith(("at ", "... ")):
        return line._replace(text=f"\t{text}")
    return line._replace(text=text.removeprefix("[ERROR] ").removeprefix("Caused by: "))
