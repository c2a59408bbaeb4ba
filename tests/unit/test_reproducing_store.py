"""The output folder: what is written, what a crash leaves, and who may write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flakebot.errors import InputError
from flakebot.reproducing import merging, store
from flakebot.reproducing.store import Store
from flakebot.reproduction import iterations, lines
from flakebot.reproduction.iterations import Campaign, Iteration, Level, Setup, Shard

CAMPAIGN = Campaign(setup=Setup(tests=("t.py",)), levels=(Level(),), iterations=3)
STAMP = "2026-02-03T12:00:00.0000000Z"


def ended(number: int) -> Iteration:
    moment = datetime(2026, 2, 3, 12, tzinfo=UTC)
    return Iteration(level=Level(), number=number, started=moment, seconds=1.0, exit_code=0)


def write(folder: Path, numbers: Sequence[int], campaign: Campaign = CAMPAIGN) -> None:
    with Store(folder) as output:
        output.resume(campaign)
        for number in numbers:
            logs = output.log_folder(ended(number))
            log, stamped = logs / ".log", logs / ".stamped"
            log.write_text(f"output {number}\n")
            stamped.write_text(f"{STAMP} output {number}\n")
            output.add(ended(number), log, stamped)
            stamped.unlink()


def resumed(folder: Path, campaign: Campaign = CAMPAIGN) -> list[int]:
    with Store(folder) as output:
        return [each.number for each in output.resume(campaign)[0]]


def test_an_iteration_is_in_all_its_places(tmp_path: Path) -> None:
    """Its own log, the log of all with a heading, the list, and the record."""
    write(tmp_path, [1, 3])
    assert (tmp_path / "logs/serial/iter_3.log").read_text() == "output 3\n"
    assert (tmp_path / "logs/serial/full_output.log").read_text() == (
        f"==== iteration 1 of serial\n{STAMP} output 1\n"
        f"==== iteration 3 of serial\n{STAMP} output 3\n"
    )
    assert (tmp_path / "results.txt").read_text().splitlines() == [
        "2026-02-03T12:00:00Z serial iter_1 passed 1.0s",
        "2026-02-03T12:00:00Z serial iter_3 passed 1.0s",
    ]
    assert resumed(tmp_path) == [1, 3]


@pytest.mark.parametrize("kept", [0, 10, 300])
def test_a_crash_between_two_writes_costs_that_iteration(tmp_path: Path, kept: int) -> None:
    """The log of all is cut back to what has a record, however much of the rest was written."""
    write(tmp_path, [1])
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write(tmp_path, [2])
    full = tmp_path / "logs/serial/full_output.log"
    written = full.read_bytes()
    before = whole[full]
    full.write_bytes(before + written[len(before) : len(before) + kept])
    records = tmp_path / store.RECORDS
    records.write_bytes(records.read_bytes()[:-5])
    (tmp_path / "logs/serial/iter_2.log").rename(tmp_path / "logs/serial/.2.log")
    assert resumed(tmp_path) == [1]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == whole


def test_a_log_of_many_blocks_is_cut_back(tmp_path: Path) -> None:
    """The last heading is looked for from the end."""
    write(tmp_path, [1])
    full = tmp_path / "logs/serial/full_output.log"
    before = full.read_bytes()
    line = f"{STAMP} ==== iteration 1 of serial\n".encode()
    full.write_bytes(before + b"==== iteration 2 of serial\n" + line * 60_000)
    assert resumed(tmp_path) == [1]
    assert full.read_bytes() == before


def test_another_command_is_refused(tmp_path: Path) -> None:
    """Once there are results; a mistyped command left none."""
    other = replace(CAMPAIGN, setup=Setup(tests=("u.py",)))
    write(tmp_path, [])
    assert resumed(tmp_path, other) == []
    write(tmp_path, [1], other)
    with pytest.raises(InputError, match=r"another command \(tests: u.py there, t.py here\)"):
        resumed(tmp_path)


def test_more_iterations_go_on(tmp_path: Path) -> None:
    """And more levels."""
    write(tmp_path, [1])
    more = replace(CAMPAIGN, iterations=9, levels=(Level(), Level(processes=2)))
    assert resumed(tmp_path, more) == [1]


def test_one_flakebot_at_a_time(tmp_path: Path) -> None:
    """The second is told."""
    with Store(tmp_path), pytest.raises(InputError, match="Another flakebot writes to"):
        Store(tmp_path)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Nobody's files are replaced."""
    (tmp_path / "results.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        Store(tmp_path)
    with pytest.raises(InputError, match="cannot be written"):
        Store(tmp_path / "results.txt" / "x")


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    """As is a full disk; only there room helps."""
    write(tmp_path, [])
    with Store(tmp_path) as output:
        with pytest.raises(InputError, match=r"No such file.* Nothing finished is lost: start"):
            output.add(ended(1), tmp_path / "none", tmp_path / "none")
        (tmp_path / "logs" / "serial").rmdir()
        (tmp_path / "logs" / "serial").write_text("no folder")
        with pytest.raises(InputError, match="cannot be written: File exists"):
            output.log_folder(ended(1))


def test_shards_become_one(tmp_path: Path) -> None:
    """With their logs; what two have is taken once."""
    parts = [replace(CAMPAIGN, shard=Shard(index=index, count=2)) for index in (1, 2)]
    parts[1] = replace(parts[1], machine="another", levels=(Level(processes=2),))
    write(tmp_path / "a", [1, 3], parts[0])
    write(tmp_path / "b", [2, 3], parts[1])
    folders = [tmp_path / "a", tmp_path / "b"]
    with Store(tmp_path / "all") as output:
        whole, found, problems = merging.merge(folders, output)
        assert merging.merge(folders, output) == (whole, found, problems)
    assert problems == ()
    assert sorted(each.number for each in found) == [1, 2, 3]
    assert whole.levels == (Level(), Level(processes=2))
    assert (whole.shard, whole.machine) == (Shard(), "; another")
    assert (tmp_path / "all/logs/serial/iter_2.log").read_text() == "output 2\n"
    records = (tmp_path / "all" / store.RECORDS).read_bytes()
    assert iterations.decode("x", records)[0] == found


def test_the_output_of_merged_iterations_keeps_its_time_stamps(tmp_path: Path) -> None:
    """Each below its heading, as far as it is there; a line that is no iteration is told of."""
    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        write(tmp_path / name, [number, number + 3])
    (tmp_path / "c" / "logs/serial/full_output.log").unlink()
    with (tmp_path / "b" / store.RECORDS).open("a") as file:
        file.write('{"level": ')
    with Store(tmp_path / "all") as output:
        _, found, (problem,) = merging.merge([tmp_path / name for name in "abc"], output)
    assert [each.number for each in found] == [1, 4, 2, 5, 3, 6]
    assert problem.source == f"{tmp_path / 'b' / store.RECORDS}:3"
    parts = [(tmp_path / name / "logs/serial/full_output.log").read_text() for name in "ab"]
    headings = [f"{lines.heading(each)}\n" for each in found[4:]]
    merged = (tmp_path / "all/logs/serial/full_output.log").read_text()
    assert merged == "".join([*parts, *headings])


def test_what_does_not_belong_together_is_not_merged(tmp_path: Path) -> None:
    """It names the folder and the difference."""
    write(tmp_path / "a", [1])
    write(tmp_path / "b", [1], replace(CAMPAIGN, setup=Setup(tests=("u.py",))))
    with Store(tmp_path / "all") as output:
        with pytest.raises(InputError, match=r"b is of another campaign than .*a \(tests"):
            merging.merge([tmp_path / "a", tmp_path / "b"], output)
        with pytest.raises(InputError, match="c is no output"):
            merging.merge([tmp_path / "c"], output)
        log = tmp_path / "a" / "logs/serial/iter_1.log"
        log.unlink()
        log.mkdir()
        with pytest.raises(InputError, match=r"a cannot be merged into .*all: Is a directory"):
            merging.merge([tmp_path / "a"], output)
