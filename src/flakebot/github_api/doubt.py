"""Writes that must not happen twice, and whether one that failed may have happened all the same."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import requests
import urllib3.exceptions

from flakebot.errors import DoubtfulWriteError, GitHubError
from flakebot.retrying import TryAgainError

_T = TypeVar("_T")


def once(write: Callable[[], _T]) -> _T:
    """Write, and let it be tried again only if it surely did not happen."""
    try:
        return write()
    except TryAgainError as failure:
        if is_undone(failure):
            raise
        raise _doubtful(failure.error) from failure
    except GitHubError as error:
        if error.status == HTTPStatus.OK:  # GitHub said yes, and the rest is unreadable
            raise _doubtful(error) from error
        raise


def is_undone(failure: TryAgainError) -> bool:
    """Whether a create that failed surely did not happen: refused by a limit, or never sent."""
    status = getattr(failure.error, "status", 0)
    refused = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    if failure.once or status in refused:
        return True
    cause = failure.__cause__
    if isinstance(cause, requests.ConnectTimeout):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _doubtful(error: Exception) -> DoubtfulWriteError:
    return DoubtfulWriteError(
        f"{error} It may have happened all the same.",
        status=getattr(error, "status", 0),
        passing=True,
    )
