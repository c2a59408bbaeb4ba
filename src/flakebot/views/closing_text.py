"""What is said when an issue is closed because it has gone silent. Pure."""

from __future__ import annotations

from flakebot.judging.silence import Silence
from flakebot.keys import HUGGING_FACE
from flakebot.settings import Settings
from flakebot.views import markers, render
from flakebot.views.markers import Mark
from flakebot.wording import plural


def sentence(quiet: Silence, key: str) -> str:
    """The reason in a few words."""
    since = f" since {quiet.since:%Y-%m-%d}" if quiet.since else ""
    return f"no failure in {plural(quiet.builds, _unit(key))}{since}"


def body(key: str, quiet: Silence, tracked: str, settings: Settings) -> str:
    """The comment; `key` is its own, `tracked` that of the issue."""
    return render.fitting(
        "issue_closing",
        settings.limits,
        marker=render.ours(markers.mark(Mark.NOTE, key)),
        sentence=sentence(quiet, tracked),
        unit=_unit(tracked),
        quiet=quiet,
        outage=tracked == HUGGING_FACE,
        thresholds=settings.thresholds,
    )


def _unit(key: str) -> str:
    """An outage is counted in runs, a test in builds."""
    return "run" if key == HUGGING_FACE else "build"
