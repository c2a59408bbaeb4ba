"""docs/benchmarks.md shows what was measured last, and how to measure it again."""

from __future__ import annotations

import importlib.util
import shlex

import pytest
from benchmarks import results
from tools import benchmark_page
from tools.benchmark_page import BENCHMARKS, Benchmark


def test_the_page_is_made_from_the_results() -> None:
    """`python -m tools.benchmark_page` was run after the last one."""
    assert benchmark_page.PAGE.read_text(encoding="utf-8") == benchmark_page.page()


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda each: each.name)
def test_its_commands_exist(benchmark: Benchmark) -> None:
    """Each is a module of the repository or a target of the Makefile."""
    makefile = (benchmark_page.ROOT / "Makefile").read_text(encoding="utf-8")
    for command in benchmark.commands:
        program, *words = shlex.split(command)
        if program == "make":
            assert f"\n{words[0]}:" in makefile
        else:
            assert (program, words[0]) == ("python", "-m")
            assert importlib.util.find_spec(words[1])


def test_every_result_and_every_script_is_on_the_page() -> None:
    """Nothing is measured and left out."""
    kept = {path.stem for path in results.FOLDER.glob("*.json")}
    assert kept == {benchmark.name for benchmark in BENCHMARKS}
    page, folder = benchmark_page.page(), benchmark_page.ROOT / "benchmarks"
    scripts = {path.stem for path in folder.glob("*.py") if "results.tell(" in path.read_text()}
    assert {name for name in scripts if f"python -m benchmarks.{name}" not in page} == set()


def test_a_promise_that_is_not_held_is_shown() -> None:
    """Nobody has to compare two columns."""
    row = results.Row(what="x", measured="2", promised="at most 1", holds=False)
    assert benchmark_page.row("y", row) == "| y | x | 2 | at most 1: **not held** |"
