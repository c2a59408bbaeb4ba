"""Hidden markers by which flakebot knows its own issues and comments again. Pure.

A marker counts only in the first line of a body, and only when flakebot wrote that body: the title
and the prose are for people and may be edited, and log text may imitate anything. Values are
percent-encoded or JSON in which everything active is escaped, so that none can end the HTML comment
it is in, or mention anybody in the e-mail that quotes it.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote, unquote

import msgspec

from flakebot.github_objects import Account
from flakebot.model import value

KEY_CHARACTERS = 1000
"""Longest key that gets an issue: encoded it takes at most twelve times as much, so that the marker
alone never fills a body."""

DIGEST = "digest"
"""Key of the issue that lists the tests for which one run opened no issue of their own."""

DASHBOARD = "dashboard"
"""Key of the issue that shows how all flaky tests stand."""

GROUP = "together-"
"""How the key of an issue begins that is about tests which fail together."""


class Mark(StrEnum):
    """What a text with a marker is."""

    ISSUE = "issue"
    NOTE = "note"
    PULL_REQUEST = "pull-request"
    REPRODUCTION = "reproduction"


@value
class Companion:
    """A test that fails together with another: its issue, 0 for none, and the runs in which both
    failed among those in which either did.
    """

    name: str
    number: int = 0
    both: int = 0
    either: int = 0


@value
class Together:
    """What a sweep found of the tests that fail together with one: those shown, how many more."""

    shown: tuple[Companion, ...] = ()
    more: int = 0


@value
class Namesake:
    """What a sweep found of a test that may be the same under its other name.

    `name` and `number` are the other's name and issue, `older` says that it is the old one; `new`
    is the issue of the new one, `last` is when the old one was last on record.
    """

    name: str
    number: int
    older: bool
    new: int
    last: datetime


@value
class IssueState:
    """What an issue remembers of itself, so that nothing is ever read out of its prose.

    `opened` is the run that opened it; `state` and `fingerprints` are what its readers have been
    told, in `told` comments; `added` are those that the run `added_by` brought along; `closed_by`
    is the commit with which it went silent, while a sweep has it closed for that; `together` is
    what the last sweep found of tests that fail together with it, `namesake` of one that may be it
    under another name; `owners` are those that `CODEOWNERS` had when it was last read, None when
    there were none.
    """

    opened: int = 0
    added_by: int = 0
    added: tuple[str, ...] = ()
    told: int = 0
    state: str = ""
    fingerprints: tuple[str, ...] = ()
    closed_by: str | None = None
    together: Together | None = None
    namesake: Namesake | None = None
    owners: tuple[str, ...] | None = None
    version: int = 1


@value
class DigestRow:
    """A test that waits in the digest, with the day it last failed."""

    key: str
    failures: int = 0
    builds: int = 0
    seen: str = ""


@value
class DigestState:
    """What the digest lists."""

    rows: tuple[DigestRow, ...] = ()
    version: int = 1


@value
class GroupState:
    """What an issue about tests that fail together remembers: its members, as `digest` has their
    keys, and whether flakebot itself has closed it.
    """

    members: tuple[str, ...] = ()
    closed: bool | None = None
    version: int = 1


_T = TypeVar("_T")

_STATE = "<!-- flakebot:state "
END = " -->"
"""With which a hidden line of ours ends."""

_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>-@#&"})


def mark(kind: Mark, key: str = "") -> str:
    """The first line of a text of ours."""
    return f"<!-- flakebot:{kind}{' ' if key else ''}{encode(key)}{END}"


def key_of(kind: Mark, body: str | None) -> str | None:
    """The key in the first line of a body, None when there is none of this kind."""
    first = (body or "").partition("\n")[0].rstrip()
    start = f"<!-- flakebot:{kind}"
    key = unquote(first.removeprefix(start).removesuffix(END).strip())
    return key if mark(kind, key) == first else None


def written_by(user: Account | None, login: str) -> bool:
    """Whether an account is the one flakebot writes as; logins ignore case."""
    return user is not None and user.login.casefold() == login.casefold()


def plain(body: str | None) -> str:
    """A body without what GitHub may change on its way, for comparing two."""
    return (body or "").replace("\r\n", "\n").strip()


def hide(state: object) -> str:
    """A state as a line that a reader of the issue does not see; what is None is left out."""
    fields = {key: each for key, each in msgspec.to_builtins(state).items() if each is not None}
    text = json.dumps(fields, ensure_ascii=True, separators=(",", ":"))
    return f"{_STATE}{text.translate(_ESCAPES)}{END}"


def reveal(body: str | None, shape: type[_T]) -> _T | None:
    """The state hidden in a body, None when it is missing or no longer readable."""
    for line in reversed((body or "").replace("\r\n", "\n").split("\n")):
        if line.startswith(_STATE) and line.endswith(END):
            try:
                return msgspec.json.decode(line.removeprefix(_STATE).removesuffix(END), type=shape)
            except msgspec.MsgspecError:
                return None
    return None


def restate(body: str | None, state: object) -> str:
    """A body with another state hidden where its last one was."""
    lines = (body or "").replace("\r\n", "\n").split("\n")
    last = max((at for at, line in enumerate(lines) if line.startswith(_STATE)), default=len(lines))
    return "\n".join([*lines[:last], hide(state), *lines[last + 1 :]])


def digest(text: str) -> str:
    """A short name of a key, of a length that no test id changes."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def encode(key: str) -> str:
    """Percent-encode everything but letters, digits, dot, underscore and tilde."""
    return quote(key, safe="", errors="replace").replace("-", "%2D")
