"""`flakebot explain` of a run, as a person calls it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from flakebot import cli, demo
from flakebot.errors import InputError


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with its ledger, whose logs are gone."""
    folder = tmp_path_factory.mktemp("explain") / "sample"
    demo.main(folder)
    for logs in folder.glob("runs/*/attempts/*/logs"):
        shutil.rmtree(logs)
    return folder


@pytest.fixture
def target(sample: Path) -> str:
    """The main run."""
    return str(sample / "runs" / str(demo.MAIN_RUN))


def test_a_past_run_is_explained_when_its_logs_are_gone(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every finding and event, from the ledger alone, with nothing that acts on a terminal."""
    assert cli.main(["explain", target]) == 0
    out = capsys.readouterr().out
    assert "judged from records of the ledger" in out
    assert "1. new  job:pre-commit" in out
    assert "✓ broken  broken: failed in the last 4 builds of job" in out
    assert "[broken-streak = 4, streak-chance = 0.01]" in out
    assert "would be  flaky, proven: a pass of it in another attempt" in out
    assert "more failures; --json has them all" in out
    assert "event, external" in out
    assert "\x1b" not in out


def test_one_test_is_explained_by_a_part_of_its_id(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON with all rungs, also those below the one that decided."""
    assert cli.main(["explain", target, "indexers_sync[file]", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["explained"]
    assert one["told"]["verdict"]["level"] == "likely"
    (failure,) = one["failures"]
    assert [rung["name"] for rung in failure["rungs"]][-1] == "new"
    assert failure["evidence"]["rate"]["failures"] == 3


def test_a_test_that_is_none_or_several_is_one_sentence(target: str) -> None:
    """It names those there are."""
    with pytest.raises(InputError, match=r"may be tests/.*give more of the id"):
        cli.main(["explain", target, "tests/"])
    nothing = r"No verdict of this run is on a test 'zzz'; there are tests/"
    with pytest.raises(InputError, match=nothing):
        cli.main(["explain", target, "zzz"])


def test_a_run_without_failures_says_so(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came later is left out, and that is told."""
    first = min(sample.glob("runs/*"), key=lambda path: int(path.name))
    assert cli.main(["explain", str(first)]) == 0
    assert "later records left out" in capsys.readouterr().out


def test_a_run_that_is_not_on_record_is_read(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `flakebot run` reads it; nothing is written."""
    folder = tmp_path / "bare"
    shutil.copytree(sample, folder)
    shutil.rmtree(folder / "ledger")
    assert cli.main(["explain", str(folder / "runs" / str(demo.MAIN_RUN))]) == 0
    assert "judged from its logs, as it is not on record" in capsys.readouterr().out
    assert not (folder / "ledger").exists()
