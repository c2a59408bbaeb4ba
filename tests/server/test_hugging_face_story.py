"""The story of an outage over real HTTP: GitHub, and Hugging Face asked by the real adapter.

The logs were recorded by really running pytest with huggingface_hub against a misbehaving hub
(`tools/scenario_logs.py`); what stands in here is the way to the two servers and the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from tests.scenarios.build import FIRST_DAY, Job, World, recorded
from tests.scenarios.stories.hugging_face import GREEN, OUTAGE, ROUTER
from tests.server.analysis import PULL, Seen, ledger, seen, writes
from tests.server.fake_github import FakeGitHub
from tests.server.faults import Fault
from tools.misbehaving_hub import Hub, running

from flakebot import pipeline, wiring
from flakebot.github_objects import RunRef
from flakebot.hugging_face.head_requests import HeadRequests
from flakebot.hugging_face.hub import HuggingFace
from flakebot.judging.history import History
from flakebot.report import Kind
from flakebot.retrying import Patience
from flakebot.settings import Settings
from flakebot.sinks import job_summary, json_report

NOW = FIRST_DAY + timedelta(days=1, hours=2)
PUBLIC = ("18.164.174.17",)
"""What the name huggingface.co leads to; the guard looks at it before anything is sent."""

RERUN = "rerun-failed-jobs"
MODEL = "/Qwen/Qwen3-0.6B/resolve/main/config.json"


class Detour(requests.adapters.HTTPAdapter):
    """Takes what is meant for huggingface.co to a server on loopback."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._origin = f"http://127.0.0.1:{port}"

    def send(
        self, request: requests.PreparedRequest, *args: object, **named: object
    ) -> requests.Response:
        """Send it over real HTTP."""
        url = request.url or ""
        request.url = url.replace("https://huggingface.co", self._origin, 1)
        return super().send(request, *args, **named)  # type: ignore[arg-type]  # as it came


@dataclass
class Stage:
    """GitHub and Hugging Face, both up, and the seconds that flakebot waited for the second."""

    github: FakeGitHub
    hub: Hub
    port: int
    waited: list[float] = field(default_factory=list)

    def look(self, attempt: int, *answers: str, **given: object) -> pipeline.Result:
        """Analyse the run after an attempt, while Hugging Face answers like that."""
        self.hub.answers = list(answers) or ["ok"]
        self.waited.clear()
        self.github.clock.now = NOW + timedelta(hours=attempt)
        result, _ = wiring.run_on_github(
            wiring.Server(
                repository=self.github.repository, token=self.github.token, api_url=self.github.url
            ),
            RunRef(run_id=1),
            given={"retry_hugging_face": "rerun", **given},
            now=self.github.clock.now,
            say=lambda _: None,
            patience=Patience(120, sleep=lambda _: None, uniform=lambda _, high: high),
            hub=self._hugging_face,
        )
        return result

    def _hugging_face(self, settings: Settings) -> HuggingFace:
        def session() -> requests.Session:
            made = requests.Session()
            made.trust_env = False
            made.mount("https://huggingface.co", Detour(self.port))
            return made

        return HuggingFace(
            settings,
            transport=HeadRequests(session, resolver=lambda _: PUBLIC),
            patience=Patience(
                settings.retry_max_seconds,
                sleep=self.waited.append,
                uniform=lambda _, high: high,
                stopwatch=lambda: sum(self.waited),
            ),
        )

    def again(self, jobs: Sequence[Job]) -> None:
        """GitHub has run the failed jobs again, and this came of it."""
        self.github.state.finish_attempt(
            1,
            {job.name: str(job.concluded) for job in jobs},
            {job.name: recorded(f"{job.log}.log").read_text() for job in jobs},
        )

    @property
    def requested(self) -> int:
        """How many re-runs were asked for and granted."""
        return sum(one.status == 201 for one in self.github.requests.of("POST", RERUN))

    @property
    def comment(self) -> str:
        """The one comment on the pull request."""
        (body,) = (body for number, _, body in seen(self.github).comments if number == PULL)
        return body

    @property
    def counted(self) -> int:
        """The runs that the ledger counts against Hugging Face."""
        return History(ledger(self.github)).external_summary("hf-fetch", NOW).events


