"""Count the requests a completed run of 40 jobs costs, three tests failing, two of them known:
`python -m benchmarks.requests_per_run`.

The run is served over HTTP by the tests' GitHub; every request counts, those to the storage too.
GITHUB_TOKEN may make 1,000 an hour in a repository
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), and dynamo has up
to 1,300 runs a week.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import results
from benchmarks.results import Row
from tests.server.fake_github import FakeGitHub

from flakebot import wiring
from flakebot.github_objects import Repository, Run, RunRef

ALLOWED = 20
JOBS = 40
START = datetime(2026, 2, 1, 8, tzinfo=UTC)
NOW = START + timedelta(hours=3)
"""Within a day of the record before, as where runs are many; after a longer silence one request
more asks what flakebot has missed."""

KNOWN = ("tests/test_router.py::test_decisions[tcp]", "tests/test_serve.py::test_deploy")
NEW = "tests/test_new.py::test_of_the_author"


def main() -> int:
    """Print the table; the exit code is 1 above the promise."""
    counted = count()
    total = sum(counted.values())
    row = Row(
        what=f"Requests for a completed run of {JOBS} jobs, 3 failing tests, 2 of them known",
        measured=str(total),
        promised=f"at most {ALLOWED}",
        holds=total <= ALLOWED,
    )
    lines = ["| request | times |", "|---|---|"]
    lines += [f"| `{what}` | {times} |" for what, times in counted.items()]
    keep = results.KEEP in sys.argv
    return results.tell("requests_per_run", [row], "\n".join(lines), keep=keep)


def count() -> Counter[str]:
    """The requests of the run by what they ask for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _history(folder)
        _main_run(folder)
        with FakeGitHub(folder) as fake:
            for run_id in range(1, 6):
                _analyse(fake, run_id)
            fake.requests.clear()
            _analyse(fake, 100)
            return Counter(_name(r.method, r.path, r.origin) for r in fake.requests)


def _analyse(fake: FakeGitHub, run_id: int) -> None:
    """As the Action does on `workflow_run`, whose event brings repository and run along."""
    event = {"repository": fake.state.repository, "workflow_run": fake.state.runs[run_id][1]}
    server = wiring.Server(
        repository=fake.repository,
        token=fake.token,
        api_url=fake.url,
        event_repository=wiring.from_event(event, "repository", Repository),
        event_run=wiring.from_event(event, "workflow_run", Run),
    )
    wiring.run_on_github(
        server,
        RunRef(run_id=run_id, attempt=1),
        given={"retry_hugging_face": "off"},
        now=NOW,
        say=lambda _: None,
    )


def _history(folder: Path) -> None:
    """Five runs on main in which the two known flakes fail and then pass."""
    _write(folder / "repository.json", {"full_name": "acme/widgets", "default_branch": "main"})
    _write(folder / "contents" / "CODEOWNERS", "* @acme/everybody\n")
    shas = [f"{index:040x}" for index in range(1, 6)]
    commits = [
        {"sha": sha, "parents": shas[:i][-1:], "date": _time(i * 60)} for i, sha in enumerate(shas)
    ]
    _write(folder / "commits.json", [*commits, _commit(shas[-1])])
    for index, sha in enumerate(shas, 1):
        _run(folder, index, sha, "main", [_log(list(KNOWN), retried=True)])


def _main_run(folder: Path) -> None:
    """Forty jobs on a pull request; the failures are in three of them."""
    failing = [_log([KNOWN[0]]), _log([KNOWN[1]]), _log([NEW])]
    logs = [*failing, *[_log([]) for _ in range(JOBS - 3)]]
    sha = _commit("")["sha"]
    _run(folder, 100, str(sha), "feature", logs, pull=7)
    head = {"ref": "feature", "sha": sha, "repo": {"full_name": "acme/widgets"}}
    base = {"ref": "main", "sha": f"{5:040x}", "repo": {"full_name": "acme/widgets"}}
    _write(folder / "pulls" / "7.json", {"number": 7, "state": "open", "head": head, "base": base})
    _write(folder / "pulls" / "7.files.json", [{"filename": "src/x.py", "status": "modified"}])


def _commit(parent: str) -> dict[str, object]:
    return {"sha": f"{99:040x}", "parents": [parent], "date": _time(600)}


def _run(folder: Path, run_id: int, sha: str, branch: str, logs: list[str], pull: int = 0) -> None:
    place = folder / "runs" / str(run_id)
    green = not pull
    run = {
        "id": run_id, "name": "CI", "head_sha": sha, "head_branch": branch, "status": "completed",
        "event": "pull_request" if pull else "push", "run_attempt": 1,
        "conclusion": "success" if green else "failure",
        "created_at": _time(run_id), "updated_at": _time(run_id + 30),
        "pull_requests": [{"number": pull}] if pull else [],
        "head_repository": {"full_name": "acme/widgets"},
    }  # fmt: skip
    jobs = []
    for index, text in enumerate(logs):
        job_id = run_id * 1000 + index
        bad = "FAILED" in text and not green
        jobs.append({
            "id": job_id, "run_id": run_id, "name": f"test ({index})", "status": "completed",
            "run_attempt": 1, "conclusion": "failure" if bad else "success", "head_sha": sha,
            "started_at": _time(run_id), "completed_at": _time(run_id + 20), "steps": [],
        })  # fmt: skip
        _write(place / "attempts" / "1" / "logs" / f"{job_id}.log", text)
    _write(place / "run.json", run)
    _write(place / "attempts" / "1" / "jobs.json", {"total_count": len(jobs), "jobs": jobs})


def _log(failing: list[str], *, retried: bool = False) -> str:
    lines = ["============================= test session starts ============================="]
    lines += [f"tests/test_fine.py::test_{i} PASSED [ {i + 10}%]" for i in range(50)]
    for test in failing:
        lines += (
            [f"{test} RERUN [ 70%]", f"{test} PASSED [ 70%]"]
            if retried
            else [f"{test} FAILED [ 70%]"]
        )
    lines.append("=================================== FAILURES ===================================")
    for test in failing if not retried else []:
        lines += [f"____________ {test.split('::')[1]} ____________", "E       assert 1 == 2"]
    lines.append(f"======== {len(failing)} failed, 50 passed in 3.21s ========")
    return "".join(f"2026-02-01T08:00:00.0000000Z {line}\n" for line in lines)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def _time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def _name(method: str, path: str, origin: str) -> str:
    if origin == "storage":
        return f"{method} a signed address of the storage"
    shown = path.rsplit("/repos/acme/widgets", maxsplit=1)[-1]
    return f"{method} " + "/".join("…" if part.isdigit() else part for part in shown.split("/"))


if __name__ == "__main__":
    sys.exit(main())
