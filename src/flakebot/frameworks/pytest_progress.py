"""The lines that pytest prints while tests run, one by one. Pure.

A test begins, a result stands alone or behind output without a line end, a worker dies, the session
is aborted.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

import re2

from flakebot.frameworks.pytest_session import Session, crashed_in
from flakebot.frameworks.pytest_status import (
    BARE,
    Word,
    last_status,
    result,
    split_percent,
    status,
)
from flakebot.logs import Line

NODE_DOWN = "node down: "
"""What xdist says of a worker that died: part of the report, and told with the crashed test."""

_WORKERS = re2.compile(r"created: \d+/(\d{1,9}) worker|^(\d{1,9}) workers? \[\d+ items?\]")

_SHOWN = " " * 8
_FIXTURES = "(fixtures used: "

_ABORTS = ("INTERNALERROR>", "!!!!")


class Told(Enum):
    """What a line that names no test told of the session."""

    NOTHING = auto()
    RESULT = auto()
    DOWN = auto()
    ABORT = auto()


class Progress:
    """Takes lines, and tells the session under way what they say.

    Args:
        session: gives that session; asked only when a line has something for it.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._under_way = session

    @property
    def _session(self) -> Session:
        return self._under_way()

    def test(self, line: Line) -> bool:
        """Take a line with an id; whether it says something of that test."""
        found = result(line.text)
        if found is None:
            if "crashed while running" in line.text:
                self._worker(line)
            return self._glued_status(line)
        session = self._session
        session.verbose = True
        name = found.id
        if found.word is None:
            session.start(name, line.number)
        else:
            session.report(session.known(name), found.word, line.number, found.worker)
            session.percent = found.percent if found.percent is not None else session.percent
        if found.rest.startswith("[gw") or NODE_DOWN in found.rest:
            self._worker(line)
        return True

    def _glued_status(self, line: Line) -> bool:
        """`some output[gw0] [ 61%] FAILED id`: output without a line end before a result."""
        at = line.text.find("[gw", 1)
        if at == -1 or line.text[at - 1] in "'\"`":  # quoted: an assertion about pytest's output
            return False
        found = result(line.text[at:])
        if found is None or found.word is None:
            return False
        self._session.report(self._session.known(found.id), found.word, line.number, found.worker)
        return True

    def other(self, line: Line) -> Told:
        """Take a line that names no test."""
        text = line.text
        if text.startswith(_SHOWN):
            self._shown(line)
        elif "%]" in text or text.rstrip() in BARE:
            return self._bare(line)
        elif ".py " in text:
            self._dots(line)
        elif "worker" in text or "node down" in text:
            self._worker(line)
            return Told.DOWN if NODE_DOWN in text else Told.NOTHING
        elif text.startswith(_ABORTS):
            return self._abort(line)
        return Told.NOTHING

    def _bare(self, line: Line) -> Told:
        """`FAILED   [ 61%]` belongs to the test that started last; output may stand before it."""
        head, percent = split_percent(line.text)
        session = self._session
        if percent is not None:
            session.percent = percent
            session.file = None
        word = _said_last(head)
        if word is None or session.current is None:
            return Told.NOTHING
        session.report(session.current, word, line.number)
        return Told.RESULT

    def _shown(self, line: Line) -> None:
        """`        id (fixtures used: x, y) FAILED`, below the id of the test (`--setup-show`)."""
        name = self._session.current
        if name is not None and line.text.startswith(_SHOWN + name):
            rest = line.text[len(_SHOWN + name) :].strip()
            word = _said_last(
                rest.partition(")")[2].strip() if rest.startswith(_FIXTURES) else rest
            )
            if word is not None:
                self._session.report(name, word, line.number)

    def _dots(self, line: Line) -> None:
        """`tests/test_x.py ..F` of a run without `-v`: the file whose tests run now."""
        path, _, rest = line.text.partition(" ")
        if path.endswith(".py") and not rest.strip(".FEsxXR"):
            self._session.file = (path, line.number)

    def _worker(self, line: Line) -> None:
        text = line.text
        session = self._session
        if NODE_DOWN in text:
            worker = text[: text.find("] node down")].rpartition("[")[2]
            session.down.add(worker)
            session.workers.add(worker)
            session.node_downs.append(line)
        elif "maximum crashed workers" in text:
            session.aborted = session.failed = True
        elif "crashed while" in text:
            if (crashed := crashed_in(text)) is not None:
                session.crashed(*crashed, line.number)
        elif (count := _workers(text)) is not None:
            session.worker_count = count

    def _abort(self, line: Line) -> Told:
        session = self._session
        session.failed = True
        if line.text.startswith("INTERNALERROR>"):
            session.aborted = True
            session.internal.append(line)
            return Told.ABORT
        if "KeyboardInterrupt" in line.text or "outcomes.Exit" in line.text:
            session.aborted = True
        return Told.NOTHING


def _said_last(text: str) -> Word | None:
    """The status that a text is, or that stands behind what a test printed."""
    word = status(text) or status(text.rpartition(" ")[2])
    if word is None and (glued := last_status(text)) is not None:
        return glued[1]
    return word


def _workers(text: str) -> int | None:
    """The number of workers that xdist announces."""
    if not text.startswith("created: ") and not text.endswith(" items]"):
        return None
    match = _WORKERS.search(text)
    return int(match.group(1) or match.group(2)) if match is not None else None
