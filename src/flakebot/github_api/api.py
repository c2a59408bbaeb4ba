"""JSON calls to GitHub's REST API over PyGithub, decoded into typed values.

Reads, and writes that may be done twice, are tried again; a create is not, as it may have happened
though no answer came. PyGithub's own retry is switched off: it leaves out PATCH, repeats POST and
sleeps outside of our budget (PyGithub 2.10, GithubRetry).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3.exceptions
from github import Auth, Github
from requests.structures import CaseInsensitiveDict
from requests.utils import parse_header_links

from flakebot import __version__
from flakebot.errors import (
    DoubtfulWriteError,
    FlakebotError,
    GitHubError,
    InputError,
    PartialReadError,
)
from flakebot.github_api.answers import Answer, Task, check
from flakebot.github_api.connection import Connection
from flakebot.github_api.downloads import Download, Downloads
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Limits

_T = TypeVar("_T")

API_VERSION = "2022-11-28"
PAGES = 500
"""Pages of a list that are read at most: fifty thousand entries."""

WRITE_PAUSE_SECONDS = 1.0
"""GitHub asks for a second between writes
(https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api)."""


def is_full_name(text: str) -> bool:
    """Whether a text may be `owner/name` of a repository."""
    parts = text.split("/")
    return len(parts) == 2 and all(_is_name(part) for part in parts)  # noqa: PLR2004


class Api:
    """One connection to GitHub with one token and one budget of waiting.

    Args:
        token: sent to the API's own origin only; without one only public things are seen.
        base_url: `GITHUB_API_URL`.
        limits: bounds on bytes and seconds.
        patience: the budget of waiting; tests pass one that does not really sleep.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.github.com",
        limits: Limits | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.token = token
        self.patience = patience or Patience((limits or Limits()).wait_seconds)
        self._base_url = _checked(base_url)
        self._has_written = False
        self._is_swift = False
        self._connect(limits or Limits())

    @property
    def limits(self) -> Limits:
        """Bounds on bytes and seconds; new ones begin a new connection and a new budget."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.close()
        self.patience.left = limits.wait_seconds
        self._connect(limits)

    def _connect(self, limits: Limits) -> None:
        self._limits = limits
        self._downloads = Downloads(
            self.token, self._base_url, API_VERSION, limits.request_seconds, self.patience
        )
        self._connection = Connection(
            self._base_url, limits.request_seconds, self.patience.stopwatch
        )
        self._github = Github(
            auth=Auth.Token(self.token) if self.token else None,
            base_url=self._base_url,
            user_agent=f"flakebot/{__version__}",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION,
        )

    def close(self) -> None:
        """Close the connections."""
        self._github.close()
        self._connection.close()
        self._downloads.close()

    def get(self, path: str, kind: type[_T], task: Task, **parameters: str | int) -> _T:
        """Read one thing."""
        return self.patience.call(
            lambda: _decode(self._try("GET", path, task, parameters), kind, task)
        )

    def pages(self, path: str, kind: type[_T], task: Task, **parameters: str | int) -> Iterator[_T]:
        """Read a list page by page; a page that is missing or is no such list is
        `PartialReadError`.
        """
        following, query = path, {"per_page": 100, **parameters}
        for number in range(1, PAGES + 1):
            answer, page = self._page(following, kind, task, query, number)
            yield page
            following, query = _next(answer), {}
            if not following:
                return
        raise PartialReadError(f"Could not {task.doing}: there are more than {PAGES} pages.")

    def send(
        self, method: str, path: str, kind: type[_T], task: Task, body: Mapping[str, Any]
    ) -> _T:
        """Write what may be written twice without harm, and decode the answer."""
        self._before_write()
        return self.patience.call(
            lambda: _decode(self._try(method, path, task, {}, body), kind, task)
        )

    def create(
        self,
        path: str,
        kind: type[_T],
        task: Task,
        body: Mapping[str, Any],
        *,
        method: str = "POST",
    ) -> _T:
        """Write what must not be written twice; raises `DoubtfulWriteError` when it may have
        happened.
        """
        self._before_write()
        return self.patience.call(
            lambda: _once(lambda: _decode(self._try(method, path, task, {}, body), kind, task))
        )

    def order(self, path: str, task: Task, body: Mapping[str, Any] | None = None) -> None:
        """Have something done that must not be done twice, whatever the answer says of it."""
        self._before_write()
        self.patience.call(lambda: _once(lambda: self._try("POST", path, task, {}, body or {})))

    def delete(self, path: str, task: Task) -> None:
        """Delete; what is gone already is `NotFoundError`."""
        self._before_write()
        self.patience.call(lambda: self._try("DELETE", path, task, {}))

    def download(
        self, path: str, task: Task, *, limit: int, accept: str = "application/vnd.github+json"
    ) -> Download:
        """Fetch bytes behind a redirect, at most `limit`; the caller closes the download."""
        return self._downloads.fetch(path, task, limit=limit, accept=accept)

    def _page(
        self, path: str, kind: type[_T], task: Task, query: Mapping[str, str | int], number: int
    ) -> tuple[Answer, _T]:
        def attempt() -> tuple[Answer, _T]:
            answer = self._try("GET", path, task, query)
            return answer, _decode(answer, kind, task)

        try:
            return self.patience.call(attempt)
        except FlakebotError as error:
            # A refusal of the first page says it best itself; anything later, or a page that
            # cannot be understood, leaves a list that looks whole and is not.
            if number == 1 and getattr(error, "status", 0) != requests.codes.ok:
                raise
            raise PartialReadError(f"Could not {task.doing} to the end: {error}") from error

    @contextmanager
    def swiftly(self) -> Iterator[None]:
        """A few writes that are one: the pause is made before them and not in between."""
        self._before_write()
        self._is_swift = True
        try:
            yield
        finally:
            self._is_swift = False

    def _before_write(self) -> None:
        if self._has_written and not self._is_swift:
            self.patience.pause(WRITE_PAUSE_SECONDS)
        self._has_written = True

    def _try(
        self,
        method: str,
        path: str,
        task: Task,
        query: Mapping[str, str | int],
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask once; raises `TryAgainError`, with the network's error as its cause when no answer
        came.
        """
        try:
            status, headers, text = self._github.requester.requestJson(
                method, path, parameters=dict(query), input=body, cnx=self._connection
            )
        except requests.RequestException as error:
            raise TryAgainError(_no_answer(task, error)) from error
        except (RuntimeError, ValueError, OverflowError) as error:
            # PyGithub: a redirect to another host, a header that is no number or has no end.
            raise _unreadable(task, f"that makes no sense ({error})") from error
        answer = Answer(status=status, headers=CaseInsensitiveDict(headers), body=text)
        check(answer, task, anonymous=not self.token)
        return answer


