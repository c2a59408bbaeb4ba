"""A Hugging Face hub on loopback that fails in scripted ways, for recordings and tests.

`python -m tools.misbehaving_hub --answers 503,503,ok --port 8099` answers the first two requests
with 503 and every later one properly; point a client at it with
`HF_ENDPOINT=http://127.0.0.1:8099`. Answers are `ok`, the names in `REFUSALS`, and:

* `hang` (also `silence`) says nothing until the client gives up, `close` hangs up without a word,
  `reset` resets the connection;
* `drip` sends one byte after the other, slowly and without end;
* `truncated` ends the content of a file in the middle, `stall` stops there and says nothing more;
* `html` is a page where JSON is expected, `no-commit` and `wrong-size` lack what the client checks;
* `metadata` redirects to a cloud's metadata service.

A repository `faults/NAME` always answers NAME, so one server serves all faults at once. The files
of `faults/xet-LAYER-NAME` lie in Xet storage: NAME is the answer of the route that gives its token
(LAYER `token`), of the same when the token is renewed (`renewal`), of the storage (`store`) or of
what it points to (`data`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

CONFIG = b'{"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"}\n'
COMMIT = "c1899de289a04d12100db370d81485cdf75e47ca"
REQUEST_ID = "Root=1-6981f3a2-5d1c0b7e4f2a9c36"

SILENCE_SECONDS = 60
"""Longer than any client waits for a first byte, and bounded."""

DRIP_SECONDS = 0.05
"""Between two bytes, shorter than any client waits."""

RETRY_AFTER = 47
POLICY = '"fixed window";"resolvers";q=3000;w=300'
REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "400": (400, {}),
    "401": (401, {"X-Error-Message": "Invalid username or password."}),
    "401-credentials": (401, {"X-Error-Message": "Invalid credentials in Authorization header"}),
    "401-repository": (401, {"X-Error-Code": "RepoNotFound"}),
    "403": (403, {"X-Error-Message": "Forbidden"}),
    "403-gated": (403, {"X-Error-Code": "GatedRepo"}),
    "403-disabled": (403, {"X-Error-Message": "Access to this resource is disabled."}),
    "404": (404, {"X-Error-Message": "Repository not found"}),
    "404-repository": (404, {"X-Error-Code": "RepoNotFound"}),
    "404-revision": (404, {"X-Error-Code": "RevisionNotFound"}),
    "404-entry": (404, {"X-Error-Code": "EntryNotFound"}),
    "408": (408, {}),
    "416": (416, {}),
    "429": (429, {}),
    "429-seconds": (429, {"Retry-After": str(RETRY_AFTER)}),
    "429-date": (429, {"Retry-After": "IN 47 SECONDS"}),
    "429-limit": (
        429,
        {"RateLimit": f'"resolvers";r=0;t={RETRY_AFTER}', "RateLimit-Policy": POLICY},
    ),
    "429-sentence": (
        429,
        {"X-Error-Message": f"We had to rate limit you. Retry after {RETRY_AFTER} seconds."},
    ),
    "500": (500, {}),
    "502": (502, {}),
    "503": (503, {}),
    "504": (504, {}),
    "metadata": (302, {"Location": "http://169.254.169.254/latest/meta-data/"}),
}
"""Status and headers by name, as Hugging Face answers."""


HASH_DIGITS = 64
TOKEN_SECONDS = 3600


@dataclass
class Hub:
    """What the server holds, what it answers and what it was asked.

    Args:
        answers: to the requests in order; the last one is repeated.
        files: contents by repository and path; a repository that is not named has a config.json.
        scripts: answers to the requests for one repository, before `answers`.
        stalled: files whose content stops in the middle.
        dripping: files whose content comes byte by byte from the middle on.
        cut: files whose content ends in the middle once.
        seen: method, path and `Authorization` of each request.
        ranges: of the requests for a part of a file.
        stores: addresses of Xet storages, by the fault they stand for; that of "" has the others.
    """

    answers: list[str] = field(default_factory=lambda: ["ok"])
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    scripts: dict[str, list[str]] = field(default_factory=dict)
    stalled: set[str] = field(default_factory=set)
    dripping: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    stores: dict[str, str] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    origin: str = ""

    def next(self, repository: str) -> str:
        """Return the answer to the next request."""
        with self.lock:
            owner, _, name = repository.rpartition("/")
            if owner.endswith("faults"):
                return name
            if script := self.scripts.get(repository):
                return script.pop(0)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def held(self, repository: str) -> dict[str, bytes]:
        """The files of a repository."""
        return self.files.get(repository, {"config.json": CONFIG})

    def asked(self, method: str, part: str) -> int:
        """How many requests of a method had this in their path."""
        return sum(one == method and part in path for one, path, _ in self.seen)


@dataclass(frozen=True)
class Target:
    """What a path names: an API object, or the file of a repository."""

    repository: str
    file: str = ""
    tree: bool = False
    token: bool = False


def target(path: str) -> Target:
    """Read a path of the Hub: `/api/models/a/b/revision/main`, `/a/b/resolve/main/config.json`."""
    parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
    if parts[:1] == ["api"]:
        kind = "" if parts[1] == "models" else f"{parts[1]}/"
        part = parts[4:5]
        return Target(
            kind + "/".join(parts[2:4]), tree="tree" in part, token="xet-read-token" in part
        )
    at = parts.index("resolve") if "resolve" in parts else len(parts)
    return Target("/".join(parts[:at]), "/".join(parts[at + 2 :]))


class Handler(BaseHTTPRequestHandler):
    """Answers one request as the Hub has it."""

    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Hub, *args: object) -> None:
        self.hub = hub
        super().__init__(*args)  # type: ignore[arg-type]  # what the server hands over

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self._answer()

    do_GET = do_HEAD  # noqa: N815  # the names http.server calls
    do_POST = do_HEAD  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Keep quiet: the client's messages are what matters."""

    def _answer(self) -> None:
        self.hub.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        wanted = target(self.path)
        answer = self.hub.next(wanted.repository)
        if wanted.token:
            self._token(wanted, answer)
        else:
            self._say(wanted, answer)

    def _say(self, wanted: Target, answer: str) -> None:
        if answer in {"hang", "silence"}:
            self.hub.closing.wait(SILENCE_SECONDS)
            self.close_connection = True
        elif answer == "drip":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        elif answer == "close":
            self.close_connection = True
        elif answer == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
        elif answer in REFUSALS:
            self._refuse(*REFUSALS[answer])
        elif answer == "html":
            self._send(200, b"<html><title>Just a moment...</title></html>", {})
        elif wanted.file:
            self._file(wanted, answer)
        else:
            self._send(200, json.dumps(self._object(wanted)).encode(), {})

    def _token(self, wanted: Target, answer: str) -> None:
        layer, _, fault = answer.removeprefix("xet-").partition("-")
        renewed = self.hub.asked("GET", f"{wanted.repository}/xet-read-token") > 1
        if layer == "token" or (layer == "renewal" and renewed):
            self._say(wanted, fault)
            return
        lasts = 0 if layer == "renewal" else TOKEN_SECONDS
        headers = {
            "X-Xet-Cas-Url": self.hub.stores.get(fault, self.hub.stores[""]),
            "X-Xet-Access-Token": "xet",
            "X-Xet-Token-Expiration": str(int(time.time()) + lasts),  # noqa: TID251  # as above
        }
        told = zip(("casUrl", "accessToken", "exp"), headers.values(), strict=True)
        self._send(200, json.dumps(dict(told)).encode(), headers)

    def _refuse(self, status: int, headers: dict[str, str]) -> None:
        if headers.get("Retry-After", "").startswith("IN "):
            until = time.time() + RETRY_AFTER  # noqa: TID251  # a server has a clock
            headers = {"Retry-After": formatdate(until, usegmt=True)}
        text = headers.get("X-Error-Message", HTTPStatus(status).phrase)
        self._send(status, text.encode(), {"X-Request-Id": REQUEST_ID, **headers})

    def _object(self, wanted: Target) -> object:
        files = self.hub.held(wanted.repository)
        if wanted.tree:
            return [
                {"type": "file", "oid": _etag(data)[1:-1], "size": len(data), "path": name}
                for name, data in files.items()
            ]
        return {
            "_id": "6981f3a25d1c0b7e4f2a9c36",
            "id": wanted.repository,
            "modelId": wanted.repository,
            "sha": COMMIT,
            "private": False,
            "tags": [],
            "siblings": [
                {"rfilename": name, "size": len(data), "blobId": _etag(data)[1:-1]}
                for name, data in files.items()
            ],
        }

    def _file(self, wanted: Target, answer: str) -> None:
        data = self.hub.held(wanted.repository).get(wanted.file)
        if data is None:
            self._refuse(*REFUSALS["404-entry"])
            return
        headers = {"ETag": _etag(data), "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if answer == "no-commit":
            del headers["X-Repo-Commit"]
        if answer == "wrong-size":
            headers["X-Linked-Size"] = str(len(data) + 7)
        if answer.startswith("xet-"):
            name, fault = wanted.repository, answer.removeprefix("xet-")
            headers["X-Xet-Hash"] = fault.encode().hex().ljust(HASH_DIGITS, "0")
            token = f"{self.hub.origin}/api/models/{name}/xet-read-token/{COMMIT}"
            headers["Link"] = f'<{token}>; rel="xet-auth"'
        status, size = 200, len(data)
        first, found, last = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
        if found:
            self.hub.ranges.append(self.headers["Range"])
            end = min(int(last or size), size - 1)
            status, data = 206, data[int(first) : end + 1]
            headers["Content-Range"] = f"bytes {first}-{end}/{size}"
        cut = answer if answer in {"truncated", "stall"} else ""
        cut = "stall" if wanted.file in self.hub.stalled else cut
        cut = "drip" if wanted.file in self.hub.dripping else cut
        if self.command == "GET" and wanted.file in self.hub.cut:
            self.hub.cut.remove(wanted.file)
            cut = "truncated"
        self._send(status, data, headers, cut=cut)

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, cut: str = "") -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not cut:
            self.wfile.write(body)
            return
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        if cut == "stall":
            self.hub.closing.wait(SILENCE_SECONDS)
        if cut == "drip":
            self._drip(b"")
        self.close_connection = True

    def _drip(self, begin: bytes) -> None:
        self.wfile.write(begin)
        for _ in range(int(SILENCE_SECONDS / DRIP_SECONDS)):
            if self.hub.closing.wait(DRIP_SECONDS):
                break
            self.wfile.write(b".")
        self.close_connection = True


def _etag(data: bytes) -> str:
    return f'"{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"'


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: clients that distrust us or hang up are the point."""


@contextmanager
def running(
    hub: Hub, *, port: int = 0, tls: ssl.SSLContext | None = None, handler: type[Handler] = Handler
) -> Iterator[int]:
    """Serve a hub on a port of loopback, a free one unless named, until the block ends."""
    server = _Server(("127.0.0.1", port), partial(handler, hub))
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    hub.origin = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server.server_port
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(SILENCE_SECONDS)


@contextmanager
def serving(answers: Sequence[str], port: int = 0) -> Iterator[int]:
    """Serve answers to whatever is asked."""
    with running(Hub(answers=list(answers) or ["ok"]), port=port) as found:
        yield found


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--answers", default="ok", help="comma-separated, the last one repeats")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with serving(options.answers.split(","), options.port) as port:
        print(f"HF_ENDPOINT=http://127.0.0.1:{port}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
