"""Stories that end with a sweep: what is closed, what is not, and what is drawn anew."""

from tests.scenarios.build import Job, World, stamp
from tests.scenarios.maintainers import before_last

SOON = "[thresholds]\nclose-probability = 0.1\n"
"""Ten builds are silence enough for a test that failed in the only build before."""


def closed_after_silence(world: World) -> None:
    """Thirty builds without a failure, after one that failed and passed: one comment, closed."""
    _flake(world)
    world.trunk(2, *["passed"] * 30, day=1)
    world.sweep(day=31)


def days_alone_prove_nothing(world: World) -> None:
    """Sixty days with a single build: it stays open."""
    _flake(world)
    world.trunk(2, "passed", day=1)
    world.sweep(day=60)


def too_soon(world: World) -> None:
    """Builds enough, but all within five days."""
    world.always(SOON)
    _flake(world)
    for n in range(12):
        world.run(2 + n, [Job()], day=1 + n / 3, sha=f"busy{n}")
    world.sweep(day=5)


def another_job_is_no_silence(world: World) -> None:
    """Its job is not run any more; the test passes in another."""
    world.always(SOON)
    _flake(world)
    for n in range(12):
        world.run(2 + n, [Job(name="other")], day=1 + n, sha=f"other{n}")
    world.sweep(day=14)


def kept_open(world: World) -> None:
    """The label `flakebot: keep-open` wins."""
    _silent(world)
    world.edit_issue(1, labels=[{"name": "flaky-test"}, {"name": "flakebot: keep-open"}])


def closed_quietly(world: World) -> None:
    """The label `flakebot: quiet` stops the comment, not the closing."""
    _silent(world)
    world.edit_issue(1, labels=[{"name": "flaky-test"}, {"name": "flakebot: quiet"}])


def closed_though_locked(world: World) -> None:
    """On a locked issue nothing is said, but it is closed."""
    _silent(world)
    world.edit_issue(1, locked=True)


def issue_gone(world: World) -> None:
    """It was deleted, or moved to another repository: a sweep opens no issue of a test."""
    _silent(world)
    world.lose_issue(1, 5)


def person_closed_it(world: World) -> None:
    """Nothing is left to do for an issue that a person closed as not planned."""
    _silent(world)
    world.edit_issue(1, state="closed", state_reason="not_planned", closed_at=stamp(4))


def ledger_cut_off(world: World) -> None:
    """The only failure on record is in a broken line: nothing is closed for that."""
    _silent(world)
    world.edits.append(lambda: _damage(world, 1))


def ledger_line_broken(world: World) -> None:
    """A line is broken: all others count, but its week is no silence, so nothing is closed yet."""
    _silent(world)
    world.edits.append(lambda: _damage(world, 3))


def ledger_line_long_broken(world: World) -> None:
    """Enough builds passed since the week of the broken line: it holds up nothing any more."""
    world.always(SOON)
    _flake(world)
    world.trunk(2, *["passed"] * 20, day=2)
    world.sweep(day=23)
    world.edits.append(lambda: _damage(world, 3))


def ledger_of_a_newer_flakebot(world: World) -> None:
    """A line can be read, but not by this version: nothing is written."""
    _silent(world)
    world.edits.append(lambda: _damage(world, 3, '{"schema":99}'))


def nothing_on_record(world: World) -> None:
    """An empty ledger proves nothing; no text is emptied for it."""
    _flake(world)
    world.sweep(day=400)


def switched_off(world: World) -> None:
    """Without tracking issues there is nothing to sweep."""
    _silent(world)
    world.settings(issues=False)


def issues_not_there(world: World) -> None:
    """The repository has no issues."""
    _silent(world)
    world.amend("repository.json", has_issues=False)


def numbers_follow_time(world: World) -> None:
    """A week later there was no failure within a week."""
    _flake(world)
    world.run(2, [Job()], day=2, sha="next")
    world.sweep(day=9)


def opened_again(world: World) -> None:
    """The run that saw it fail after the fix was cut off before it opened the issue."""
    world.commit("flake1", day=1)
    fix = world.commit("fix", "flake1", day=3)
    world.commit("after", "fix", day=6)
    _flake(world)
    world.run(2, [Job(log="prefix-split")], [Job()], day=6, sha="after")
    world.sweep(day=7)
    world.edit_issue(1, state="closed", state_reason="completed", closed_at=stamp(4))
    world.write("issues/1.events.json", [{"event": "closed", "commit_id": fix}])


def digest_pruned(world: World) -> None:
    """Tests in the digest whose failures are no longer on record leave it."""
    world.always("max-new-issues = 2\n[thresholds]\nwindow-days = 20\n")
    branch = world.pull(7, sha="head")
    world.run(
        1, [Job(log="many-failures")], [Job(log="passed-many")], day=1, sha="head", branch=branch
    )
    world.run(2, [Job()], day=20, sha="later")
    world.sweep(day=22)


def duplicates_closed(world: World) -> None:
    """Two issues for one test, while the test is silent."""
    _flake(world)
    world.run(2, [Job()], day=2, sha="next")
    world.sweep(day=3)
    world.copy_issue(1, 5, "flaky-test")


def fail_together(world: World) -> None:
    """Two tests failed in the same four runs of sixteen: one issue for both, and each names the
    other.
    """
    _pair(world)
    world.sweep(day=17)


def no_longer_two(world: World) -> None:
    """One of two that fail together was dismissed: their common issue is closed."""
    _pair(world)
    world.sweep(day=17)
    world.sweep(day=18)
    world.edit_issue(1, state="closed", state_reason="not_planned", closed_at=stamp(17.5))


def renamed(world: World) -> None:
    """A flaky test has another name since day 6, and fails as before: each of the two issues names
    the other, and how a maintainer says that they are one.
    """
    _rename(world)
    world.sweep(day=12)


def renamed_and_merged(world: World) -> None:
    """A maintainer says so: the old issue is closed, and the new one proposes nothing any more."""
    _rename(world)
    world.sweep(day=12)
    world.sweep(day=13)
    before_last(world, 1, "/flakebot merge #2", comment=900, day=12.5)


def _rename(world: World) -> None:
    """A test fails and passes under its name, and from day 6 under another."""
    _flake(world)
    world.trunk(2, "passed", "passed", "passed", day=2)
    world.run(5, [Job(log="prefix-split")], [Job()], day=6, sha="flake2")
    world.trunk(6, "passed", "passed", day=7)
    for run_id in (5, 6, 7):
        for log in (world.root / f"runs/{run_id}").rglob("*.log"):
            log.write_text(log.read_text().replace("test_router_decisions", "test_decisions"))


def _pair(world: World) -> None:
    """Every fourth of sixteen runs failed in two tests, which passed when it was run again."""
    for n in range(16):
        attempts = [[Job()]] if n % 4 else [[Job(log="two-failures")], [Job()]]
        world.run(1 + n, *attempts, day=1 + n, sha=f"pair{n}")


def _flake(world: World) -> None:
    """A run on the default branch whose second attempt passed."""
    world.run(1, [Job(log="prefix-split")], [Job()], day=1, sha="flake1")


def _silent(world: World) -> None:
    """A flake that has gone silent, and the sweep that sees it."""
    world.always(SOON)
    _flake(world)
    world.trunk(2, *["passed"] * 12, day=2)
    world.sweep(day=15)


def _damage(world: World, number: int, instead: str = "") -> None:
    """A line of the first ledger file is cut, or is another instead."""
    path = min((world.root / "ledger").glob("*.jsonl"))
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = f"{instead or lines[number - 1][:40]}\n"
    path.write_text("".join(lines))
