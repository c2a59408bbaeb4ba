"""Stories of Hugging Face: one cause under many tests, re-runs, what is counted, refusals."""

from __future__ import annotations

from tests.scenarios.build import Job, World

RERUN = 'retry-hugging-face = "rerun"\n'
VLLM = Job(name="vllm", log="serve-vllm-limited")
SGLANG = Job(name="sglang", log="serve-sglang-down")
TRTLLM = Job(name="trtllm", log="serve-trtllm-silent")
OUTAGE = (VLLM, SGLANG, TRTLLM)
GREEN = (
    Job(name="vllm", log="serve-vllm"),
    Job(name="sglang", log="serve-sglang"),
    Job(name="trtllm", log="serve-trtllm"),
)
ROUTER = Job(name="router", log="prefix-split")
OUT = Job(log="hugging-face")


def _outage(world: World, *jobs: Job, answers: tuple[int, ...] = (503, 200)) -> None:
    """A pull request's run that Hugging Face fails, where re-runs are wanted."""
    world.always(RERUN)
    branch = world.pull(7, sha="head")
    world.run(1, list(jobs), day=1, sha="head", branch=branch)
    world.hugging_face(*answers)


def hf_mixed_is_not_rerun(world: World) -> None:
    """Three jobs and 58 tests of one outage, and one real failure elsewhere: one event, one new
    failure, no re-run.
    """
    world.expect("new-failures", "event external", "new")
    _outage(world, *OUTAGE, ROUTER)


def hf_rerun_requested(world: World) -> None:
    """The same without the failure: the re-run is requested."""
    world.expect("external", "event external")
    _outage(world, *OUTAGE, Job(name="router"))


def hf_rerun_passes(world: World) -> None:
    """The second attempt is green: nothing is counted, and the comment says so."""
    world.expect("external", "event external")
    _outage(world, *OUTAGE)
    world.again(1, 2, GREEN, day=1.1, answers=())


def hf_counted_at_the_limit(world: World) -> None:
    """Hugging Face fails both re-runs too, whatever it answers flakebot: counted once."""
    world.expect("external", "event external")
    _outage(world, *OUTAGE)
    world.again(1, 2, [VLLM, SGLANG], day=1.1, answers=(503, 200))
    world.again(1, 3, [VLLM, SGLANG], day=1.2, answers=(200,))


def hf_rerun_fails_again(world: World) -> None:
    """After the second attempt there is still one to go: requested again, not counted yet."""
    world.expect("external", "event external")
    _outage(world, *OUTAGE)
    world.again(1, 2, [VLLM], day=1.1, answers=(503, 200))


def hf_rerun_fails_otherwise(world: World) -> None:
    """The second attempt gets past Hugging Face to a failure that is new."""
    world.expect("new-failures", "event external", "new")
    _outage(world, OUT)
    world.again(1, 2, [Job(log="prefix-split")], day=1.1, answers=())


def hf_counted_and_then_passes(world: World) -> None:
    """What was counted is taken back when somebody's re-run passes."""
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [OUT], day=1, sha="head", branch=branch)
    world.hugging_face(503)
    world.again(1, 2, [Job(log="passed-serving")], day=1.1, answers=())


def hf_does_not_answer_yet(world: World) -> None:
    """No re-run while Hugging Face is away; counted."""
    world.expect("external", "event external")
    _outage(world, OUT, answers=(503,))


def hf_too_many_jobs(world: World) -> None:
    """Six failed jobs cost more than they tell."""
    world.expect("external", "event external")
    _outage(world, *(Job(name=f"test ({n})", log="hugging-face") for n in range(6)))


def hf_beside_a_passing_infra_fault(world: World) -> None:
    """A full disk is another runner's chance, too."""
    world.expect("infra", "event external", "event infra")
    _outage(world, OUT, Job(name="image", log="disk-full"))


