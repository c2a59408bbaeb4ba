"""A small corpus for each target, cut out of what the fixtures hold. The same on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flakebot.reading import rules

TESTS = Path(__file__).parents[1]
SAMPLE = TESTS.parent / "src" / "flakebot" / "resources" / "sample"
PIECE = 3_000
"""Bytes of a log that a seed has: small seeds make a fuzzer fast."""


@cache
def log_lines() -> tuple[bytes, ...]:
    """Lines of all recorded logs, each once."""
    paths = [*TESTS.glob("fixtures/logs/*.log"), *TESTS.glob("fixtures/rules/*/*.log")]
    found = dict.fromkeys(row for path in sorted(paths) for row in path.read_bytes().splitlines())
    return tuple(found)


def seeds(target: str) -> Iterator[bytes]:
    """What a target begins with."""
    yield from GIVEN.get(target, ())
    if target in {"log", "frameworks"}:
        for path in sorted(TESTS.glob("fixtures/logs/*.log")):
            text = path.read_bytes()
            middle = len(text) // 2
            yield from (text[:PIECE], text[middle : middle + PIECE], text[-PIECE:])
    elif target == "xml":
        yield from (path.read_bytes()[:PIECE] for path in sorted(TESTS.glob("**/*.xml")))
    elif target == "events":
        yield from (path.read_bytes() for path in sorted(SAMPLE.glob("runs/*/run.json")))
    elif target not in GIVEN:
        yield from ("\n".join(rule.match).encode() for rule in rules.builtin().rules)


def archive(members: dict[str, bytes]) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


GIVEN = {
    "archive": (
        archive({"0_test.txt": b"one\n", "1_build (x).txt": b"two\n", "test/1_a.txt": b""}),
        archive({"0_test.txt": b"x" * 20_000, "-1_test.txt": b"", "2_\u00e91.txt": b"\n"}),
    ),
    "events": (b'{"action": "completed", "workflow_run": {"id": 3, "run_attempt": 2}}',),
    "settings": (
        b'dry-run = true\njobs = ["test*"]\n\n[thresholds]\nrate-floor = 0.01\n',
        b"[limits]\nlog-bytes = 3\n",
        b"""[[rule]]
id = "mine"
category = "lint"
pattern = "a(b|c)*"
match = ["ab"]
no_match = ["x"]
before = "disk-full"
""",
    ),
    "options": (
        b"serial,16,32",
        b"3/10",
        b"forked=--forked -x",
        b"A=1",
        b"--a 'b c'",
        b"95%",
        b"https://github.com/org/repo/actions/runs/21553857421/attempts/2/job/1",
    ),
    "owners": (b"* @org/all\n/tests/ @a # why\n*.py\n**/x/** a@b.example\na\\ b @c\n",),
    "ledger": (
        b'{"schema":1,"run_id":3,"attempt":1,"created_at":"2026-03-02T08:15:20Z"}\n',
        b'{"schema":99}\nno json\n\n{"schema":1}',
    ),
}
"""Written by hand, where no fixture has the like."""
