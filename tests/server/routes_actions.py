"""Runs, attempts, jobs, logs, artifacts and re-runs of the fake GitHub."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta

from tests.server.answers import Answer, Json, RefusalError, Request, not_found, page, redirect
from tests.server.routing import Router
from tests.server.shapes import stamp
from tests.server.state import State

router = Router()
READ, WRITE = "actions:read", "actions:write"
ATTEMPT = "/actions/runs/{run_id}/attempts/{attempt_number}"


def _run(state: State, request: Request, *, latest: bool = False) -> Json:
    attempts = state.runs.get(request.number("run_id"))
    if not attempts:
        raise not_found()
    number = max(attempts) if latest else request.number("attempt_number")
    if number not in attempts:
        raise not_found()
    return attempts[number]


@router.route("GET", "/actions/runs", needs=READ)
def list_runs(state: State, request: Request) -> Answer:
    """Each run at its latest attempt, newest first."""
    sha = request.query.get("head_sha")
    latest = [attempts[max(attempts)] for attempts in state.runs.values()]
    found = [run for run in latest if sha in {None, run["head_sha"]}]
    status = request.query.get("status")
    found = [run for run in found if status in {None, run["status"]}]
    branch = request.query.get("branch")
    found = [run for run in found if branch in {None, run["head_branch"]}]
    if "created" in request.query:
        first, _, last = request.query["created"].partition("..")
        found = [run for run in found if first <= run["created_at"] <= last]
    found.sort(key=lambda run: (run["created_at"], run["id"]), reverse=True)
    return page(request, found, state.shapes.api, key="workflow_runs")


@router.route("GET", "/actions/runs/{run_id}", needs=READ)
def get_run(state: State, request: Request) -> Answer:
    return Answer(body=_run(state, request, latest=True))


@router.route("GET", ATTEMPT, needs=READ)
def get_attempt(state: State, request: Request) -> Answer:
    return Answer(body=_run(state, request))


@router.route("GET", ATTEMPT + "/jobs", needs=READ)
def list_attempt_jobs(state: State, request: Request) -> Answer:
    run = _run(state, request)
    jobs = [state.jobs[number] for number in state.attempts[run["id"], run["run_attempt"]]]
    return page(request, jobs, state.shapes.api, key="jobs")


@router.route("GET", "/actions/runs/{run_id}/jobs", needs=READ)
def list_run_jobs(state: State, request: Request) -> Answer:
    run = _run(state, request, latest=True)
    if request.query.get("filter") == "all":
        jobs = [job for job in state.jobs.values() if job["run_id"] == run["id"]]
    else:
        jobs = [state.jobs[number] for number in state.attempts[run["id"], run["run_attempt"]]]
    return page(request, jobs, state.shapes.api, key="jobs")


@router.route("GET", "/actions/jobs/{job_id}", needs=READ)
def get_job(state: State, request: Request) -> Answer:
    return Answer(body=_job(state, request))


def _job(state: State, request: Request) -> Json:
    job = state.jobs.get(request.number("job_id"))
    if job is None:
        raise not_found()
    return job


@router.route("GET", "/actions/jobs/{job_id}/logs", needs=READ)
def get_job_log(state: State, request: Request) -> Answer:
    """A redirect whatever the job's status: the storage says that there is no log yet."""
    job = _job(state, request)
    if job["id"] in state.expired_logs:
        raise RefusalError(410, "Server Error: logs have expired")

    def content() -> bytes | None:
        return state.logs.get(job["id"]) if job["status"] == "completed" else None

    return _link(state, f"/logs/jobs/{job['id']}.txt", content, "text/plain")


def _link(state: State, path: str, content: object, content_type: str) -> Answer:
    assert callable(content)
    seconds = state.limits.link_seconds
    return redirect(state.storage.link(path, content, content_type=content_type, seconds=seconds))


@router.route("GET", "/actions/runs/{run_id}/logs", needs=READ)
def get_run_logs(state: State, request: Request) -> Answer:
    return _logs(state, _run(state, request, latest=True))


@router.route("GET", ATTEMPT + "/logs", needs=READ)
def get_attempt_logs(state: State, request: Request) -> Answer:
    return _logs(state, _run(state, request))


def _logs(state: State, run: Json) -> Answer:
    """GitHub has no archive while the run is in progress (cli/cli, `view.go`)."""
    if run["status"] != "completed":
        raise not_found()
    jobs = [state.jobs[number] for number in state.attempts[run["id"], run["run_attempt"]]]
    if any(job["id"] in state.expired_logs for job in jobs):
        raise RefusalError(410, "Server Error: logs have expired")
    path = f"/logs/runs/{run['id']}-{run['run_attempt']}.zip"
    return _link(state, path, lambda: log_archive(state, jobs), "application/zip")


