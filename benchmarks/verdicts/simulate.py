"""How often flakebot's verdicts are right: a repository's life, simulated with known truth.

    python -m benchmarks.verdicts.simulate [--days 60] [--seeds 101,102,103,104] [--workers 2]

Every run is written as a folder in GitHub's shape, with logs, and goes through the whole pipeline,
issues and ledger included. Thresholds were chosen on other seeds (1 to 9) than the reported ones.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks import results
from benchmarks.results import Row
from benchmarks.verdicts import folder, judges, score
from benchmarks.verdicts.world import Run, Truth, World

from flakebot import pipeline
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import RunRef
from flakebot.hugging_face.scripted import ScriptedHub
from flakebot.ledgers import lines
from flakebot.ledgers.folder import FolderLedger
from flakebot.reading import rules
from flakebot.records import RunRecord
from flakebot.report import Report
from flakebot.settings import Limits, Settings

SETTINGS = Settings(retry_hugging_face="off", max_new_issues=50)
"""Hugging Face is not asked; a repository that starts with flakebot lets it open what it finds."""


OTHERS: tuple[type[judges.RerunPass | judges.Rate | judges.TwoPulls], ...] = (
    judges.RerunPass,
    judges.Rate,
    judges.TwoPulls,
)
PRECISION, FOUND, OWN = 0.98, 0.95, 0.005


class Ledger(FolderLedger):
    """The ledger, whose lines are decoded once in a life and not at every look."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._known: dict[Path, tuple[int, list[RunRecord]]] = {}

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """All records created since, each key once, oldest first."""
        for path in sorted((self.root / "ledger").glob("*.jsonl")):
            size, records = self._known.setdefault(path, (0, []))
            content = path.read_bytes()
            records += lines.decode(path.name, content[size:]).records
            self._known[path] = len(content), records
        return lines.select((r for _, known in self._known.values() for r in known), since)


@dataclass(frozen=True)
class Flakebot:
    """The program under test on a folder."""

    root: Path
    rules: rules.RuleSet
    ledger: Ledger

    def look(self, run: Run, attempts: int, now: datetime) -> Report:
        """What it says of a run after an attempt; it writes issues and ledger."""
        forge = FolderForge(self.root, now=now, limits=Limits())
        tools = pipeline.Tools(
            forge=forge,
            ledger=self.ledger,
            hub=ScriptedHub(self.root / "hugging_face.json", SETTINGS),
            rules=self.rules,
            say=lambda _: None,
        )
        ref = RunRef(run_id=run.number, attempt=attempts)
        return pipeline.run(ref, tools, settings=SETTINGS, now=now).report


def said(report: Report) -> dict[str, str]:
    """The verdict on each test that the report names."""
    words = {str(test): str(event.kind) for event in report.events for test in event.tests}
    return words | {str(f.test): str(f.verdict.kind) for f in report.findings if f.test}


def looks(world: World) -> Iterator[score.Look]:
    """Live through it, look by look, with every judge."""
    others = [judge() for judge in OTHERS]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        folder.begin(root)
        flakebot = Flakebot(root, rules.builtin(), Ledger(root))
        for run in world.runs:
            for attempts in range(1, len(run.attempts) + 1):
                folder.add(root, run, world.tests, attempts)
                report = flakebot.look(run, attempts, folder.looked_at(run, attempts))
                words = {"flakebot": said(report)}
                for other in others:
                    words[other.name] = dict.fromkeys(other.judge(run, attempts), "flaky")
                yield score.Look(run=run, attempts=attempts, said=words)
            folder.remove(root, run)


def live(days: int, seed: int) -> score.Score:
    """One life, judged to its end."""
    began = time.process_time()
    world = World(seed, days)
    own = score.Score()
    for look in looks(world):
        own.add(world, look)
    own.close(world)
    seconds = time.process_time() - began
    print(f"seed {seed}: {len(world.runs)} runs, {seconds:.0f} s of processor", file=sys.stderr)
    return own


def main(arguments: list[str]) -> int:
    """Simulate, and print the tables; the exit code is 1 when a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seeds", default="101,102,103,104")
    parser.add_argument("--workers", type=int, help="lives at a time; one for each processor")
    parser.add_argument("--misses", action="store_true", help="list what was called wrongly")
    parser.add_argument(results.KEEP, action="store_true", help="write the result down")
    given = parser.parse_args(arguments)
    total = score.Score()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    with ProcessPoolExecutor(max_workers=given.workers) as pool:
        for own in pool.map(partial(live, given.days), seeds):
            total += own
            if given.misses:
                print(own.misses())
    told = f"With `--days {given.days} --seeds {given.seeds}`:\n\n"
    return results.tell("verdicts", rows(total), told + total.table(), keep=given.keep)


def rows(total: score.Score) -> list[Row]:
    """The promises, and the precision of the best of the simple judges."""
    best = max(OTHERS, key=lambda judge: float(total.precision(judge.name))).name
    own = total.called_flaky(score.FLAKEBOT, Truth.OWN)
    return [
        _at_least(PRECISION, "Precision of the verdict *flaky*", total.precision(score.FLAKEBOT)),
        Row(
            what=f"The same of the best of three simple judges, *{best}*",
            measured=str(total.precision(best)),
        ),
        Row(
            what="Failures of an author's own making that are called flaky",
            measured=str(own),
            promised=f"at most {OWN}",
            holds=float(own) <= OWN,
        ),
        _at_least(
            FOUND,
            f"Flakes of a rate of {score.FREQUENT:.0%} or more, called so within "
            f"{score.BUILDS} builds",
            total.found(score.FLAKEBOT),
        ),
        _at_least(
            FOUND,
            f"Regressions of the default branch, called broken within {score.TRUNK_RUNS} builds",
            total.broken_early(),
        ),
    ]


def _at_least(promised: float, what: str, share: score.Share) -> Row:
    return Row(
        what=what,
        measured=str(share),
        promised=f"at least {promised}",
        holds=float(share) >= promised or not share.whole,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
