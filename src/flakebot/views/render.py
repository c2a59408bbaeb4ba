"""Markdown from templates in which forgetting a filter is safe. Pure but for reading the package's
own templates.

Whatever a template prints is made inert unless it is a number or was made Markdown by a filter of
this module, so log text cannot become a mention, a link, HTML or a marker by oversight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flakebot import untrusted, wording
from flakebot.keys import HUGGING_FACE
from flakebot.model import value
from flakebot.report import Event, Kind
from flakebot.settings import Limits
from flakebot.views import access_faults, placeholders, telling

_ADDRESS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&*+,;=%"
)
_ADDRESS_CHARACTERS = 300


@value
class Detail:
    """How much a text shows: rows of a table, lines of an excerpt, characters of a name and of a
    line.
    """

    rows: int
    lines: int
    name: int
    width: int


STEPS = (
    Detail(rows=40, lines=40, name=300, width=400),  # full
    Detail(rows=20, lines=20, name=200, width=240),  # merged
    Detail(rows=8, lines=8, name=120, width=160),  # shortened
    Detail(rows=3, lines=0, name=60, width=80),
    Detail(rows=1, lines=0, name=40, width=40),  # counts
)
"""From everything to the mere counts; the first that fits is used
(scientific-python/issue-from-pytest-log-action: `compressed_report`)."""


def markdown(template: str, detail: Detail = STEPS[0], **values: object) -> str:
    """A template with its values, in one line-ending and without trailing blank lines."""
    text = _environment.get_template(f"{template}.md.j2").render(detail=detail, **values)
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept) + "\n"


def fitting(template: str, limits: Limits, **values: object) -> str:
    """The fullest text of a template that GitHub will store; the last step fits by construction."""
    for detail in STEPS[:-1]:
        text = markdown(template, detail, **values)
        if fits(text, limits):
            return text
    return markdown(template, STEPS[-1], **values)


def fits(text: str, limits: Limits) -> bool:
    """Whether a body is below the limits; GitHub counts characters, and stores bytes."""
    return (
        len(text) <= limits.body_characters
        and len(text.encode("utf-8", "replace")) <= limits.body_bytes
    )


def ours(text: str) -> Markup:
    """Our own Markdown, printed as it stands; never pass it a log's text."""
    return Markup(text)  # noqa: S704 - the one door for Markdown that is not escaped


def short(text: str, limit: int) -> str:
    """A text cut in its middle: both ends of a test id tell something."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"


def _cut(text: object, limit: int) -> str:
    """What can be seen of a text, shortened: invisible characters push nothing out of sight."""
    return short(untrusted.clean(str(text)), limit)


def _code(text: object, limit: int = 300) -> Markup:
    """A code span."""
    return ours(untrusted.code_span(_cut(text, limit)))


def _cell(text: object, limit: int = 300) -> Markup:
    """A code span for a table cell."""
    return ours(untrusted.table_code(_cut(text, limit)))


def _plain(text: object, limit: int = 200) -> Markup:
    """Inert prose for any place in a line."""
    return ours(untrusted.inline(_cut(text, limit)))


def _sentence(text: object) -> Markup:
    """A sentence of our own, of which no part may be missing: it says what to do."""
    return _plain(text, _SENTENCE)


def _fenced(excerpt: Sequence[str], detail: Detail, around: str = "") -> Markup:
    """A fenced excerpt: the lines around the one that matters."""
    middle = next((i for i, line in enumerate(excerpt) if around and around in line), 0)
    start = max(0, min(middle - detail.lines // 2, len(excerpt) - detail.lines))
    lines = [short(line, detail.width) for line in excerpt[start : start + detail.lines]]
    while lines and not lines[-1].strip():
        del lines[-1]
    return ours(untrusted.fence(lines))


def _whole(commands: Iterable[str], detail: Detail) -> Markup:
    """Commands to paste, each whole or not at all; empty when none is left."""
    most = detail.width * _COMMAND
    whole = (command for command in commands if len(command) <= most)
    return ours(untrusted.fence(list(map(untrusted.shell, whole))))


def _linked(text: object, url: str) -> Markup:
    """A text that leads to an address of GitHub's; only the text when the address is unusual."""
    shown = text if isinstance(text, Markup) else _plain(text)
    plausible = url.startswith(("https://", "http://")) and set(url) <= _ADDRESS
    if not plausible or len(url) > _ADDRESS_CHARACTERS:
        return shown
    return ours(f"[{shown}]({url})")


