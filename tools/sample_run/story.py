"""What happened in the sample: runs, attempts, jobs and what goes wrong in them. Pure data.

Ids, names and dates are fixed; what the logs say comes from really running the jobs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

REPOSITORY = "ai-dynamo/dynamo"
WORKFLOW = "NVIDIA Dynamo Github Validation"
WORKFLOW_FILE = ".github/workflows/container-validation-dynamo.yml"

AMD = "dynamo-runtime / test / parallel cuda13.0, amd64"
ARM = "dynamo-runtime / test / parallel cuda13.0, arm64"
ISOLATED = "dynamo-runtime / test / e2e isolated cuda13.0, amd64"
VLLM = "vllm-runtime / test / cuda12.9, amd64"

ABORTED = "Fatal Python error: Aborted"
"""The interpreter's message in one line, whatever line it is glued to."""


class Ending(StrEnum):
    """How a job ends, beside the exit code of its script."""

    NORMAL = "normal"
    HANG = "hang"
    LOST = "lost"
    UPLOAD_REFUSED = "upload-refused"
    AGGREGATE = "aggregate"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class JobPlan:
    """A job; `starts` counts seconds from the start of its attempt, `artifact` keeps its JUnit.

    `wanted` are words that its log must hold in one line.
    """

    id: int
    name: str
    recipe: str = ""
    faults: tuple[str, ...] = ()
    answers: tuple[str, ...] = ("ok",)
    env: tuple[tuple[str, str], ...] = ()
    wanted: str = ""
    patch: tuple[str, str] | None = None
    starts: int = 95
    ending: Ending = Ending.NORMAL
    artifact: bool = False


@dataclass(frozen=True, kw_only=True)
class AttemptPlan:
    """An attempt of a run and the jobs that it ran itself."""

    started_at: datetime
    jobs: tuple[JobPlan, ...]


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """A workflow run; `pull` is 0 on the default branch; `shows` is a sentence for the README."""

    id: int
    number: int
    commit: str
    shows: str
    attempts: tuple[AttemptPlan, ...]
    pull: int = 0

    @property
    def branch(self) -> str:
        """The branch, as copy-pr-bot names it for a pull request."""
        return f"pull-request/{self.pull}" if self.pull else "main"


@dataclass(frozen=True, kw_only=True)
class CommitPlan:
    """A commit by a short name, its parents and its message."""

    name: str
    parents: tuple[str, ...]
    date: datetime
    message: str
    author: str

    @property
    def sha(self) -> str:
        """Forty digits that are the same every time."""
        return sha(self.name)


@dataclass(frozen=True, kw_only=True)
class PullPlan:
    """A pull request from a fork; `base` is the commit of main that it starts from."""

    number: int
    author: str
    title: str
    branch: str
    base: str
    created_at: datetime
    files: tuple[tuple[str, str], ...]

    @property
    def head(self) -> str:
        """The name of its newest commit."""
        return f"p{self.number}"


def sha(name: str) -> str:
    """The id of a commit of the sample."""
    return hashlib.sha1(f"{REPOSITORY} sample {name}".encode()).hexdigest()  # noqa: S324  (git's)


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------
# Commits and pull requests

_MAIN = (
    ("2026-01-12T17:40:12", "chore: bump the version of the Helm charts", "helm-shipwright"),
    ("2026-01-13T15:02:41", "feat(router): weigh overlap by block age", "mira-okafor"),
    ("2026-01-15T09:21:05", "docs: how to run the planner without a cluster", "jonas-lindqvist"),
    ("2026-01-19T10:11:52", "feat(vllm): pass guided decoding through", "tomas-novak"),
    ("2026-01-20T16:44:30", "refactor(frontend): one place for stop reasons", "lena-hartwig"),
    ("2026-01-21T11:37:19", "ci: mount the model cache read-only", "helm-shipwright"),
    ("2026-01-22T14:05:48", "feat(planner): scale on the p90 of a window", "priya-raman"),
    ("2026-01-26T09:58:33", "fix(kvbm): release blocks of cancelled requests", "mira-okafor"),
    ("2026-01-27T13:20:07", "perf(mocker): count replayed tokens in batches", "jonas-lindqvist"),
    ("2026-01-28T10:42:26", "docs: request planes", "tomas-novak"),
    ("2026-01-29T17:15:40", "feat(parser): tool calls of phi4", "priya-raman"),
    ("2026-01-30T12:33:58", "chore(deps): bump the Rust toolchain", "helm-shipwright"),
)

