"""The words of one progress line of pytest: test ids, statuses, percentages. Pure.

Written with string methods: these run on every line of a verbose log, and one RE2 call from Python
costs as much as all of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import re2

from flakebot.model import Status

_STATUSES = {
    "PASSED": Status.PASSED,
    "FAILED": Status.FAILED,
    "ERROR": Status.ERROR,
    "SKIPPED": Status.SKIPPED,
    "XFAIL": Status.SKIPPED,
    "XPASS": Status.PASSED,
    "RERUN": Status.RERUN,
    "CRASHED": Status.CRASHED,
    "DISABLED": Status.SKIPPED,
    "QUARANTINED": Status.SKIPPED,
    "TIMEOUT": Status.TIMEOUT,
}
"""pytest, pytest-rerunfailures, Datadog. An expected failure is no result either way."""

_RETRIES = ("RETRY ", "ATR RETRY ", "EFD RETRY ", "ATF RETRY ")
"""Datadog's attempts; the final status stands on a line of its own."""

_UNTIL_PASSED = ("ATR ", "(Auto Test Retries)")
"""Of Datadog's ways to run a test again, the one that ends with the first pass."""


_TIME = re2.compile(r" *(?:[\d.]+(?:us|ms|s)|\d+m \d+s|\d+h \d+m) *")
"""What `console_output_style = times` prints in place of a percentage."""

BARE = ("PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS", "RERUN")
"""Statuses that may stand alone on a line, behind whatever a test printed."""


class Word(NamedTuple):
    """A status, whether it is that of an attempt whose test goes on, and if so, whether it would
    go on only because the attempt failed.
    """

    status: Status
    attempt: bool = False
    until_passed: bool = False


PASSED = Word(Status.PASSED)


@lru_cache(maxsize=256)
def status(words: str) -> Word | None:
    """What the words between a test id and the percentage mean, None when they are no status.

    `RETRY FAILED (Auto Test Retries)`, `ATR RETRY ATTEMPT 1 FAILED`, `SKIPPED (reason)`,
    `QUARANTINED FINAL STATUS: FAILED`, `FAILED [3.6s]`, `FAILED 3.6s`.
    """
    plain = words.partition(" (")[0].partition(" [")[0].rstrip()
    first, _, rest = plain.partition(" ")
    if first in _STATUSES and (not rest or _TIME.fullmatch(rest) is not None):
        return Word(_STATUSES[first])
    if not plain.startswith((*_RETRIES, "QUARANTINED", "DISABLED", "ATR ", "EFD ", "ATF ")):
        return None
    found = _STATUSES.get(plain.rpartition(" ")[2])
    if found is None:
        return None
    if not plain.startswith(_RETRIES):
        return Word(found)
    until_passed = any(words.startswith(mark) or mark in words for mark in _UNTIL_PASSED)
    return Word(Status.RERUN if found.bad else found, attempt=True, until_passed=until_passed)


def last_status(text: str) -> tuple[str, Word] | None:
    """What a test printed without a line end, and the status glued to it."""
    bare = next((bare for bare in BARE if text.endswith(bare)), None)
    return None if bare is None else (text.removesuffix(bare), Word(_STATUSES[bare]))


_BLANKS = frozenset(" \t")
"""Of a table, as Ray's of processes: `92\\t0.05\\tray::DashboardAgent` is no test."""


def split_id(text: str) -> tuple[str, str] | None:
    """The test id at the start of a text and what follows it, None when there is none.

    An id is `path.ext::name`, `path.ext::Class::name`, with parameters in brackets that may hold
    blanks, brackets and colons.
    """
    colons = text.find("::")
    path = text[:colons]
    if colons < 1 or not _BLANKS.isdisjoint(path) or "." not in path or path[0] in "[(<'\"":
        return None
    blank, bracket = text.find(" ", colons), text.find("[", colons)
    if bracket == -1 or -1 < blank < bracket:
        end = len(text) if blank == -1 else blank
    else:
        end = _end_of_parameters(text, bracket)
    return (text[:end], text[end:]) if end > colons + 2 else None


