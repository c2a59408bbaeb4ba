"""Stories about which pull request a run belongs to."""

from tests.scenarios.build import FORK, REPOSITORY, Job, World, full

RUN = "runs/1/run.json"


def pull_request_of_a_fork(world: World) -> None:
    """GitHub names none for a fork's run; repository, branch and commit of its head do."""
    world.expect("new-failures", "new")
    world.pull(7, sha="head")
    _of_fork(world)


def two_pull_requests_match(world: World) -> None:
    """Two pull requests of one branch: the run's cannot be told, so none is commented."""
    world.expect("new-failures", "new")
    world.pull(7, sha="head")
    world.pull(8, sha="head")
    same = {"ref": "fix-7", "sha": full("head"), "repo": {"full_name": FORK}}
    world.amend("pulls/8.json", head=same)
    _of_fork(world)


def pull_request_closed(world: World) -> None:
    """It was merged or closed while the run went on; what failed is still said there."""
    world.expect("new-failures", "new")
    branch = world.pull(7, sha="head", state="closed")
    world.run(1, [Job(log="prefix-split")], day=1, sha="head", branch=branch)


def head_moved_on(world: World) -> None:
    """The author pushed in the meantime: counted, and no comment is written about an old commit."""
    world.expect("new-failures", "new")
    world.pull(7, sha="newer")
    _run(world)
    own = {"ref": "fix-7", "sha": full("newer"), "repo": {"full_name": REPOSITORY}}
    world.amend("pulls/7.json", head=own)
    world.amend(RUN, event="pull_request", head_branch="fix-7", pull_requests=[{"number": 7}])


def mirror_moved_on(world: World) -> None:
    """The same where a branch mirrors the pull request of a fork."""
    world.expect("new-failures", "new")
    branch = world.pull(7, sha="newer")
    world.run(1, [Job(log="prefix-split")], day=1, sha="head", branch=branch)


def _of_fork(world: World) -> None:
    """A run of the event `pull_request`, from a fork's branch."""
    _run(world)
    source = {"full_name": FORK}
    world.amend(RUN, event="pull_request", head_branch="fix-7", head_repository=source)


def _run(world: World) -> None:
    world.run(1, [Job(log="prefix-split")], day=1, sha="head")
