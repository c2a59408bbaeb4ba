"""A Hugging Face hub on loopback that fails in scripted ways.

`python -m tools.misbehaving_hub --answers 503,503,ok --port 8099` answers the first two requests
for a file with 503 and every later one properly; point a client at it with
`HF_ENDPOINT=http://127.0.0.1:8099`. Answers: `ok`, a status such as `401`, `404`, `429`, `503`,
`504`, and `silence`, which accepts the request and says nothing until the client gives up.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG = b'{"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"}\n'
COMMIT = "c1899de289a04d12100db370d81485cdf75e47ca"
ETAG = '"6d3bd4c8b7b4a1d6a1b6ab8b7a7f2a6f0e7d9d4e"'
REQUEST_ID = "Root=1-6981f3a2-5d1c0b7e4f2a9c36"

SILENCE_SECONDS = 60
"""Longer than any client waits for a first byte, and bounded."""

RETRY_AFTER = 47
RATE_HEADERS = {
    "Retry-After": str(RETRY_AFTER),
    "RateLimit": f'"resolvers";r=0;t={RETRY_AFTER}',
    "RateLimit-Policy": '"fixed window";"resolvers";q=5000;w=300',
}
MESSAGES = {
    429: f"We had to rate limit you. Retry after {RETRY_AFTER} seconds.",
    401: "Invalid username or password.",
    404: "Repository not found",
}


class Script:
    """The answers still to be given; the last one is repeated."""

    def __init__(self, answers: Sequence[str]) -> None:
        self._answers = list(answers) or ["ok"]
        self._lock = threading.Lock()

    def next(self) -> str:
        """Return the answer to the next request."""
        with self._lock:
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Handler(BaseHTTPRequestHandler):
    """Answers every address alike: the small configuration file, or the scripted failure."""

    protocol_version = "HTTP/1.1"

    def __init__(self, script: Script, closing: threading.Event, *args: object) -> None:
        self.script = script
        self.closing = closing
        super().__init__(*args)  # type: ignore[arg-type]  # what the server hands over

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self._answer(content=False)

    def do_GET(self) -> None:
        """Answer with the file or as scripted."""
        self._answer(content=True)

    def log_message(self, *args: object) -> None:
        """Keep quiet: the client's messages are what matters."""

    def _answer(self, *, content: bool) -> None:
        answer = self.script.next()
        if answer == "silence":
            self.closing.wait(SILENCE_SECONDS)
            self.close_connection = True
        elif answer == "ok":
            self._send(200, CONFIG, {"ETag": ETAG, "X-Repo-Commit": COMMIT}, content=content)
        else:
            status = int(answer)
            message = MESSAGES.get(status, HTTPStatus(status).phrase)
            headers = {
                "X-Error-Message": message,
                "X-Request-Id": "Root=1-6981f3a2-5d1c0b7e4f2a9c36",
            }
            if status == HTTPStatus.TOO_MANY_REQUESTS:
                headers |= RATE_HEADERS
            self._send(status, message.encode(), headers, content=content)

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, content: bool) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if content:
            self.wfile.write(body)


@contextmanager
def serving(answers: Sequence[str], port: int = 0) -> Iterator[int]:
    """Serve the answers on a port of loopback, a free one unless named, until the block ends."""
    closing = threading.Event()
    handler = partial(Handler, Script(answers), closing)
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join(SILENCE_SECONDS)


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
