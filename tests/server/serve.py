"""Serves a folder as GitHub: `python -m tests.server.serve FOLDER --port 8080`.

Prints one JSON line with the address, the storage's address and the token, then serves until it is
ended. `GET /_fake/state`, `/_fake/requests` and `/_fake/violations` tell what happened.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from tests.server.fake_github import FakeGitHub


def main(arguments: list[str]) -> None:
    """Serve until interrupted or terminated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--address", default="127.0.0.1", help="0.0.0.0 for containers")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    now = datetime.now(UTC)  # noqa: TID251  # the client in its container reads the real clock
    with FakeGitHub(options.folder, port=options.port, address=options.address, start=now) as fake:
        told = {"url": fake.url, "storage_url": fake.storage_url, "token": fake.token}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
