"""JSON calls to GitHub's REST API over PyGithub, decoded into typed values.

Reads, and writes that may be done twice, are tried again; a create is not, as it may have happened
though no answer came. PyGithub's own retry is switched off: it leaves out PATCH, repeats POST and
sleeps outside of our budget (PyGithub 2.10, GithubRetry).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import requests
from github import Auth, Github
from requests.structures import CaseInsensitiveDict
from requests.utils import parse_header_links

from flakebot import __version__
from flakebot.errors import FlakebotError, GitHubError, PartialReadError
from flakebot.github_api.answers import Answer, Task, check
from flakebot.github_api.connection import Connection
from flakebot.github_api.decoding import decode, unreadable
from flakebot.github_api.doubt import once
from flakebot.github_api.downloads import Download, Downloads
from flakebot.github_api.names import base_address
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Limits

_T = TypeVar("_T")

API_VERSION = "2022-11-28"
PAGES = 500
"""Pages of a list that are read at most: fifty thousand entries."""

WRITE_PAUSE_SECONDS = 1.0
"""GitHub asks for a second between writes
(https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api)."""


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
        self._base_url = base_address(base_url)
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
            lambda: decode(self._try("GET", path, task, parameters), kind, task)
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
            lambda: decode(self._try(method, path, task, {}, body), kind, task)
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
            lambda: once(lambda: decode(self._try(method, path, task, {}, body), kind, task))
        )

    def order(self, path: str, task: Task, body: Mapping[str, Any] | None = None) -> None:
        """Have something done that must not be done twice, whatever the answer says of it."""
        self._before_write()
        self.patience.call(lambda: once(lambda: self._try("POST", path, task, {}, body or {})))

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
            return answer, decode(answer, kind, task)

        try:
            return self.patience.call(attempt)
        except FlakebotError as error:
            # A refusal of the first page says it best itself; anything later, or a page that
            # cannot be understood, leaves a list that looks whole and is not.
            if number == 1 and getattr(error, "status", 0) != HTTPStatus.OK:
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
            raise unreadable(task, f"that makes no sense ({error})") from error
        answer = Answer(status=status, headers=CaseInsensitiveDict(headers), body=text)
        check(answer, task, anonymous=not self.token)
        return answer


def _no_answer(task: Task, error: Exception) -> GitHubError:
    return GitHubError(f"Could not {task.doing}: no answer from GitHub ({_innermost(error)}).")


def _innermost(error: BaseException) -> str:
    """The network's own words, without the libraries' wrapping."""
    while isinstance(error.__context__, Exception):
        error = error.__context__
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:200]


def _next(answer: Answer) -> str:
    """The address of the next page, as a path below the base; empty on the last."""
    for link in parse_header_links(answer.headers.get("link", "")):
        if link.get("rel") == "next":
            return str(link["url"])
    return ""
