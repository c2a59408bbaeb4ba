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

from flakebot.hugging_face.failures import may_pass
from flakebot.hugging_face.guard import HUB, host_of, joined, origin_of, refusal
from flakebot.hugging_face.head_requests import (
    Answer,
    FailingError,
    HeadRequests,
    SettledError,
    Transport,
    again,
)
from flakebot.records import Fetch
from flakebot.retrying import Patience
from flakebot.settings import Settings

FIRST_SECONDS = 2.0
"""Of the first pause; five tries then span a hiccup of half a minute."""

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
        except FailingError as failing:
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
