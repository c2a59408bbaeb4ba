"""`flakebot reproduce` as a user starts it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from flakebot.reproducing import processes
from flakebot.reproducing.store import Store

pytestmark = pytest.mark.timeout(300)  # each starts flakebot, which starts pytest many times

SUITE = """
import os, subprocess, sys, time
import pytest
NUMBER = int(os.environ["FLAKEBOT_ITERATION"])
def test_before(): pass
def test_fails_now_and_then():
    assert NUMBER % 3, "every third time"
@pytest.mark.skip(reason="no board")
def test_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_expected(): assert False
def test_part(subtests):
    with subtests.test("one"): pytest.skip("only this part")
def test_crash():
    if NUMBER == 4:
        os.abort()
def test_own_world(tmp_path):
    first, last = (int(os.environ[f"FLAKEBOT_PORT_{end}"]) for end in ("FIRST", "LAST"))
    assert last - first == 99
    assert str(tmp_path).startswith(os.environ["TMPDIR"])
"""

BROKEN = """
def pytest_collection_modifyitems(items):
    raise RuntimeError("no such board")
"""

NESTED = """
import subprocess, sys
def test_starts_a_pytest_of_its_own(tmp_path):
    names = [f"test_{number}" for number in range(9)]
    (tmp_path / "test_inner.py").write_text("".join(f"def {name}(): pass\\n" for name in names))
    command = [sys.executable, "-m", "pytest", "-v", "test_inner.py"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    ran = [row.split()[0] for row in printed.splitlines() if " PASSED" in row]
    assert ran == [f"test_inner.py::{name}" for name in names]
"""

EXITS = """
import os
from pathlib import Path
def test_first():
    (journal,) = Path(os.environ["TMPDIR"]).parent.glob("journal/journal-*.jsonl")
    os.mkfifo(journal.with_name("journal-0.jsonl"))
def test_exit():
    if os.environ["FLAKEBOT_ITERATION"] == "1":
        os._exit(0)
def test_last(): pass
"""

QUICK = """
import os, sys
number = int(os.environ["FLAKEBOT_ITERATION"])
print("begin", number)
if number % 5 == 0:
    print("AssertionError: expected", number % 2, "and found another")
    sys.exit(1)
"""
"""Stands for pytest where many iterations must run: it ends at once."""


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flakebot", "reproduce", *arguments]
    environment = {**os.environ, "PYTEST_ADDOPTS": "-p no:hypothesispytest"}  # noqa: TID251  # the user's
    environment.pop("COLUMNS", None)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    printed, told = process.communicate(timeout=280)
    return process.returncode, printed, told


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def results(folder: Path) -> list[str]:
    """The lines of `results.txt` without times."""
    rows = (folder / "results.txt").read_text().splitlines()
    return sorted(" ".join(row.split()[1:4]) for row in rows)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A project with a suite that fails in known iterations."""
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "quick.py").write_text(QUICK)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "conftest.py").write_text(BROKEN)
    (tmp_path / "broken" / "test_broken.py").write_text("def test_never_begins(): pass\n")
    return tmp_path


