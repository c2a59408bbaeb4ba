"""The report of a campaign as JSON: `report.json`, schema `schemas/reproduce.schema.json`. Pure."""

from __future__ import annotations

import math

from flakebot.reproduction.comparing import Comparison
from flakebot.reproduction.findings import Findings, Row
from flakebot.reproduction.hangs import Hang
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Iteration
from flakebot.reproduction.suspects import Suspect
from flakebot.reproduction.tables import ErrorRow, TestRow
from flakebot.reproduction.verification import Verification

SCHEMA = 1


def as_json(found: Findings) -> dict[str, object]:
    """The object of the contract: rates are failing iterations among all, as fractions."""
    campaign = found.campaign
    return {
        "schema": SCHEMA,
        "tests": list(campaign.setup.tests),
        "confidence": campaign.until or None,
        "levels": [_level(row) for row in found.levels],
        "comparisons": [_comparison(each) for each in found.comparisons],
        "trend": found.across.trend,
        "shift": found.across.shift,
        "suspects": [_suspect(each) for each in found.suspects],
        "variants": _variants(found),
        "failing": [_test(row) for row in found.tests],
        "hangs": [_hang(hang) for hang in found.hangs],
        "verification": _verification(found.verification),
        "repeat": [_repeat(row, each) for row in found.rows for each in row.group.failing],
    }


def _level(row: Row) -> dict[str, object]:
    tally = row.tally
    return {
        "level": row.group.level.name,
        "iterations": tally.iterations,
        "passed": tally.iterations - tally.failed,
        "failed": tally.failed,
        "rate": tally.rate,
        "interval": [row.low, row.high],
        "errors": [_error(error) for error in row.errors],
    }


def _error(error: ErrorRow) -> dict[str, object]:
    return {
        "category": error.category.value,
        "count": error.count,
        "sample": error.sample,
        "tests": list(error.tests),
    }


def _comparison(each: Comparison) -> dict[str, object]:
    return {
        "first": each.first,
        "second": each.second,
        "difference": each.difference,
        "interval": [each.low, each.high],
        "p": each.p,
        "adjusted": each.adjusted,
        "certain": each.certain,
        "power": each.power,
        "detectable": each.detectable,
    }


def _suspect(each: Suspect) -> dict[str, object]:
    return {
        "polluter": each.polluter,
        "victim": each.victim,
        "after": _tally(each.after),
        "without": _tally(each.without),
        "lift": _finite(each.lift),
        "interval": [_finite(each.low), _finite(each.high)],
        "p": each.p,
        "adjusted": each.adjusted,
        "certain": each.certain,
        "level": each.level.name,
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {"failed": tally.failed, "iterations": tally.iterations}


def _finite(number: float) -> float | None:
    """JSON has no infinity; null stands for it."""
    return None if math.isinf(number) else number


def _variants(found: Findings) -> list[dict[str, object]]:
    against = {each.first: each for each in found.helping}
    return [
        {
            "variant": row.group.variant,
            **_level(row),
            "comparison": _comparison(against[row.group.name])
            if row.group.name in against
            else None,
        }
        for row in found.variants
    ]


def _test(row: TestRow) -> dict[str, object]:
    return {
        "test": row.test,
        "iterations": row.total,
        "by_level": dict(row.counts),
        "categories": [category.value for category in row.categories],
    }


def _hang(hang: Hang) -> dict[str, object]:
    return {
        "tests": list(hang.tests),
        "iterations": [{"level": name, "number": number} for name, number in hang.where],
        "silence": hang.silence,
        "stacks": list(hang.stacks),
        "never_ran": list(hang.never_ran),
        "unkillable": hang.unkillable,
    }


def _verification(found: Verification | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "verdict": found.verdict.value,
        "failed": found.tally.failed,
        "iterations": found.tally.iterations,
        "needed": found.needed,
        "confidence": found.confidence,
        "otherwise": found.otherwise,
        "sentence": found.sentence,
    }


def _repeat(row: Row, each: Iteration) -> dict[str, object]:
    return {
        "level": row.group.level.name,
        "variant": row.group.variant,
        "number": each.number,
        "ending": each.ending.value,
        "seconds": each.seconds,
        "categories": list(dict.fromkeys(f.category.value for f in each.failures)),
        "command": each.command,
    }
