"""Read what RSpec prints. Pure.

`Failures:`, then `  1) group does something` with `Failure/Error:`; `An error occurred while
loading ./spec/x_spec.rb`; rspec-retry's `RSpec::Retry: 2nd try ./spec/x_spec.rb:3`. The id is the
description, since the line in `rspec ./spec/x_spec.rb:3` moves with every edit of the file.
Format: https://rspec.info/features/3-13/rspec-core/formatters/
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "rspec"

GATE = r"^(?:An error occurred |RSpec::Retry: |rspec |Failures:$|\d+ examples?, )"
"""Lines that matter while no report is open; see `reading.Gated`."""

_ENTRY = re2.compile(r"^  \d+(?:\.\d+)?\) (\S.*?)(?: FIXED| FAILED - Error in .*)?$")
_LOADING = re2.compile(
    r"^An error occurred (?:while loading|in (?:a|an) `?\w+(?:\([\w:]+\))?`? hook for) (\S.*?)\.?"
    r"(?: - Did you mean\?)?$"
)
_LISTED = re2.compile(r"^rspec '?(\./[^ ']+)'? # (.+?)\s*$")
_RETRY = re2.compile(r"^RSpec::Retry: (\d+)\w\w try (\./\S+)$")
_TOTAL = re2.compile(
    r"^(\d{1,9}) examples?, (\d{1,9}) failures?(?:, (\d{1,9}) pending)?(?:, \d+ errors? occ.*)?$"
)
_CLASS = re2.compile(r"^[A-Z]\w*(?:::\w+)*:$")
_PROOFS = ("Failure/Error:", "Got ", "Expected pending ")
_ENDS = ("Finished in ", "Failed examples:", "Pending: ", "##[", "Failures:")


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._failures = False
        self._head: Line | None = None
        self._titled = 0
        self._error = ""
        self._places: dict[str, str] = {}
        self._retried: dict[str, list[Line]] = {}

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._failures

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if text.startswith(("An error occurred ", "RSpec::Retry: ", "rspec ")):
            return self._outside(line)
        if text.startswith(_ENDS):
            self._failures = text == "Failures:"
            self._tally.close()
            return False
        if self._failures:
            return self._in_failures(line)
        if " example" in text and (total := _TOTAL.match(text)) is not None:
            run, failed, pending = (int(number or 0) for number in total.groups())
            self._tally.seen = True
            self._tally.failed |= bool(failed) or "occurred outside" in text
            self._tally.named[Status.PASSED] += run - failed - pending
            self._tally.named[Status.SKIPPED] += pending
        return self._write(line)

    def _in_failures(self, line: Line) -> bool:
        """An entry counts once RSpec's own words prove whose it is: others number theirs too."""
        if _ENTRY.match(line.text) is not None:
            self._tally.close()
            self._head, self._titled = line, line.number
            return True
        if self._head is not None and line.text.lstrip().startswith(_PROOFS):
            entry = _ENTRY.match(self._head.text)
            name = entry.group(1) if entry is not None else ""
            self._tally.report(self._tally.end(name, Status.FAILED, self._head))
            self._head = None
            return line.text.lstrip().startswith(_PROOFS[:2]) or self._write(line)
        if line.text[:1].strip():
            if self._head is not None and line.number == self._titled + 1:
                self._titled = line.number  # the name goes on: all else in this list is indented
                return True
            self._failures, self._head = False, None
            self._tally.close()
        return self._write(line)

    def _outside(self, line: Line) -> bool:
        """A file that could not be loaded, an example that is tried again, or a line of the list of
        what failed.
        """
        self._tally.close()
        loading, retry = _LOADING.match(line.text), _RETRY.match(line.text)
        if loading is not None:
            case = self._tally.end(loading.group(1), Status.ERROR, line)
            self._tally.report(case)
        elif retry is not None:
            self._retried.setdefault(retry.group(2), []).append(line)
        elif (listed := _LISTED.match(line.text)) is not None:
            self._places[listed.group(1)] = listed.group(2)
        return True

    def _write(self, line: Line) -> bool:
        """A message at the left margin, behind the class that stands alone before it; frames and
        remarks are indented.
        """
        text = line.text.strip()
        if not text:
            return self._tally.busy
        if _CLASS.match(text) is not None:
            self._error = text
            return self._tally.busy
        if text.startswith(("# ", "(compared ")):
            text = f"  {text}"
        elif self._error:
            text, self._error = f"{self._error} {text}", ""
        return self._tally.write(line._replace(text=text))

    def result(self) -> Reading:
        """What became of each test; one that was tried again and is not listed passed at last."""
        for place, lines in self._retried.items():
            name = self._places.get(place)
            for line in lines:
                if name is None:
                    self._tally.end(place, Status.FAILED, line)
                else:
                    self._tally.case(name, line).outcomes.insert(0, Status.FAILED)
            if name is None:
                self._tally.end(place, Status.PASSED, lines[-1])
        return self._tally.result()