def test_levels_and_files_are_those_of_the_contract(suite: Path) -> None:
    """Fresh processes, serial and under xdist, with everything a reader may look for."""
    arguments = ["test_suite.py", "--iterations", "4", "--levels", "serial,2", "--jobs", "2"]
    code, printed, told = ended(start(suite, *arguments))
    assert code == 0, told
    output = suite / "flakebot-reproduce"
    for level in ("serial", "n2"):
        logs = {path.name for path in (output / "logs" / level).iterdir()}
        assert logs == {*(f"iter_{n}.log" for n in range(1, 5)), "full_output.log"}
    failed = {row for row in results(output) if row.endswith("failed")}
    assert failed == {f"{level} iter_{n} failed" for level in ("serial", "n2") for n in (3, 4)}
    levels = {each["level"]: each for each in report(output)["levels"]}
    assert {name: each["failed"] for name, each in levels.items()} == {"serial": 2, "n2": 2}
    kinds = {error["category"]: error["tests"] for error in levels["n2"]["errors"]}
    assert kinds == {
        "assertion": ["test_suite.py::test_fails_now_and_then"],
        "crash-sigabrt": ["test_suite.py::test_crash"],
    }
    rows = [json.loads(row) for row in (output / "iterations.jsonl").read_text().splitlines()]
    assert {*map(tuple, (row["skipped"] for row in rows))} == {("test_suite.py::test_skipped",)}
    assert "Results Summary" in (output / "report.md").read_text()
    assert (output / "summary.txt").read_text().splitlines()[0] in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["caf\udce9.py"], r"'caf\udce9.py' is not UTF-8"),
        (["no_such.py"], "The test command is wrong; pytest said: ERROR: file or directory not"),
        (["test_suite.py", "--", "-k", "nothing"], "The test command runs no test"),
        (["test_suite.py", "--", "--nothing"], "unrecognized arguments: --nothing"),
        (["broken"], "pytest breaks before the first test, perhaps by a conftest.py or plug-in"),
        (["test_suite.py", "--pytest", "no-such-pytest"], "no-such-pytest cannot be started"),
        (["test_suite.py", "--image", "x", "--engine", "no-such-engine"], "is not installed"),
        (["test_suite.py", "--levels", "many"], "--levels: 'many'"),
        (["test_suite.py", "--expect-rate", "0.0001%"], "a rate of 1e-06 needs 2995731 iterations"),
        (["--merge", "nowhere"], "nowhere is no output of `flakebot reproduce`"),
    ],
)
def test_what_cannot_run_is_one_sentence_at_once(
    suite: Path, arguments: list[str], says: str
) -> None:
    """Not a hundred failed iterations."""
    code, printed, told = ended(start(suite, *arguments))
    assert (code, printed) == (1, "")
    assert says in told.splitlines()[-1]
    assert told.splitlines()[-1].startswith("flakebot: ")


def test_tests_are_those_of_the_command_named_as_pytest_prints_them(suite: Path) -> None:
    """From the folder of the command, below the root that pytest finds; a pytest that a test starts
    keeps its own order, and what it runs is no test of the iteration.
    """
    (suite / "pytest.ini").write_text("[pytest]\n")
    (suite / "part").mkdir()
    (suite / "part" / "test_nested.py").write_text(NESTED)
    arguments = ["test_nested.py", "--iterations", "1", "--random-order"]
    code, printed, told = ended(start(suite / "part", *arguments))
    assert code == 0, told
    assert "No failure in 1 iteration" in printed
    (row,) = (suite / "part/flakebot-reproduce/iterations.jsonl").read_text().splitlines()
    (worker,) = json.loads(row)["workers"]
    assert worker["tests"] == ["test_nested.py::test_starts_a_pytest_of_its_own"]


def test_a_test_that_ends_its_process_with_success_did_not_pass(suite: Path) -> None:
    """Those after it never ran; a pipe where the plug-in writes is no file to wait for."""
    (suite / "test_exit.py").write_text(EXITS)
    code, _, told = ended(start(suite, "test_exit.py", "--iterations", "2"))
    assert code == 0, told
    rows = (suite / "flakebot-reproduce/iterations.jsonl").read_text().splitlines()
    (failure,), passed = (json.loads(row)["failures"] for row in rows)
    early = "pytest ended with exit code 0 before its tests were done"
    assert failure["text"] == f"{early} while test_exit.py::test_exit ran"
    assert (failure["category"], passed) == ("unknown", [])


def quick(iterations: int, output: Path) -> list[str]:
    return [
        *("x", "--pytest", f"{sys.executable} -S quick.py", "--jobs", "2"),
        *("--iterations", str(iterations), "--output", str(output)),
    ]


@pytest.mark.timeout(900)
def test_killed_at_random_moments_it_resumes_to_the_same_report(suite: Path) -> None:
    """SIGKILL twenty times: nothing finished is lost, nothing is counted twice."""
    whole, torn = suite / "whole", suite / "torn"
    code, _, told = ended(start(suite, *quick(40, whole)))
    assert code == 0, told
    moments = random.Random(7)  # noqa: S311  # any moments
    kept = 0
    for _ in range(20):
        process = start(suite, *quick(40, torn))
        had = kept
        deadline = time.monotonic() + moments.uniform(0.0, 60.0)
        aim = had + moments.randrange(4)
        while time.monotonic() < deadline and kept < aim and process.poll() is None:
            kept = _records(torn)
        process.kill()
        process.communicate(timeout=60)
        kept = _records(torn)
        assert kept >= had
    code, _, told = ended(start(suite, *quick(40, torn)))
    assert code == 0, told
    assert results(torn) == results(whole)
    assert _told(torn) == _told(whole)
    headings = [
        line
        for line in (torn / "logs/serial/full_output.log").read_text().splitlines()
        if line.startswith("====")
    ]
    assert len(headings) == len(set(headings)) == 40
    with Store(torn) as store:
        assert list(Path(tempfile.gettempdir()).glob(f"fb-{store.mark}-*")) == []


