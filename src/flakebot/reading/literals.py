r"""What a text must hold for a pattern to match it: a cheaper pattern that stops wherever the
pattern itself could. Pure.

Of `\b50[0-4] .{0,80}(?:Bad Gateway|Unavailable)` that is `Bad Gateway|Unavailable`. Searching for
plain text takes RE2 few states, a `.{0,80}` hundreds; and states are time, memory, and what a
hostile log would use up. The idea is that of RE2's own prefilter
(https://github.com/google/re2/blob/main/re2/filtered_re2.h), whose interface tells which patterns a
text may match but not where.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import re2

_SHORTEST = 8
"""Characters; what is shorter stands in too many lines."""

_TEXT = re2.compile(r"^[\w \"#%',/:;<=>@~!&`-]+")
_REPEATS = re2.compile(r"^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??")
_ESCAPES = re2.compile(r"^\\(?:([[:punct:]afnrtv])|[dDsSwW]|x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2})")
_CLASSES = re2.compile(r"^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]")


class _UnknownError(Exception):
    """The pattern has something that this module does not know."""


class _Part(NamedTuple):
    """A part of a pattern.

    `source` is set when nothing repeats in it, with the number of characters it has at least;
    every match holds one of `needed`, of which the shortest is `score` long.
    """

    source: str | None = None
    length: int = 0
    needed: tuple[str, ...] = ()
    score: int = 0


@cache
def needed(pattern: str) -> str:
    """A pattern that is found in every line in which `pattern` is found, and perhaps in more: of
    each alternative what it needs, or itself when that is too short.
    """
    try:
        return "|".join(_Parser(pattern).needed())
    except _UnknownError:
        return pattern


class _Run:
    """Neighbours in which nothing repeats, and the best of what was found before them."""

    def __init__(self) -> None:
        self._best = _Part()
        self._whole = True
        self._pieces: list[str] = []
        self._length = 0

    def add(self, source: str, length: int) -> None:
        """The next part goes on."""
        self._pieces.append(source)
        self._length += length

    def end(self, *, folded: bool, other: _Part | None = None) -> None:
        """The next part does not; it may need something itself."""
        self._whole = False
        source = "".join(self._pieces)
        source = f"(?i:{source})" if folded else source
        runs = [_Part(needed=(source,), score=self._length), other or _Part()]
        self._best = max(self._best, *runs, key=lambda part: part.score)
        self._pieces, self._length = [], 0

    def part(self, *, folded: bool) -> _Part:
        """All of it."""
        whole, source, length = self._whole, "".join(self._pieces), self._length
        self.end(folded=folded)
        return self._best._replace(source=source, length=length) if whole else self._best


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._rest = pattern
        self._folded = False

    def needed(self) -> Iterator[str]:
        """Of each alternative of the whole pattern."""
        goes_on = True
        while goes_on:
            folded, rest = self._folded, self._rest
            part = self._branch()
            source = rest[: len(rest) - len(self._rest)]
            source = f"(?i:{source})" if folded else source
            yield from part.needed if part.score >= _SHORTEST else (source,)
            goes_on = self._skips("|")
        if self._rest:
            raise _UnknownError

    def _take(self, size: int) -> str:
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _skips(self, head: str) -> bool:
        """Whether the rest begins with this, which is then taken."""
        begins = self._rest.startswith(head)
        self._take(len(head) * begins)
        return begins

    def _alternatives(self) -> _Part:
        branches = [self._branch()]
        while self._skips("|"):
            branches.append(self._branch())
        sources = [branch.source for branch in branches if branch.source is not None]
        return _Part(
            source="|".join(sources) if len(sources) == len(branches) else None,
            length=min(branch.length for branch in branches),
            needed=tuple(each for branch in branches for each in branch.needed),
            score=min(branch.score for branch in branches),
        )

    def _branch(self) -> _Part:
        run = _Run()
        while self._rest and self._rest[0] not in "|)":
            folded = self._folded
            if self._skips("(?i)"):
                run.end(folded=folded)
                self._folded = True
            else:
                self._item(run)
        return run.part(folded=self._folded)

    def _item(self, run: _Run) -> None:
        """One character, class or group, and how often it comes."""
        part = self._group() if self._rest.startswith("(") else self._character()
        repeats = _REPEATS.match(self._rest)
        if repeats is None:
            if part.source is None:
                run.end(folded=self._folded, other=part)
            else:
                run.add(part.source, part.length)
            return
        sign = self._take(repeats.end())
        if part.source is not None and sign.startswith("?"):
            run.add(f"(?:{part.source})?", 0)
        elif sign.startswith(("*", "?")) or repeats.group(1) == "0":
            run.end(folded=self._folded)
        else:
            run.add(part.source or "", part.length)
            run.end(folded=self._folded, other=part)

    def _group(self) -> _Part:
        folded = self._folded
        head = "(?i:" if self._skips("(?i:") else "(?:"
        self._folded = folded or head == "(?i:"
        if head == "(?:" and not self._skips("(?:"):
            self._take(1)
            if self._rest.startswith("?"):
                raise _UnknownError
        part = self._alternatives()
        self._take(1)
        self._folded = folded
        return part if part.source is None else part._replace(source=f"{head}{part.source})")

    def _character(self) -> _Part:
        if self._skips(r"\b") or self._skips(r"\B"):
            return _Part(source="")
        if self._rest[0] in ".^$":
            return _Part(source=self._take(1))
        text = _TEXT.match(self._rest)
        if text is not None:  # a quantifier behind it is about its last character
            size = max(1, text.end() - (self._rest[text.end() : text.end() + 1] in set("*+?{")))
            return _Part(source=self._take(size), length=size)
        if self._rest[0] not in "[\\":
            return _Part(source=self._take(1), length=1)
        match = (_CLASSES if self._rest[0] == "[" else _ESCAPES).match(self._rest)
        if match is None:
            raise _UnknownError
        is_one = self._rest[0] == "\\" and match.group(1) is not None
        return _Part(source=self._take(match.end()), length=int(is_one))
