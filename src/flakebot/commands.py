"""What a maintainer asks for in a comment: one `/flakebot` line, read strictly. Pure.

A line counts where GitHub shows it as plain text: at its very start, outside fenced and indented
code, quotes and HTML comments (https://github.github.com/gfm/). What is not understood is answered,
never guessed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest

import re2

from flakebot.model import value

BODY_CHARACTERS = 65_536
"""Of a comment, which is all that GitHub takes; the rest is not looked at."""

LINE_CHARACTERS = 200
"""Of a line with a command: more is no command."""

_PREFIX = "/flakebot"
_OURS = "<!-- flakebot:"
_BLOCK, _INLINE = "block", "inline"
_FENCE = re2.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_SHA = re2.compile(r"^[0-9a-f]{7,40}$")
_COMMENT = re2.compile(r"<!--.*?-->")
_OPTION_NUMBER = re2.compile(r"^[1-9][0-9]{0,3}$")
_NUMBER = re2.compile(r"^#?([1-9][0-9]{0,9})$")


class Name(StrEnum):
    """The commands there are."""

    FIXED = "fixed"
    FLAKY = "flaky"
    NOT_A_FLAKE = "not-a-flake"
    QUIET = "quiet"
    KEEP_OPEN = "keep-open"
    MERGE = "merge"
    RETRY = "retry"
    EXPLAIN = "explain"
    REPRODUCE = "reproduce"


USES = {
    Name.FIXED: "/flakebot fixed [sha]",
    Name.FLAKY: "/flakebot flaky [test]",
    Name.NOT_A_FLAKE: "/flakebot not-a-flake [test]",
    Name.QUIET: "/flakebot quiet",
    Name.KEEP_OPEN: "/flakebot keep-open",
    Name.MERGE: "/flakebot merge #N",
    Name.RETRY: "/flakebot retry",
    Name.EXPLAIN: "/flakebot explain",
    Name.REPRODUCE: "/flakebot reproduce [-n 16] [--iterations 100]",
}
"""How each is written."""

PROCESSES = 64
"""That `reproduce` can be asked for: more than any runner of GitHub's has processors."""

ITERATIONS = 1000
"""That `reproduce` can be asked for: they cost the repository's own minutes."""

_OPTIONS = {"-n": PROCESSES, "--iterations": ITERATIONS}


@value
class Command:
    """A command; `sha` and `number` are what `fixed` and `merge` were given, `test` what a word on
    a test was; `processes` and `iterations` are those of `reproduce`, 0 for none.
    """

    name: Name
    sha: str = ""
    number: int = 0
    test: str = ""
    processes: int = 0
    iterations: int = 0


@value
class Misunderstood:
    """A line that is meant for flakebot and says nothing it knows; `reply` is Markdown of our own
    words alone, so that nothing in it comes from the comment.
    """

    reply: str


@value
class Asked:
    """A comment that is meant for flakebot, as GitHub delivered it."""

    comment_id: int
    author: str
    number: int
    on_pull_request: bool
    created_at: datetime
    said: Command | Misunderstood


def parse(body: str) -> Command | Misunderstood | None:
    """The command in a comment, None when there is none, as in all that flakebot writes itself."""
    found = [line for line in _plain_lines(body[:BODY_CHARACTERS]) if _is_meant(line)]
    if not found or body.startswith(_OURS):
        return None
    if len(found) > 1:
        return _misunderstood("There is more than one command: one comment holds one.")
    if len(found[0]) > LINE_CHARACTERS:
        return _misunderstood("The line is too long for a command.")
    _, *words = found[0].split()
    if not words:
        return _misunderstood("No command is named.")
    return _command(words[0].lower(), words[1:])


def _command(word: str, arguments: list[str]) -> Command | Misunderstood:
    if word not in {*Name}:
        return _misunderstood(f"There is no such command{_hint(word)}")
    name = Name(word)
    bounds = ""
    if name is Name.REPRODUCE:
        bounds = f", with at most {PROCESSES} processes and {ITERATIONS} iterations"
    return _with(name, arguments) or _misunderstood(
        f"The command is written `{USES[name]}`{bounds}."
    )


def _with(name: Name, arguments: list[str]) -> Command | None:
    """A command with what it was given, None when that is not what it takes."""
    given = " ".join(arguments)
    if name in {Name.FLAKY, Name.NOT_A_FLAKE}:
        return Command(name=name, test=given)
    if name is Name.REPRODUCE:
        return _reproduce(arguments)
    if name is Name.MERGE:
        number = _NUMBER.match(given)
        return Command(name=name, number=int(number[1])) if number else None
    if name is Name.FIXED and _SHA.match(given.lower()):
        return Command(name=name, sha=given.lower())
    return None if arguments else Command(name=name)


def _reproduce(arguments: list[str]) -> Command | None:
    """Each option once, and its number within its bound."""
    found: dict[str, int] = {}
    for option, given in zip_longest(arguments[::2], arguments[1::2], fillvalue=""):
        number = _OPTION_NUMBER.match(given)
        if number is None or option in found or int(number[0]) > _OPTIONS.get(option, 0):
            return None
        found[option] = int(number[0])
    return Command(
        name=Name.REPRODUCE,
        processes=found.get("-n", 0),
        iterations=found.get("--iterations", 0),
    )


def _hint(word: str) -> str:
    """The end of the sentence that says so: what to do instead."""
    close = difflib.get_close_matches(word, [*Name], n=1)
    return f"; did you mean `{USES[Name(close[0])]}`?" if close else "."


def _misunderstood(sentence: str) -> Misunderstood:
    known = ", ".join(f"`{use}`" for use in USES.values())
    return Misunderstood(reply=f"{sentence} Nothing was done. The commands are {known}.")


def _is_meant(line: str) -> bool:
    """Whether a line begins with our word, as a word of its own."""
    return line.split(maxsplit=1)[:1] == [_PREFIX] and line.startswith(_PREFIX)


def _plain_lines(body: str) -> Iterator[str]:
    """The lines outside fenced code and HTML comments; a comment that begins within a paragraph
    ends with it.
    """
    fence, hidden = "", ""
    for line in body.replace("\r\n", "\n").split("\n"):
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif hidden:
            ended = "-->" in line or (hidden == _INLINE and not line.strip())
            hidden = "" if ended else hidden
        elif opened := _opened(line):
            fence = opened
        elif "<!--" in line:
            kind = _BLOCK if line.lstrip().startswith("<!--") else _INLINE
            hidden = "" if "-->" in line.rpartition("<!--")[2] else kind
            if kind == _INLINE:
                yield _COMMENT.sub("", line)
        else:
            yield line


def _opened(line: str) -> str:
    """The fence that a line opens, empty for none; one of backticks has none behind it."""
    found = _FENCE.match(line)
    if not found or (found[1][0] == "`" and "`" in found[2]):
        return ""
    return str(found[1])


def _closes(line: str, fence: str) -> bool:
    """Whether a line ends the code: as many of the same characters, or more, and nothing else."""
    found = _FENCE.match(line)
    return bool(found) and found[1].startswith(fence) and not found[2].strip()
