"""Maintainers' words in a folder: once, whatever breaks, and counted in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.scenarios.build import World
from tests.scenarios.harness import CrashError, Fuse, Stage, stage, state_of
from tests.scenarios.maintainers import say
from tests.scenarios.stories import verdicts

from flakebot import cli
from flakebot.ledgers.folder import FolderLedger

ISSUE = 8
"""Of the flake in the story."""

WORDS = ["/flakebot flaky", "/flakebot not-a-flake", "/flakebot fixed"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A known flake, told in a pull request."""
    staged = stage(verdicts.known_flake, tmp_path_factory.mktemp("told") / "given")
    staged.play()
    return staged


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("number", [ISSUE, 7])
def test_a_word_is_taken_once_whatever_breaks(
    told: Stage, tmp_path: Path, number: int, word: str
) -> None:
    """Delivered again after a crash behind any write, and once more, it ends in the same folder."""
    fuse, whole = Fuse(), told.copy(tmp_path / "whole").folder
    say(whole, number, word, comment=90, day=13, fuse=fuse)
    wanted = state_of(whole)
    for last in range(1, fuse.writes + 1):
        folder = told.copy(tmp_path / f"crashed-{last}").folder
        with pytest.raises(CrashError):
            say(folder, number, word, comment=90, day=13, fuse=Fuse(after=last))
        for _ in range(2):
            say(folder, number, word, comment=90, day=13)
        assert state_of(folder) == wanted, f"after write {last} of {fuse.writes}"


def test_what_people_said_is_counted(
    told: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the kind of the verdict that it is on: the flake was known, and proven before that."""
    folder = told.copy(tmp_path / "said").folder
    say(folder, ISSUE, "/flakebot not-a-flake", comment=90, day=13)
    say(folder, 7, "/flakebot flaky router_decisions", comment=91, day=14)
    assert [each.number for each in FolderLedger(folder).feedback()] == [ISSUE, 7]
    now = ["--now", "2026-03-01"]
    assert cli.main(["report", str(folder), "--accuracy", "--json", *now]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)["verdicts"]}
    judged = {name: (row["judged"], row["held"]) for name, row in found.items() if row["judged"]}
    assert judged == {"flaky known": (1, 1), "flaky proven": (1, 1), "new": (1, 0)}


def test_only_a_test_that_failed_there_can_be_meant(tmp_path: Path) -> None:
    """The answer names what failed; nothing is kept."""
    world = World(root=tmp_path)
    world.pull(7, sha="head")
    answered = say(tmp_path, 7, "/flakebot flaky", comment=90, day=1)
    assert [type(change).__name__ for change in answered.plan.changes] == [
        "CommentOnIssue",
        "React",
    ]
    assert FolderLedger(tmp_path).feedback() == []
