"""One `HEAD` request to Hugging Face: no redirect is followed, no body is read, and the connection
goes to the address that was checked.
"""

from __future__ import annotations

from collections.abc import Callable

import requests

from flakebot import __version__
from flakebot.hugging_face.bounded import LateError, within
from flakebot.hugging_face.sockets import (
    MAX_TRIED,
    CheckedAdapter,
    Connect,
    PrivateAddressError,
    Resolver,
    UnresolvedError,
    connect,
    resolve,
)
from flakebot.model import value
from flakebot.retry_after import seconds_to_wait
from flakebot.retrying import TryAgainError

REQUEST_SECONDS = 10.0
"""To connect, and between two bytes; huggingface_hub's own default."""

WHOLE = MAX_TRIED + 1
"""Times that: for each address of a name that is tried, and for the answer, byte by byte."""


@value
class Answer:
    """An answer to one request; `after` is the seconds it asks to wait, `code` the error that
    Hugging Face names in `X-Error-Code`.
    """

    status: int
    location: str = ""
    after: float | None = None
    code: str = ""


class SettledError(Exception):
    """An address for which asking again is useless, or must not be done; carries the result."""

    def __init__(self, result: str, reason: str) -> None:
        self.result = result
        self.reason = reason
        super().__init__(reason)


class FailingError(Exception):
    """One try that may go better next time; its text is the reason."""


Transport = Callable[[str, str], Answer]
"""Sends a HEAD request to an address with a token (empty: none); raises `TryAgainError` when no
answer came, `SettledError` when none can."""


class HeadRequests:
    """Sends the requests by `requests`, with no redirect followed and no body read.

    Args:
        session: makes the session; its proxies are honoured, its `.netrc` is not.
        resolver: looks host names up.
        connect: opens connections.
        seconds: to connect, and between two bytes; all of a request may take four times that.
    """

    def __init__(
        self,
        session: Callable[[], requests.Session] = requests.Session,
        *,
        resolver: Resolver = resolve,
        connect: Connect = connect,
        seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._session = session()
        self._session.mount("https://", CheckedAdapter(resolver, connect))
        self._seconds = seconds

    def __call__(self, address: str, token: str) -> Answer:
        """Send one HEAD request."""
        try:
            return within(WHOLE * self._seconds, lambda: self._sent(address, token))
        except LateError as late:
            raise again(str(late)) from late

    def _sent(self, address: str, token: str) -> Answer:
        try:
            with self._session.head(
                address,
                allow_redirects=False,
                auth=_Bearer(token),
                headers={"User-Agent": f"flakebot/{__version__}", "Connection": "close"},
                stream=True,
                timeout=self._seconds,
            ) as response:
                location = response.headers.get("Location", "")
                after = seconds_to_wait(response.headers)
                code = response.headers.get("X-Error-Code", "")
                return Answer(
                    status=response.status_code, location=location, after=after, code=code
                )
        except UnresolvedError as error:
            raise again(f"the name {error} cannot be resolved") from error
        except PrivateAddressError as error:
            reason = f"the name {error} leads to an address that is not public"
            raise SettledError("skipped", reason) from error
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SettledError("permanent", "its certificate is not trusted here") from error
            raise again("the TLS connection broke") from error
        except requests.Timeout as error:
            raise again(f"no answer within {self._seconds:g} s") from error
        except requests.ConnectionError as error:
            raise again("the connection failed or broke") from error
        except (requests.RequestException, ValueError) as error:  # also of a broken `Location`
            reason = f"the request failed: {type(error).__name__}"
            raise SettledError("ambiguous", reason) from error


class _Bearer(requests.auth.AuthBase):
    """Sends the token, and stands in the way of `.netrc` when there is none."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def again(reason: str, *, after: float | None = None) -> TryAgainError:
    """A failed try that may go better next time."""
    return TryAgainError(FailingError(reason), after=after)
