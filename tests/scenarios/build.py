"""Compose the `given` side of a story: a folder in place of GitHub, from recorded logs and a few
parameters.

The last run of a story is what it is about; the runs before are its past, analysed and applied one
after the other as flakebot would have met them, unless a story says that one was never analysed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

LOGS = Path(__file__).parent / "logs"
SHAPES = Path(__file__).parents[1] / "fixtures" / "logs"
"""Logs that show one shape each; what is read out of them stands beside them."""

REPOSITORY = "org/repo"
URL = f"https://github.com/{REPOSITORY}"
FORK = "someone/repo"
FIRST_DAY = datetime(2026, 2, 2, 9, tzinfo=UTC)
BOT = {"login": "github-actions[bot]", "type": "Bot"}

GREEN = frozenset(
    {
        "passed",
        "passed-many",
        "passed-serving",
        "serve-vllm",
        "serve-sglang",
        "serve-trtllm",
        "rerun",
        "datadog-green",
        "datadog-green-xdist-abort",
    }
)
"""Recorded logs of jobs that ended well."""

SHA_DIGITS = 40

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Look:
    """One time that flakebot looks at a run, or sweeps when it is none; `edits` are what happens
    just before it.
    """

    run_id: int
    attempt: int
    now: datetime
    edits: tuple[Callable[[], None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job of an attempt; `log` names a recording, empty for none."""

    name: str = "test"
    log: str = "passed"
    conclusion: str = ""
    failed_step: str = "Run tests"
    run_attempt: int = 0
    status: str = "completed"

    @property
    def concluded(self) -> str | None:
        """As the story has it, else as its log ended; None while it runs."""
        if self.status != "completed":
            return None
        return self.conclusion or ("success" if self.log in GREEN else "failure")


