"""Precision, recall and delay of the verdicts, from looks at runs whose truth is known."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from benchmarks.verdicts.world import CI, MAIN, NIGHTLY, Flake, Run, Truth, World

FREQUENT = 0.05
BUILDS = 60
"""Within as many builds a frequent flake is to be called."""

TRUNK_RUNS = 5
"""Within as many builds of each job a regression of the default branch is to be called broken."""

BANDS = ((0.001, 0.01), (0.01, 0.05), (0.05, 0.2), (0.2, 0.5))
FLAKEBOT = "flakebot"
RIGHT = {
    Truth.FLAKE: {"flaky"},
    Truth.OWN: {"new"},
    Truth.REGRESSION: {"broken", "new"},
    Truth.OUTAGE: {"external"},
    Truth.HOST: {"infra", "unclassified", "new"},
}
"""Words that fit: a regression is new until it has failed often enough to be called broken."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; of nothing it is 0."""

    part: int
    whole: int

    def __float__(self) -> float:
        """From 0 to 1."""
        return self.part / self.whole if self.whole else 0.0

    def __str__(self) -> str:
        """With both counts."""
        return f"{float(self):.3f} ({self.part} of {self.whole})" if self.whole else "-"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a run after an attempt: what each judge said of the tests it named."""

    run: Run
    attempts: int
    said: Mapping[str, Mapping[str, str]]


@dataclass
class Score:
    """Counts of a life, or of several."""

    words: Counter[tuple[str, Truth, str]] = field(default_factory=Counter)
    called: list[tuple[Flake, Mapping[str, float]]] = field(default_factory=list)
    regressions: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _first: dict[tuple[str, str], float] = field(default_factory=dict)
    _builds: Counter[str] = field(default_factory=Counter)
    _trunk: defaultdict[tuple[str, float], list[str]] = field(
        default_factory=partial(defaultdict, list)
    )

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(
            words=self.words + other.words,
            called=self.called + other.called,
            regressions=self.regressions + other.regressions,
            wrong=self.wrong + other.wrong,
        )

    def add(self, world: World, look: Look) -> None:
        """Count one look."""
        first_look = look.run.attempts[0] if look.attempts == 1 else ()  # a re-run is no new build
        for job in first_look:
            active = (t for t, f in world.flakes.items() if f.active(job.name, look.run.day))
            self._builds.update(active)
        truths = look.run.truths(look.attempts)
        for judge, words in look.said.items():
            for test, all_true in truths.items():
                word = words.get(test, "nothing")
                truth = _decisive(all_true, word)
                self.words[judge, truth, word] += 1
                if word == "flaky" and truth is Truth.FLAKE:
                    self._first.setdefault((judge, test), self._builds[test])
                if judge == FLAKEBOT and word not in RIGHT[truth]:
                    self.wrong.append(f"run {look.run.number} {test}: {truth} called {word}")
        if look.run.place.branch == MAIN and look.attempts == 1:
            self._watch(world, look)

    def _watch(self, world: World, look: Look) -> None:
        """Note what was said of each regression that lives on the default branch, in the workflow
        whose builds are counted for it: by a merge the nightly one fails too, but behind CI.
        """
        workflow = look.run.place.workflow
        for each in world.regressions:
            is_its = workflow == (NIGHTLY if each.nightly else CI)
            if is_its and each.breaks(workflow, look.run.day):
                word = look.said[FLAKEBOT].get(each.test, "nothing")
                self._trunk[each.test, each.begin].append(word)

    def close(self, world: World) -> None:
        """Sum up a life that has ended."""
        judges = {judge for judge, _, _ in self.words}
        for test, flake in world.flakes.items():
            delays = {judge: self._first.get((judge, test), math.inf) for judge in judges}
            self.called.append((flake, delays))
        for words in self._trunk.values():
            if len(words) >= TRUNK_RUNS:
                found = words.index("broken") + 1 if "broken" in words else math.inf
                self.regressions.append(found)

    # The tables.

    def table(self) -> str:
        """Everything, as Markdown."""
        judges = sorted({judge for judge, _, _ in self.words}, key=lambda j: (j != FLAKEBOT, j))
        rows = [self._row(judge) for judge in judges]
        head = "| judge | precision of *flaky* | author's own called flaky |"
        head += (
            f" regression called flaky | flakes of ≥ {FREQUENT:.0%} called within {BUILDS} builds |"
        )
        parts = [head, "|---|---|---|---|---|", *rows, "", self._matrix(), "", self._delays(judges)]
        where = f"within {TRUNK_RUNS} builds of the default branch"
        return "\n".join([*parts, "", f"Regressions called broken {where}: {self.broken_early()}"])

    def precision(self, judge: str) -> Share:
        """Flakes among what a judge calls flaky."""
        flaky = {truth: self.words[judge, truth, "flaky"] for truth in Truth}
        return Share(flaky[Truth.FLAKE], sum(flaky.values()))

    def called_flaky(self, judge: str, truth: Truth) -> Share:
        """How much of what is something else it calls flaky."""
        return Share(self.words[judge, truth, "flaky"], self._all(judge, truth))

    def found(self, judge: str) -> Share:
        """Frequent flakes that it calls so soon enough."""
        frequent = [d[judge] for f, d in self.called if f.rate >= FREQUENT]
        return Share(sum(delay <= BUILDS for delay in frequent), len(frequent))

    def broken_early(self) -> Share:
        """Regressions of the default branch that flakebot calls broken soon enough."""
        return Share(sum(found <= TRUNK_RUNS for found in self.regressions), len(self.regressions))

    def _row(self, judge: str) -> str:
        shares = [
            self.precision(judge),
            self.called_flaky(judge, Truth.OWN),
            self.called_flaky(judge, Truth.REGRESSION),
            self.found(judge),
        ]
        return f"| {judge} | " + " | ".join(map(str, shares)) + " |"

    def _all(self, judge: str, truth: Truth) -> int:
        return sum(n for (j, t, _), n in self.words.items() if (j, t) == (judge, truth))

    def _matrix(self) -> str:
        words = sorted({word for judge, _, word in self.words if judge == FLAKEBOT})
        lines = ["| truth \\ flakebot says | " + " | ".join(words) + " |"]
        lines.append("|---|" + "---|" * len(words))
        for truth in Truth:
            cells = [str(self.words[FLAKEBOT, truth, word]) for word in words]
            lines.append(f"| {truth} | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def _delays(self, judges: list[str]) -> str:
        lines = ["| builds until called flaky, median | " + " | ".join(judges) + " |"]
        lines.append("|---|" + "---|" * len(judges))
        for low, high in BANDS:
            band = [delays for flake, delays in self.called if low <= flake.rate < high]
            cells = [_builds(median(d[judge] for d in band)) if band else "-" for judge in judges]
            lines.append(
                f"| rate {low:.1%} to {high:.0%} ({len(band)}) | " + " | ".join(cells) + " |"
            )
        return "\n".join(lines)

    def misses(self) -> str:
        """What flakebot called wrongly, a line each."""
        return "\n".join(self.wrong)


def _decisive(truths: Collection[Truth], word: str) -> Truth:
    """What a word must fit: a change that breaks a test must not hide behind a flake of it; else
    any of what is true.
    """
    for culprit in (Truth.OWN, Truth.REGRESSION):
        if culprit in truths:
            return culprit
    return min(truths, key=lambda truth: (word not in RIGHT[truth], truth))


def _builds(count: float) -> str:
    return "never" if math.isinf(count) else f"{count:.0f}"
