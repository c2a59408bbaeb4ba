"""What `flakebot reproduce` was asked, and what each iteration of it came to. Pure values.

One iteration is one line of JSON in `iterations.jsonl`, written when it ended; every table, count
and comparison is computed from these lines, so that an interrupted run goes on where it stopped and
the outputs of several machines merge by reading them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from flakebot.model import Category, Problem, TestId, value

SCHEMA = 1

AS_GIVEN = ""
"""The name of the variant that adds nothing to the arguments."""


@value
class Level:
    """How hard the tests are pressed: xdist processes (0 runs them serially in one process), the
    processes that burn CPU beside them, and whether each iteration shuffles the tests.
    """

    processes: int = 0
    load: int = 0
    random_order: bool = False

    @property
    def name(self) -> str:
        """The name of the level's folder: `serial`, `n16`, `n16-load8-random`."""
        words = [f"n{self.processes}" if self.processes else "serial"]
        words += [f"load{self.load}"] if self.load else []
        words += ["random"] if self.random_order else []
        return "-".join(words)


@value
class Variant:
    """A change to try against the tests as they are: pytest arguments added to those given."""

    name: str = AS_GIVEN
    arguments: tuple[str, ...] = ()


@value
class Setup:
    """Everything that decides what one iteration measures; outputs of different setups are never
    put together.

    `pytest` is the command that starts pytest, `jobs` how many iterations run side by side,
    `timeout` the seconds of one iteration, `environment` the names that were passed on; their
    values stay out of records, because some are secret.
    """

    tests: tuple[str, ...]
    pytest: tuple[str, ...] = ("pytest",)
    arguments: tuple[str, ...] = ()
    image: str = ""
    gpus: str = ""
    mounts: tuple[str, ...] = ()
    container_arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    timeout: float = 600.0
    jobs: int = 1
    seed: int = 0


@value
class Target:
    """The flake that is looked for; an empty fingerprint means any failure of the test, an empty
    test any failure at all.

    `level` is the name of the level where it failed, empty when any counts. `rate` is what the
    tracking issue says, with the lower bound of its interval; 0 when unknown.
    """

    test: TestId = TestId("")
    fingerprint: str = ""
    level: str = ""
    rate: float = 0.0
    rate_low: float = 0.0
    issue: str = ""


@value
class Shard:
    """The part of the iterations this machine takes: the `index`-th of `count`, from 1."""

    index: int = 1
    count: int = 1

    def takes(self, number: int) -> bool:
        """Whether the iteration of that number, counted from 1 over all machines, is ours."""
        return number % self.count == self.index % self.count


@value
class Campaign:
    """What was asked: each level and variant so many iterations.

    `until` is the confidence at which the question counts as answered before all iterations ran, 0
    when all of them run; `expected` is the failure rate that is looked for, 0 when none was named.
    `machine` describes where they ran in words for the report; `shard` and `machine` differ between
    outputs that may be merged.
    """

    setup: Setup
    levels: tuple[Level, ...]
    iterations: int
    variants: tuple[Variant, ...] = (Variant(),)
    target: Target = Target()
    shard: Shard = Shard()
    until: float = 0.0
    expected: float = 0.0
    machine: str = ""
    schema: int = SCHEMA


class Ending(StrEnum):
    """How an iteration ended: by itself, at its time-out by SIGTERM, by SIGKILL, or not at all.

    One that the user interrupts leaves no record: it runs again.
    """

    EXITED = "exited"
    TERMINATED = "terminated"
    KILLED = "killed"
    UNKILLABLE = "unkillable"


@value
class Failure:
    """One thing that went wrong in an iteration, by the rules of `flakebot classify`.

    `tests` are those it made fail, none when no test could be named; `text` is the cleaned line a
    person would quote, and may be shown as untrusted text.
    """

    category: Category
    fingerprint: str = ""
    text: str = ""
    tests: tuple[TestId, ...] = ()


@value
class Worker:
    """One process that ran tests: its tests in the order in which they began.

    `name` is xdist's (`gw6`; a worker that replaces a crashed one has a new name), empty without
    xdist. `crashed` is the test during which the process died; it is the last of `tests`.
    """

    name: str = ""
    tests: tuple[TestId, ...] = ()
    crashed: TestId | None = None


@value
class Stall:
    """How an iteration that had to be ended stood then: seconds since its last output, the tests
    that had begun and not ended, and the stacks of its processes as far as they could be had.
    """

    silence: float
    running: tuple[TestId, ...] = ()
    stacks: tuple[str, ...] = ()


@value
class Iteration:
    """One iteration that ended.

    `number` counts from 1 within its level and variant, over all shards. `exit_code` is negative
    for a signal, None when the process could not be ended. `failures` are in the order in which a
    person should read them, never empty when it failed. `unreported` are collected tests without a
    result, `skipped` those that began and were skipped. `ports` are the first and last port of the
    range it was given; `seed` that of the order of its tests, None when they were not shuffled.
    `command` repeats it in a POSIX shell.
    """

    level: Level
    number: int
    started: datetime
    seconds: float
    exit_code: int | None
    ending: Ending = Ending.EXITED
    variant: str = AS_GIVEN
    failures: tuple[Failure, ...] = ()
    workers: tuple[Worker, ...] = ()
    collected: int = 0
    unreported: tuple[TestId, ...] = ()
    skipped: tuple[TestId, ...] = ()
    stall: Stall | None = None
    seed: int | None = None
    ports: tuple[int, int] = (0, 0)
    command: str = ""
    schema: int = SCHEMA

    @property
    def passed(self) -> bool:
        """Whether pytest came to its end by itself and called it a success."""
        return not self.failures

    @property
    def key(self) -> tuple[Level, str, int]:
        """Level, variant, number: there is one record of each."""
        return self.level, self.variant, self.number


def encode(iteration: Iteration) -> bytes:
    """The record as one line with its newline."""
    return msgspec.json.encode(iteration) + b"\n"


_iterations = msgspec.json.Decoder(Iteration)


def decode(source: str, content: bytes) -> tuple[tuple[Iteration, ...], tuple[Problem, ...]]:
    """The records of a file, each key once (the first counts), and the lines that are none: a
    machine that lost power may leave half a line.
    """
    found: dict[tuple[Level, str, int], Iteration] = {}
    problems = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            iteration = _iterations.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            problems.append(Problem(source=f"{source}:{number}", reason=f"no iteration: {error}"))
        else:
            found.setdefault(iteration.key, iteration)
    return tuple(found.values()), tuple(problems)


def of(iterations: Iterable[Iteration], level: Level, variant: str = AS_GIVEN) -> list[Iteration]:
    """The iterations of one level and variant, by number."""
    mine = [each for each in iterations if each.level == level and each.variant == variant]
    return sorted(mine, key=lambda each: each.number)
