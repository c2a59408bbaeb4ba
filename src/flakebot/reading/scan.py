"""Find the few lines of a log that need reading: search whole blocks, then parse lines. Pure.

Two levels. One RE2 search over a block of a megabyte stops only at lines that may mean something: a
rule matches, a framework asked for them, the runner speaks. Those lines, and all lines while a
parser is in the middle of something or evidence is being quoted, go to the exact parsers one by
one. Lines between them are skipped by the thousand; a framework may take the plainest of its lines
out of them itself (`skim`), which is what keeps a verbose run of passing tests cheap.

The search may stop too often, never too rarely: what is read does not depend on it, nor on how the
bytes were cut.
"""

from __future__ import annotations

from functools import cache, lru_cache

import re2

from flakebot.frameworks import FRAMEWORKS
from flakebot.frameworks.reading import EVERY_LINE, Gated, Reading, Skimming
from flakebot.logs import Block, Line, Reader
from flakebot.reading import job_causes
from flakebot.reading.job_causes import Run, Steps
from flakebot.reading.rules import RuleSet
from flakebot.reading.trace import Notes, Why

_MEMORY = 64 * 1024 * 1024
"""Bytes that the search may take for its states; with RE2's 8 MB it starts anew all the time."""

_PIECE = 32 * 1024
"""Bytes that the rules are asked about at a time."""

_SHORT = 2 * 1024 * 1024
"""Bytes at the start of a log that are read line by line: the states of a search are made while it
runs, and in a short log that takes longer than the search saves."""

_ASCII = r"[\x00-\x09\x0b-\x7f]"
_STAMP = rf"{_ASCII}{{29}}"
"""A time stamp and the blank behind it, as long as `_UNSTAMPED` sees to the other lines."""

_UNSTAMPED = (
    rf"^{_ASCII}{{0,28}}(?:[^\x00-\x7f]|$)|^{_ASCII}{{10}}[^T]|^{_ASCII}{{27}}[^Z]"
    rf"|^{_ASCII}{{28}}[^ ]"
)
"""A line without a stamp among lines with one; what stands in it begins elsewhere."""

_STAMPED = (
    rf"^{_ASCII}{{10}}T{_ASCII}{{16}}Z(?: |$)|^\x{{feff}}|^\[20"
    rf"|^[^\t\n]*\t[^\t\n]*\t\x{{feff}}?{_ASCII}{{10}}T{_ASCII}{{16}}Z"
)
"""A line with a stamp among lines without."""

_ECHOED = r"\x00"


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    options.log_errors = False
    return options


@cache
def _gate(*, stamped: bool) -> re2._Regexp:
    """The lines that the frameworks or the runner's own words need read."""
    gates = [getattr(module, "GATE", EVERY_LINE) for module in FRAMEWORKS.values()]
    envelope, others = (_STAMP, _UNSTAMPED) if stamped else ("", _STAMPED)
    wanted = [_ECHOED, others]
    wanted += [anchored(pattern, envelope) for pattern in (job_causes.PATTERN, *gates)]
    return re2.compile("(?m)" + "|".join(f"(?:{pattern})" for pattern in wanted), _options())


@lru_cache(maxsize=8)
def _evidence(rules: RuleSet, *, stamped: bool) -> re2.Set:
    """The rules for output outside of reports."""
    found = re2.Set.SearchSet(_options())
    for rule in rules.rules:
        if rule.scope != "test":
            found.Add("(?m)" + anchored(rule.pattern, _STAMP if stamped else ""))
    found.Compile()
    return found


def anchored(pattern: str, envelope: str) -> str:
    """A pattern whose `^` means the place behind the envelope."""
    found: list[str] = []
    at = 0
    in_class = False
    while at < len(pattern):
        size = 1
        if pattern[at] == "\\":
            size = 2
        elif in_class and pattern.startswith("[:", at):
            size = pattern.index(":]", at) + 2 - at
        elif in_class:
            in_class = pattern[at] != "]"
        elif pattern[at] == "[":
            size += pattern.startswith("^", at + 1)
            size += pattern.startswith("]", at + size)  # which is a member of the class here
            in_class = True
        piece = pattern[at : at + size]
        found.append(f"(?:^{envelope})" if piece == "^" and not in_class else piece)
        at += size
    return "".join(found)


class Scan:
    """Reads a log block by block."""

    def __init__(
        self, reader: Reader, steps: Steps, rules: RuleSet, notes: Notes | None = None
    ) -> None:
        self._notes = notes
        self._reader = reader
        self._steps = steps
        self._rules = rules
        self._seen = 0
        self._parsers = {name: module.parser() for name, module in FRAMEWORKS.items()}
        self._feeds = [parser.feed for parser in self._parsers.values()]
        self._gated = [p for p in self._parsers.values() if isinstance(p, Gated)]
        self._skim = next(p.skim for p in self._parsers.values() if isinstance(p, Skimming))

    def readings(self) -> dict[str, Reading]:
        """What each framework printed, after the last block."""
        return {name: parser.result() for name, parser in self._parsers.items()}

    def read(self, block: Block) -> None:
        """Take the next block."""
        self._seen += len(block.data)
        if self._seen <= _SHORT:
            self.read_every_line(block)
        else:
            self.read_what_matters(block)

    def read_what_matters(self, block: Block) -> None:
        """Search a block, and read exactly what the search stops at."""
        data, number = block.data, block.number
        search = _gate(stamped=block.stamped).search
        matches = _evidence(self._rules, stamped=block.stamped).Match
        at, wanted, piece = 1, 0, 1
        loud = False
        while at < len(data):
            if at >= piece:
                piece = (data.rfind(b"\n", at, at + _PIECE) + 1) or (data.index(b"\n", at) + 1)
                loud = bool(matches(data[at:piece]))
            if not loud and not self._attentive():
                if wanted < at:
                    match = search(data, at)
                    wanted = data.rfind(b"\n", at - 1, match.start()) + 1 if match else len(data)
                end, after = self._skim(block, at, min(wanted, piece), number)
                if end > at:
                    self._steps.skip(Run(block, at, end, after))
                if end == piece != wanted:
                    at, number = end, after
                    continue
                at, number = end, after
            if at < len(data):
                row = block.row(at)
                self._exactly(row, number)
                at, number = at + len(row) + 1, number + 1

    def read_every_line(self, block: Block) -> None:
        """The same without the search, with the same result."""
        for number, row in enumerate(block.data[1:-1].split(b"\n"), block.number):
            self._exactly(row, number)

    def _attentive(self) -> bool:
        """Whether the next line must be read whatever it says."""
        if self._reader.echoing or self._steps.waiting:
            return True
        return any(parser.busy for parser in self._gated)

    def _exactly(self, row: bytes, number: int) -> None:
        line = self._reader.line(row, number)
        if line.echoed:
            if self._notes is not None:
                self._pass_over(line, Why.ECHOED, self._notes)
            if job_causes.begins_step(line):
                self._steps.step()
        else:
            taken = False
            for feed in self._feeds:
                taken = feed(line) or taken
            if not taken:
                self._steps.feed(line)
            elif self._notes is not None:
                self._pass_over(line, Why.REPORT, self._notes)
        self._steps.heard(line)

    def _pass_over(self, line: Line, why: Why, notes: Notes) -> None:
        notes.pass_over(line, self._rules.search(line.text, "job"), why)
