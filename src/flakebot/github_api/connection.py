"""The connection that PyGithub sends its requests over, bounded where its own is not.

PyGithub's reads an answer whole whatever its size, waits for a 202 without end, and follows a 301
without the query (PyGithub 2.10, Requester): a list of issues asked for under a former name of the
repository came without its label and without the closed ones, which looks whole and is not.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import requests
from github.Requester import HTTPSRequestsConnectionClass, RequestsResponse

HOPS = 3
"""Redirects that are followed: GitHub uses one for a repository that was renamed."""

ANSWER_BYTES = 64 * 1024 * 1024
"""Of one answer: a hundred issues with the longest texts there can be are less than half."""

ANSWER_SECONDS = 300.0
"""Of one answer in all; a trickle of bytes would never meet the time-out between two of them."""

_CHUNK_BYTES = 64 * 1024
_MOVED = frozenset(
    {
        requests.codes.moved_permanently,
        requests.codes.temporary_redirect,
        requests.codes.permanent_redirect,
    }
)
"""Redirects that GitHub asks to follow with the same method."""


class Connection(HTTPSRequestsConnectionClass):
    """One origin.

    Args:
        base_url: of the API.
        seconds: to connect, and between two bytes.
        stopwatch: seconds since some fixed moment.
    """

    def __init__(self, base_url: str, seconds: float, stopwatch: Callable[[], float]) -> None:
        parts = urlsplit(base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        super().__init__(parts.hostname or "", port)
        self.protocol = parts.scheme
        self._seconds = seconds
        self._stopwatch = stopwatch

    def getresponse(self) -> RequestsResponse:
        """Send the request, and read its answer within the bounds.

        Raises:
            requests.RequestException: no answer came, or none that can be read.
            ValueError: the answer is larger than `ANSWER_BYTES`.

        """
        url = f"{self.protocol}://{self.host}:{self.port}{self.url}"
        for _ in range(HOPS + 1):
            with self._send(url) as response:
                target = self._target(response)
                if not target:
                    return _Read(response, self._body(response))
            url = target
        raise requests.TooManyRedirects("redirects in a circle")

    def _send(self, url: str) -> requests.Response:
        return self.session.request(
            self.verb,
            url,
            headers=self.headers,
            data=self.input,
            timeout=self._seconds,
            allow_redirects=False,
            stream=True,
        )

    def _target(self, response: requests.Response) -> str:
        """Where a redirect within the origin leads; empty when it is none, and PyGithub refuses
        what leads elsewhere.
        """
        if response.status_code not in _MOVED:
            return ""
        target = urljoin(response.url, response.headers.get("location", ""))
        return target if _origin(target) == _origin(response.url) else ""

    def _body(self, response: requests.Response) -> str:
        if response.status_code == requests.codes.accepted and self.verb == "GET":
            raise requests.RequestException("GitHub has no answer yet (202)")
        body, start = bytearray(), self._stopwatch()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise ValueError(f"it is larger than {ANSWER_BYTES} bytes")
            if self._stopwatch() - start > ANSWER_SECONDS:
                raise requests.ReadTimeout(f"it took longer than {ANSWER_SECONDS:.0f} s")
        return body.decode("utf-8", "replace")


class _Read(RequestsResponse):
    """An answer that was read."""

    def __init__(self, response: requests.Response, body: str) -> None:
        super().__init__(response)
        self._body = body

    def read(self) -> str:
        """Return what was read."""
        return self._body


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
