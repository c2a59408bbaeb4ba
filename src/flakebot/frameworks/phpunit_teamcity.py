"""Read what PHPUnit prints with `--teamcity`. Pure.

`##teamcity[testFailed name='testIsWide' message='…' details='…' …]` after a `testStarted` whose
`locationHint` holds the id
(https://www.jetbrains.com/help/teamcity/service-messages.html).
"""

from __future__ import annotations

import re2

from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

BEGINS = "##teamcity["

_MESSAGE = re2.compile(r"^##teamcity\[(test(?:Started|Failed|Ignored|Finished)) (.*)\]$")
_FIELD = re2.compile(r"(\w+)='((?:[^|']|\|.)*)'")
_HINT = re2.compile(r"^php_qn://.*?::\\?([\w\\]+::.+)$")
_ESCAPED = re2.compile(r"\|(.)")
_ESCAPES = {"n": "\n", "r": ""}
_EXCEPTION = re2.compile(r"^([\w\\]+) : ")
_PLACE = re2.compile(r"^\S+\.php:\d+$|^Caused by$")
_RISKY = ("This test did not perform any assertions", "This test printed output: ")
"""What is told of a risky test, which is a failed one in this format only."""


class TeamCity:
    """The tests that one run of PHPUnit tells of.

    Args:
        tally: takes what becomes of them.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._test = ""

    def feed(self, line: Line) -> bool:
        """Take a line; true when it says why a test failed."""
        message = _MESSAGE.match(line.text)
        if message is None:
            return False
        fields = {key: _plain(value) for key, value in _FIELD.findall(message.group(2))}
        word: str = message.group(1)
        if word == "testStarted":
            self._start(fields.get("locationHint", ""), line)
        elif self._test:
            self._tell(word, fields, line)
        return word == "testFailed"

    def _start(self, hint: str, line: Line) -> None:
        found = _HINT.match(hint)
        self._test = "" if found is None else found.group(1)
        if self._test:
            self._tally.start(self._test, line)

    def _tell(self, word: str, fields: dict[str, str], line: Line) -> None:
        """A test ended; that it finished is all that is told of one that passed."""
        message = fields.get("message", "")
        if word == "testFailed" and not message.startswith(_RISKY):
            case = self._tally.end(self._test, Status.FAILED, line)
            said = _EXCEPTION.sub(r"\1: ", f"{message}\n{fields.get('details', '')}")
            self._tally.report(case, lines=[line._replace(text=each) for each in _lines(said)])
            self._tally.close()
        elif word == "testIgnored":
            self._tally.end(self._test, Status.SKIPPED, line)
        elif self._tally.case(self._test, line).open:
            self._tally.end(self._test, Status.PASSED, line)
        self._test = "" if word == "testFinished" else self._test


def _plain(value: str) -> str:
    """A value without its escapes."""
    return str(_ESCAPED.sub(lambda found: _ESCAPES.get(found.group(1), found.group(1)), value))


def _lines(text: str) -> list[str]:
    """A report; places are indented, as they state nothing."""
    rows = [row.strip() for row in text.split("\n")]
    return [f"  {row}" if _PLACE.match(row) is not None else row for row in rows]
