"""Every story with a sweep: what comes of it, that a second one writes nothing, that no crash
matters.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from tests.scenarios.build import Story
from tests.scenarios.harness import CrashError, Fuse, Stage, stage, state_of, sweep, told_by_sweep
from tests.scenarios.stories import sweeps
from tests.scenarios.test_scenarios import BLESS, bless

from flakebot.pipeline import Swept

HERE = Path(__file__).parent / "sweeps"
STORIES: dict[str, Story] = {
    name.replace("_", "-"): story
    for name, story in inspect.getmembers(sweeps, inspect.isfunction)
    if story.__module__ == sweeps.__name__ and not name.startswith("_")
}


@pytest.fixture(scope="module", params=STORIES)
def staged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A story up to its sweep."""
    return stage(STORIES[request.param], tmp_path_factory.mktemp(request.param) / "given")


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Path:
    """The folder with what must come of the story."""
    name: str = request.node.callspec.params["staged"]
    return HERE / name / "expected"


def play(staged: Stage, *, apply: bool = True, fuse: Fuse | None = None) -> Swept:
    """The sweep of the story."""
    return sweep(staged.folder, staged.look, given=staged.given, apply=apply, fuse=fuse)


def test_what_people_see(staged: Stage, expected: Path, tmp_path: Path) -> None:
    """Plan, summary, issues and comments are the expected ones."""
    played = staged.copy(tmp_path / "played")
    seen = told_by_sweep(played, play(played))
    if BLESS:
        bless(expected, seen)
    assert seen == {name: content.decode() for name, content in state_of(expected).items()}


def test_a_dry_sweep_plans_the_same_and_writes_nothing(staged: Stage, tmp_path: Path) -> None:
    """What it prints is what would be done."""
    planned = play(staged, apply=False)
    wet = staged.copy(tmp_path / "wet")
    before = state_of(staged.folder)
    assert before == state_of(wet.folder)
    assert planned.plan == play(wet).plan


def test_a_second_sweep_writes_nothing(staged: Stage, tmp_path: Path) -> None:
    """Its plan is empty and every file stays as it is."""
    played = staged.copy(tmp_path / "played")
    first = play(played)
    assert all(receipt.done for receipt in first.receipts)
    before = state_of(played.folder)
    assert play(played).plan.changes == ()
    assert state_of(played.folder) == before


def test_a_crash_after_any_write_is_healed(staged: Stage, tmp_path: Path) -> None:
    """Whichever write was the last, the next sweep ends in the same folder."""
    fuse = Fuse()
    whole = staged.copy(tmp_path / "whole")
    play(whole, fuse=fuse)
    wanted = state_of(whole.folder)
    for last in range(1, fuse.writes + 1):
        crashed = staged.copy(tmp_path / f"crashed-{last}")
        with pytest.raises(CrashError):
            play(crashed, fuse=Fuse(after=last))
        play(crashed)
        assert state_of(crashed.folder) == wanted, f"after write {last} of {fuse.writes}"


@pytest.mark.parametrize(
    "name",
    ["closed-after-silence", "closed-quietly", "closed-though-locked", "ledger-line-long-broken"],
)
def test_silence_closes(name: str, tmp_path: Path) -> None:
    """Said here, where no blessing reaches."""
    staged = stage(STORIES[name], tmp_path / "given")
    plan = told_by_sweep(staged, play(staged))["plan.txt"].splitlines()
    silent = {"closed-quietly", "closed-though-locked"}
    acts = [act for act, _, _ in (line.partition(":") for line in plan) if "#1" in act]
    assert acts == ["comment on issue #1"] * (name not in silent) + ["close issue #1"]


@pytest.mark.parametrize(
    "name",
    [
        "days-alone-prove-nothing", "too-soon", "another-job-is-no-silence", "kept-open",
        "ledger-cut-off", "ledger-line-broken", "ledger-of-a-newer-flakebot",
        "nothing-on-record", "person-closed-it", "switched-off", "issues-not-there",
    ],
)  # fmt: skip
def test_nothing_else_closes(name: str, tmp_path: Path) -> None:
    """Said here, where no blessing reaches."""
    staged = stage(STORIES[name], tmp_path / "given")
    assert "close issue" not in told_by_sweep(staged, play(staged))["plan.txt"]


def test_every_expected_folder_has_its_story() -> None:
    """A story that was renamed leaves nothing behind."""
    assert {path.parent.name for path in HERE.glob("*/expected")} == set(STORIES)
