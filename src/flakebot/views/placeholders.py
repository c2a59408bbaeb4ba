"""What only becomes known while a plan is applied: stands in a text until then. Pure.

The numbers of issues that are about to be opened, and what becomes of a re-run that is about to be
requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

from flakebot import untrusted
from flakebot.changes import OpenIssue, Receipt, RequestRerun
from flakebot.views.markers import END, encode, plain

RERUN = "<!-- flakebot:rerun -->"
"""Stands for what becomes of a re-run."""

_NUMBER = "<!-- flakebot:number "
_SENTENCE = 300
"""Characters of a refusal that are shown."""


def placeholder(key: str) -> str:
    """Stands for the number of an issue that is only about to be opened."""
    return f"{_NUMBER}{encode(key)}{END}"


def filled(body: str, receipts: Sequence[Receipt]) -> str:
    """A text with what only the changes before it could tell."""
    return _answered(numbered(body, _numbers(receipts)), receipts)


def numbered(body: str, numbers: Mapping[str, int]) -> str:
    """A body with each placeholder replaced by its issue, or by a dash when it got none."""
    head, *rest = body.split(_NUMBER)
    parts = [head]
    for piece in rest:
        key, _, tail = piece.partition(END)
        number = numbers.get(unquote(key))
        parts += [f"#{number}" if number else "—", tail]
    return "".join(parts)


def _answered(body: str, receipts: Iterable[Receipt]) -> str:
    """A body that says what became of the re-run it speaks of, in GitHub's words when it refused;
    one that was not tried yet is told as requested.
    """
    asked = (receipt for receipt in receipts if isinstance(receipt.change, RequestRerun))
    receipt = next(asked, None)
    if receipt is None or receipt.done:
        return body.replace(RERUN, "re-run requested")
    said = untrusted.inline(" ".join(receipt.reason.split())[:_SENTENCE])
    return body.replace(RERUN, f"not run again: {said}")


def same(body: str | None, wanted: str) -> bool:
    """Whether a body is the wanted text, whatever became of a re-run that it speaks of."""
    rest = plain(body)
    first, *parts = plain(wanted).split(RERUN)
    if not rest.startswith(first) or (not parts and rest != first):
        return False
    rest = rest[len(first) :]
    for part in parts:
        gap, found, rest = rest.partition(part) if part else (rest, "", "")
        if "\n" in gap or len(gap) > 2 * _SENTENCE or (part and not found):
            return False
    return not rest


def _numbers(receipts: Iterable[Receipt]) -> dict[str, int]:
    """The issues opened so far, by what they track."""
    found = {}
    for receipt in receipts:
        last = receipt.url.rpartition("/")[2]
        if isinstance(receipt.change, OpenIssue) and receipt.done and last.isdecimal():
            found[receipt.change.key] = int(last)
    return found
