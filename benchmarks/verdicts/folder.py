"""Write a simulated run as a folder in place of GitHub, with logs as pytest prints them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.verdicts.world import JOBS, MAIN, Failure, Job, Run, moment

REPOSITORY = "org/repo"
URL = f"https://github.com/{REPOSITORY}"
FORK = {"full_name": "someone/repo"}
JOB_MINUTES = 30
WIDTH = 100


def begin(root: Path) -> None:
    """The folder before the first run."""
    _write(root / "repository.json", {"full_name": REPOSITORY, "default_branch": MAIN})


def add(root: Path, run: Run, tests: Sequence[str], attempts: int) -> None:
    """Put a run there, as it is after so many attempts, and its pull request."""
    folder = root / "runs" / str(run.number)
    conclusion = _conclusion(run.attempts[attempts - 1])
    pull = {"number": run.pull, "state": "open", "title": "A change"}
    repo = {"full_name": REPOSITORY}
    mirrored = run.place.branch.startswith("pull-request/")
    head = {"ref": "patch", "repo": FORK} if mirrored else {"ref": run.place.branch, "repo": repo}
    pull |= {"head": {**head, "sha": run.sha}}
    pull |= {"base": {"ref": MAIN, "sha": run.base, "repo": repo}}
    if run.pull:
        _write(root / "pulls" / f"{run.pull}.json", pull)
        _write(root / "pulls" / f"{run.pull}.files.json", [{"filename": "src/part.py"}])
    began = _stamp(moment(run.day))
    _write(
        folder / "run.json",
        {
            "id": run.number,
            "name": run.place.workflow,
            "path": f".github/workflows/{run.place.workflow.lower()}.yml",
            "event": run.place.event,
            "status": "completed",
            "conclusion": conclusion,
            "head_branch": run.place.branch,
            "head_sha": run.sha,
            "head_repository": {"full_name": REPOSITORY},
            "run_attempt": attempts,
            "run_number": run.number,
            "html_url": f"{URL}/actions/runs/{run.number}",
            "created_at": began,
            "run_started_at": began,
            "updated_at": _stamp(moment(run.day, JOB_MINUTES * attempts)),
            "pull_requests": [pull] if run.pull and not mirrored else [],
        },
    )
    for attempt in range(1, attempts + 1):
        _attempt(folder, run, tests, attempt)


def _attempt(folder: Path, run: Run, tests: Sequence[str], attempt: int) -> None:
    """A job that was not run again stays listed with the attempt in which it ran."""
    listed = []
    for index, name in enumerate(JOBS, start=1):
        ran = _last(run, name, attempt)
        job = next(job for job in run.attempts[ran - 1] if job.name == name)
        job_id = run.number * 100 + ran * 10 + index
        listed.append(_job(run, job, job_id, ran))
        if ran == attempt:
            start = moment(run.day, JOB_MINUTES * (attempt - 1))
            log = folder / "attempts" / str(attempt) / "logs" / f"{job_id}.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("".join(_log(job, tests, start)))
    jobs = {"total_count": len(listed), "jobs": listed}
    _write(folder / "attempts" / str(attempt) / "jobs.json", jobs)


def _last(run: Run, name: str, attempt: int) -> int:
    """The last attempt, up to this one, in which a job ran."""
    ran = [n for n in range(1, attempt + 1) if any(j.name == name for j in run.attempts[n - 1])]
    return ran[-1]


def _conclusion(jobs: Sequence[Job]) -> str:
    return "failure" if any(job.failures for job in jobs) else "success"


def _job(run: Run, job: Job, job_id: int, attempt: int) -> dict[str, object]:
    conclusion = _conclusion([job])
    return {
        "id": job_id,
        "run_id": run.number,
        "run_attempt": attempt,
        "name": job.name,
        "status": "completed",
        "conclusion": conclusion,
        "started_at": _stamp(moment(run.day, JOB_MINUTES * (attempt - 1))),
        "completed_at": _stamp(moment(run.day, JOB_MINUTES * attempt)),
        "html_url": f"{URL}/actions/runs/{run.number}/job/{job_id}",
        "head_sha": run.sha,
        "runner_name": job.runner,
        "labels": ["self-hosted", "gpu"],
        "steps": [
            {"name": "Run tests", "number": 1, "status": "completed", "conclusion": conclusion}
        ],
    }


def _log(job: Job, tests: Sequence[str], start: datetime) -> Iterator[str]:
    stamp = _stamp(start)[:-1]
    for number, line in enumerate(_lines(job, tests)):
        yield f"{stamp}.{number % 10_000_000:07d}Z {line}\n"


def _lines(job: Job, tests: Sequence[str]) -> Iterator[str]:
    """What pytest prints of a verbose run, under xdist in the second job."""
    xdist = job.name == JOBS[1]
    yield from ("##[group]Run pytest -v", "pytest -v", "##[endgroup]")
    yield " test session starts ".center(WIDTH, "=")
    yield "platform linux -- Python 3.12.3, pytest-8.4.2, pluggy-1.6.0 -- /usr/bin/python3"
    if xdist:
        yield "created: 16/16 workers"
        yield f"16 workers [{len(tests)} items]"
    else:
        yield f"collecting ... collected {len(tests)} items"
    yield ""
    for number, test in enumerate(tests, start=1):
        word = "FAILED" if test in job.failures else "PASSED"
        percent = f"[{100 * number // len(tests):3}%]"
        yield f"[gw{number % 16}] {percent} {word} {test} " if xdist else f"{test} {word} {percent}"
    if job.failures:
        yield from _reports(job.failures.items())
    failed = len(job.failures)
    counts = f"{failed} failed, " if failed else ""
    yield f" {counts}{len(tests) - failed} passed in 61.02s (0:01:01) ".center(WIDTH, "=")
    if failed:
        yield "##[error]Process completed with exit code 1."


def _reports(failures: Iterable[tuple[str, Failure]]) -> Iterator[str]:
    told = list(failures)
    yield ""
    yield " FAILURES ".center(WIDTH, "=")
    for test, failure in told:
        path, _, name = test.partition("::")
        yield f" {name} ".center(WIDTH, "_")
        yield f"    def {name}():"
        yield ">       check()"
        yield f"E       {failure.says}"
        yield ""
        yield f"{path}:12: {failure.says.partition(':')[0]}"
    yield " short test summary info ".center(WIDTH, "=")
    for test, failure in told:
        yield f"FAILED {test} - {failure.says}"


def _stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def looked_at(run: Run, attempts: int) -> datetime:
    """When flakebot looks: some minutes after the attempt has ended."""
    return moment(run.day, JOB_MINUTES * attempts) + timedelta(minutes=5)


def remove(root: Path, run: Run) -> None:
    """Take the run's logs away, as GitHub does in time; the ledger stays."""
    folder = root / "runs" / str(run.number)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