def _end_of_parameters(text: str, bracket: int) -> int:
    """Behind the bracket that closes the one at `bracket`; else behind the last one there is."""
    depth, at = 0, bracket
    while (end := text.find("] ", at) + 1) > 0:
        depth += text.count("[", at, end) - text.count("]", at, end)
        if depth == 0:
            return end
        at = end
    last = text.rfind("]")
    return last + 1 if last > bracket else len(text)


def split_row(text: str) -> tuple[str, str]:
    """The test id at the start of `id - message` in a list, and what follows it."""
    name, rest = split_id(text) or (text.partition(" - ")[0], text)
    if "::" not in name or not rest or rest.startswith((" - ", " [")):
        return name, rest
    if _in_python(name) and "[" not in name:
        return name, rest
    mark = "] - " if _in_python(name) else " - "
    end = text.find(mark, text.find("::"))
    if end == -1:
        return (text, "") if _goes_on(text) else (name, rest)
    end += len(mark) - len(" - ")
    return text[:end], text[end:]


def _in_python(name: str) -> bool:
    """Whether a test is a function: the name of one from another file may hold blanks."""
    return ".py::" in name


def _goes_on(text: str) -> bool:
    """Whether an id with blanks goes on to the end of a text, as `x.py::test[a] b]` does."""
    return not _in_python(text) or text.count("]") > text.count("[")


def split_percent(text: str) -> tuple[str, int | None]:
    """A line without its `[ 61%]` at the end, and the number."""
    text = text.rstrip()
    if text.endswith("%]"):
        start = text.rfind("[")
        number = _percentage(text[start + 1 : -2])
        if number is not None and not text[:start][-1:].strip():  # else the end of an id
            return text[:start].rstrip(), number
    return text, None


def _percentage(text: str) -> int | None:
    """A number of up to three digits; anybody can print `[ ²%]`, or a number without end."""
    digits = text.strip()
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= len("100")
    return int(digits) if fits else None


class Result(NamedTuple):
    """What a progress line says: a test, its status (None: it starts), and what was glued on."""

    id: str
    word: Word | None
    worker: str = ""
    percent: int | None = None
    rest: str = ""


def result(text: str) -> Result | None:
    """`id STATUS [ 61%]` or `id ` of a sequential run, `[gw0] [ 61%] STATUS id ` of xdist."""
    if text.startswith("[gw"):
        return _of_worker(text)
    head, percent = split_percent(text)
    split = split_id(head)
    if split is None:
        return None
    name, rest = split
    rest = rest.strip()
    word = status(rest) if rest else None
    if word is not None:
        return Result(name, word, percent=percent)
    glued = last_status(head) if percent is not None else None
    if glued is not None:
        return Result(_whole(name, glued[0]), glued[1], percent=percent)
    whole = _whole(name, text) if rest else name
    rest = rest if whole == name and _in_python(name) else ""
    return Result(whole, None, percent=percent, rest=rest)


def _whole(name: str, text: str) -> str:
    """The id that a text is up to the blank at its end, or the shorter one at its start."""
    ends = text.endswith((" ", "]")) and not text.endswith("  ")
    return text.rstrip() if ends and _goes_on(text) else name


def _of_worker(text: str) -> Result | None:
    worker, _, rest = text[1:].partition("]")
    rest = rest.lstrip()
    percent = None
    if rest.startswith("["):
        number, _, rest = rest[1:].partition("]")
        percent = _percentage(number.removesuffix("%"))
    elif (time := _TIME.match(rest)) is not None:
        rest = rest[time.end() :]
    start = rest.rfind(" ", 0, rest.find("::")) + 1
    word = status(rest[:start].strip())
    split = split_id(rest[start:])
    if word is None or split is None:
        return None
    name, glued = split[0], split[1].strip()
    if glued and "[gw" not in glued:
        name = _whole(name, rest[start:])
    return Result(name, word, worker, percent, glued)
