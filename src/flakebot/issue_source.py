"""Where `flakebot reproduce --issue` reads a tracking issue, and writes its report: GitHub, or a
folder in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flakebot import address, wiring
from flakebot.errors import InputError
from flakebot.github_objects import ACTIONS_BOT
from flakebot.judging.history import History
from flakebot.ports import EVER
from flakebot.reproduction import tracked
from flakebot.reproduction.tracked import Tracked
from flakebot.sinks import reproduction_comment


def read(target: str, environ: Mapping[str, str], now: datetime) -> Tracked:
    """What a tracking issue is about.

    Args:
        target: the address of an issue on GitHub, or FOLDER/issues/NUMBER.
        environ: for the token.
        now: the time.

    Raises:
        FlakebotError: there is no such issue, it is none of flakebot's, or it cannot be read.
    """
    with _issue(target, environ, now) as (place, number):
        settings = place.settings
        issues = place.forge.issues(settings.issue_labels[0])
        logins = dict.fromkeys([settings.bot_login or ACTIONS_BOT, place.forge.bot()])
        key = tracked.key_of(issues, logins, number)
        history = History(place.ledger.read(EVER), settings.thresholds)
        return tracked.tracked(key, history, target)


def post(target: str, body: str, environ: Mapping[str, str], now: datetime) -> str:
    """Keep a report as the one comment on an issue; gives the comment's address.

    Raises:
        FlakebotError: it could not be written.
    """
    with _issue(target, environ, now) as (place, number):
        return reproduction_comment.post(place.forge, number, body)


@contextmanager
def _issue(
    target: str, environ: Mapping[str, str], now: datetime
) -> Iterator[tuple[wiring.Place, int]]:
    """An issue's number, and where it is read and written."""
    if "://" not in target:
        folder, number = _in_folder(target)
        yield wiring.in_folder(folder, now=now), number
        return
    where = address.parse_issue(target)
    server = wiring.named_server(where, environ)
    with wiring.github_api(server) as api:
        yield wiring.on_github(api, server), where.number


def _in_folder(target: str) -> tuple[Path, int]:
    path = Path(target)
    number = path.name
    plain = number.isascii() and number.isdecimal()
    if path.parent.name != "issues" or not plain or not path.parent.is_dir():
        raise InputError(f"{target!r} is neither FOLDER/issues/NUMBER nor the address of an issue.")
    return path.parent.parent, int(number)
