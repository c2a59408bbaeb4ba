"""A sweep and the next run say when flakebot itself has not worked although runs finished."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scenarios.build import Job, World
from tests.scenarios.harness import stage, sweep

from flakebot.changes import PostComment


@pytest.mark.parametrize(
    ("missed", "name", "day", "said"),
    [
        (2.0, "CI", 5.0, "although 1 run of the workflows it reads finished since"),
        (2.0, "Docs", 5.0, ""),
        (4.98, "CI", 5.0, ""),
        (0.5, "CI", 5.0, ""),
        (1.2, "CI", 1.5, ""),
        (None, "CI", 5.0, ""),
    ],
)
def test_missed_runs_are_said(
    missed: float | None, name: str, day: float, said: str, tmp_path: Path
) -> None:
    """Not those of other workflows, those that have only just ended, nor within a day."""

    def story(world: World) -> None:
        world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="one")
        if missed is not None:
            world.run(2, [Job()], day=missed, sha="two", analysed=False)
            world.amend("runs/2/run.json", name=name)
        world.sweep(day=day)

    staged = stage(story, tmp_path / "given")
    problems = sweep(staged.folder, staged.look).problems
    assert [said in one for one in problems] == [True] * bool(said)


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    """A missing permission, here a broken file, stops nothing else."""

    def story(world: World) -> None:
        world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="one")
        world.sweep(day=5)
        world.edits.append(lambda: world.write("runs/2/run.json", "{"))

    staged = stage(story, tmp_path / "given")
    swept = sweep(staged.folder, staged.look)
    assert len(swept.problems) == 1
    assert swept.plan.changes


@pytest.mark.parametrize(("missed", "said"), [(2.0, True), (4.98, False), (None, False)])
def test_the_next_run_says_it_too(missed: float | None, *, said: bool, tmp_path: Path) -> None:
    """In the summary and in the comment, and not of the very run that it reads."""

    def story(world: World) -> None:
        world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="one")
        if missed is not None:
            world.run(2, [Job()], day=missed, sha="two", analysed=False)
        world.run(3, [Job(log="sigabrt")], day=5, sha="head", branch=world.pull(7, sha="head"))

    staged = stage(story, tmp_path / "given")
    result = staged.play()
    sentence = "flakebot has recorded no run that began after"
    assert [sentence in one for one in result.report.problems] == [True] * said
    (comment,) = [each for each in result.plan.changes if isinstance(each, PostComment)]
    assert (sentence in comment.body) == said
