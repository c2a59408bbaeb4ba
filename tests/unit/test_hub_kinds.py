"""How Hugging Face failed, told from words that its clients print."""

from __future__ import annotations

import pytest
from tests.unit.record_builders import cause

from flakebot.judging.hub_kinds import HubKind, kind_of, small_quota
from flakebot.model import Category
from flakebot.records import CauseEntry

API = "https://huggingface.co/api/models/a/b"


def fetch(text: str, *excerpt: str) -> CauseEntry:
    return CauseEntry(
        category=Category.HF_FETCH, rule="r", line=1, text=text, fingerprint="", excerpt=excerpt
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"429 Client Error: Too Many Requests for url: {API}", HubKind.RATE_LIMIT),
        (f"Client error '429 Too Many Requests' for url '{API}'", HubKind.RATE_LIMIT),
        ("We had to rate limit you. Retry after 47 seconds.", HubKind.RATE_LIMIT),
        (f"HTTP status client error (429 Too Many Requests) for url ({API})", HubKind.RATE_LIMIT),
        (
            (
                f"Request error: HTTP status client error (429 Too Many Requests), domain: {API}"
                "/xet-read-token/main"
            ),
            HubKind.RATE_LIMIT,
        ),
        (f"Server error '503 Service Unavailable' for url '{API}'", HubKind.SERVER),
        (f"504 Server Error: Gateway Time-out for url: {API}", HubKind.SERVER),
        (f"HTTP status server error (500 Internal Server Error) for url ({API})", HubKind.SERVER),
        ("File reconstruction error: CAS Client Error: error decoding x", HubKind.XET),
        (
            (
                "Data processing error: CAS service error : Reqwest Error: HTTP status server "
                "error, domain: https://cas-bridge.xethub.hf.co"
            ),
            HubKind.XET,
        ),
        ("httpx.ReadTimeout: The read operation timed out", HubKind.TIMEOUT),
        (f"Client error '408 Request Timeout' for url '{API}'", HubKind.TIMEOUT),
        (
            (
                "NameResolutionError(\"HTTPSConnection(host='huggingface.co', port=443): Failed to "
                "resolve 'huggingface.co' ([Errno -3] Temporary failure in name resolution)\")"
            ),
            HubKind.DNS,
        ),
        ("SSLError(SSLEOFError(8, '[SSL: UNEXPECTED_EOF_WHILE_READING]'))", HubKind.TLS),
        ("httpx.ConnectError: [Errno 111] Connection refused", HubKind.CONNECTION),
        (f"error sending request for url ({API})", HubKind.CONNECTION),
        ("Something else", HubKind.OTHER),
    ],
)
def test_the_kind_is_read_from_the_message(text: str, kind: HubKind) -> None:
    """Three generations of huggingface_hub, Xet, and the Rust clients."""
    assert kind_of(fetch(text)) is kind


def test_the_lines_around_tell_what_a_wrapping_message_hides() -> None:
    """A message that says nothing is looked through; one that does is believed."""
    wrapped = fetch("An error happened while trying to locate the file", "E  Read timed out.")
    assert kind_of(wrapped) is HubKind.TIMEOUT
    assert kind_of(fetch("429 Too Many Requests", "Read timed out.")) is HubKind.RATE_LIMIT


@pytest.mark.parametrize(
    ("text", "small"),
    [
        (f"429 Client Error: Too Many Requests for url: {API}", True),
        ("429 Too Many Requests: you have reached your 'api' rate limit.", True),
        ("429 Client Error for url: https://huggingface.co/a/b/resolve/main/config.json", False),
    ],
)
def test_the_small_quota_is_that_of_the_api(text: str, *, small: bool) -> None:
    """Told by the limit's name, or by the address."""
    assert small_quota(fetch(text)) is small


def test_old_records_have_a_kind_too() -> None:
    """It is told when it is shown, so nothing has to be in the record but the words."""
    assert kind_of(cause(Category.HF_FETCH, text="Read timed out.")) is HubKind.TIMEOUT