def _percent(share: float) -> Markup:
    """A share as a percentage."""
    return ours(wording.percent(share))


def _moment(when: datetime | None) -> Markup:
    """A point in time in UTC, to the minute."""
    return ours(f"{when.astimezone(UTC):%Y-%m-%d %H:%M}" if when else "—")


def _day(when: datetime | None) -> Markup:
    """A day in UTC."""
    return ours(f"{when.astimezone(UTC):%Y-%m-%d}" if when else "—")


def _commit(sha: str) -> Markup:
    """A commit as GitHub abbreviates it, for places where a code span is not one."""
    return ours(sha[:7]) if set(sha) <= set("0123456789abcdef") else _plain(sha[:7])


def _said(reasons: Sequence[str], detail: Detail) -> Markup:
    """The two strongest reasons as one sentence begun with a capital."""
    joined = "; ".join(short(reason, detail.width) for reason in reasons[:2])
    return _plain(joined[:1].upper() + joined[1:], 2 * detail.width + 2)


def _placeholder(key: str) -> Markup:
    """Where the number of an issue goes that is about to be opened."""
    return ours(placeholders.placeholder(key))


def _more(rows: Sequence[object], detail: Detail) -> Markup:
    """What a shortened table leaves out, in a line."""
    left = len(rows) - detail.rows
    return ours(f"\n… and {left} more.\n" if left > 0 else "")


def _mended(event: Event) -> Markup:
    """What is wrong with an access that was refused for good, and what to do about it."""
    fault, remedy = access_faults.words(event.rule)
    told = f"{fault}. {remedy}"
    if event.model:
        told = f"{_cell(event.model, 120)}: {fault[:1].lower()}{fault[1:]}. {remedy}"
    became = event.result[:1].upper() + event.result[1:]
    return ours(f"{told} {_plain(became)}." if became else told)


def _minutes(minutes: float) -> Markup:
    """A time as `47 min`, `3 h` or `3 h 20 min`."""
    hours, rest = divmod(round(minutes), 60)
    return ours(" ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours)))


def _bar(count: int, most: int) -> Markup:
    """A count as a bar beside others."""
    return ours("█" * max(1, round(_BAR * count / most)))


def _inert(printed: object) -> Markup:
    """What a template prints without a filter."""
    if isinstance(printed, Markup):
        return printed
    if isinstance(printed, int | float | StrEnum):  # enums are our own words
        return ours(str(printed))
    return _plain(printed)


def _joined_code(names: Iterable[str], limit: int) -> Markup:
    """Up to five names as code spans for a table cell."""
    shown = list(names)
    spans = ", ".join(_cell(name, limit) for name in shown[:_NAMES])
    return ours(f"{spans} and {len(shown) - _NAMES} more" if len(shown) > _NAMES else spans)


_SENTENCE = 1000
"""Characters that a sentence of our own stays below, with the names and words of others in it."""

_COMMAND = 5
"""Times the width of a line, to which a command may be long."""

_NAMES = 5
_BAR = 20

_environment = Environment(
    loader=PackageLoader("flakebot.views"),
    undefined=StrictUndefined,
    autoescape=True,
    finalize=_inert,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_environment.globals.update(
    {
        "HUGGING_FACE": HUGGING_FACE,
        "Kind": Kind,
        **{
            tell.__name__: tell
            for tell in (
                telling.aside,
                telling.event_name,
                telling.events,
                telling.failed_step,
                telling.headline,
                telling.reach,
                telling.retried,
                telling.standing,
                telling.unexplained,
                telling.unpassed,
                wording.plural,
            )
        },
    }
)
_environment.filters.update(
    {
        "bar": _bar,
        "cell": _cell,
        "code": _code,
        "commit": _commit,
        "day": _day,
        "fenced": _fenced,
        "linked": _linked,
        "moment": _moment,
        "mended": _mended,
        "minutes": _minutes,
        "more": _more,
        "names": _joined_code,
        "percent": _percent,
        "placeholder": _placeholder,
        "plain": _plain,
        "said": _said,
        "sentence": _sentence,
        "whole": _whole,
    }
)