PULLS = (
    PullPlan(
        number=5688,
        author="mira-okafor",
        title="feat(kvbm): report offloaded blocks",
        branch="kvbm-offload-metrics",
        base="m1",
        created_at=at("2026-01-14T08:50:00"),
        files=(
            ("lib/kvbm/src/metrics.rs", "modified"),
            ("tests/kvbm_integration/test_block_layout.py", "modified"),
        ),
    ),
    PullPlan(
        number=5702,
        author="jonas-lindqvist",
        title="feat(mocker): read conversation traces",
        branch="mocker-conversations",
        base="m2",
        created_at=at("2026-01-16T09:12:00"),
        files=(
            ("lib/mocker/src/trace.rs", "modified"),
            ("tests/mocker/test_trace_replay.py", "modified"),
        ),
    ),
    PullPlan(
        number=5719,
        author="priya-raman",
        title="docs: planner thresholds",
        branch="planner-docs",
        base="m6",
        created_at=at("2026-01-23T07:31:00"),
        files=(("docs/planner/thresholds.md", "modified"),),
    ),
    PullPlan(
        number=5725,
        author="tomas-novak",
        title="feat(vllm): prompt embeddings",
        branch="vllm-prompt-embeds",
        base="m11",
        created_at=at("2026-02-02T09:05:00"),
        files=(
            ("components/vllm/handlers.py", "modified"),
            ("tests/serve/test_vllm.py", "modified"),
        ),
    ),
    PullPlan(
        number=5731,
        author="lena-hartwig",
        title="fix(frontend): keep the stop reason of truncated completions",
        branch="truncated-stop-reason",
        base="m11",
        created_at=at("2026-02-03T16:48:00"),
        files=(
            ("components/frontend/completion.py", "modified"),
            ("lib/llm/src/protocols/openai/completions/delta.rs", "modified"),
            ("tests/frontend/test_completion.py", "modified"),
        ),
    ),
)

_HEADS = {
    5688: "2026-01-14T08:47:11",
    5702: "2026-01-16T09:08:54",
    5719: "2026-01-23T07:29:37",
    5725: "2026-02-02T09:01:16",
    5731: "2026-02-03T17:22:45",
}

COMMITS = (
    *(
        CommitPlan(
            name=f"m{n}",
            parents=(f"m{n - 1}",) if n else (),
            date=at(date),
            message=message,
            author=author,
        )
        for n, (date, message, author) in enumerate(_MAIN)
    ),
    *(
        CommitPlan(
            name=pull.head,
            parents=(pull.base,),
            date=at(_HEADS[pull.number]),
            message=pull.title,
            author=pull.author,
        )
        for pull in PULLS
    ),
)

# ------------------------------------------------------------------------------------------
# Earlier runs

FILLERS = (
    ("pre-commit", "lint"),
    ("rust-tests (.)", "rust-test"),
    ("clippy (.)", "clippy"),
    ("python-compile", "compile"),
    ("rust-fmt", "rust-fmt"),
    ("python-format", "format"),
    ("dynamo-runtime / build cuda13.0, amd64", "rust-build"),
    ("vllm-runtime / build cuda12.9, amd64", "rust-build"),
)


def _fillers(first: int, count: int) -> tuple[JobPlan, ...]:
    """Green jobs, as every run has them: failures are few among many jobs."""
    return tuple(
        JobPlan(id=first + 7 * n, name=name, recipe=recipe, starts=12 + 3 * n)
        for n, (name, recipe) in enumerate(FILLERS[:count])
    )


def _amd(job_id: int, *faults: str, wanted: str = "") -> JobPlan:
    return JobPlan(id=job_id, name=AMD, recipe="parallel", faults=faults, wanted=wanted)


def _arm(job_id: int, *faults: str) -> JobPlan:
    return JobPlan(id=job_id, name=ARM, recipe="parallel-arm", faults=faults, starts=101)


def _vllm(
    job_id: int, recipe: str, model: str, *answers: str, env: tuple[tuple[str, str], ...] = ()
) -> JobPlan:
    return JobPlan(
        id=job_id,
        name=VLLM,
        recipe=recipe,
        answers=answers or ("ok",),
        env=(("DYNAMO_TEST_MODEL", model), *env),
        starts=140,
    )


def _run(
    run_id: int,
    number: int,
    commit: str,
    started: str,
    shows: str,
    *jobs: JobPlan,
    fillers: int = 4,
) -> RunPlan:
    green = _fillers(jobs[0].id + 20, fillers)
    attempt = AttemptPlan(started_at=at(started), jobs=(*green, *jobs))
    pull = int(commit[1:]) if commit.startswith("p") else 0
    return RunPlan(
        id=run_id, number=number, commit=commit, shows=shows, attempts=(attempt,), pull=pull
    )


def _again(run: RunPlan, started: str, *jobs: JobPlan) -> RunPlan:
    attempt = AttemptPlan(started_at=at(started), jobs=jobs)
    return replace(run, attempts=(*run.attempts, attempt))


