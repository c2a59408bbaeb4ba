"""Stories about tracking issues: limits, people's labels, closing and reopening."""

from tests.scenarios.build import BOT, Job, World, stamp


def dry_run(world: World) -> None:
    """The plan is shown and nothing at all is written."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.settings(dry_run=True)


def issues_off(world: World) -> None:
    """Only the comment is kept."""
    world.expect("new-failures", "flaky proven", "new")
    _flake_beside_failure(world)
    world.settings(issues=False)


def digest(world: World) -> None:
    """More new flakes than issues may be opened: the rest go into one digest."""
    world.expect("flaky", "flaky proven")
    branch = world.pull(7, sha="head")
    attempts = [Job(log="many-failures")], [Job(log="passed-many")]
    world.run(1, *attempts, day=1, sha="head", branch=branch)
    world.settings(max_new_issues=2)


def counted_again(world: World) -> None:
    """A second flake of a tracked test changes the counts in place and says nothing more."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    _proven(world, 2, day=2)


def second_way_of_failing(world: World) -> None:
    """A tracked test fails in a new way: one comment, and a row in its table."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1, log="sigabrt")
    world.run(2, [Job(log="bindings-split")], [Job()], day=2, sha="flake2")


def quiet(world: World) -> None:
    """The label `flakebot: quiet` stops comments, not counts."""
    world.expect("flaky", "flaky proven")
    second_way_of_failing(world)
    world.edit_issue(1, labels=[{"name": "flaky-test"}, {"name": "flakebot: quiet"}])


def people_keep_their_labels(world: World) -> None:
    """Labels, title and assignees that people set stay."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    labels = [{"name": "flaky-test"}, {"name": "flakebot: keep-open"}, {"name": "backlog"}]
    world.edit_issue(1, title="Router: prefix reuse", labels=labels, assignees=[{"login": "ann"}])
    _proven(world, 2, day=2)


def text_restored(world: World) -> None:
    """The text of an issue was lost; it is a view of the ledger and comes back."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    _proven(world, 2, day=2)
    world.lose_text(1)


def reopened(world: World) -> None:
    """It fails again on a commit that contains the one that closed its issue."""
    world.expect("flaky", "flaky proven")
    _closed_issue(world)
    world.commit("after", "fix", day=6)
    _proven(world, 2, day=6, sha="after")


def not_reopened_before_the_fix(world: World) -> None:
    """It fails on a commit from before the fix: counted, and silent."""
    world.expect("flaky", "flaky proven")
    _closed_issue(world)
    world.commit("before", "start", day=6)
    _proven(world, 2, day=6, sha="before")


def not_planned_stays_closed(world: World) -> None:
    """A person closed it as not planned, which is for good."""
    world.expect("flaky", "flaky proven")
    _closed_issue(world, reason="not_planned")
    world.commit("after", "fix", day=6)
    _proven(world, 2, day=6, sha="after")


def duplicates_merged(world: World) -> None:
    """Two issues for one test: the older stays, the other is closed with a link."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.copy_issue(1, 5, "flaky-test")
    _proven(world, 2, day=2)


def duplicate_kept_open(world: World) -> None:
    """A second issue that a person labelled `flakebot: keep-open` stays open."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.copy_issue(1, 5, "flaky-test", "flakebot: keep-open")
    _proven(world, 2, day=2)


def stranger_with_our_marker(world: World) -> None:
    """A person pastes the marker into an issue of his own; it is not ours."""
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.edit_issue(1, user={"login": "mallory", "type": "User"})
    _proven(world, 2, day=2)


def locked_issue(world: World) -> None:
    """People have locked a tracking issue: its text is kept, and nothing is said on it."""
    world.expect("flaky", "flaky proven")
    second_way_of_failing(world)
    world.edit_issue(1, locked=True, active_lock_reason="off-topic")


def issue_gone(world: World) -> None:
    """A tracking issue was deleted, or moved to another repository: the next flake opens another,
    with all that is on record.
    """
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.lose_issue(1, 5)
    _proven(world, 2, day=2)


def label_taken_off(world: World) -> None:
    """By its label an issue is found: without it, a person has made it his own, and the next flake
    opens another.
    """
    world.expect("flaky", "flaky proven")
    _proven(world, 1, day=1)
    world.edit_issue(1, labels=[])
    _proven(world, 2, day=2)


def label_missing(world: World) -> None:
    """The repository has labels, and lacks ours: it is made before the issue that carries it."""
    world.expect("new-failures", "flaky proven", "new")
    _flake_beside_failure(world)
    world.write("labels.json", [{"name": "bug"}])


def locked_pull_request(world: World) -> None:
    """The comment cannot be written, which is said, and the rest is done."""
    world.expect("new-failures", "flaky proven", "new")
    _flake_beside_failure(world)
    world.amend("pulls/7.json", locked=True)


def issues_disabled(world: World) -> None:
    """The repository has no issues: said in one sentence, and the comment is still written."""
    world.expect("new-failures", "flaky proven", "new")
    _flake_beside_failure(world)
    world.amend("repository.json", has_issues=False)


def _proven(
    world: World, run_id: int, *, day: float, sha: str = "", log: str = "prefix-split"
) -> None:
    """A run on the default branch whose second attempt passed."""
    world.run(run_id, [Job(log=log)], [Job()], day=day, sha=sha or f"flake{run_id}")


def _flake_beside_failure(world: World) -> None:
    """A pull request's run with a proven flake in one job and a new failure in the other."""
    branch = world.pull(7, sha="head")
    first = [Job(log="prefix-split"), Job(name="other", log="sigabrt")]
    second = [Job(), Job(name="other", log="sigabrt")]
    world.run(1, first, second, day=1, sha="head", branch=branch)


def _closed_issue(world: World, *, reason: str = "completed") -> None:
    """A tracked flake whose issue a commit has closed."""
    world.commit("start", day=0)
    world.commit("flake1", "start", day=1)
    fix = world.commit("fix", "flake1", day=3)
    _proven(world, 1, day=1)
    world.edit_issue(1, state="closed", state_reason=reason, closed_at=stamp(4))
    closing = {"event": "closed", "commit_id": fix, "actor": BOT}
    world.write("issues/1.events.json", [closing])