def hf_beside_a_hang(world: World) -> None:
    """A hang comes back."""
    world.expect("new-failures", "event external", "event infra", "new")
    _outage(world, OUT, Job(name="hang", log="hang", conclusion="cancelled"))


def hf_beside_a_refusal(world: World) -> None:
    """A gated model stays gated."""
    world.expect("external", "event external")
    _outage(world, OUT, Job(name="llama", log="hugging-face-gated"))


def hf_head_moves_on(world: World) -> None:
    """Nobody needs the result of an old commit."""
    world.expect("external", "event external")
    _outage(world, OUT)
    world.push(7, "newer")


def hf_pull_request_closed(world: World) -> None:
    """Nor that of a closed pull request."""
    world.expect("external", "event external")
    _outage(world, OUT)
    world.edits.append(lambda: world.amend("pulls/7.json", state="closed"))


def hf_run_too_old(world: World) -> None:
    """GitHub re-runs nothing older than thirty days."""
    world.expect("external", "event external")
    _outage(world, OUT)
    world.edits.append(lambda: world.amend("runs/1/run.json", created_at="2026-01-02T09:00:00Z"))


def hf_github_refuses_the_rerun(world: World) -> None:
    """The refusal stands in the comment and the summary, and nothing fails."""
    world.expect("external", "event external")
    _outage(world, OUT)
    world.edits.append(lambda: world.amend("runs/1/run.json", conclusion="skipped"))


def hf_rerun_on_the_default_branch(world: World) -> None:
    """There is no pull request to be open."""
    world.expect("external", "event external")
    world.always(RERUN)
    world.commit("head", day=1)
    world.run(1, [OUT], day=1, sha="head")
    world.hugging_face(200)


def hf_counted_over_weeks(world: World) -> None:
    """The one issue after five outages of several kinds, in two workflows, one of them a fork's."""
    world.expect("external", "event external")
    world.hugging_face(503)
    branch = world.pull(7, sha="head")
    nightly = "2026-02-10T03:00:00Z"
    world.run(1, OUTAGE, day=1, sha="head", branch=branch)
    world.run(2, [VLLM, SGLANG], day=4.3, sha="head2", branch=branch)
    world.run(3, GREEN, day=5, sha="head3", branch=branch)
    world.run(4, [Job(name="models", log="hugging-face-api")], day=7.75, sha="nightly")
    world.amend("runs/4/run.json", name="Nightly", path="nightly.yml", created_at=nightly)
    fork = {"full_name": "someone/repo", "owner": {"login": "someone"}}
    world.run(5, [VLLM], day=9.3, sha="fork", branch="fix")
    world.amend("runs/5/run.json", event="pull_request", head_repository=fork)
    world.run(6, [VLLM, TRTLLM], day=11, sha="head4", branch=branch)


def _refused(world: World, log: str) -> None:
    world.expect("external", "event external")
    branch = world.pull(7, sha="head")
    world.run(1, [Job(log=log)], day=1, sha="head", branch=branch)


def hf_access_gated(world: World) -> None:
    """A gated model: accept its terms, give the token."""
    _refused(world, "hugging-face-gated")


def hf_access_token(world: World) -> None:
    """A token that is not accepted."""
    _refused(world, "hugging-face-token")


def hf_access_open(world: World) -> None:
    """A token that is not accepted for a model that everybody may read."""
    world.hugging_face(200)
    _refused(world, "hugging-face-token")


def hf_access_closed(world: World) -> None:
    """A token that is not accepted for a model that nobody may read without one."""
    world.hugging_face(503, 401)
    _refused(world, "hugging-face-token")


def hf_access_typo(world: World) -> None:
    """A name that nobody has."""
    _refused(world, "hugging-face-typo")


def hf_access_revision(world: World) -> None:
    """A revision that is gone."""
    _refused(world, "hugging-face-revision")


def hf_access_offline(world: World) -> None:
    """A test that needs a model it does not declare."""
    _refused(world, "hugging-face-offline")
