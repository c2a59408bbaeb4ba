"""Sinks: what flakebot keeps on GitHub, each a module that observes and plans."""

# No `from __future__ import annotations` here: it would stand in the place of the module
# `flakebot.sinks.annotations`.

from flakebot.sinks.applying import apply, apply_all
from flakebot.sinks.context import Context, Sink

__all__ = ["Context", "Sink", "apply", "apply_all"]
