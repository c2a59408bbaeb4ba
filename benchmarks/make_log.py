"""Write a log as a long dynamo job prints it: `make_log.py MEGABYTES FILE`.

Every sixth line names a test: half of the sessions run alone (`id PASSED [ 12%]`), half under xdist
(`id ` and `[gw1] [ 12%] PASSED id `). Between them stands what such suites print: Rust tracing with
and without colours, vLLM's engine, uvicorn, docker, cargo, pip. About 300 tests fail per 200 MB,
each with a report of its own. The same arguments write the same bytes.
"""

# ruff: noqa: E501, ISC004  log lines are as long as they are printed
from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

TESTS = 2000
"""Tests of one session."""

FAILING = 5
"""Of them, how many fail."""

NOISE = (
    "2026-02-03T17:46:30.{n:06d}Z  INFO dynamo_runtime::component::client: watching instances"
    " endpoint=dyn://ns.backend.generate lease={n:x} instances={k}",
    "\x1b[2m2026-02-03T17:46:30.{n:06d}Z\x1b[0m \x1b[32m INFO\x1b[0m \x1b[2mdynamo_llm::kv_router\x1b"
    "[0m\x1b[2m:\x1b[0m selected worker \x1b[3mworker_id\x1b[0m\x1b[2m=\x1b[0m{n} overlap={k}",
    "2026-02-03T17:46:30.{n:06d}Z DEBUG dynamo_runtime::pipeline::network::tcp: stream {n} closed by"
    " peer after {k} frames",
    "(EngineCore_DP0 pid={n}) INFO 02-03 17:46:30 [gpu_model_runner.py:2653] Model loading took"
    " {k}.25 GiB and {k}.8 seconds",
    "(APIServer pid={n}) INFO 02-03 17:46:30 [loggers.py:127] Engine 000: Avg prompt throughput: {k}.1"
    " tokens/s, Running: {k} reqs, GPU KV cache usage: {k}.4%, Prefix cache hit rate: 50.0%",
    'INFO:     127.0.0.1:{k} - "POST /v1/chat/completions HTTP/1.1" 200 OK',
    "[2026-02-03 17:46:30] INFO tests.utils.managed_process: [frontend] health check {k} of port {n}",
    'DEBUG    urllib3.connectionpool:connectionpool.py:544 http://localhost:{k} "GET /health" 200 {n}',
    "#24 {k}.117    Compiling tokio-util v0.7.{k}",
    "   Compiling dynamo-parsers v0.{k}.0 (/workspace/lib/parsers)",
    "  Downloading nvidia_cublas_cu12-12.8.{k}.1-py3-none-manylinux_2_27_x86_64.whl (594.3 MB)",
    '{{"id":"chatcmpl-{n:x}","choices":[{{"index":0,"delta":{{"content":" the"}}}}],"usage":{k}}}',
    "2026-02-03T17:46:30.{n:06d}Z  WARN dynamo_runtime::transports::etcd: keep alive was late by {k} ms",
    "",
)  # fmt: skip

_FILES = ("router/test_router_e2e_with_mockers", "serve/test_vllm", "frontend/test_completion")
_HEADER = (
    "##[group]Run pytest -v --tb=short tests",
    "\x1b[36;1mpytest -v --tb=short tests || exit 1\x1b[0m",
    "shell: /usr/bin/bash -e {0}",
    "##[endgroup]",
)


def lines(seed: int) -> Iterator[str]:
    """One session: its start, its tests among other output, its reports."""
    chance = random.Random(seed)  # noqa: S311  no secret: the same log every time
    xdist = seed % 2 == 1
    yield from _HEADER if not seed else ()
    yield " test session starts ".center(80, "=")
    yield "platform linux -- Python 3.12.3, pytest-8.4.2, pluggy-1.6.0 -- /opt/dynamo/venv/bin/python"
    if xdist:
        yield "created: 4/4 workers"
        yield f"4 workers [{TESTS} items]"
    else:
        yield f"collecting ... collected {TESTS} items"
    failing = {TESTS * (i + 1) // (FAILING + 1) for i in range(FAILING)}
    failed = []
    for number in range(TESTS):
        name = (
            f"tests/{_FILES[number % 3]}.py::TestSuite{seed}::"
            f"test_kv_router_decisions[jetstream-nats-{number}]"
        )
        word = "FAILED" if number in failing else "PASSED"
        percent = f"[{100 * (number + 1) // TESTS:3}%]"
        if number in failing:
            failed.append(name)
        if xdist:
            yield f"{name} "
            yield from _noise(chance, 5)
            yield f"[gw{number % 4}] {percent} {word} {name} "
        else:
            yield f"{name} {word}{percent:>10}"
        yield from _noise(chance, 5)
    yield ""
    yield from _reports(failed, chance)
    passed = TESTS - len(failed)
    yield f" {len(failed)} failed, {passed} passed in 754.01s (0:12:34) ".center(80, "=")


def _noise(chance: random.Random, count: int) -> Iterator[str]:
    for text in chance.choices(NOISE, k=count):
        yield text.format(n=chance.randrange(10**6), k=chance.randrange(100))


def _reports(failed: list[str], chance: random.Random) -> Iterator[str]:
    yield " FAILURES ".center(80, "=")
    for name in failed:
        function = ".".join(name.split("::")[1:])
        yield f" {function} ".center(80, "_")
        yield f"{name.partition('::')[0]}:{chance.randrange(900)}: in test_kv_router_decisions"
        yield "    assert response.status_code == 200, response.text"
        yield "E   AssertionError: no instances found for endpoint"
        yield "E   assert 503 == 200"
        yield " Captured stdout call ".center(80, "-")
        yield from _noise(chance, 30)
    yield " short test summary info ".center(80, "=")
    for name in failed:
        yield f"FAILED {name} - AssertionError: no instances found for endpoint"


def write(path: Path, size: int) -> None:
    """A log of at least `size` bytes, ended as a failed step is."""
    start, seed, number = datetime(2026, 2, 3, 17, 46, 30), 0, 0  # noqa: DTZ001  the stamp ends in Z
    second = start.isoformat()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\ufeff")
        while file.tell() < size:
            rows = []
            for text in lines(seed):
                if not number % 250:
                    second = (start + timedelta(seconds=number // 250)).isoformat()
                rows.append(f"{second}.{number * 40000 % 10**7:07d}Z {text}\n")
                number += 1
            file.write("".join(rows))
            seed += 1
        file.write(f"{second}.9999999Z ##[error]Process completed with exit code 1.\n")
        file.write(f"{second}.9999999Z Post job cleanup.\n")


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]) * 1000 * 1000)
