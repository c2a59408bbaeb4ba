"""The lines about iterations: results, headings, and how two campaigns differ. Pure."""

from __future__ import annotations

from dataclasses import fields

from flakebot import untrusted
from flakebot.reproduction.iterations import Campaign, Ending, Iteration, Level

HEADING = "==== iteration "
"""How the output of an iteration begins in a log that holds many."""

_WIDTH = 120
"""Characters of a message in a list."""


def folder_name(iteration: Iteration) -> str:
    """The folder of its logs: `n16`, `n16-forked`."""
    return label(iteration.level, iteration.variant)


def label(level: Level, variant: str) -> str:
    """A level and a variant in one word."""
    return f"{level.name}-{variant}" if variant else level.name


def heading(iteration: Iteration) -> str:
    """The line before an iteration's output."""
    return f"{HEADING}{iteration.number} of {folder_name(iteration)}"


def result(iteration: Iteration) -> str:
    """One line of `results.txt`."""
    began = f"{iteration.started:%Y-%m-%dT%H:%M:%SZ}"
    words = [began, folder_name(iteration), f"iter_{iteration.number}"]
    words += ["passed" if iteration.passed else "failed", f"{iteration.seconds:.1f}s"]
    return " ".join([*words, told(iteration)]).rstrip()


def told(iteration: Iteration) -> str:
    """What went wrong, in a few words; empty when nothing did."""
    if iteration.passed:
        return ""
    first = iteration.failures[0]
    ended = "" if iteration.ending is Ending.EXITED else f"{iteration.ending.value} "
    where = f" {first.tests[0]}" if first.tests else ""
    text = untrusted.clean(f"{ended}{first.category.value}{where}: {first.text}")
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def difference(earlier: Campaign, later: Campaign) -> str:
    """Why two campaigns may not share one folder; empty when they may.

    The number of iterations and the levels may grow: an iteration is the same with or without them.
    """
    for field in fields(earlier.setup):
        old, new = getattr(earlier.setup, field.name), getattr(later.setup, field.name)
        if old != new:
            return f"{field.name}: {_shown(old)} there, {_shown(new)} here"
    if earlier.variants != later.variants:
        return "other variants"
    if earlier.shard != later.shard:
        return f"shard {earlier.shard.index}/{earlier.shard.count} there"
    return ""


def _shown(thing: object) -> str:
    words = " ".join(map(str, thing)) if isinstance(thing, tuple) else str(thing)
    return untrusted.clean(words) or "nothing"