def log_archive(state: State, jobs: list[Json]) -> bytes:
    """The zip of a run's logs: `N_job.txt` at the top, and per job a folder with its steps.

    Names lose `/` and `:` and are cut to 90 UTF-16 units, as cli/cli's `getJobNameForLogFilename`
    knows them.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, job in enumerate(job for job in jobs if job["id"] in state.logs):
            log, name = state.logs[job["id"]], archive_name(job["name"])
            archive.writestr(f"{index}_{name}.txt", log)
            for step, lines in _steps(job, log):
                file = f"{step['number']}_{archive_name(step['name'])}.txt"
                archive.writestr(f"{name}/{file}", lines)
            archive.writestr(f"{name}/system.txt", b"")
    return buffer.getvalue()


def archive_name(name: str) -> str:
    """A job's or step's name as a file name of the archive."""
    units = name.replace("/", "").replace(":", "").encode("utf-16-le")[:180]
    return units.decode("utf-16-le", errors="ignore")


def _steps(job: Json, log: bytes) -> list[tuple[Json, bytes]]:
    """Each step with the lines of the log from its start to the next one's."""
    steps = [step for step in job["steps"] or [] if step.get("started_at")]
    lines = log.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    texts: list[list[bytes]] = [[] for _ in steps]
    for line in lines:
        moment = line[:19].decode(errors="replace")
        begun = [i for i, step in enumerate(steps) if step["started_at"][:19] <= moment]
        if steps:
            texts[begun[-1] if begun else 0].append(line)
    return [
        (step, b"\xef\xbb\xbf" + b"".join(text)) for step, text in zip(steps, texts, strict=True)
    ]


@router.route("GET", "/actions/runs/{run_id}/artifacts", needs=READ)
def list_artifacts(state: State, request: Request) -> Answer:
    run, name = _run(state, request, latest=True), request.query.get("name")
    artifacts = [
        artifact
        for artifact in state.artifacts.values()
        if artifact["workflow_run"]["id"] == run["id"] and name in {None, artifact["name"]}
    ]
    return page(request, artifacts, state.shapes.api, key="artifacts")


@router.route("GET", "/actions/artifacts/{artifact_id}/{archive_format}", needs=READ)
def get_artifact(state: State, request: Request) -> Answer:
    number = request.number("artifact_id")
    if number not in state.artifacts or request.params["archive_format"] != "zip":
        raise not_found()
    if state.artifacts[number]["expired"]:
        raise RefusalError(410, "Artifact has expired")
    path = f"/artifacts/{number}.zip"
    return _link(state, path, lambda: state.archives.get(number), "application/zip")


@router.route("POST", "/actions/runs/{run_id}/rerun-failed-jobs", needs=WRITE)
def rerun_failed_jobs(state: State, request: Request) -> Answer:
    """Start the next attempt; jobs that did not fail keep their id and their `run_attempt`."""
    run = _run(state, request, latest=True)
    _refuse_rerun(state, run)
    number = run["run_attempt"] + 1
    fields = {key: run[key] for key in run if key not in {"id", "run_attempt"}}
    fields |= {"status": "queued", "conclusion": None}
    fields["run_started_at"] = stamp(state.clock.tick())
    state.add_run(run["id"], attempt=number, **fields)
    for job_id in state.attempts[run["id"], run["run_attempt"]]:
        job = state.jobs[job_id]
        if job["conclusion"] in {"success", "skipped", "neutral"}:
            state.attempts[run["id"], number].append(job_id)
        else:
            waiting: Json = {"status": "queued", "conclusion": None, "completed_at": None}
            waiting |= {key: job[key] for key in ("name", "labels")}
            state.add_job(run["id"], attempt=number, **waiting)
    return Answer(status=201, body={})


@router.route("GET", "/actions/workflows/{workflow_id}/runs", needs=READ)
def list_workflow_runs(state: State, request: Request) -> Answer:
    """Newest first."""
    file, query = _workflow(state, request), request.query
    latest = [attempts[max(attempts)] for attempts in state.runs.values()]
    found = [
        run
        for run in latest
        if run["path"] == f".github/workflows/{file}"
        and query.get("event") in {None, run["event"]}
        and query.get("actor") in {None, run["actor"]["login"]}
    ]
    found.sort(key=lambda run: (run["created_at"], run["id"]), reverse=True)
    return page(request, found, state.shapes.api, key="workflow_runs")


def _workflow(state: State, request: Request) -> str:
    file = request.params["workflow_id"]
    if file not in state.workflows:
        raise not_found()
    return file


@router.route("POST", "/actions/workflows/{workflow_id}/dispatches", needs=WRITE)
def dispatch(state: State, request: Request) -> Answer:
    """Start a run, or refuse it in GitHub's words (cli/cli#6035, benc-uk/workflow-dispatch#15)."""
    file, fields = _workflow(state, request), request.json()
    known, given = state.workflows[file], fields.get("inputs") or {}
    if known is None:
        raise RefusalError(422, "Workflow does not have 'workflow_dispatch' trigger")
    if f"refs/heads/{fields['ref']}" not in state.git.refs:
        raise RefusalError(422, f"No ref found for: {fields['ref']}")
    if unexpected := sorted(given.keys() - known.keys()):
        raise RefusalError(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
    for name, described in known.items():
        if described.get("required") and not given.get(name):
            raise RefusalError(422, f"Required input '{name}' not provided")
    run = state.add_run(event="workflow_dispatch", path=f".github/workflows/{file}")
    run |= {"status": "queued", "conclusion": None, "actor": state.shapes.user(state.login)}
    return Answer(status=204)


def _refuse_rerun(state: State, run: Json) -> None:
    """Refuse in GitHub's words (apache/tvm#12847, metabase#70916, cli/cli#9989)."""
    age = state.clock.now - datetime.fromisoformat(run["created_at"])
    failed = [
        number
        for number in state.attempts[run["id"], run["run_attempt"]]
        if state.jobs[number]["conclusion"] not in {"success", "skipped", "neutral"}
    ]
    if run["status"] != "completed":
        raise RefusalError(403, "This workflow is already running")
    if age > timedelta(days=state.limits.rerun_days):
        message = "Unable to retry this workflow run because it was created over a month ago"
        raise RefusalError(403, message)
    if not failed or run["run_attempt"] > state.limits.reruns:
        raise RefusalError(403, "This workflow run cannot be retried")