EARLIER = (
    _again(
        _run(
            20964410275,
            18201,
            "m1",
            "2026-01-13T15:04:10",
            "`test_router_decisions[jetstream-nats]` fails with two decode_worker_ids and passes "
            "in attempt 2 of the same commit: a proven flake, which gets its issue.",
            _amd(60217731102, "prefix-split"),
        ),
        "2026-01-13T15:31:22",
        _amd(60219406518),
    ),
    _run(
        20989125543,
        18237,
        "p5688",
        "2026-01-14T08:51:33",
        "`test_indexers_sync[file]` fails in one pull request: new, no issue.",
        _amd(60288140077, "indexer-behind"),
    ),
    _run(
        21030071918,
        18290,
        "m2",
        "2026-01-15T09:23:02",
        "Green.",
        _amd(60401288310),
        _arm(60401288312),
    ),
    _run(
        21066480231,
        18331,
        "p5702",
        "2026-01-16T09:14:19",
        "`test_indexers_sync[file]` fails in a second pull request, too soon to call it; "
        "`test_replay_token_counts[conversation]` is the author's own.",
        _amd(60503377421, "indexer-behind", "trace-format"),
    ),
    _run(
        21129954786,
        18402,
        "m3",
        "2026-01-19T10:13:44",
        "Hugging Face answers 503 to the pre-download and does not recover.",
        _amd(60688215530),
        _vllm(60688215534, "vllm-one-gpu", "Qwen/Qwen2.5-0.5B-Instruct", "503"),
    ),
    _run(
        21178343097,
        18455,
        "m4",
        "2026-01-20T16:46:27",
        "Green.",
        _amd(60822190613),
        _arm(60822190615),
    ),
    _run(
        21205517764,
        18487,
        "m5",
        "2026-01-21T11:39:08",
        "`HF_HUB_OFFLINE=1` with an empty cache: a fault of configuration, never retried.",
        _amd(60904471827),
        _vllm(
            60904471829,
            "vllm-offline",
            "Qwen/Qwen3-0.6B",
            env=(("HF_HUB_OFFLINE", "1"),),
        ),
    ),
    _run(
        21246019352,
        18534,
        "m6",
        "2026-01-22T14:07:35",
        "Green.",
        _amd(61025338201),
        _arm(61025338203),
    ),
    _run(
        21271820466,
        18566,
        "p5719",
        "2026-01-23T07:33:51",
        "The decode_worker_id assertion returns in a pull request that changes documentation: a "
        "known flake. Hugging Face answers 429 and recovers when asked again.",
        _amd(61103297744, "prefix-split"),
        _vllm(61103297748, "vllm-one-gpu", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "429"),
        fillers=7,
    ),
    _run(
        21341207715,
        18640,
        "m7",
        "2026-01-26T10:00:21",
        "Green.",
        _amd(61318845590),
        _arm(61318845592),
        JobPlan(id=61318845594, name=ISOLATED, recipe="isolated", starts=110),
    ),
    _run(
        21390518823,
        18691,
        "m8",
        "2026-01-27T13:22:16",
        "`test_replay_token_counts[burst]` fails on main for the first time: the first bad commit.",
        _amd(61470033178, "replay-off-by-one"),
    ),
    _run(
        21425166390,
        18728,
        "m9",
        "2026-01-28T10:44:48",
        "It fails again: broken.",
        _amd(61578120934, "replay-off-by-one"),
    ),
    _run(
        21473960028,
        18790,
        "m10",
        "2026-01-29T17:17:29",
        "And again.",
        _amd(61733509981, "replay-off-by-one"),
    ),
    _run(
        21507731645,
        18833,
        "m11",
        "2026-01-30T12:36:10",
        "And a fourth time in a row.",
        _amd(61842216350, "replay-off-by-one"),
    ),
    _run(
        21549672070,
        18902,
        "p5725",
        "2026-02-02T09:06:38",
        "The investigation's second crash (job 62096453750): SIGABRT, then a pass on the "
        "replacement worker. The broken test of main fails here too.",
        _amd(62096453750, "sigabrt-once", "replay-off-by-one", wanted=ABORTED),
    ),
)

# ------------------------------------------------------------------------------------------
# The main run

SILENT_FROM = at("2026-02-03T17:49:18")
CANCELLED_AT = at("2026-02-03T18:47:36")

