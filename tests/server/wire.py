"""The HTTP side of the fake GitHub: reading requests, sending answers, and faults on the wire."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.server.answers import Answer, Request
from tests.server.faults import Fault

if TYPE_CHECKING:
    from tests.server.fake_github import FakeGitHub

HTML = b"<!DOCTYPE html><html><body><h1>We had issues producing the response</h1></body></html>"
_MOST_BODY = 50_000_000


class Origin(ThreadingHTTPServer):
    """One origin: the API or the storage."""

    daemon_threads = True
    request_queue_size = 128  # many clients connect at the same moment

    def __init__(self, fake: FakeGitHub, name: str, port: int, address: str) -> None:
        super().__init__((address, port), Handler)
        self.fake = fake
        self.name = name
        self.url = f"http://{address}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients of faulty answers hang up: no news."""


class Handler(BaseHTTPRequestHandler):
    """Serves both origins."""

    server: Origin
    protocol_version = "HTTP/1.1"
    server_version = "FakeGitHub"
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Requests are recorded, not printed."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, by the fake's clock as all other times."""
        return super().date_time_string(timestamp or self.server.fake.clock.now.timestamp())

    def _serve(self) -> None:
        fake, origin, request = self.server.fake, self.server.name, self._request()
        if request.path.startswith("/_fake/"):
            self._send(_inspected(fake, request))
            return
        fault = fake.faults.strike(origin, request.method, request.path)
        if fault is None:
            answer = fake.answer(origin, request)
            fake.record(origin, request, answer.status)
            self._send(with_headers(fake, origin, request, answer))
        else:
            self._strike(fault, request)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  # http.server

    def _request(self) -> Request:
        split = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BODY)
        return Request(
            method=self.command,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def _send(self, answer: Answer) -> None:
        self._send_raw(answer.status, answer.headers, answer.encoded(), answer.content_type())

    def _send_raw(
        self, status: int, headers: object, body: bytes, content_type: str, *, cut: bool = False
    ) -> None:
        assert hasattr(headers, "items")
        self.send_response(status)
        for name, value in headers.items():
            if name != "Content-Type":
                self.send_header(name, value)
        if status not in {204, 304}:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut

    # -- faults -------------------------------------------------------------------------

    def _strike(self, fault: Fault, request: Request) -> None:
        fake, origin = self.server.fake, self.server.name
        happens = fault.kind.startswith("after-") or fault.kind in {
            "truncated",
            "wrong-type",
            "short-list",
        }
        answer = fake.answer(origin, request) if happens else Answer()
        kind = fault.kind.removeprefix("after-")
        statuses = {"status": fault.status, "reset": 0, "slow": 0, "html": 200, "empty": 200}
        fake.record(origin, request, statuses.get(kind, answer.status))
        if kind == "status":
            kinds = {"Content-Type": "application/json; charset=utf-8"}
            headers = {**fake.rate_headers(), **kinds, **fault.headers}
            self._send(Answer(status=fault.status, body=fault.body, headers=headers))
        elif kind == "reset":
            self._reset()
        elif kind == "slow":
            fake.closing.wait(fault.seconds)
            self._reset()
        else:
            self._distort(kind, with_headers(fake, origin, request, answer))

    def _distort(self, kind: str, answer: Answer) -> None:
        body, content_type = answer.encoded(), answer.content_type()
        if kind == "html":
            self._send_raw(200, {}, HTML, "text/html")
        elif kind == "empty":
            self._send_raw(200, {}, b"", content_type)
        elif kind == "wrong-type":
            self._send_raw(answer.status, answer.headers, body, "text/plain")
        elif kind == "truncated":
            self._send_raw(answer.status, answer.headers, body, content_type, cut=True)
        else:
            self._send_raw(answer.status, answer.headers, shortened(body), content_type)

    def _reset(self) -> None:
        """End the connection with RST: linger for zero seconds."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.wfile.close()
        self.connection.close()


def with_headers(fake: FakeGitHub, origin: str, request: Request, answer: Answer) -> Answer:
    """The answer with rate headers, and as 304 when the client has it already."""
    if origin != "api":
        return answer
    headers = {**fake.rate_headers(), **answer.headers}
    if request.method == "GET" and answer.status == 200:  # HTTP's OK
        digest = hashlib.sha256(answer.encoded()).hexdigest()
        headers["ETag"] = f'W/"{digest}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            fake.state.requests_left += 1  # a 304 does not count
            return Answer(status=304, headers=headers)
    return Answer(status=answer.status, body=answer.body, headers=headers)


def shortened(body: bytes) -> bytes:
    """A page without its last item."""
    page = json.loads(body)
    if isinstance(page, list):
        return json.dumps(page[:-1]).encode()
    lists = {key: value[:-1] for key, value in page.items() if isinstance(value, list)}
    return json.dumps({**page, **lists}).encode()


def _inspected(fake: FakeGitHub, request: Request) -> Answer:
    """What the fake knows, for tests in another process."""
    if request.path == "/_fake/state":
        return Answer(body=fake.state.as_json())
    if request.path == "/_fake/requests":
        shown = ("origin", "method", "path", "query", "status")
        return Answer(body=[{key: getattr(one, key) for key in shown} for one in fake.requests])
    if request.path == "/_fake/violations":
        return Answer(body={"violations": fake.violations, "leaks": fake.leaks})
    return Answer(status=404, body={"message": "Not Found"})
