"""The report of a campaign: Markdown, and a few lines for a terminal. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from flakebot import untrusted
from flakebot.judging.stats import wilson
from flakebot.model import value
from flakebot.reproduction import sayings, sequential
from flakebot.reproduction.findings import Findings, Row
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import Campaign, Iteration
from flakebot.reproduction.sayings import Saying
from flakebot.reproduction.suspects import SHOWN
from flakebot.settings import Limits
from flakebot.views import markers, render
from flakebot.views.markers import Mark
from flakebot.views.render import Detail
from flakebot.wording import percent

_FILE = Detail(rows=100_000, lines=200, name=500, width=400)
"""In a file there is room: every failing iteration has its command."""

_NAME, _NAMES = 300, 10
"""Characters of a name in a row, and names in a row."""

_WORD = 4000
"""Characters of a name or a command in a sentence: half a command repeats nothing."""

_COLUMNS = ("Parallelism", "Iterations", "Passed", "Failed", "Pass Rate", "95 % interval")


def markdown(found: Findings) -> str:
    """The whole report, for `report.md`."""
    return render.markdown("reproduction", _FILE, **_values(found))


def comment(found: Findings, key: str, limits: Limits | None = None) -> str:
    """The report as the one comment on an issue; `key` tells one campaign's from another's."""
    values = _values(found)
    marker = render.ours(markers.mark(Mark.REPRODUCTION, key))
    return render.fitting("reproduction", limits or Limits(), **{**values, "marker": marker})


def summary(found: Findings) -> str:
    """What a person reads when the command ends, and `summary.txt`: one screen of plain text."""
    lines = [_said(sayings.headline(found)), ""]
    lines += _aligned([_COLUMNS, *(_cells(row) for row in found.rows)])
    lines += [f"* {_said(saying)}" for saying in sayings.points(found)]
    steps = [f"  {_said(saying)}" for saying in sayings.steps(found)]
    lines += ["Next:", *steps] if steps else []
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------
# For Markdown


def _values(found: Findings) -> dict[str, object]:
    return {
        "marker": "",
        "found": found,
        "headline": _marked(sayings.headline(found)),
        "points_told": [_marked(saying) for saying in sayings.points(found)],
        "steps": [_marked(saying) for saying in sayings.steps(found)],
        "remedy": render.ours(sayings.remedy(found)),
        "intervals": _Intervals(sequential=bool(found.campaign.until)),
        "lift": _times,
        "p": _p,
        "p_words": sayings.p_words,
        "signed": _signed,
        "most_suspects": SHOWN,
        "victims": sorted(found.victims.items(), key=lambda item: -item[1].failed)[:SHOWN],
        "failing": _failing(found),
        "asked": _asked(found.campaign),
    }


def _marked(saying: Saying) -> Markup:
    """A saying with its names as code."""
    words = (
        untrusted.code_span(render.short(word, _WORD)) if index % 2 and word else word
        for index, word in enumerate(saying)
    )
    return render.ours("".join(words))


@value
class _Intervals:
    """The interval of a share, of the kind that the campaign allows."""

    sequential: bool

    def __call__(self, failed: int, iterations: int) -> tuple[float, float]:
        if self.sequential:
            return sequential.interval(Tally(failed=failed, iterations=iterations), ALPHA)
        return wilson(failed, iterations)


def _times(ratio: float) -> Markup:
    """A ratio as `3.2`, infinite where the victim may never fail otherwise."""
    return render.ours("∞" if math.isinf(ratio) else f"{ratio:.2g}")


def _p(p: float) -> Markup:
    """A p value without its letter."""
    return render.ours(sayings.p_words(p).removeprefix("p ").removeprefix("= "))


def _signed(share: float) -> Markup:
    """A difference of rates in points, with its sign."""
    return render.ours(f"{100 * share:+.0f}")


def _failing(found: Findings) -> list[tuple[str, Iteration, list[str]]]:
    return [
        (row.group.name, each, list(dict.fromkeys(str(f.category) for f in each.failures)))
        for row in found.rows
        for each in row.group.failing
    ]


def _asked(campaign: Campaign) -> Markup:
    """What was run, in a line."""
    setup = campaign.setup
    parts = [f"Kept by flakebot. Tests: {_codes(setup.tests)}"]
    parts += [f"arguments: {_codes(setup.arguments)}"] if setup.arguments else []
    parts += [f"image: {_codes([setup.image])}"] if setup.image else []
    parts += [f"machine: {_codes([campaign.machine])}"] if campaign.machine else []
    parts += [f"time-out: {setup.timeout:g} s", f"side by side: {setup.jobs}"]
    return render.ours("; ".join(parts) + ".")


def _codes(names: Sequence[str]) -> str:
    shown = " ".join(untrusted.code_span(render.short(name, _NAME)) for name in names[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown


# ------------------------------------------------------------------------------------------
# For a terminal


def _said(saying: Saying) -> str:
    return untrusted.terminal("".join(saying))


def _cells(row: Row) -> tuple[str, ...]:
    n, failed = row.tally.iterations, row.tally.failed
    share = percent(1 - row.tally.rate) if n else "-"
    ends = f"{percent(1 - row.high)} to {percent(1 - row.low)}" if n else "-"
    return (untrusted.terminal(row.group.name), str(n), str(n - failed), str(failed), share, ends)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return [*(line.rstrip() for line in lines), ""]