@dataclass(kw_only=True)
class World:
    """The folder while it is composed.

    `given` are the settings of the last look; `edits` what people do just before it.
    """

    root: Path
    given: Object = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    commits: list[Object] = field(default_factory=list)
    edits: list[Callable[[], None]] = field(default_factory=list)
    verdicts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Begin with what every folder must hold."""
        repository = {"full_name": REPOSITORY, "default_branch": "main", "html_url": URL}
        self.write("repository.json", repository)

    @property
    def past(self) -> Sequence[Look]:
        """All looks but the last."""
        return self.looks[:-1]

    @property
    def subject(self) -> Look:
        """What the story is about."""
        return self.looks[-1]

    def write(self, name: str, data: object) -> None:
        """Write a JSON file, or a text when it is one."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))

    def expect(self, *verdicts: str) -> None:
        """Say what must be found in the last run: the overall verdict, then each finding as
        `kind level` and each event as `event kind`, in order of the alphabet.

        The expected files are blessed; this is not, so that no wrong verdict can be.
        """
        self.verdicts = verdicts

    def settings(self, **given: object) -> None:
        """Set inputs of the action."""
        self.given |= given

    def commit(self, sha: str, *parents: str, day: float) -> str:
        """Add a commit and return it in full."""
        parent_shas = [full(parent) for parent in parents]
        commit = {"sha": full(sha), "parents": parent_shas, "date": stamp(day)}
        self.commits.append(commit)
        self.write("commits.json", self.commits)
        return full(sha)

    def pull(
        self,
        number: int,
        *,
        sha: str,
        base: str = "base",
        files: Sequence[str] = ("lib/runtime/src/lib.rs",),
        state: str = "open",
    ) -> str:
        """Add a pull request from a fork and return the branch that mirrors it."""
        head = {"ref": f"fix-{number}", "sha": full(sha), "repo": {"full_name": FORK}}
        onto = {"ref": "main", "sha": full(base), "repo": {"full_name": REPOSITORY}}
        pull = {"number": number, "state": state, "title": "A change", "head": head, "base": onto}
        self.write(f"pulls/{number}.json", pull | {"html_url": f"{URL}/pull/{number}"})
        self.write(f"pulls/{number}.files.json", [{"filename": name} for name in files])
        return f"pull-request/{number}"

    def run(
        self,
        run_id: int,
        *attempts: Sequence[Job],
        day: float,
        sha: str,
        branch: str = "main",
        conclusion: str = "",
        analysed: bool = True,
    ) -> None:
        """Add a run with the jobs of its attempts; flakebot looks two hours after it began."""
        url = f"{URL}/actions/runs/{run_id}"
        failed = any(job.concluded == "failure" for job in attempts[-1])
        run = {
            "id": run_id,
            "name": "CI",
            "path": ".github/workflows/ci.yml",
            "event": "push",
            "status": "completed",
            "conclusion": conclusion or ("failure" if failed else "success"),
            "head_branch": branch,
            "head_sha": full(sha),
            "head_repository": {"full_name": REPOSITORY},
            "run_attempt": len(attempts),
            "run_number": run_id,
            "html_url": url,
            "created_at": stamp(day),
            "run_started_at": stamp(day),
            "updated_at": stamp(day + 1 / 24),
            "pull_requests": [],
        }
        self.write(f"runs/{run_id}/run.json", run)
        for number, jobs in enumerate(attempts, start=1):
            self._attempt(run_id, number, jobs, day=day, sha=sha)
        if analysed:
            now = FIRST_DAY + timedelta(days=day, hours=2)
            self.looks.append(Look(run_id=run_id, attempt=len(attempts), now=now))

    def _attempt(
        self, run_id: int, attempt: int, jobs: Sequence[Job], *, day: float, sha: str
    ) -> None:
        folder = f"runs/{run_id}/attempts/{attempt}"
        listed = []
        for index, job in enumerate(jobs, start=1):
            job_id = run_id * 100 + (job.run_attempt or attempt) * 10 + index
            listed.append(job_object(job, job_id, run_id, attempt, day=day, sha=sha))
            if job.log:
                log = self.root / folder / "logs" / f"{job_id}.log"
                log.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(recorded(f"{job.log}.log"), log)
        self.write(f"{folder}/jobs.json", {"total_count": len(listed), "jobs": listed})

    def trunk(self, first_id: int, *logs: str, day: float = 0) -> None:
        """Add a run a day on the default branch, each of a commit of its own with one job."""
        for n, log in enumerate(logs):
            sha = f"trunk{first_id + n}"
            parents = [self.commits[-1]["sha"]] if self.commits else []
            self.commit(sha, *parents, day=day + n)
            self.run(first_id + n, [Job(log=log)], day=day + n, sha=sha)

    def junit(self, run_id: int, artifact: str, report: str, *, cut: bool = False) -> None:
        """Upload a recorded JUnit file; `cut` ends it in the middle."""
        content = recorded(f"{report}.xml").read_text()
        half = content[: len(content) // 2]
        name = f"runs/{run_id}/artifacts/{artifact}/pytest_test_report.xml"
        self.write(name, half if cut else content)

    def always(self, settings: str) -> None:
        """Write the settings file, which all looks go by."""
        self.write("contents/.github/flakebot.toml", settings)

    def again(
        self, run_id: int, attempt: int, jobs: Sequence[Job], *, day: float, answers: Sequence[int]
    ) -> None:
        """GitHub runs jobs of a run again, and Hugging Face has other answers by then."""

        def edit() -> None:
            failed = any(job.concluded == "failure" for job in jobs)
            sha = json.loads((self.root / f"runs/{run_id}/run.json").read_text())["head_sha"]
            self._attempt(run_id, attempt, jobs, day=day, sha=sha)
            self.amend(
                f"runs/{run_id}/run.json",
                run_attempt=attempt,
                conclusion="failure" if failed else "success",
            )
            self.hugging_face(*answers)

        now = FIRST_DAY + timedelta(days=day, hours=2)
        self.looks.append(Look(run_id=run_id, attempt=attempt, now=now, edits=(edit,)))

    def hugging_face(self, *answers: int) -> None:
        """Script what Hugging Face answers for the model of the recorded logs."""
        address = "https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/config.json"
        self.write("hugging_face.json", {f"HEAD {address}": answers})

    def look_again(self, run_id: int, *, day: float) -> None:
        """Look at a run that was composed before."""
        now = FIRST_DAY + timedelta(days=day, hours=2)
        self.looks.append(Look(run_id=run_id, attempt=1, now=now))

    def sweep(self, *, day: float) -> None:
        """The scheduled sweep."""
        now = FIRST_DAY + timedelta(days=day, hours=2)
        self.looks.append(Look(run_id=0, attempt=0, now=now))

    def amend(self, name: str, /, **fields: object) -> None:
        """Change fields of a file that was composed before."""
        path = self.root / name
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    # What people do between the past and the last look.

    def edit_issue(self, number: int, **fields: object) -> None:
        """A person changes an issue that flakebot opened in the past."""
        self.edits.append(lambda: self.amend(f"issues/{number}.json", **fields))

    def push(self, number: int, sha: str) -> None:
        """The author pushes a new commit to the pull request."""
        self.edits.append(lambda: self._push(number, sha))

    def copy_issue(self, number: int, copy: int, *labels: str) -> None:
        """A second issue for the same test comes to be."""
        url, own = f"{URL}/issues/{copy}", [{"name": label} for label in labels]
        self.edits.append(lambda: self._copy_issue(number, number=copy, html_url=url, labels=own))

    def lose_text(self, number: int) -> None:
        """A person empties an issue, all but its first line, which cannot be seen."""
        self.edits.append(lambda: self._lose_text(f"issues/{number}.json"))

    def lose_issue(self, number: int, newest: int) -> None:
        """A person deletes an issue or moves it to another repository, and opens a newer one of his
        own: GitHub lists the first no more, and gives no number twice.
        """
        own = {"number": newest, "title": "Notes", "body": "", "state": "open"}
        self.edits.append(lambda: self._lose_issue(number, own | {"user": {"login": "ann"}}))

    def _lose_issue(self, number: int, own: Object) -> None:
        for path in (self.root / "issues").glob(f"{number}.*"):
            path.unlink()
        self.write(f"issues/{own['number']}.json", own)

    def _push(self, number: int, sha: str) -> None:
        self.pull(number, sha=sha)

    def _copy_issue(self, original: int, **fields: object) -> None:
        issue = json.loads((self.root / f"issues/{original}.json").read_text())
        self.write(f"issues/{fields['number']}.json", issue | fields)

    def _lose_text(self, name: str) -> None:
        body = json.loads((self.root / name).read_text())["body"]
        self.amend(name, body=body.splitlines()[0])


def recorded(name: str) -> Path:
    """A recorded log or JUnit file, of the toy project or of a shape."""
    own = LOGS / name
    return own if own.exists() else SHAPES / name


def job_object(job: Job, job_id: int, run_id: int, attempt: int, *, day: float, sha: str) -> Object:
    """GitHub's object of a job, with the steps that the recorded logs have."""
    names = ["Set up job", "Checkout code", "Run tests", "Upload Allure results"]
    failed = names.index(job.failed_step) if job.concluded == "failure" else len(names)
    ended = ["success"] * failed + ["failure"] * (failed < len(names))
    steps = [
        {"name": name, "number": n, "status": "completed", "conclusion": end}
        for n, (name, end) in enumerate(
            zip(names, [*ended, *["skipped"] * len(names)], strict=False), start=1
        )
    ]
    return {
        "id": job_id,
        "run_id": run_id,
        "run_attempt": job.run_attempt or attempt,
        "name": job.name,
        "status": job.status,
        "conclusion": job.concluded,
        "started_at": stamp(day),
        "completed_at": stamp(day + 1 / 24) if job.concluded else None,
        "html_url": f"{URL}/actions/runs/{run_id}/job/{job_id}",
        "head_sha": full(sha),
        "runner_name": "runner-1",
        "labels": ["ubuntu-latest"],
        "steps": steps,
    }


def stamp(day: float) -> str:
    """A time so many days after the first, as GitHub writes it."""
    return f"{FIRST_DAY + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def full(sha: str) -> str:
    """Forty hexadecimal digits that are the same for the same word."""
    return sha if len(sha) == SHA_DIGITS else sha256(sha.encode()).hexdigest()[:SHA_DIGITS]


Story = Callable[[World], None]
