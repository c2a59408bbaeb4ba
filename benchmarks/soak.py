"""Analyse 2,000 runs one after the other in one process while 2 % of all requests fail.

The runs are served over HTTP by the tests' GitHub, in a process of its own, two a day, so that the
history in use is as long at the end as it is after the first two hundred. Each request fails with
the given share in one of twelve ways that can pass (`tests/server/disturbed.py`; what GitHub says
for good, as 404, is no disturbance). A run that says it is not done is analysed again, as a person
would do. At the end every record, issue, comment and count must be what the runs were made of, and
the memory of the last tenth at most 1.1 of that of the second.

`python benchmarks/soak.py [RUNS [SHARE]]` takes about ten minutes.
"""

from __future__ import annotations

import gc
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.scenarios.build import FIRST_DAY, Job, World, full  # noqa: E402
from tests.server import folder as saved  # noqa: E402
from tests.server.analysis import BRANCH, ledger  # noqa: E402
from tests.server.disturbed import WAYS  # noqa: E402
from tests.server.fake_github import BOT, FakeGitHub  # noqa: E402
from tests.server.faults import Fault, Faults  # noqa: E402

from flakebot.records import RunRecord  # noqa: E402

SILENT = 599
"""The status that stands for a time-out on the wire, so that nobody waits for it."""

DENIALS = {"404", "410", "422"}
"""Left out: said of a file or a log they are an answer, which a truth would have to know of."""

PULL = 7
PULL_EVERY, PULL_AT = 4, 1
"""Which runs are of the pull request: one in four, and the one before the last three."""

PER_DAY = 2
WINDOW_DAYS = 90
TRIES = 8
"""Of one run: with a request in fifty failing, hardly one needs a third."""

KINDS: Mapping[str, Sequence[Sequence[Job]]] = {
    "passed": ([Job(log="passed")],),
    "aborts": ([Job(log="sigabrt")], [Job(log="passed")]),
    "splits": ([Job(log="bindings-split")], [Job(log="passed")]),
    "reruns": ([Job(log="rerun")],),
    "fails": ([Job(log="two-failures")],),
}
"""Runs by the recorded logs of their attempts; the three in the middle show a proven flake."""

TRUNK = {"passed": 14, "aborts": 3, "splits": 2, "reruns": 1}
"""How often each kind runs on the default branch."""

OF_PULL = {"passed": 3, "fails": 1}
"""How often each kind runs for the pull request, whose failures are its own and no issue's."""

LAST = ("passed", "fails", "aborts", "splits", "reruns")
"""The last runs, which bring every view up to date; the second is the pull request's."""


class RandomFaults(Faults):
    """Lets each request fail with one probability, in ways that can pass."""

    def __init__(self, share: float, dice: random.Random) -> None:
        super().__init__()
        self.share = share
        self.struck: Counter[str] = Counter()
        self.asked = 0
        self._dice = dice

    def strike(self, *_: str) -> Fault | None:
        """The fault of a request, by chance."""
        self.asked += 1
        if self._dice.random() >= self.share:
            return None
        way = self._dice.choice([way for way in WAYS if way not in DENIALS])
        self.struck[way] += 1
        made = dict(WAYS[way])
        if made["kind"] in {"slow", "after-slow"}:
            made |= {"kind": made["kind"].replace("slow", "status"), "status": SILENT}
        return Fault(**made)


# ------------------------------------------------------------------------------------------
# The process under test


def analyse(url: str, token: str, repository: str) -> None:
    """Analyse each run that standard input names, and tell what came of it and what it took."""
    import requests
    from requests.adapters import HTTPAdapter

    from flakebot import wiring
    from flakebot.errors import FlakebotError
    from flakebot.github_objects import RunRef
    from flakebot.hugging_face.scripted import ScriptedHub
    from flakebot.retrying import Patience

    send = HTTPAdapter.send

    def heard(self: HTTPAdapter, *given: Any, **named: Any) -> requests.Response:
        response = send(self, *given, **named)
        if response.status_code == SILENT:
            response.close()
            raise requests.ReadTimeout("Read timed out.")
        return response

    HTTPAdapter.send = heard  # type: ignore[method-assign]  # the edge of the outer world
    for line in sys.stdin:
        order = json.loads(line)
        told: dict[str, object] = {}
        began = time.perf_counter()
        try:
            result, _ = wiring.run_on_github(
                wiring.Server(repository=repository, token=token, api_url=url),
                RunRef(run_id=order["run"]),
                given={"retry_hugging_face": "off"},
                config_text="",
                now=datetime.fromisoformat(order["now"]),
                say=lambda _: None,
                patience=Patience(120.0, sleep=lambda _: None, uniform=lambda _, high: high),
                hub=lambda settings: ScriptedHub(Path("/nowhere"), settings),
            )
            undone = [receipt.reason for receipt in result.receipts if not receipt.done]
            told["undone"] = [*undone, *result.plan.held_back, *result.report.problems]
        except FlakebotError as error:
            told["undone"] = [str(error)]
        told["seconds"] = time.perf_counter() - began
        gc.collect()
        told["bytes"] = _resident()
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


