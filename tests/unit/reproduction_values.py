"""Iterations as they come out of a run, made small; no tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from flakebot.model import Category, TestId
from flakebot.reproduction.iterations import (
    AS_GIVEN,
    Campaign,
    Ending,
    Failure,
    Iteration,
    Level,
    Setup,
    Stall,
    Variant,
    Worker,
)

SERIAL, N16, N32 = Level(), Level(processes=16), Level(processes=32)
FORKED = Variant(name="forked", arguments=("--forked",))
FILE = "tests/router/test_router_e2e_with_mockers.py"
BINDINGS = TestId(f"{FILE}::test_kv_push_router_bindings[True-tcp]")
ROUTING = TestId(f"{FILE}::test_router_decisions")
STARTED = datetime(2026, 2, 3, 12, tzinfo=UTC)
ABORT = "v1:crash-sigabrt:e2edc365"


def campaign(
    *levels: Level,
    iterations: int = 100,
    variants: Sequence[Variant] = (),
    until: float = 0.0,
    expected: float = 0.0,
) -> Campaign:
    return Campaign(
        setup=Setup(tests=(FILE,)),
        levels=levels or (SERIAL, N16, N32),
        iterations=iterations,
        variants=(Variant(), *variants),
        until=until,
        expected=expected,
    )


def abort(*tests: TestId) -> Failure:
    return Failure(
        category=Category.CRASH_SIGABRT,
        fingerprint=ABORT,
        text="Fatal Python error: Aborted",
        tests=tests or (BINDINGS,),
    )


def outage() -> Failure:
    return Failure(
        category=Category.HF_FETCH,
        fingerprint="v1:hf-fetch:11111111",
        text="Failed to fetch model 'Qwen/Qwen3-0.6B' from HuggingFace | error sending request",
        tests=(ROUTING,),
    )


def routing() -> Failure:
    return Failure(
        category=Category.ASSERTION,
        fingerprint="v1:assertion:22222222",
        text="AssertionError: Expected all responses to have the same decode_worker_id",
        tests=(ROUTING,),
    )


def iteration(
    number: int,
    *failures: Failure,
    level: Level = SERIAL,
    variant: str = AS_GIVEN,
    workers: Iterable[Worker] = (),
    unreported: Sequence[TestId] = (),
    skipped: Sequence[TestId] = (),
    stall: Stall | None = None,
    ending: Ending = Ending.EXITED,
) -> Iteration:
    arguments = f" -n {level.processes}" if level.processes else ""
    return Iteration(
        level=level,
        variant=variant,
        number=number,
        started=STARTED,
        seconds=12.5,
        exit_code=1 if failures else 0,
        ending=ending,
        failures=failures,
        workers=tuple(workers),
        unreported=tuple(unreported),
        skipped=tuple(skipped),
        stall=stall,
        command=f"pytest {FILE} -v{arguments}",
    )


def several(
    level: Level,
    total: int,
    failing: Sequence[Sequence[Failure]],
    variant: str = AS_GIVEN,
    workers: Sequence[Worker] = (),
) -> list[Iteration]:
    """So many iterations of a level, of which the first fail as listed."""
    listed = [*failing, *([()] * (total - len(failing)))]
    return [
        iteration(number, *failures, level=level, variant=variant, workers=workers)
        for number, failures in enumerate(listed, start=1)
    ]


def worker(name: str, *tests: str, crashed: str = "") -> Worker:
    return Worker(
        name=name,
        tests=tuple(map(TestId, tests)),
        crashed=TestId(crashed) if crashed else None,
    )
