"""Who owns a file, by GitHub's rules for `CODEOWNERS`. Pure.

The last line that matches wins; a line without owners takes ownership away; `!` and `[ ]` are not
supported and such lines are skipped, as GitHub does. See
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re2

from flakebot.model import value

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks; the first that exists is the only one used."""

PATTERN_CHARACTERS = 500
"""A longer pattern is skipped: no path is that long."""


@value
class Entry:
    """One line: its pattern, ready for the paths of many tests, and its owners."""

    pattern: re2._Regexp
    owners: tuple[str, ...]


def parse(text: str) -> tuple[Entry, ...]:
    """The usable lines of a file, in its order."""
    return tuple(entry for line in text.splitlines() if (entry := _entry(line)))


def owners(entries: tuple[Entry, ...], path: str) -> tuple[str, ...]:
    """The owners of a path relative to the repository, none when nobody owns it."""
    for entry in reversed(entries):
        if entry.pattern.fullmatch(path):
            return entry.owners
    return ()


def _entry(line: str) -> Entry | None:
    """One line without its comment, None when it holds no usable pattern."""
    words = line.replace("\\ ", "\0").split()
    used = words[: next((i for i, word in enumerate(words) if word.startswith("#")), len(words))]
    if not used:
        return None
    pattern = used[0].replace("\0", " ")
    unsupported = pattern.startswith(("!", "\\#")) or "[" in pattern
    if unsupported or len(pattern) > PATTERN_CHARACTERS or not pattern.strip("/"):
        return None
    compiled = re2.compile(_expression(pattern))
    return Entry(pattern=compiled, owners=tuple(word for word in used[1:] if "@" in word))


def _expression(pattern: str) -> str:
    """A pattern as an RE2 expression for the whole path.

    A slash before the end ties the pattern to the root. What matches a folder owns everything in
    it, except that a last segment `*` means the files right there and no deeper.
    """
    anchored = "/" in pattern.rstrip("/")
    segments = pattern.strip("/").split("/")
    start = "" if anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        end = "/.*"
    elif anchored and segments[-1] == "*":
        end = ""
    else:
        end = "(?:/.*)?"
    return f"(?s){start}{_joined(segments)}{end}"


def _joined(segments: list[str]) -> str:
    """Segments joined by slashes, where `**` stands for any number of folders."""
    parts: list[str] = []
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        if segment == "**":
            parts.append(".*" if index == last else "(?:.*/)?")
        else:
            parts.append(_segment(segment) + ("" if index == last else "/"))
    return "".join(parts)


def _segment(segment: str) -> str:
    """One segment: `*` is any text without a slash, `?` one character of it."""
    wild = {"*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(character) or re2.escape(character) for character in segment)