# ------------------------------------------------------------------------------------------
# GitHub, the runs, and the truth about them


@dataclass(kw_only=True)
class Soak:
    """What was measured."""

    kinds: list[str] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    again: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def now_of(run: int) -> datetime:
    """When a run is analysed."""
    return FIRST_DAY + timedelta(days=run / PER_DAY, hours=2)


def of_pull(run: int) -> bool:
    """Whether a run is of the pull request."""
    return run % PULL_EVERY == PULL_AT


def add(fake: FakeGitHub, folder: Path, run: int, kind: str) -> None:
    """Let GitHub have another run: of the default branch, each fourth of a pull request."""
    world = World(root=folder)
    branch = f"pull-request/{PULL}" if of_pull(run) else "main"
    world.run(run, *KINDS[kind], day=run / PER_DAY, sha=f"sha{run}", branch=branch)
    path = folder / "runs" / str(run) / "run.json"
    with fake.state.lock:
        saved.load_run(fake.state, path.parent)
        fake.state.pulls[PULL]["head"]["sha"] = full(f"sha{run}")


def forget(fake: FakeGitHub, run: int) -> None:
    """Let the fake hold nothing that nobody will ask for again."""
    state = fake.state
    with state.lock:
        state.runs.pop(run)
        for listed in [key for key in state.attempts if key[0] == run]:
            for job in state.attempts.pop(listed):
                state.jobs.pop(job)
                state.logs.pop(job, None)
        fake.forget()
        tip = state.git.refs.get(BRANCH)
        if tip:
            tree = state.git.commits[tip].tree
            held = {entry.sha for entry in state.git.flat(tree).values()}
            state.git.blobs = {sha: data for sha, data in state.git.blobs.items() if sha in held}


def play(runs: int, share: float, seed: int) -> tuple[FakeGitHub, Soak, RandomFaults]:
    """Analyse all runs."""
    dice, soak = random.Random(seed), Soak()  # noqa: S311  # it plays, it keeps no secret
    faults = RandomFaults(share, random.Random(seed + 1))  # noqa: S311
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        World(root=folder).pull(PULL, sha="sha0")
        with FakeGitHub(folder) as fake:
            fake.checked, fake.faults, fake.state.requests_left = False, faults, 10**9
            command = [sys.executable, __file__, "--analyse", fake.url, fake.token, fake.repository]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as child:
                for run in range(1, runs + 1):
                    weights = OF_PULL if of_pull(run) else TRUNK
                    kind = dice.choices([*weights], [*weights.values()])[0]
                    kind = kind if run <= runs - len(LAST) else LAST[run - runs - 1]
                    soak.kinds.append(kind)
                    add(fake, folder, run, kind)
                    fake.clock.now = now_of(run)
                    look(child, run, soak)
                    forget(fake, run)
                if child.stdin:
                    child.stdin.close()
            soak.wrong += wrong(fake, soak.kinds)
    return fake, soak, faults


def look(child: subprocess.Popen[str], run: int, soak: Soak) -> None:
    """Have a run analysed until that says that it is done."""
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child has no pipes")
    told: dict[str, Any] = {}
    for tries in range(1, TRIES + 1):
        child.stdin.write(json.dumps({"run": run, "now": now_of(run).isoformat()}) + "\n")
        child.stdin.flush()
        told = json.loads(child.stdout.readline())
        soak.seconds.append(told["seconds"])
        if not told["undone"]:
            soak.again[tries] += 1
            break
    else:
        soak.wrong.append(f"run {run} is never done: {told['undone']}")
    soak.bytes.append(told["bytes"])
    if run % 100 == 0:
        sys.stderr.write(f"{run} runs, {told['bytes'] / 1e6:.1f} MB\n")