@pytest.fixture
def up(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A pull request's run: three jobs with 58 tests of one outage, and what a test adds."""
    world = World(root=tmp_path)
    branch = world.pull(PULL, sha="head")
    more: tuple[Job, ...] = getattr(request, "param", ())
    world.run(1, [*OUTAGE, *more], day=1, sha="head", branch=branch)
    hub = Hub()
    with ExitStack() as stack:
        github = stack.enter_context(FakeGitHub(tmp_path))
        port = stack.enter_context(running(hub))
        yield Stage(github=github, hub=hub, port=port)
        hub.closing.set()
        assert github.violations == []
        assert github.leaks == []


def one_outage(result: pipeline.Result) -> None:
    """58 tests in three jobs are one event, whatever the three clients printed."""
    (event,) = result.report.events
    assert (event.kind, len(event.tests), len(event.jobs)) == (Kind.EXTERNAL, 58, 3)
    assert all(finding.verdict.kind is not Kind.FLAKY for finding in result.report.findings)


def unchanged_by_a_second_look(up: Stage, before: Seen, attempt: int) -> None:
    """What stands there is what would be written."""
    since = len(up.github.requests)
    assert up.look(attempt).plan.changes == ()
    assert (writes(up.github, since), seen(up.github)) == ([], before)


@pytest.mark.parametrize("up", [(ROUTER,)], indirect=True)
def test_a_real_failure_beside_the_outage_forbids_the_rerun(up: Stage) -> None:
    """One external event, one new failure, no issue, no re-run, and the reason in a sentence."""
    result = up.look(1, "503", "ok")
    one_outage(result)
    (finding,) = result.report.findings
    assert (finding.verdict.kind, str(result.report.overall)) == (Kind.NEW, "new-failures")
    assert (up.github.requests.of("POST", RERUN), seen(up.github).issues) == ([], [])
    assert "No re-run: Job router failed for another reason" in result.plan.held_back[0]
    assert up.comment.index("1 new failure, look at this first") < up.comment.index("58 tests")
    assert "recovered after 2 s; not counted" in up.comment
    unchanged_by_a_second_look(up, seen(up.github), 1)


def test_hugging_face_is_asked_over_http_and_the_rerun_requested(up: Stage) -> None:
    """One address, asked until it answers, however many tests and jobs name it."""
    result = up.look(1, "503", "429-seconds", "ok")
    one_outage(result)
    assert (up.hub.asked("HEAD", MODEL), up.hub.asked("GET", "")) == (3, 0)
    assert up.waited == [2.0, 48.0]  # back-off, then what Retry-After asks for and up to a second
    assert up.requested == 1
    assert [record.rerun for record in ledger(up.github)] == [True]
    assert "recovered after 50 s; re-run requested" in up.comment
    outputs = json_report.outputs(result.report, result.receipts, report_path="")
    assert (outputs["rerun-requested"], outputs["flaky-count"], outputs["issues"]) == (
        "true",
        "0",
        "[]",
    )


def test_a_green_second_attempt_counts_nothing(up: Stage) -> None:
    """The comment says that it recovered; no test is a flake, no issue is opened."""
    up.look(1, "503", "ok")
    up.again(GREEN)
    result = up.look(2)
    one_outage(result)
    assert (up.counted, seen(up.github).issues, up.requested) == (0, [], 1)
    assert result.report.findings == ()
    assert "once Hugging Face had recovered" in up.comment
    assert "58 tests in 3 jobs" in up.comment
    assert "passed in attempt 2; not counted" in up.comment
    assert [record.attempt for record in ledger(up.github)] == [1, 2]
    unchanged_by_a_second_look(up, seen(up.github), 2)


def test_two_reruns_that_fail_again_count_once(up: Stage) -> None:
    """Asked again after a pause that doubles, until the limit; then one issue, no flake."""
    up.look(1, "503", "ok")
    up.again(OUTAGE)
    second = up.look(2, "ok")
    assert (up.requested, up.counted, up.waited) == (2, 0, [60.0])
    assert "hit again in attempt 2; re-run requested" in up.comment
    assert second.report.findings == ()
    up.again(OUTAGE)
    third = up.look(3, "ok")
    assert (up.requested, up.counted, up.waited) == (2, 1, [120.0])
    assert "No re-run: This was attempt 3 of 3." in third.plan.held_back
    ((number, title, body, state, labels),) = seen(up.github).issues
    assert (title, state, labels) == ("Hugging Face fetch failures", "open", ("flaky-test",))
    assert "**Hugging Face failed 1 of 1 run: 3 jobs, 58 tests" in body
    assert [f"| `{kind}` | 1 | 1 |" in body for kind in ("429", "5xx", "time-out")] == [True] * 3
    assert f"hit again in attempts 2 and 3; counted once, in #{number}" in up.comment
    one_outage(third)
    unchanged_by_a_second_look(up, seen(up.github), 3)


def test_an_outage_that_goes_on_is_counted_and_not_run_again(up: Stage) -> None:
    """A person's re-run that passes takes it back."""
    up.look(1, "503")
    assert (up.requested, up.counted, up.hub.asked("HEAD", MODEL)) == (0, 1, 5)
    assert "Hugging Face does not answer again yet" in up.look(1, "503").plan.held_back[0]
    up.github.state.runs[1][1]["status"] = "completed"
    requests.post(
        f"{up.github.url}/repos/{up.github.repository}/actions/runs/1/{RERUN}",
        headers={"Authorization": f"Bearer {up.github.token}"},
        timeout=5,
    ).raise_for_status()
    up.again(GREEN)
    up.look(2)
    ((_, _, body, _, _),) = seen(up.github).issues
    assert (up.counted, "**Hugging Face failed none of 1 run for good.**" in body) == (0, True)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        ("already-running", "This workflow is already running"),
        ("too-old", "it was created over a month ago"),
        ("permission", "add `actions: write`"),
        ("limit", "This workflow run cannot be retried"),
    ],
)
def test_githubs_refusals_are_said_in_one_sentence(up: Stage, refusal: str, sentence: str) -> None:
    """In the comment and the summary; the rest is done, and a later look may ask again."""
    if refusal == "already-running":
        body = b'{"message": "This workflow is already running"}'
        up.github.faults.add(Fault(kind="status", path=RERUN, status=403, body=body, times=2))
    elif refusal == "too-old":
        up.github.state.limits.rerun_days = 0
    elif refusal == "permission":
        up.github.permissions = {**up.github.permissions, "actions": "read"}
    else:
        up.github.state.limits.reruns = 0
    result = up.look(1, "503", "ok")
    summary = job_summary.render(result.report, result.plan, result.receipts)
    outputs = json_report.outputs(result.report, result.receipts, report_path="")
    assert (up.requested, outputs["rerun-requested"]) == (0, "false")
    plain = up.comment.replace("\\", "")
    assert sentence in plain
    assert "not run again: " in plain
    assert "Not done:** " in summary
    assert sentence in summary.replace("\\", "")
    assert up.counted == 0
    since = seen(up.github)
    again = up.look(1)
    assert [type(change).__name__ for change in again.plan.changes] == ["RequestRerun"]
    assert seen(up.github) == since


def test_a_lost_head_is_not_run_again(up: Stage) -> None:
    """The author has pushed since; nobody needs the result."""
    up.github.state.pulls[PULL]["head"]["sha"] = "f" * 40
    result = up.look(1, "503", "ok")
    assert up.requested == 0
    assert "No re-run: The pull request has moved on to fffffff." in result.plan.held_back
