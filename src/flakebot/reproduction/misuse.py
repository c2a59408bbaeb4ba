"""A command that is wrong, which no iteration can do anything about: told at once. Pure."""

from __future__ import annotations

from flakebot import untrusted
from flakebot.model import LogReading
from flakebot.reproduction.iterations import Ending, Iteration
from flakebot.reproduction.journal import Journal
from flakebot.secrets_mask import mask

_FAULTS: dict[int | None, str] = {
    3: "pytest breaks before the first test, perhaps by a conftest.py or plug-in",
    4: "The test command is wrong",
    5: "The test command runs no test",
}
"""Exit codes of pytest that no iteration can do anything about, as long as no test began, which may
end its process with any of them (https://docs.pytest.org/en/stable/reference/exit-codes.html)."""


def fault(iteration: Iteration, log: LogReading, journal: Journal, last_line: str) -> str:
    """A sentence when the command is wrong rather than the tests, else nothing.

    Args:
        iteration: how it ended.
        log: its log.
        journal: what its processes noted.
        last_line: what it printed last.
    """
    if iteration.ending is not Ending.EXITED:
        return ""
    # On CI pytest ends no line after `collecting ... `.
    said = last_line.removeprefix("collecting ... ")
    found = "" if _began(log, journal) else _FAULTS.get(iteration.exit_code, "")
    if found:
        return f"{found}; pytest said: {untrusted.clean(mask(said))}"
    workers = log.workers or sum(bool(worker.name) for worker in journal.workers)
    if workers and not iteration.level.processes:
        return (
            "The serial level ran under xdist, by the project's own settings: "
            "add `-- -n 0`, or leave `serial` out of --levels."
        )
    return ""


def _began(log: LogReading, journal: Journal) -> bool:
    """Whether any test began: what breaks pytest after that may be the flake itself."""
    return bool(log.counts) or any(worker.tests for worker in journal.workers)
