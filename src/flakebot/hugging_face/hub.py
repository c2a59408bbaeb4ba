"""Asks Hugging Face again, by `HEAD` requests, for what failed in a log.

Addresses come from log text, which anybody can write. So each one, and each redirect, must be
`https` on port 443 of Hugging Face's own hosts or the configured endpoint's, without a user name,
and its name must resolve to public addresses only; the connection goes to the address that was
checked. The token goes to huggingface.co alone, and no body is read.

Answers: https://huggingface.co/docs/hub/rate-limits for `429` and its headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus

import requests

from flakebot import __version__
from flakebot.hugging_face.bounded import LateError, within
from flakebot.hugging_face.failures import may_pass
from flakebot.hugging_face.guard import HUB, host_of, joined, origin_of, refusal
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
from flakebot.records import Fetch
from flakebot.retry_after import seconds_to_wait
from flakebot.retrying import Patience, TryAgainError
from flakebot.settings import Settings

FIRST_SECONDS = 2.0
"""Of the first pause; five tries then span a hiccup of half a minute."""

REQUEST_SECONDS = 10.0
"""To connect, and between two bytes; huggingface_hub's own default."""

WHOLE = MAX_TRIED + 1
"""Times that: for each address of a name that is tried, and for the answer, byte by byte."""

MAX_HOPS = 3
MAX_ADDRESSES = 20
"""Asked in one run; an outage shows on the first few."""

REASONS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "a token is missing or refused, or there is no such repository",
    HTTPStatus.FORBIDDEN: "access is forbidden or gated",
    HTTPStatus.NOT_FOUND: "there is no such repository, revision or file",
}
CODES = {
    "RepoNotFound": "there is no such repository, or it is private",
    "RevisionNotFound": "there is no such revision",
    "GatedRepo": "access is gated: its terms must be accepted, and a token sent",
}
ENTRY_MISSING = "EntryNotFound"
"""Hugging Face answers and the repository is there: many have no config.json, which is asked for
when the log names no file, and clients ask for files that need not be there."""

CDN_REFUSALS = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED})
"""A store that Hugging Face redirects to signs its addresses for GET: to a HEAD these are signs of
life."""


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


class _FailingError(Exception):
    """One try that may go better next time; its text is the reason."""


Transport = Callable[[str, str], Answer]
"""Sends a HEAD request to an address with a token (empty: none); raises `TryAgainError` when no
answer came, `SettledError` when none can."""


