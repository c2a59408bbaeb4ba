"""What an exception of Hugging Face's official client means: may it pass, and what helps. Pure.

The client wraps what went wrong up to three times, and the outermost text is the same for a rate
limit and for offline mode, so the chain of causes is searched for what is specific
(https://huggingface.co/docs/huggingface_hub/package_reference/utilities#errors).
"""

from __future__ import annotations

import errno
import json
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus

import re2

from flakebot.model import value
from flakebot.retry_after import seconds_to_wait

_LONGEST_CHAIN = 20

_PERMANENT = {
    "OfflineModeIsEnabled": "HF_HUB_OFFLINE is set, so nothing may be downloaded; unset it for this"
    " step",
    "GatedRepoError": "access is gated: accept its terms on huggingface.co with the account of"
    " HF_TOKEN, and set HF_TOKEN in this step",
    "DisabledRepoError": "Hugging Face has disabled it; use another model",
    "RevisionNotFoundError": "there is no such revision; check the part behind `@`",
    "RepositoryNotFoundError": "there is no such repository, or HF_TOKEN is missing or may not see"
    " it; check the name, `--repo-type` and the token",
    "RemoteEntryNotFoundError": "there is no such file in it",
    "EntryNotFoundError": "there is no such file in it",
    "HFValidationError": "this is no name of a repository",
    "LocalTokenNotFoundError": "it needs a token; set HF_TOKEN in this step",
}
"""Remedies by the name of the exception; what they inherit from differs between versions."""

_REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "HF_TOKEN is missing, wrong or expired; create a new one",
    HTTPStatus.FORBIDDEN: "HF_TOKEN lacks the permission to read it",
}

_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)

_NETWORK = ("httpx", "httpcore", "requests", "urllib3", "hf_xet", "aiohttp")
_BROKEN = (
    "Consistency check failed", "Data processing error", "Data integrity error",
    "Task error: File reconstruction error",
)  # fmt: skip
_XET_REFUSED = re2.compile(
    r"HTTP status client error \((401|404) |"
    r"HTTP status client error \((403) [^)]*\), domain: https?://[^ ]*/xet-read-token/"
)
"""What hf_xet says in a text only; a 403 of the storage itself is an address that ran out."""

_NETWORK_NAMES = frozenset({"LocalEntryNotFoundError", "IncompleteSnapshotError"})


@value
class Failure:
    """Why a download failed, in half a sentence with the remedy; `after` is the seconds that
    Hugging Face asks to wait.
    """

    transient: bool
    reason: str
    after: float | None = None


def may_pass(status: int) -> bool:
    """Whether a request that was answered so may go better later."""
    return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def failure_of(error: BaseException) -> Failure | None:
    """What the error means, None when it is none of Hugging Face or the network."""
    chain = tuple(_chain(error))
    for judge in (_named, _status, _stored, _machine, _page, _network):
        found = judge(chain)
        if found is not None:
            return found
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    current: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )


def _named(chain: tuple[BaseException, ...]) -> Failure | None:
    for error in reversed(chain):
        if remedy := _PERMANENT.get(type(error).__name__):
            return Failure(transient=False, reason=remedy)
    return None


def _status(chain: tuple[BaseException, ...]) -> Failure | None:
    """By the answer that one of the errors carries."""
    for error in reversed(chain):
        answer = getattr(error, "response", None)
        status = getattr(answer, "status_code", None)
        if not isinstance(status, int):
            continue
        if may_pass(status):
            headers = getattr(answer, "headers", {})
            after = seconds_to_wait(headers) if isinstance(headers, Mapping) else None
            return Failure(transient=True, reason=f"HTTP {status}", after=after)
        remedy = _REMEDIES.get(status, "it is refused")
        return Failure(transient=False, reason=f"HTTP {status}: {remedy}")
    return None


def _stored(chain: tuple[BaseException, ...]) -> Failure | None:
    """By the status that Xet's client names in its text."""
    for error in chain:
        refused = _XET_REFUSED.search(str(error))
        if refused and str(error).startswith(_BROKEN):
            status = int(refused[1] or refused[2])
            remedy = _REMEDIES.get(status, "it is not in the storage")
            return Failure(transient=False, reason=f"HTTP {status}: {remedy}")
    return None


def _machine(chain: tuple[BaseException, ...]) -> Failure | None:
    """Faults of this machine, which no waiting mends."""
    for error in chain:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return Failure(transient=False, reason="no space is left on the disk of the cache")
        if isinstance(error, PermissionError):
            return Failure(transient=False, reason=f"the cache may not be written: {error}")
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
            return Failure(
                transient=False,
                reason="its certificate is not trusted on this machine: install the authority of"
                " the proxy, or set SSL_CERT_FILE",
            )
    return None


def _page(chain: tuple[BaseException, ...]) -> Failure | None:
    """What stands in the way answers with a page of its own."""
    if not any(isinstance(error, json.JSONDecodeError) for error in chain):
        return None
    reason = "what answers is not Hugging Face's API; check HF_ENDPOINT and the proxy"
    return Failure(transient=True, reason=reason)


def _network(chain: tuple[BaseException, ...]) -> Failure | None:
    for error in reversed(chain):
        module = type(error).__module__
        connection = isinstance(error, (ConnectionError, TimeoutError, ssl.SSLError))
        if connection or module.startswith(_NETWORK) or str(error).startswith(_BROKEN):
            return Failure(transient=True, reason=f"{type(error).__name__}: {error}"[:200])
        if type(error).__name__ in _NETWORK_NAMES or "Xet" in type(error).__name__:
            return Failure(transient=True, reason="Hugging Face could not be reached")
    return None