def wrong(fake: FakeGitHub, kinds: Sequence[str]) -> Iterator[str]:
    """Where GitHub or the ledger is not what the runs were made of."""
    records = ledger(fake)
    keys = Counter((record.run_id, record.attempt) for record in records)
    wanted = [
        (run, attempt)
        for run, kind in enumerate(kinds, 1)
        for attempt in range(1, len(KINDS[kind]) + 1)
    ]
    if keys != Counter(wanted):
        yield f"records: {len(records)} instead of {len(wanted)}"
    yield from _wrong_outcomes(records, kinds)
    yield from _wrong_issues(fake, records, kinds)
    ours = [c for c in fake.state.comments.get(PULL, {}).values() if c["user"]["login"] == BOT]
    if len(ours) != 1:
        yield f"{len(ours)} comments on the pull request"
    yield from fake.violations
    yield from fake.leaks


def _wrong_outcomes(records: Sequence[RunRecord], kinds: Sequence[str]) -> Iterator[str]:
    """All records of one kind of run must say the same of its tests."""
    told: dict[tuple[str, int], Counter[str]] = {}
    for record in records:
        of = told.setdefault((kinds[record.run_id - 1], record.attempt), Counter())
        of[repr([(t.id, t.outcomes, t.fingerprint) for job in record.jobs for t in job.tests])] += 1
    for (kind, attempt), different in told.items():
        if len(different) != 1:
            yield f"{kind}, attempt {attempt}: {len(different)} different readings"


def _wrong_issues(
    fake: FakeGitHub, records: Sequence[RunRecord], kinds: Sequence[str]
) -> Iterator[str]:
    """One issue per test that was flaky, and in its text as many failures as there were."""
    failed: dict[str, set[int]] = {}
    for record in records:
        if kinds[record.run_id - 1] == "fails":
            continue
        for job in record.jobs:
            for test in job.tests:
                function = str(test.id).partition("[")[0]
                failed.setdefault(function, set()).add(record.run_id)
    titles = Counter(issue["title"] for issue in fake.state.issues.values())
    for function, runs in failed.items():
        title = f"Flaky test: {function}"
        bodies = [i["body"] for i in fake.state.issues.values() if i["title"] == title]
        if len(bodies) != 1:
            yield f"{len(bodies)} issues for {function}"
            continue
        row = re.search(r"^\| total \| (\d+) \| (\d+) \|", bodies[0], re.MULTILINE)
        # The text is of the last run in which the test failed, and of the window before that.
        counted = [run for run in runs if max(runs) - run <= WINDOW_DAYS * PER_DAY]
        if row is None or int(row[1]) != len(counted):
            yield f"{function}: {row and row[0]} instead of {len(counted)} failing builds"
    if sum(titles.values()) != len(failed):
        yield f"{sum(titles.values())} issues for {len(failed)} tests"


def main(arguments: Sequence[str]) -> int:
    """Print what came of it, and fail when something is not as it must be."""
    if arguments[:1] == ["--analyse"]:
        analyse(*arguments[1:4])
        return 0
    runs = int(arguments[0]) if arguments else 2000
    share = float(arguments[1]) if len(arguments) > 1 else 0.02
    began = time.monotonic()
    fake, soak, faults = play(runs, share, seed=8)
    tenth = runs // 10
    second, last = mean(soak.bytes[tenth : 2 * tenth]), mean(soak.bytes[-tenth:])
    if last > 1.1 * second:
        soak.wrong.append("memory grows")
    print(f"runs                         {runs} {dict(Counter(soak.kinds))}")
    print(f"requests                     {faults.asked}")
    print(f"of them failed               {sum(faults.struck.values())} {dict(faults.struck)}")
    print(f"analyses by run              {dict(sorted(soak.again.items()))}")
    print(f"records, issues              {len(ledger(fake))}, {len(fake.state.issues)}")
    print(f"memory of the second tenth   {second / 1e6:.1f} MB")
    print(f"memory of the last tenth     {last / 1e6:.1f} MB ({last / second:.3f})")
    print(f"seconds of one analysis      {mean(soak.seconds):.3f}, at most {max(soak.seconds):.2f}")
    print(f"minutes in all               {(time.monotonic() - began) / 60:.1f}")
    print(f"wrong                        {len(soak.wrong)}")
    for sentence in soak.wrong[:20]:
        print(f"  {sentence}")
    return int(bool(soak.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
