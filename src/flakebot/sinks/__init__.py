"""Sinks: what flakebot keeps on GitHub, each a module with `NAME`, `observe` and `plan`."""

from __future__ import annotations

from flakebot.sinks.applying import apply, apply_all
from flakebot.sinks.context import Context, Sink

__all__ = ["Context", "Sink", "apply", "apply_all"]
