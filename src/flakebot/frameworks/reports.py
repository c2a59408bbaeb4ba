"""Keep the lines of one failure's report, in bounded memory. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from flakebot.frameworks.reading import Block, trimmed
from flakebot.logs import Line

HEAD = 80
TAIL = 80
"""Lines kept of a report's begin and end: some tools print the error first, some last."""


class Report:
    """The lines of a report; of a long one its begin and its end.

    Args:
        kind: as in `Block`.
        lines: those that it begins with.
    """

    def __init__(self, kind: str = "call", lines: Iterable[Line] = ()) -> None:
        self._kind = kind
        self._head: list[Line] = []
        self._tail: deque[Line] = deque(maxlen=TAIL)
        for line in lines:
            self.add(line)

    def __iter__(self) -> Iterator[Line]:
        yield from self._head
        yield from self._tail

    def add(self, line: Line) -> bool:
        """Take a line, true whether there was room or not."""
        (self._head if len(self._head) < HEAD else self._tail).append(line)
        return True

    def block(self) -> Block:
        """The report without the empty lines around it."""
        return Block(kind=self._kind, lines=trimmed([*self]))
