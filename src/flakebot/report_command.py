"""`flakebot report`: what the ledger says of flakebot itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.text import Text

from flakebot import address, screen, untrusted, wiring
from flakebot.feedback import Word
from flakebot.judging.accuracy import ENOUGH, Row
from flakebot.pipeline import measuring
from flakebot.pipeline.measuring import Measured
from flakebot.settings_file import Chosen
from flakebot.wording import percent, plural

SCHEMA = 1
"""Rises when a field of the JSON changes its meaning."""

_NOBODY = """\
No maintainer has had a word on these verdicts yet. `/flakebot flaky` or `/flakebot not-a-flake` \
in a comment is one; until then nothing is measured, and every confidence is an expectation."""

_NOTHING = "No verdict is on record since then."


def accuracy(
    target: str,
    *,
    as_json: bool,
    now: datetime,
    settings: Chosen,
    environ: Mapping[str, str],
) -> int:
    """Print how often verdicts held, by kind and by rule.

    Raises:
        InputError: the target has no such shape.
        FlakebotError: settings or ledger cannot be read.

    """
    if folder := wiring.saved_repository(target):
        found = _measured(wiring.in_folder(folder, now=now, **settings), now)
    else:
        found = _on_github(target, now, settings, environ)
    if as_json:
        print(untrusted.json_line(to_json(found)))
        return 0
    screen.show(_lines(found))
    return 0


def to_json(found: Measured) -> Mapping[str, object]:
    """What was measured, as `schemas/accuracy.schema.json` describes it."""
    return {
        "schema": SCHEMA,
        "repository": found.repository,
        "since": found.since.isoformat(),
        "attempts": found.attempts,
        "words": found.accuracy.said,
        "enough": ENOUGH,
        "verdicts": [
            {**_json(row), "confidence": row.confidence} for row in found.accuracy.verdicts
        ],
        "rules": [_json(row) for row in found.accuracy.rules],
        "problems": list(found.problems),
    }


def _json(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "given": row.given,
        "words": {str(word): count for word, count in row.words.items()},
        "judged": row.judged,
        "held": row.held,
        "interval": [row.low, row.high] if row.judged else None,
        "by_time": {"held": row.time_held, "not": row.time_failed},
    }


def _on_github(
    target: str, now: datetime, settings: Chosen, environ: Mapping[str, str]
) -> Measured:
    server = wiring.named_server(address.parse_repository(target), environ)
    with wiring.github_api(server) as api:
        return _measured(wiring.on_github(api, server, **settings), now)


def _measured(place: wiring.Place, now: datetime) -> Measured:
    name = place.forge.repository().full_name
    return measuring.measure(name, place.ledger, place.settings, now)


# ------------------------------------------------------------------------------------------
# For a person


def _lines(found: Measured) -> Iterator[Text]:
    measured = found.accuracy
    record = f"  {plural(found.attempts, 'attempt')} of runs since {found.since:%Y-%m-%d}"
    yield screen.styled((found.repository, "bold"), (record, ""))
    words = plural(measured.said, "word")
    yield screen.styled((f"  {words} of maintainers since the first verdict on record", "dim"))
    for problem in found.problems:
        yield screen.styled((f"  {problem}", "yellow"))
    yield Text()
    if not any(row.given for row in measured.verdicts):
        yield screen.styled((_NOTHING, ""))
        return
    yield from _table("verdict", [row for row in measured.verdicts if row.given], sure=True)
    told = [row for row in measured.rules if row.judged or row.time_held or row.time_failed]
    if told:
        yield Text()
        yield from _table("rule", told, sure=False)
    yield Text()
    if not measured.said:
        yield screen.styled((_NOBODY, "yellow"))
    yield screen.styled((_note(), "dim"))


def _note() -> str:
    return (
        "held: verdicts that maintainers' words agree with, each word once for each kind, with "
        "the 95 % interval. by time: what later builds settled where nobody had a word, in one "
        f"direction for most kinds, so it is in no share. confidence: the share from {ENOUGH} "
        "words on, before that what is expected."
    )


def _table(head: str, rows: Sequence[Row], *, sure: bool) -> Iterator[Text]:
    heads = [head, "given", "flaky", "not a flake", "fixed", "held", "by time: held", "not"]
    heads += ["confidence"] * sure
    cells = [heads, *(_cells(row, sure=sure) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    for number, line in enumerate(cells):
        first, *others = (
            cell.ljust(width) if column in {0, 5} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield screen.styled(("   ".join([first, *others]).rstrip(), "" if number else "dim"))


def _cells(row: Row, *, sure: bool) -> list[str]:
    share = f"{row.held} of {row.judged} ({percent(row.low)} to {percent(row.high)})"
    return [
        row.name,
        str(row.given),
        *(str(row.words[word]) for word in (Word.FLAKY, Word.NOT_A_FLAKE, Word.FIXED)),
        share if row.judged else "—",
        str(row.time_held),
        str(row.time_failed),
        *[f"{row.confidence:.2f}"] * sure,
    ]
