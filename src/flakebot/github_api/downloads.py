"""Downloads from GitHub: logs, archives, artifacts and raw files, which lie behind redirects.

The token goes to the API's own origin and nowhere else: storage refuses it
(KnpLabs/php-github-api#1156), and another host must not learn it. An address that was redirected to
lives a minute, so a further try begins at GitHub again.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Self
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
import urllib3.exceptions

from flakebot import __version__
from flakebot.errors import GitHubError
from flakebot.github_api.answers import Answer, Task, check
from flakebot.model import value
from flakebot.retrying import Patience, TryAgainError

HOPS = 3
"""Redirects that are followed; GitHub uses one, a renamed repository two."""

CHUNK_BYTES = 64 * 1024
ERROR_BYTES = 64 * 1024
MEMORY_BYTES = 1024 * 1024
"""A download larger than this is kept on disk."""

DOWNLOAD_SECONDS = 900.0
"""Of one download in all; a trickle of bytes would never meet the time-out between two of them."""


@value
class Download:
    """Bytes that were fetched; `complete` is false when there are more than were asked for."""

    file: IO[bytes]
    complete: bool

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces."""
        self.file.seek(0)
        while chunk := self.file.read(CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        """Let go of the bytes."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Downloads:
    """Fetches bytes with one token.

    Args:
        token: for the API's own origin; may be empty.
        base_url: of the API, without a slash at its end.
        api_version: sent along.
        seconds: to connect, and between two bytes.
        patience: the budget of waiting.
    """

    def __init__(
        self, token: str, base_url: str, api_version: str, seconds: float, patience: Patience
    ) -> None:
        self._base_url = base_url
        self._seconds = seconds
        self._patience = patience
        self._own = {"X-GitHub-Api-Version": api_version}
        if token:
            self._own["Authorization"] = f"Bearer {token}"
        self._session = requests.Session()
        self._session.auth = _leave_alone
        self._session.headers["User-Agent"] = f"flakebot/{__version__}"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def fetch(self, path: str, task: Task, *, limit: int, accept: str) -> Download:
        """Fetch at most `limit` bytes; every further try begins at GitHub."""
        return self._patience.call(lambda: self._try(path, task, limit, accept))

    def _try(self, path: str, task: Task, limit: int, accept: str) -> Download:
        try:
            return self._follow(self._base_url + path, task, limit, accept)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            sentence = f"Could not {task.doing}: the download broke off ({type(error).__name__})."
            raise TryAgainError(GitHubError(sentence)) from error
        except ValueError as error:  # requests looks at where a redirect leads, too
            raise _no_target(task) from error
        except OSError as error:
            raise GitHubError(
                f"Could not {task.doing}: what was downloaded cannot be kept ({error.strerror})."
            ) from error

    def _follow(self, url: str, task: Task, limit: int, accept: str) -> Download:
        """Go from address to address until one has the bytes."""
        for _ in range(HOPS + 1):
            with self._ask(url, accept) as response:
                location = response.headers.get("location", "")
                if response.is_redirect:
                    url = self._target(url, location, task)
                    continue
                self._check(response, task, is_own=self._is_own(url))
                return self._save(response.raw, task, limit)
        raise GitHubError(f"Could not {task.doing}: GitHub redirects in a circle.")

    def _ask(self, url: str, accept: str) -> requests.Response:
        own = {**self._own, "Accept": accept} if self._is_own(url) else {}
        headers = {"Accept-Encoding": "identity", **own}
        return self._session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=self._seconds
        )

    def _is_own(self, url: str) -> bool:
        return _origin(url) == _origin(self._base_url)

    def _target(self, url: str, location: str, task: Task) -> str:
        """Where a redirect leads; plain HTTP only where the API itself is spoken to so."""
        target = urljoin(url, location)
        scheme, host, _ = _origin(target)
        if not (location and host) or scheme not in {"https", urlsplit(self._base_url).scheme}:
            raise _no_target(task)
        return target

    def _check(self, response: requests.Response, task: Task, *, is_own: bool) -> None:
        """Raise what a refusal stands for; storage refuses an address that has expired, and a new
        one helps.
        """
        if response.ok:
            if response.headers.get("content-type", "").startswith("text/html"):
                sentence = f"Could not {task.doing}: instead of the file came a page for people."
                raise TryAgainError(GitHubError(sentence, status=response.status_code))
            return
        if not is_own and response.status_code in {
            requests.codes.unauthorized,
            requests.codes.forbidden,
        }:
            sentence = f"Could not {task.doing}: the storage refused ({response.status_code})."
            raise TryAgainError(GitHubError(sentence, status=response.status_code))
        body = response.raw.read(ERROR_BYTES, decode_content=True).decode("utf-8", "replace")
        answer = Answer(status=response.status_code, headers=response.headers, body=body)
        check(answer, task, anonymous="Authorization" not in self._own)

    def _save(self, raw: urllib3.HTTPResponse, task: Task, limit: int) -> Download:
        """Keep the bytes in memory, or on disk when they are many, until the caller closes them."""
        file: Any = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # the caller closes it
        try:
            return Download(file=file, complete=self._copy(raw, file, task, limit))
        except BaseException:
            file.close()
            raise

    def _copy(self, raw: urllib3.HTTPResponse, file: IO[bytes], task: Task, limit: int) -> bool:
        """Copy up to the limit; says whether that was all."""
        start, left = self._patience.stopwatch(), limit
        while chunk := raw.read1(CHUNK_BYTES, decode_content=True):
            file.write(chunk[:left])
            if len(chunk) > left:
                return False
            left -= len(chunk)
            if self._patience.stopwatch() - start > DOWNLOAD_SECONDS:
                raise GitHubError(
                    f"Could not {task.doing}: it took longer than {DOWNLOAD_SECONDS:.0f} s."
                )
        return True


def _no_target(task: Task) -> GitHubError:
    return GitHubError(f"Could not {task.doing}: GitHub redirects to no usable address.")


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where requests would otherwise look for a password in `~/.netrc`."""
    return request


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; raises `ValueError` on what is no address."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return parts.scheme, parts.hostname or "", port
