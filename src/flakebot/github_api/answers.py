"""What an answer of GitHub means: fine, worth another try, or an error in one sentence. Pure.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from flakebot.errors import (
    FlakebotError,
    GitHubError,
    NotFoundError,
    PermissionMissingError,
    TokenMissingError,
)
from flakebot.model import value
from flakebot.retry_after import seconds_to_wait
from flakebot.retrying import TryAgainError
from flakebot.secrets_mask import mask

SECONDARY_SECONDS = 60.0
"""GitHub asks to wait at least a minute when it limits without saying for how long."""

_MESSAGE_CHARACTERS = 300

_RESET_DIGITS = 12
"""Of a moment in seconds since 1970; no reset is in another age."""

_DENIED = frozenset({404, 410, 422})
"""What GitHub may wrongly say of a thing it just named."""

_NO_ACCESS = ("resource not accessible by", "must have admin rights")
"""How GitHub begins when a token lacks a permission."""


@value
class Task:
    """What a request is for, in the words of a message, and the permission it needs.

    `doing` completes "The token may not …", as "list the issues"; the thing it is about is `named`
    when GitHub itself just named it, so that an answer that denies it is asked for once more. Of
    what is done on issues and pull requests alike, `on_pull` is the permission for the latter.
    """

    doing: str
    permission: str
    on_pull: str = ""
    named: bool = False


@value
class Answer:
    """An answer of GitHub; the case of headers' names does not matter."""

    status: int
    headers: Mapping[str, str]
    body: str


@value
class _Detail:
    code: str | None = None
    message: str | None = None


@value
class _Message:
    """GitHub's error object."""

    message: str = ""
    errors: tuple[_Detail | str, ...] | dict[str, object] | str | None = None


def check(answer: Answer, task: Task, *, anonymous: bool = False) -> None:
    """Do nothing when the answer is fine; else raise `TryAgainError` or the error it stands for;
    `anonymous` says that it was asked for without a token.
    """
    error = _error(answer, task, anonymous=anonymous)
    if error is None:
        return
    if _is_limit(answer):
        raise TryAgainError(error, after=_limit_seconds(answer))
    if answer.status >= 500:  # noqa: PLR2004  # the servers' class of statuses
        raise TryAgainError(error, after=seconds_to_wait(answer.headers))
    if task.named and answer.status in _DENIED:
        raise TryAgainError(error, once=True)
    raise error


def message(answer: Answer) -> str:
    """GitHub's own words, on one line, secrets masked; empty when it used none.

    A proxy that refuses a request may quote it, with its token.
    """
    try:
        decoded = msgspec.json.decode(answer.body, type=_Message)
    except (msgspec.DecodeError, RecursionError):
        return ""
    errors = (decoded.errors,) if isinstance(decoded.errors, str) else decoded.errors or ()
    details = [e if isinstance(e, str) else e.message or e.code for e in errors]
    text = ": ".join(part for part in (decoded.message, ", ".join(filter(None, details))) if part)
    return mask(" ".join(text.split()))[:_MESSAGE_CHARACTERS]


def _error(answer: Answer, task: Task, *, anonymous: bool) -> FlakebotError | None:
    """The error an answer stands for, None when it is fine."""
    if 200 <= answer.status < 300:  # noqa: PLR2004  # the class of statuses that say yes
        return None
    said = message(answer)
    no_access = answer.status == HTTPStatus.FORBIDDEN and said.lower().startswith(_NO_ACCESS)
    if anonymous and (no_access or answer.status == HTTPStatus.UNAUTHORIZED):
        return TokenMissingError(task.doing)
    if no_access:
        return PermissionMissingError(task.permission, task.doing, on_pull=task.on_pull)
    if answer.status == HTTPStatus.NOT_FOUND:
        return NotFoundError(
            f"Could not {task.doing}: GitHub has no such thing, or does not show it to this token "
            "(404)."
        )
    return GitHubError(_sentence(answer, task, said), status=answer.status)


def _sentence(answer: Answer, task: Task, said: str) -> str:
    if _is_limit(answer):
        seconds = round(_limit_seconds(answer))
        return (
            f"GitHub's rate limit does not let flakebot {task.doing} for another {seconds} s, "
            "longer than it may wait; run it again later."
        )
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return (
            f"GitHub does not accept the token (401, {said}): check the `token` input, or "
            "GITHUB_TOKEN on a command line."
        )
    quote = f": {said}" if said else ""
    return f"Could not {task.doing}: GitHub answered {answer.status}{quote}."


def _is_limit(answer: Answer) -> bool:
    """Whether GitHub refused for one of its rate limits."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if answer.status != HTTPStatus.FORBIDDEN:
        return False
    said = message(answer).lower()
    if said.startswith(_NO_ACCESS):
        return False
    # The last request of the hour may be refused for a reason of its own, which GitHub tells.
    spent = not said and answer.headers.get("X-RateLimit-Remaining") == "0"
    return spent or "Retry-After" in answer.headers or "rate limit" in said or "abuse" in said


def _limit_seconds(answer: Answer) -> float:
    """How long a rate limit asks to wait."""
    asked = seconds_to_wait(answer.headers)
    if asked is None and answer.headers.get("X-RateLimit-Remaining") == "0":
        asked = _until_reset(answer)
    return SECONDARY_SECONDS if asked is None else asked


def _until_reset(answer: Answer) -> float | None:
    """Seconds until the limit is reset, by GitHub's clock; a second more, as it counts whole
    ones.
    """
    reset, now = answer.headers.get("X-RateLimit-Reset", ""), _now(answer)
    if not reset.isdecimal() or len(reset) > _RESET_DIGITS or now is None:
        return None
    return max(float(reset) - now.timestamp(), 0.0) + 1.0


def _now(answer: Answer) -> datetime | None:
    """GitHub's own clock, so that a wrong one here does no harm."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