def _decode(answer: Answer, kind: type[_T], task: Task) -> _T:
    """The answer as a value; what is no JSON at all may be a proxy's page or cut off, and is worth
    another try.
    """
    kind_of_answer = answer.headers.get("content-type", "no type")
    error: Exception | None = None
    if "json" in kind_of_answer:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.ValidationError as invalid:
            raise _unreadable(task, f"which is not as documented ({invalid})") from invalid
        except (msgspec.DecodeError, RecursionError) as broken:
            error = broken
    reason = f"which is cut off or broken ({error})" if error else f"of type {kind_of_answer}"
    raise TryAgainError(_unreadable(task, reason)) from error


def _once(write: Callable[[], _T]) -> _T:
    """Write, and let it be tried again only if it surely did not happen."""
    try:
        return write()
    except TryAgainError as failure:
        if _is_undone(failure):
            raise
        raise _doubtful(failure.error) from failure
    except GitHubError as error:
        if error.status == requests.codes.ok:  # GitHub said yes, and the rest is unreadable
            raise _doubtful(error) from error
        raise


def _unreadable(task: Task, reason: str) -> GitHubError:
    sentence = f"Could not {task.doing}: GitHub sent an answer {reason}."
    return GitHubError(sentence, status=requests.codes.ok)


def _no_answer(task: Task, error: Exception) -> GitHubError:
    return GitHubError(f"Could not {task.doing}: no answer from GitHub ({_innermost(error)}).")


def _innermost(error: BaseException) -> str:
    """The network's own words, without the libraries' wrapping."""
    while isinstance(error.__context__, Exception):
        error = error.__context__
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:200]


def _doubtful(error: Exception) -> DoubtfulWriteError:
    return DoubtfulWriteError(
        f"{error} It may have happened all the same.",
        status=getattr(error, "status", 0),
        passing=True,
    )


def _is_undone(failure: TryAgainError) -> bool:
    """Whether a create that failed surely did not happen: refused by a limit, or never sent."""
    status = getattr(failure.error, "status", 0)
    refused = {requests.codes.forbidden, requests.codes.too_many_requests}
    if failure.once or status in refused:
        return True
    cause = failure.__cause__
    if isinstance(cause, requests.ConnectTimeout):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _next(answer: Answer) -> str:
    """The address of the next page, as a path below the base; empty on the last."""
    for link in parse_header_links(answer.headers.get("link", "")):
        if link.get("rel") == "next":
            return str(link["url"])
    return ""


def _checked(base_url: str) -> str:
    with suppress(ValueError):  # a host or a port that is none
        parts = urlsplit(base_url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return base_url.rstrip("/")
    raise InputError(f"{base_url!r} is no address of a GitHub API.")


def _is_name(text: str) -> bool:
    letters = text.replace("-", "").replace("_", "").replace(".", "")
    return letters.isascii() and letters.isalnum() and len(text) <= 100  # noqa: PLR2004