_GREEN = (
    ("python-format", "format"),
    ("python-compile", "compile"),
    ("rust-fmt", "rust-fmt"),
    ("rust-tests (.)", "rust-test"),
    ("rust-tests (lib/bindings/python)", "rust-test"),
    ("rust-tests (lib/runtime/examples)", "rust-test"),
    ("rust-tests (launch/dynamo-run)", "rust-test"),
    ("clippy (.)", "clippy"),
    ("clippy (lib/bindings/python)", "clippy"),
    ("clippy (lib/runtime/examples)", "clippy"),
    ("clippy (launch/dynamo-run)", "clippy"),
    ("dynamo-runtime / build cuda13.0, amd64", "rust-build"),
    ("dynamo-runtime / build cuda13.0, arm64", "rust-build"),
    ("vllm-runtime / build cuda12.9, amd64", "rust-build"),
    ("vllm-runtime / build cuda12.9, arm64", "rust-build"),
    ("vllm-runtime / build cuda13.0, amd64", "rust-build"),
    ("sglang-runtime / build cuda12.9, amd64", "rust-build"),
    ("sglang-runtime / build cuda12.9, arm64", "rust-build"),
    ("trtllm-runtime / build cuda13.1, amd64", "rust-build"),
    ("trtllm-runtime / build cuda13.1, arm64", "rust-build"),
)

_TESTED = (
    ("dynamo-runtime / test / e2e isolated cuda13.0, arm64", "isolated"),
    ("vllm-runtime / test / cuda12.9, arm64", "vllm-one-gpu"),
    ("sglang-runtime / test / cuda12.9, arm64", "sglang"),
    ("trtllm-runtime / test / cuda13.1, arm64", "trtllm"),
    ("vllm-runtime / Multi-GPU Test cuda12.9, amd64", "vllm"),
)

_FIRST = 62106847701

_JOBS = (
    *(
        JobPlan(id=_FIRST + n, name=name, recipe=recipe, starts=9 + 4 * n)
        for n, (name, recipe) in enumerate(_GREEN)
    ),
    JobPlan(
        id=62106847730,
        name="pre-commit",
        recipe="lint",
        patch=("components/frontend/completion.py", "components/frontend/completion.py.lint"),
        starts=11,
    ),
    JobPlan(
        id=62106847745,
        name=AMD,
        recipe="parallel",
        faults=(
            "sigabrt-once",
            "prefix-split",
            "indexer-behind",
            "stop-reason-lost",
            "replay-off-by-one",
        ),
        wanted=ABORTED,
        starts=402,
        artifact=True,
    ),
    JobPlan(
        id=62106847746,
        name=ARM,
        recipe="parallel-arm",
        faults=("two-ranks-tcp", "stop-reason-lost", "replay-off-by-one"),
        starts=431,
    ),
    JobPlan(
        id=62106847748,
        name=ISOLATED,
        recipe="isolated",
        faults=("cancellation-late",),
        starts=405,
        artifact=True,
    ),
    *(
        JobPlan(id=62106847750 + n, name=name, recipe=recipe, starts=440 + 9 * n)
        for n, (name, recipe) in enumerate(_TESTED)
    ),
    JobPlan(
        id=62106847760,
        name=VLLM,
        recipe="vllm",
        answers=("silence",),
        env=(("DYNAMO_TEST_MODEL", "Qwen/Qwen3-0.6B"),),
        starts=455,
    ),
    JobPlan(
        id=62106847762,
        name="vllm-runtime / test / cuda13.0, amd64",
        recipe="vllm-one-gpu",
        starts=462,
        ending=Ending.UPLOAD_REFUSED,
    ),
    JobPlan(
        id=62377203601,
        name="sglang-runtime / test / cuda12.9, amd64",
        recipe="sglang",
        faults=("worker-never-ends",),
        ending=Ending.HANG,
    ),
    JobPlan(
        id=62106847766,
        name="trtllm-runtime / test / cuda13.1, amd64",
        recipe="trtllm",
        starts=470,
        ending=Ending.LOST,
    ),
    JobPlan(id=62106847770, name="deploy-test-vllm", ending=Ending.SKIPPED, starts=4600),
    JobPlan(id=62106847771, name="deploy-test-sglang", ending=Ending.SKIPPED, starts=4600),
    JobPlan(id=62106847779, name="dynamo-status-check", ending=Ending.AGGREGATE, starts=4610),
)

MAIN = RunPlan(
    id=21553857421,
    number=18917,
    commit="p5731",
    pull=5731,
    shows="Everything at once; see below.",
    attempts=(
        AttemptPlan(started_at=at("2026-02-03T17:31:04"), jobs=_JOBS),
        AttemptPlan(
            started_at=at("2026-02-03T19:04:51"),
            jobs=(
                JobPlan(
                    id=62391554120,
                    name=ARM,
                    recipe="parallel-arm",
                    faults=("stop-reason-lost", "replay-off-by-one"),
                    starts=14,
                ),
                JobPlan(
                    id=62391980447,
                    name="dynamo-status-check",
                    ending=Ending.AGGREGATE,
                    starts=150,
                ),
            ),
        ),
    ),
)

RUNS = (*EARLIER, MAIN)