class HuggingFace:
    """Asks for each address once per run, all within one budget of attempts and seconds.

    Args:
        settings: attempts per address, seconds for all, and the configured endpoint.
        token: for huggingface.co; empty for none.
        transport: sends the requests.
        patience: the budget, when it is not the settings' seconds with a real clock.
        trusted_origins: origins that need not pass the guard, for a server on loopback; never taken
            from an input.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        token: str = "",
        transport: Transport | None = None,
        patience: Patience | None = None,
        trusted_origins: Iterable[str] = (),
    ) -> None:
        self._attempts = settings.retry_max_attempts
        self._endpoint = host_of(settings.hf_endpoint)
        self._token = token
        self._origins = frozenset(trusted_origins)
        self._transport = transport or HeadRequests()
        self._patience = patience or Patience(settings.retry_max_seconds)
        self._fetches: dict[str, Fetch] = {}
        self._probes: dict[str, Fetch] = {}
        self._tries = 0

    def ask(self, addresses: Iterable[str]) -> Sequence[Fetch]:
        """Ask for each address with back-off; one that was asked before keeps its answer."""
        wanted = tuple(dict.fromkeys(addresses))
        for address in wanted:
            if address not in self._fetches:
                self._fetches[address] = self._fetch(address, self._try)
        return tuple(self._fetches[address] for address in wanted)

    def probe(self, addresses: Iterable[str]) -> Sequence[Fetch]:
        """Ask for each address without a token, once per run: `open`, or `permanent`."""
        wanted = tuple(dict.fromkeys(addresses))
        for address in wanted:
            if address not in self._probes:
                self._probes[address] = self._fetch(address, self._probe)
        return tuple(self._probes[address] for address in wanted)

    def pause(self, seconds: float) -> None:
        """Wait with full jitter, at most half of what is left, so that there is time to ask."""
        self._patience.linger(min(seconds, self._patience.left / 2))

    def _fetch(self, address: str, ask: Callable[[str], tuple[str, str]]) -> Fetch:
        """Ask for one address until it is settled or the budget is used up."""
        if reason := self._no_more():
            return Fetch(address=address, result="skipped", reason=reason)
        self._tries, start = 0, self._patience.stopwatch()
        try:
            result, reason = self._patience.call(
                lambda: ask(address), tries=self._attempts, first=FIRST_SECONDS
            )
        except SettledError as settled:
            result, reason = settled.result, settled.reason
        except _FailingError as failing:
            result, reason = "failing", str(failing)
        return Fetch(
            address=address,
            result=result,
            tries=self._tries,
            seconds=round(self._patience.stopwatch() - start, 1),
            reason=reason,
        )

    def _no_more(self) -> str:
        """Why nothing more is asked, empty while something may be."""
        if self._patience.left < 0:
            return "the time allowed for Hugging Face was used up"
        fetches = (*self._fetches.values(), *self._probes.values())
        asked = sum(fetch.tries > 0 for fetch in fetches)
        return f"only {MAX_ADDRESSES} addresses are asked" if asked >= MAX_ADDRESSES else ""

    def _try(self, address: str) -> tuple[str, str]:
        """One try: the result and its reason, or `TryAgainError`."""
        answer = self._follow(address, self._token)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._token:
            answer = self._follow(address, "")
            if _there(answer):
                return "ambiguous", "the token was refused, and without it Hugging Face answers"
        if answer.status < HTTPStatus.BAD_REQUEST:
            return "recovered", f"HTTP {answer.status}"
        if answer.code == ENTRY_MISSING:
            return "recovered", f"HTTP {answer.status}: the repository is there, without this file"
        return _permanent(answer)

    def _probe(self, address: str) -> tuple[str, str]:
        """One try without a token."""
        answer = self._follow(address, "")
        return ("open", f"HTTP {answer.status}") if _there(answer) else _permanent(answer)

    def _follow(self, address: str, token: str) -> Answer:
        """The last answer after at most `MAX_HOPS` redirects, every one of them checked."""
        origin, hop, answer = host_of(address), 0, self._head(address, token)
        while (
            answer.location
            and HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
        ):
            hop += 1
            if hop > MAX_HOPS:
                raise SettledError("ambiguous", f"more than {MAX_HOPS} redirects")
            address = joined(address, answer.location)
            answer = self._head(address, token, redirected=True)
        if hop and host_of(address) != origin and answer.status in CDN_REFUSALS:
            return Answer(status=HTTPStatus.OK)
        return answer

    def _head(self, address: str, token: str, *, redirected: bool = False) -> Answer:
        """One request, if the address may be asked; its time counts against the budget."""
        host = host_of(address)
        if origin_of(address) not in self._origins and (reason := refusal(address, self._endpoint)):
            if redirected:
                raise SettledError("ambiguous", f"a redirect to an address that {reason}")
            raise SettledError("skipped", f"the address {reason}")
        self._tries += not redirected
        start = self._patience.stopwatch()
        try:
            answer = self._transport(address, token if host == HUB else "")
        finally:
            self._patience.left -= self._patience.stopwatch() - start
        if may_pass(answer.status):
            raise again(self._reason(answer), after=answer.after)
        return answer

    def _reason(self, answer: Answer) -> str:
        if answer.after is not None and answer.after > self._patience.left:
            return f"HTTP {answer.status}; it asks to wait {answer.after:.0f} s, too long"
        return f"HTTP {answer.status}"


def _there(answer: Answer) -> bool:
    """Whether the repository may be read."""
    return answer.status < HTTPStatus.BAD_REQUEST or answer.code == ENTRY_MISSING


def _permanent(answer: Answer) -> tuple[str, str]:
    reason = CODES.get(answer.code) or REASONS.get(answer.status, "refused")
    return "permanent", f"HTTP {answer.status}: {reason}"


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
    return TryAgainError(_FailingError(reason), after=after)
