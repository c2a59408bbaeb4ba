"""What lies between two moments in an index of lists that are in the order of time. Pure.

An index of a long history is made once and asked as of many moments: a question costs what it is
answered with, and two searches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Moment = tuple[datetime, int, int]
"""A place in the order of records; see `builds.order`."""


class Spans(Mapping[_Key, Sequence[_Value]]):
    """A mapping whose lists are cut to what lies between two moments, both included.

    Args:
        whole: lists in the order of time.
        when: the moment of a member of a list.
        first: where the span begins.
        last: where it ends.
    """

    def __init__(
        self,
        whole: Mapping[_Key, Sequence[_Value]],
        when: Callable[[_Value], Moment],
        first: Moment,
        last: Moment,
    ) -> None:
        self._whole = whole
        self._when = when
        self._first = first
        self._last = last

    def __getitem__(self, key: _Key) -> Sequence[_Value]:
        return between(self._whole[key], self._when, self._first, self._last)

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


def between(
    whole: Sequence[_Value], when: Callable[[_Value], Moment], first: Moment, last: Moment
) -> Sequence[_Value]:
    """The members of a list in the order of time from one moment to another, both included."""
    return whole[bisect_left(whole, first, key=when) : bisect_right(whole, last, key=when)]
