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
from flakebot.frameworks.reading import EVERY_LINE, Reading, Skimming
from flakebot.logs import Block, Line, Reader
from flakebot.reading import job_causes, literals
from flakebot.reading.job_causes import Run, Steps
from flakebot.reading.rules import RuleSet
from flakebot.reading.step_lines import begins_step
from flakebot.reading.trace import Notes, Why

_MEMORY = 64 * 1024 * 1024
"""Bytes that a search may take for its states; with RE2's 8 MB it starts anew all the time."""

_PIECE = 8 * 1024
"""Bytes that the rules are asked about at a time."""

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
def _gates() -> tuple[str, ...]:
    """For each framework the lines that it needs."""
    return tuple(getattr(module, "GATE", EVERY_LINE) for module in FRAMEWORKS.values())


@cache
def _gate(*, stamped: bool) -> re2._Regexp:
    """The lines that the frameworks or the runner's own words need read."""
    patterns = [anchored(p, _STAMP if stamped else "") for p in (job_causes.PATTERN, *_gates())]
    patterns += [_ECHOED, _UNSTAMPED if stamped else _STAMPED]
    return re2.compile("(?m)" + "|".join(f"(?:{pattern})" for pattern in patterns), _options())


@lru_cache(maxsize=4)
def _evidence(rules: RuleSet, *, stamped: bool) -> re2.Set:
    """What the rules for output outside of reports need.

    A set, though it cannot tell where it matches: a search by one pattern of that many words gives
    up its states for a method a hundred times slower as soon as a varied log needs more of them.
    """
    found = re2.Set.SearchSet(_options())
    for rule in rules.rules:
        if rule.scope != "test":
            pattern = literals.needed(rule.pattern)
            found.Add("(?m)" + anchored(pattern, _STAMP if stamped else ""))
    found.Compile()
    return found


@cache
def _asking() -> re2.Set:
    """Tells of a line which frameworks need it."""
    found = re2.Set.SearchSet(_options())
    for gate in _gates():
        found.Add(gate)
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


class _Gates:
    """Where in a block a line begins that a framework or the runner's words need read."""

    def __init__(self, block: Block) -> None:
        self._search = _gate(stamped=block.stamped).search
        self._data = block.data
        self._found = -1

    def after(self, at: int) -> int:
        """The first such line from `at` on, the block's end if there is none."""
        if self._found < at:
            match = self._search(self._data, at)
            start = match.start() if match else len(self._data)
            self._found = self._data.rfind(b"\n", at - 1, start) + 1 if match else start
        return self._found


class _Evidence:
    """Where in a block a line begins that a rule may match."""

    def __init__(self, rules: RuleSet, block: Block) -> None:
        self._matches = _evidence(rules, stamped=block.stamped).Match
        self._data = block.data
        self._found = -1
        self._piece = 0
        self._loud = False

    def after(self, at: int) -> int:
        """The first such line from `at` on, the block's end if there is none."""
        if self._found < at:
            self._found = self._search(at)
        return self._found

    def _search(self, at: int) -> int:
        """Ask about whole pieces, and about the lines of those that may hold evidence."""
        data = self._data
        while at < len(data):
            if at >= self._piece:
                end = data.rfind(b"\n", at, at + _PIECE) + 1
                self._piece = end or data.index(b"\n", at) + 1
                self._loud = bool(self._matches(data[at : self._piece]))
            if not self._loud:
                at = self._piece
                continue
            end = data.index(b"\n", at)
            if self._matches(data[at:end]):
                return at
            at = end + 1
        return at


class Scan:
    """Reads a log block by block."""

    def __init__(
        self, reader: Reader, steps: Steps, rules: RuleSet, notes: Notes | None = None
    ) -> None:
        self._notes = notes
        self._reader = reader
        self._steps = steps
        self._rules = rules
        self._parsers = {name: module.parser() for name, module in FRAMEWORKS.items()}
        self._each = list(self._parsers.values())
        self._asking = _asking().Match
        self._skimming = next(n for n, p in enumerate(self._each) if isinstance(p, Skimming))
        self._skim = next(p.skim for p in self._each if isinstance(p, Skimming))
        self._busy: list[int] = []

    def readings(self) -> dict[str, Reading]:
        """What each framework printed, after the last block."""
        return {name: parser.result() for name, parser in self._parsers.items()}

    def read(self, block: Block) -> None:
        """Search the next block, and read exactly what the searches stop at."""
        data, at, number = block.data, 1, block.number
        gates, evidence = _Gates(block), _Evidence(self._rules, block)
        while at < len(data):
            if not (self._busy or self._reader.echoing or self._steps.waiting):
                wanted = min(gates.after(at), evidence.after(at))
                end, after = self._skim(block, at, wanted, number)
                if end > at:
                    self._steps.skip(Run(block, at, end, after))
                    at, number = end, after
            if at < len(data):
                row = block.row(at)
                self._exactly(row, number)
                at, number = at + len(row) + 1, number + 1

    def _exactly(self, row: bytes, number: int) -> None:
        line = self._reader.line(row, number)
        self._steps.begin(line)
        if line.echoed:
            self._pass_over(line, Why.ECHOED)
            if begins_step(line):
                self._steps.step()
        elif self._feed(line):
            self._pass_over(line, Why.REPORT)
        else:
            self._steps.feed(line)
        self._steps.heard(line)

    def _pass_over(self, line: Line, why: Why) -> None:
        if self._notes is not None:
            self._notes.pass_over(line, self._rules.search(line.text, "job"), why)

    def _feed(self, line: Line) -> bool:
        """Show a line to the frameworks that need it; whether it belongs to a report."""
        shown = {self._skimming, *self._busy, *(self._asking(line.text) or ())}
        taken = False
        for index in sorted(shown):
            taken = self._each[index].feed(line) or taken
        self._busy = [index for index in shown if getattr(self._each[index], "busy", False)]
        return taken
