"""Record the sample run again: `python -m tools.make_sample` in the root of the repository.

Makes a temporary virtual environment with the pinned tools, really runs the toy suite with them,
puts what they print into GitHub's envelope and writes `src/flakebot/resources/sample/`. Needs a
package index, cargo and about ten minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tools.sample_run import objects, surroundings
from tools.sample_run.jobs import Made, Maker
from tools.sample_run.recording import Studio
from tools.sample_run.story import COMMITS, PULLS, RUNS, Ending, RunPlan, sha

SAMPLE = Path(__file__).parents[1] / "src" / "flakebot" / "resources" / "sample"


def main() -> None:
    """Record all runs, or only those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=SAMPLE)
    parser.add_argument("--run", type=int, action="append", help="only this run; may be repeated")
    parser.add_argument("--no-runs", action="store_true", help="only what surrounds the runs")
    options = parser.parse_args()
    write_surroundings(options.output)
    if options.no_runs:
        return
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        studio = Studio(Path(folder))
        studio.install()
        maker = Maker(studio)
        for run in RUNS:
            if not options.run or run.id in options.run:
                write_run(options.output / "runs" / str(run.id), run, maker)


def write_json(path: Path, content: object) -> None:
    """Write a JSON file, indented by one space: there are many of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_surroundings(root: Path) -> None:
    """Everything that is no run."""
    write_json(root / "repository.json", objects.whole_repository())
    write_json(root / "commits.json", [commit_object(commit.name) for commit in COMMITS])
    write_json(root / "labels.json", surroundings.labels())
    write_json(root / "hugging_face.json", surroundings.HUGGING_FACE)
    for pull in PULLS:
        write_json(root / "pulls" / f"{pull.number}.json", objects.pull_object(pull))
        write_json(root / "pulls" / f"{pull.number}.files.json", objects.files_object(pull))
    for number, (issue, comments) in surroundings.issues().items():
        write_json(root / "issues" / f"{number}.json", issue)
        write_json(root / "issues" / f"{number}.comments.json", comments)
    for name, text in surroundings.CONTENTS.items():
        path = root / "contents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "README.md").write_text(surroundings.readme())


def commit_object(name: str) -> objects.Object:
    """A commit for the question of ancestry."""
    commit = objects.commit_of(name)
    parents = [sha(parent) for parent in commit.parents]
    return {"sha": commit.sha, "parents": parents, "date": objects.moment(commit.date)}


def write_run(folder: Path, run: RunPlan, maker: Maker) -> None:
    """All attempts of a run; a job that was not re-run is listed again as it was."""
    shutil.rmtree(folder, ignore_errors=True)
    current: dict[str, Made] = {}
    ended = run.attempts[0].started_at
    for attempt, plan in enumerate(run.attempts, start=1):
        for job in sorted(plan.jobs, key=lambda job: job.ending is Ending.AGGREGATE):
            needs = {name: made.conclusion for name, made in current.items()}
            made = maker.make(run, attempt, job, plan.started_at, needs)
            current[job.name] = made
            ended = max(ended, made.completed_at)
            write_files(folder, run, attempt, made)
            print(f"{run.id} {attempt} {made.conclusion:9} {made.plan.id} {made.plan.name}")
        ended += timedelta(seconds=4)
        seen = objects.run_object(
            run,
            attempt,
            conclusion=conclusion(tuple(current.values())),
            started=plan.started_at,
            ended=ended,
        )
        attempts = folder / "attempts" / str(attempt)
        write_json(attempts / "jobs.json", objects.jobs_object(run, tuple(current.values())))
        last = attempt == len(run.attempts)
        write_json(folder / "run.json" if last else attempts / "run.json", seen)


def conclusion(jobs: Sequence[Made]) -> str:
    """What GitHub says of a run with these jobs."""
    found = {job.conclusion for job in jobs}
    return next((worst for worst in ("failure", "cancelled") if worst in found), "success")


def write_files(folder: Path, run: RunPlan, attempt: int, made: Made) -> None:
    """The log of a job and its uploaded report, where there are such."""
    if made.log is not None:
        path = folder / "attempts" / str(attempt) / "logs" / f"{made.plan.id}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.log.encode())
    if made.junit:
        artifact = folder / "artifacts" / made.artifact
        artifact.mkdir(parents=True, exist_ok=True)
        suite = made.artifact.removeprefix("test-results-").removesuffix(
            f"-{run.id}-{made.plan.id}"
        )
        name = f"pytest_test_report_{suite.replace('-', '_')}_{run.id}_{made.plan.id}.xml"
        (artifact / name).write_text(made.junit)


if __name__ == "__main__":
    main()
