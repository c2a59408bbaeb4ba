"""What the processes of an iteration noted of their tests. Pure.

The pytest plug-in in `resources/reproduce` writes one file per process, a JSON array per line. The
tests under test could write there too, so nothing in it is trusted to have a shape.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from flakebot.model import TestId, value
from flakebot.reproduction.iterations import Worker

_events = msgspec.json.Decoder(tuple[str, str])


@value
class Journal:
    """The processes that ran tests, with their tests in order; what was collected; what ended; what
    was skipped; whether a process came to the end of its tests.
    """

    workers: tuple[Worker, ...] = ()
    collected: tuple[TestId, ...] = ()
    ended: frozenset[TestId] = frozenset()
    running: tuple[TestId, ...] = ()
    skipped: tuple[TestId, ...] = ()
    done: bool = False

    @property
    def unreported(self) -> tuple[TestId, ...]:
        """Collected tests that did not end, in order of collection."""
        return tuple(test for test in self.collected if test not in self.ended)

    @property
    def parallel(self) -> bool:
        """Whether xdist ran the tests."""
        return any(worker.name for worker in self.workers)


def read(files: Iterable[bytes]) -> Journal:
    """Put the files of all processes of an iteration together."""
    notes = [_Notes(content) for content in files]
    notes.sort(key=lambda one: (len(one.worker), one.worker))
    return Journal(
        workers=tuple(Worker(name=one.worker, tests=tuple(one.begun)) for one in notes),
        collected=tuple(dict.fromkeys(test for one in notes for test in one.collected)),
        ended=frozenset().union(*(one.ended for one in notes)),
        running=tuple(one.running for one in notes if one.running is not None),
        skipped=tuple(dict.fromkeys(test for one in notes for test in one.skipped)),
        done=any(one.done for one in notes),
    )


class _Notes:
    """What one process noted."""

    def __init__(self, content: bytes) -> None:
        self.worker = ""
        self.collected: list[TestId] = []
        self.begun: list[TestId] = []
        self.ended: set[TestId] = set()
        self.skipped: list[TestId] = []
        self.running: TestId | None = None
        self.done = False
        for line in content.split(b"\n"):
            try:
                event, text = _events.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # the last line of a process that was killed may be cut
            self._take(event, text)

    def _take(self, event: str, text: str) -> None:
        if event == "worker":
            self.worker = text
        elif event == "collected":
            self.collected.append(TestId(text))
        elif event == "begin":
            self.begun.append(TestId(text))
            self.running = TestId(text)
        elif event == "skipped":
            self.skipped.append(TestId(text))
        elif event == "end":
            self.ended.add(TestId(text))
            self.running = None
        elif event == "done":
            self.done = True
