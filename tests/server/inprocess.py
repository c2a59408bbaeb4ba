"""Answers of the fake GitHub without sockets: thousands of faulty requests in minutes.

It stands where requests hands a prepared request to urllib3, so PyGithub, requests and all of
flakebot above are the real ones. A time-out is raised, not waited for. What a socket does besides
is tested over real HTTP.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from tests.server.answers import Answer, Request
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tests.server.wire import HTML, shortened, with_headers

HAPPENS = {"truncated", "wrong-type", "short-list"}
"""Faults of the answer alone, beside those that say `after`."""


@contextmanager
def connected(fake: FakeGitHub) -> Iterator[None]:
    """Let every request of this process be answered by the fake."""
    send = HTTPAdapter.send

    def answered(
        self: HTTPAdapter, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        return self.build_response(request, _raw(fake, request))

    HTTPAdapter.send = answered  # type: ignore[method-assign]  # the edge of the outer world
    try:
        yield
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def _raw(fake: FakeGitHub, prepared: requests.PreparedRequest) -> urllib3.HTTPResponse:
    url = str(prepared.url)
    assert url.startswith((fake.url, fake.storage_url)), url
    origin = "storage" if url.startswith(fake.storage_url) else "api"
    request = _request(prepared)
    fault = fake.faults.strike(origin, request.method, request.path)
    if fault is None:
        answer = fake.answer(origin, request)
        fake.record(origin, request, answer.status)
        return _response(fake, with_headers(fake, origin, request, answer))
    return _faulty(fake, origin, request, fault)


def _request(prepared: requests.PreparedRequest) -> Request:
    split, body = urlsplit(str(prepared.url)), prepared.body or b""
    return Request(
        method=str(prepared.method),
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={name.lower(): str(value) for name, value in prepared.headers.items()},
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _faulty(fake: FakeGitHub, origin: str, request: Request, fault: Fault) -> urllib3.HTTPResponse:
    """What comes of a request that is struck; raises what requests raises when nothing does."""
    kind = fault.kind.removeprefix("after-")
    happens = kind != fault.kind or kind in HAPPENS
    answer = fake.answer(origin, request) if happens else Answer()
    fake.record(origin, request, {"reset": 0, "slow": 0, "status": fault.status}.get(kind, 200))
    match kind:
        case "reset":
            reset = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())
            raise requests.ConnectionError(reset)
        case "slow":
            raise requests.ReadTimeout("Read timed out.")
        case "status":
            json = {"Content-Type": "application/json; charset=utf-8"}
            headers = {**fake.rate_headers(), **json, **fault.headers}
            return _response(fake, Answer(status=fault.status, body=fault.body, headers=headers))
        case "html":
            return _response(fake, Answer(body=HTML, headers={"Content-Type": "text/html"}))
        case "empty":
            return _response(fake, Answer(headers=answer.headers))
        case "wrong-type":
            plain = {**answer.headers, "Content-Type": "text/plain"}
            made = Answer(status=answer.status, body=answer.body, headers=plain)
            return _response(fake, made)
        case "truncated":
            return _response(fake, with_headers(fake, origin, request, answer), cut=True)
        case _:
            body = shortened(answer.encoded())
            made = Answer(status=answer.status, body=body, headers=answer.headers)
            return _response(fake, made)


def _response(fake: FakeGitHub, answer: Answer, *, cut: bool = False) -> urllib3.HTTPResponse:
    body = answer.encoded()
    headers: Mapping[str, Any] = {
        **answer.headers,
        "Content-Type": answer.content_type(),
        "Content-Length": str(len(body)),
        "Date": format_datetime(fake.clock.now.astimezone(UTC), usegmt=True),
    }
    return urllib3.HTTPResponse(
        body=io.BytesIO(body[: len(body) // 2] if cut else body),
        headers=headers,
        status=answer.status,
        preload_content=False,
        enforce_content_length=True,
    )