def _records(folder: Path) -> int:
    path = folder / "iterations.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _told(folder: Path) -> dict[str, Any]:
    """The report without the order in which iterations ended."""
    found = report(folder)
    return {key: found[key] for key in ("schema", "levels", "comparisons", "suspects", "variants")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_what_runs_and_reports(suite: Path, number: int) -> None:
    """What was finished is in the report; the same command goes on."""
    (suite / "test_slow.py").write_text(
        "import os, time\n"
        "def test_slow():\n    if os.environ['FLAKEBOT_ITERATION'] == '2': time.sleep(600)\n"
    )
    arguments = ["test_slow.py", "--iterations", "3"]
    process = start(suite, *arguments)
    output = suite / "flakebot-reproduce"
    deadline = time.monotonic() + 100
    while _records(output) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: TID251  # another process works
    process.send_signal(number)
    code, _, told = ended(process)
    assert code == 130
    assert told.splitlines()[-1] == "Interrupted; the same command goes on where it stopped."
    assert report(output)["levels"][0]["iterations"] == 1
    with Store(output) as store:
        assert processes.marked(f"{store.mark}-") == []
    code, _, told = ended(start(suite, *arguments, "--total-timeout", "8"))
    assert code == 0
    assert "1 iteration" in told
    assert "The time of --total-timeout is over" in told


def test_when_all_ran_nothing_is_said_to_go_on(suite: Path) -> None:
    """However late it is."""
    for seconds in ("0", "0.001"):
        output = suite / "whole"
        code, _, told = ended(start(suite, *quick(2, output), "--total-timeout", seconds))
        assert (code, report(output)["levels"][0]["iterations"]) == (0, 2)
        assert "goes on" not in told


def test_shards_merge_to_the_whole(suite: Path) -> None:
    """Each takes its part, with global numbers."""
    for index in (1, 2):
        code, _, told = ended(start(suite, *quick(10, suite / str(index)), "--shard", f"{index}/2"))
        assert code == 0, told
    code, _, told = ended(start(suite, *quick(10, suite / "whole")))
    assert code == 0, told
    code, printed, told = ended(start(suite, "--merge", "1", "2", "--output", "both", "--json"))
    assert code == 0, told
    assert json.loads(printed) == report(suite / "both")
    assert results(suite / "both") == results(suite / "whole")
    assert _told(suite / "both") == _told(suite / "whole")


def test_load_order_and_variants(suite: Path) -> None:
    """CPU burns meanwhile and no longer, each order has its seed, the variant its own rows."""
    lines = (f"def test_{n}(): assert os.environ['WORDS'] == 'two words'\n" for n in range(9))
    (suite / "test_order.py").write_text(f"import os\n{''.join(lines)}")
    code, _, told = ended(
        start(
            suite,
            "test_order.py",
            *("--iterations", "2", "--load", "1", "--random-order", "--seed", "40"),
            *("--variant", "few=-k 'test_1 or test_2'"),
            *("--env", "WORDS=two words", "--env", "API_TOKEN=short", "--env", "HOME"),
        )
    )
    assert code == 0, told
    output = suite / "flakebot-reproduce"
    rows = [json.loads(line) for line in (output / "iterations.jsonl").read_text().splitlines()]
    orders = {(row["variant"], row["seed"]): row["workers"][0]["tests"] for row in rows}
    assert orders.keys() == {("", 41), ("", 42), ("few", 41), ("few", 42)}
    plain = [f"test_order.py::test_{n}" for n in range(9)]
    assert sorted(orders["", 41]) == sorted(orders["", 42]) == plain
    assert orders["", 41] != orders["", 42] != plain
    assert sorted(orders["few", 41]) == plain[1:3]
    command = rows[0]["command"]
    assert f" FLAKEBOT_SEED={rows[0]['seed']} WORDS='two words' API_TOKEN=… " in command
    assert not [
        path for path in output.rglob("*") if path.is_file() and b"short" in path.read_bytes()
    ]
    repeated = subprocess.run(
        ["sh", "-c", command],
        cwd=suite,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = [row.split()[0] for row in repeated.stdout.splitlines() if " PASSED" in row]
    assert shown == orders[rows[0]["variant"], rows[0]["seed"]]
