"""`flakebot replay`: what the rules and settings of now make of past runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.text import Text

from flakebot import address, config, screen, settings_file, untrusted, wiring
from flakebot.errors import InputError
from flakebot.forges.folder import FolderForge
from flakebot.hugging_face.hub import HuggingFace
from flakebot.judging import replaying
from flakebot.judging.replaying import Change, Replay
from flakebot.model import value
from flakebot.pipeline import Tools
from flakebot.pipeline import replaying as pipeline
from flakebot.pipeline.replaying import Asked
from flakebot.ports import Hub
from flakebot.reading.project_rules import ProjectRules
from flakebot.settings import Settings
from flakebot.wording import plural

MOST = 20
"""Changes that are shown to a person; the JSON has more."""

EARLIEST = datetime(2018, 1, 1, tzinfo=UTC)
"""GitHub Actions has no older run."""

_SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DIGITS = 5


@value
class Options:
    """What the command line was given; `logs` is None where nothing was said of them."""

    target: str
    since: str
    settings: Path | None
    limit: int
    logs: int | None
    as_json: bool


@value
class _By:
    """What runs are judged by, and the settings whose verdicts are held against theirs: those of
    the repository where a file is tried, else None for the verdicts on record.
    """

    settings: Settings
    rules: ProjectRules
    against: Settings | None


def replay(options: Options, *, now: datetime, environ: Mapping[str, str]) -> int:
    """Judge past runs again and print what becomes of their verdicts.

    Raises:
        InputError: the target, --since or --settings has no such shape.
        FlakebotError: settings or ledger cannot be read.

    """
    begin = since(options.since, now)
    if folder := wiring.saved_repository(options.target):
        found = _in_folder(folder, options, begin, now)
    else:
        found = _on_github(options, begin, now, environ)
    if options.as_json:
        print(untrusted.json_line(replaying.to_json(found)))
        return 0
    screen.show(_lines(found))
    return 0


def since(text: str, now: datetime) -> datetime:
    """The moment that `30d`, `12h`, `4w` or an ISO 8601 time names."""
    number, span = text[:-1], _SPANS.get(text[-1:])
    try:
        if span and number.isdecimal() and len(number) <= _DIGITS:
            return max(EARLIEST, now - int(number) * span)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"--since: {text!r} is neither a span, as `30d`, `12h` or `4w`, nor an ISO 8601 time."
        ) from error
    return max(EARLIEST, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


# ------------------------------------------------------------------------------------------
# Where runs are


def _in_folder(folder: Path, options: Options, begin: datetime, now: datetime) -> Replay:
    place = wiring.in_folder(folder, now=now)
    by = _by(place, options.settings)
    forge = FolderForge(folder, now=now, limits=by.settings.limits)
    logs = options.limit if options.logs is None else options.logs
    asked = Asked(since=begin, limit=options.limit, logs=logs, then=by.against)
    hub = wiring.scripted(folder, by.settings)
    return _replayed(dataclasses.replace(place, forge=forge), by, hub, asked, now)


def _on_github(
    options: Options, begin: datetime, now: datetime, environ: Mapping[str, str]
) -> Replay:
    server = wiring.named_server(address.parse_repository(options.target), environ)
    with wiring.github_api(server) as api:
        place = wiring.on_github(api, server)
        by = _by(place, options.settings)
        api.limits = by.settings.limits
        asked = Asked(since=begin, limit=options.limit, logs=options.logs or 0, then=by.against)
        return _replayed(place, by, HuggingFace(by.settings), asked, now)


def _replayed(place: wiring.Place, by: _By, hub: Hub, asked: Asked, now: datetime) -> Replay:
    tools = Tools(
        forge=place.forge,
        ledger=place.ledger,
        hub=hub,
        rules=by.rules.rules,
        say=screen.say,
        watch=screen.watched,
    )
    return pipeline.replay(tools, asked, settings=by.settings, now=now)


def _by(place: wiring.Place, file: Path | None) -> _By:
    """The settings and rules of the repository, or those of a file against them."""
    if file is None:
        found = _By(settings=place.settings, rules=config.rules_from(place.text), against=None)
    else:
        tried = settings_file.load(file)
        found = _By(settings=tried.settings, rules=tried.rules, against=place.settings)
    for sentence in found.rules.faults:
        screen.say(sentence)
    return found


# ------------------------------------------------------------------------------------------
# For a person


def _lines(found: Replay) -> Iterator[Text]:
    since = f"{found.since:%Y-%m-%d}"
    runs = f"  {plural(found.runs, 'run')} since {since}, held against {found.then}"
    yield screen.styled((found.repository, "bold"), (runs, ""))
    others = "the others are " if found.reread else ""
    read = f"the logs of {plural(found.reread, 'run')} were read again" if found.reread else ""
    kept = f"{others}judged as they were read then" if found.reread < found.runs else ""
    yield screen.styled((f"  {'; '.join(filter(None, [read, kept]))}", "dim"))
    if found.left_out:
        yield screen.styled(
            (f"  {plural(found.left_out, 'older run')} left out: --limit", "yellow")
        )
    for problem in found.problems:
        yield screen.styled((f"  {problem}", "yellow"))
    yield Text()
    if not found.verdicts:
        yield screen.styled(("Nothing failed.", ""))
        return
    yield from _table(found)
    for number, change in enumerate(found.changes[:MOST], 1):
        yield Text()
        yield from _change(number, change)
    if left := found.changed - len(found.changes[:MOST]):
        more = "" if found.changed > len(found.changes) else "; --json has them all"
        yield Text()
        yield screen.styled((f"and {plural(left, 'more change')}{more}", "dim"))


def _table(found: Replay) -> Iterator[Text]:
    rows = [
        ("then", "now", "verdicts"),
        *((c.then, c.now, str(c.findings)) for c in found.verdicts),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for then, now, count in rows:
        style = "bold" if replaying.is_change(then, now) else ""
        cells = f"{then:{widths[0]}}   {now:{widths[1]}}   {count:>{widths[2]}}"
        yield screen.styled((cells, "dim" if count == "verdicts" else style))


def _change(number: int, change: Change) -> Iterator[Text]:
    yield screen.styled(
        (f"{number}. {change.then} → {change.now}", "bold"), (f"  {change.about}", "")
    )
    yield screen.styled(
        ("   because  ", "dim"), (change.reason or "nothing is said of it any more", "")
    )
    run = f"{change.url or change.run_id}, attempt {change.attempt}, {change.at:%Y-%m-%d}"
    yield screen.styled(("   run      ", "dim"), (run, ""))
