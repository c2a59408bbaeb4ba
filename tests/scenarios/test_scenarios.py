"""Every story: what comes of it, that a second look writes nothing, and that no crash matters."""

from __future__ import annotations

import inspect
import os
import shutil
from pathlib import Path

import pytest
from tests.scenarios.build import Story
from tests.scenarios.harness import CrashError, Fuse, Stage, stage, state_of, told, verdicts_of
from tests.scenarios.stories import (
    fixes,
    hugging_face,
    issues,
    pull_requests,
    reading,
    rungs,
    shapes,
    verdicts,
    words,
)

from flakebot.judging import explained
from flakebot.report import Finding, Report

HERE = Path(__file__).parent
STORIES: dict[str, Story] = {
    name.replace("_", "-"): story
    for module in (
        verdicts,
        hugging_face,
        rungs,
        reading,
        shapes,
        pull_requests,
        issues,
        words,
        fixes,
    )
    for name, story in inspect.getmembers(module, inspect.isfunction)
    if story.__module__ == module.__name__ and not name.startswith("_")
}
BLESS = bool(os.environ.get("BLESS"))  # noqa: TID251  # a switch of the tests


@pytest.fixture(scope="module", params=STORIES)
def staged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A story up to its last run."""
    folder = tmp_path_factory.mktemp(request.param) / "given"
    return stage(STORIES[request.param], folder)


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> Path:
    """The folder with what must come of the story."""
    name: str = request.node.callspec.params["staged"]
    return HERE / name / "expected"


def test_what_people_see(staged: Stage, expected: Path, tmp_path: Path) -> None:
    """Plan, issues, comment, outputs and summary are the expected ones."""
    played = staged.copy(tmp_path / "played")
    seen = told(played, played.play())
    if BLESS:
        bless(expected, seen)
    known = {name: content.decode() for name, content in state_of(expected).items()}
    assert seen == known


def test_the_verdicts_are_the_stories(staged: Stage, tmp_path: Path) -> None:
    """Every story says in its own words what must be found."""
    found = verdicts_of(staged.copy(tmp_path / "played").play(apply=False))
    assert found == staged.verdicts


def test_a_dry_run_plans_the_same_and_writes_nothing(staged: Stage, tmp_path: Path) -> None:
    """What it prints is what would be done, and the folder stays as it is."""
    dry, wet = staged.copy(tmp_path / "dry"), staged.copy(tmp_path / "wet")
    planned = dry.play(apply=False)
    assert state_of(dry.folder) == state_of(staged.folder)
    assert planned.plan == wet.play().plan


def test_a_second_look_writes_nothing(staged: Stage, tmp_path: Path) -> None:
    """Its plan holds only what could not be done the first time, and every file stays as it is."""
    played = staged.copy(tmp_path / "played")
    first = played.play()
    before = state_of(played.folder)
    refused = [type(receipt.change) for receipt in first.receipts if not receipt.done]
    shown = [type(change) for change in first.plan.changes if not first.receipts]
    assert [type(change) for change in played.play().plan.changes] == refused + shown
    assert state_of(played.folder) == before


def test_a_crash_after_any_write_is_healed(staged: Stage, tmp_path: Path) -> None:
    """Whichever write was the last, the next look ends in the same folder."""
    fuse = Fuse()
    whole = staged.copy(tmp_path / "whole")
    whole.play(fuse=fuse)
    assert fuse.writes or staged.given.get("dry_run")
    wanted = state_of(whole.folder)
    for last in range(1, fuse.writes + 1):
        crashed = staged.copy(tmp_path / f"crashed-{last}")
        with pytest.raises(CrashError):
            crashed.play(fuse=Fuse(after=last))
        crashed.play()
        assert state_of(crashed.folder) == wanted, f"after write {last} of {fuse.writes}"


def test_the_example_of_an_outage_is_current() -> None:
    """`docs/example-outage.md` is the issue of a story; BLESS=1 writes it."""
    story = HERE / "hf-counted-over-weeks" / "expected" / "issues" / "8.md"
    body = story.read_text().partition("\n---\n\n")[2]
    page = HERE.parents[1] / "docs" / "example-outage.md"
    if BLESS:
        page.write_text(body)
    assert page.read_text() == body


def test_every_expected_folder_has_its_story() -> None:
    """A story that was renamed leaves nothing behind."""
    folders = {path.parent.name for path in HERE.glob("*/expected")}
    assert folders == set(STORIES)


def bless(folder: Path, files: dict[str, str]) -> None:
    """Write the expected files anew; a reviewer reads the diff."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_is_explained_is_what_was_reported(staged: Stage, tmp_path: Path) -> None:
    """The ladder, asked again on what the ledger holds, comes to the verdicts of the report."""
    played = staged.copy(tmp_path / "played")
    result = played.play()
    found = played.explained()
    if not found.recorded:  # a dry run, or one whose logs may still come
        return
    assert _said(found.report) == _said(result.report)
    for one in explained.explain(found.report, found.cases):
        for failure in one.failures:
            (decided,) = (rung for rung in failure.rungs if rung.decides)
            assert decided.why == failure.verdict.reasons
        if isinstance(one.told, Finding) and one.told.test:
            assert one.failures[0].verdict.kind is one.told.verdict.kind


@pytest.mark.parametrize("logs", [0, 1000])
def test_a_replay_changes_no_verdict_on_the_last_run(
    staged: Stage, tmp_path: Path, logs: int
) -> None:
    """From the ledger alone, and with the logs read again: the record keeps what was said."""
    played = staged.copy(tmp_path / "played")
    played.play()
    found = played.replayed(logs)
    assert [each for each in found.changes if each.run_id == played.look.run_id] == []


def _said(report: Report) -> object:
    events = [(e.kind, e.category, e.tests, e.reasons) for e in report.events]
    return report.overall, [(f.test, f.verdict) for f in report.findings], events
