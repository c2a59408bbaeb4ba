"""Faults of GitHub by the ways in which a request can fail, and what a disturbed run must keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.server.analysis import SECONDS, Seen, ledger, seen
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tests.server.looks import Look, doubles, restore

from flakebot.errors import FlakebotError
from flakebot.records import RunKey
from flakebot.retrying import TRIES

PRIMARY = b'{"message": "API rate limit exceeded for installation ID 1."}'
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
SPENT = {"X-RateLimit-Remaining": "0"}


def _status(status: int, message: bytes = b'{"message": "No."}', **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"kind": "status", "status": status, "body": message, "headers": named}


WAYS: Mapping[str, Mapping[str, Any]] = {
    "time-out": {"kind": "slow"},
    "time-out after": {"kind": "after-slow"},
    "reset": {"kind": "reset"},
    "reset after": {"kind": "after-reset"},
    "500": _status(500),
    "502 after": {"kind": "after-status", "status": 502},
    "403 primary": {**_status(403, PRIMARY), "headers": SPENT},
    "403 secondary": _status(403, SECONDARY, Retry_After="30"),
    "404": _status(404, b'{"message": "Not Found"}'),
    "410": _status(410, b'{"message": "Gone"}'),
    "422": _status(422, b'{"message": "Validation Failed"}'),
    "cut off": {"kind": "truncated"},
    "wrong type": {"kind": "wrong-type"},
    "empty": {"kind": "empty"},
    "page of HTML": {"kind": "html"},
}
"""Each way in which one request can fail."""

REQUESTS_MORE = 3 * TRIES
"""That one or two failing requests cost at most: tries, and looks at what a doubtful write did."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One request of an undisturbed run, by its origin and number."""

    origin: Literal["api", "storage"]
    index: int
    name: str


def places(look: Look) -> list[Place]:
    """Every request of a look."""
    found = []
    origins: tuple[Literal["api", "storage"], ...] = ("api", "storage")
    for origin in origins:
        of = [one for one in look.requests if one.startswith(f"{origin} ")]
        found += [Place(origin=origin, index=n, name=name) for n, name in enumerate(of)]
    return found


def disturb(fake: FakeGitHub, look: Look, faults: Sequence[tuple[Place, str]]) -> list[str]:
    """Look while requests fail, then while none does; what is wrong then, in sentences."""
    restore(fake, look.given)
    before = _keys(fake)
    for place, way in faults:
        fake.faults.add(Fault(origin=place.origin, skip=place.index, **WAYS[way]))
    wrong = [*_played(fake, look)]
    fake.faults.clear()
    acknowledged = _keys(fake)
    twice = doubles(fake)
    look.play(fake)
    after, wanted = _settled(seen(fake)), _settled(look.wanted)
    lost = (before - acknowledged) | (acknowledged - _keys(fake))
    wrong += [f"lost {lost}"] * bool(lost)
    twice += doubles(fake)
    wrong += [f"wrote twice {twice}"] * bool(twice)
    wrong += ["did not heal"] * (after != wanted)
    names = ", ".join(f"{place.name}: {way}" for place, way in faults)
    return [f"{names}: {sentence}" for sentence in wrong]


def _played(fake: FakeGitHub, look: Look) -> Iterator[str]:
    """Look, and tell where that left its bounds."""
    since = len(fake.requests)
    naps: list[float] = []
    told: list[str] = []
    try:
        told.append(repr(look.play(fake, sleep=naps.append, say=told.append)))
    except FlakebotError as error:
        told.append(repr((error, error.__cause__)))
        if "\n" in str(error) or not str(error).endswith("."):
            yield f"is no sentence: {error}"
    if fake.token in "".join([*told, repr(seen(fake))]):
        yield "shows the token"
    spent = len(fake.requests) - since
    if spent > look.api + look.storage + REQUESTS_MORE:
        yield f"took {spent} requests"
    if sum(naps) > SECONDS + spent:  # a second between two writes is not taken from the budget
        yield f"waited {sum(naps):.0f} s"


def _settled(there: Seen) -> Seen:
    """Without what a record notes of the analysis that wrote it, which nothing rewrites."""
    records = [replace(record, said=None, opening=None) for record in there.records]
    return replace(there, records=records)


def _keys(fake: FakeGitHub) -> set[RunKey]:
    return {record.key for record in ledger(fake)}
