"""What `flakebot reproduce` was asked and what came of it, as values and as lines of JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from flakebot.model import Category, TestId
from flakebot.reproduction import iterations
from flakebot.reproduction.iterations import (
    Campaign,
    Failure,
    Iteration,
    Level,
    Setup,
    Shard,
    Stall,
    Variant,
    Worker,
)

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
TEST = TestId("tests/router/test_x.py::test_y[True-tcp]")


def ended(number: int = 1, **changes: object) -> Iteration:
    given = {
        "level": Level(processes=16),
        "number": number,
        "started": NOW,
        "seconds": 1.5,
        "exit_code": 0,
    }
    return Iteration(**(given | changes))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level(), "serial"),
        (Level(processes=16), "n16"),
        (Level(processes=32, load=8), "n32-load8"),
        (Level(load=2, random_order=True), "serial-load2-random"),
    ],
)
def test_a_level_names_its_folder(level: Level, name: str) -> None:
    """The plain levels have the names of the contract."""
    assert level.name == name


def test_a_record_survives_its_line() -> None:
    """What is written is read back, in one line."""
    full = ended(
        exit_code=1,
        variant="forked",
        failures=(Failure(category=Category.CRASH_SIGABRT, text="a\nb", tests=(TEST,)),),
        workers=(Worker(name="gw6", tests=(TEST,), crashed=TEST),),
        stall=Stall(silence=12.5, running=(TEST,)),
        seed=7,
        ports=(20000, 20099),
    )
    line = iterations.encode(full)
    assert line.count(b"\n") == 1
    assert iterations.decode("iterations.jsonl", line) == ((full,), ())


def test_half_a_line_costs_no_other() -> None:
    """A line that was cut off is named and skipped."""
    whole = iterations.encode(ended(1))
    found, problems = iterations.decode("iterations.jsonl", whole[:20] + b"\n\n" + whole)
    assert found == (ended(1),)
    assert [problem.source for problem in problems] == ["iterations.jsonl:1"]


def test_the_first_record_of_an_iteration_counts() -> None:
    """Of two records with one key the first written stays."""
    content = iterations.encode(ended(1)) + iterations.encode(ended(1, exit_code=1))
    assert iterations.decode("iterations.jsonl", content)[0] == (ended(1),)


def test_iterations_of_a_level_and_variant_by_number() -> None:
    """Side by side they end in any order."""
    mine = [ended(2), ended(1), ended(1, variant="forked"), ended(1, level=Level())]
    assert iterations.of(mine, Level(processes=16)) == [ended(1), ended(2)]


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_shards_part_the_iterations(count: int) -> None:
    """Every iteration belongs to exactly one machine."""
    shards = [Shard(index=index, count=count) for index in range(1, count + 1)]
    assert all(sum(shard.takes(number) for shard in shards) == 1 for number in range(1, 50))


def test_a_campaign_survives_its_file() -> None:
    """What was asked is read back on resume and merge."""
    campaign = Campaign(
        setup=Setup(tests=("tests/x.py",), mounts=("/data:/data:ro",)),
        levels=(Level(), Level(processes=16)),
        iterations=100,
        variants=(Variant(), Variant(name="forked", arguments=("--forked",))),
        shard=Shard(index=3, count=10),
    )
    assert msgspec.json.decode(msgspec.json.encode(campaign), type=Campaign) == campaign
