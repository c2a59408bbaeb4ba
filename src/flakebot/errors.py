"""The tree of expected errors: each is one sentence a user can act on. No I/O.

Everything that derives from `FlakebotError` ends a command with exit code 1 and its sentence;
anything else is a bug and ends with exit code 3 and a report to paste.
"""

from __future__ import annotations

DONE, EXPECTED, BUG, INTERRUPTED = 0, 1, 3, 130
"""Exit codes of a command; 2, for wrong usage, is the parser's."""


class FlakebotError(Exception):
    """An expected failure; its text is one sentence that says what to do."""


class SettingsError(FlakebotError):
    """A settings file, an input or a rule is wrong; names the file, the line or key."""


class InputError(FlakebotError):
    """A path, address or event cannot be worked with; names it."""


class NotFoundError(FlakebotError):
    """GitHub, or the folder in its place, has no such thing."""


class PermissionMissingError(FlakebotError):
    """A token lacks a permission.

    Args:
        permission: the line to add to the workflow, as `issues: write`.
        doing: what was tried, as "list the issues".
        on_pull: the line in its place where it was tried on a pull request; empty when it is the
            same.
    """

    def __init__(self, permission: str, doing: str, *, on_pull: str = "") -> None:
        self.permission = permission
        self.doing = doing
        other = f", on a pull request `{on_pull}`," if on_pull else ""
        super().__init__(
            f"The token may not {doing}: add `{permission}`{other} to the `permissions:` "
            "of the job that runs flakebot."
        )


class TokenMissingError(FlakebotError):
    """GitHub does not do without a token what was tried, as "list the issues"."""

    def __init__(self, doing: str) -> None:
        super().__init__(
            f"Could not {doing}: GitHub asks for a token, and there is none: set GITHUB_TOKEN or "
            "GH_TOKEN, for a GitHub Enterprise Server GH_ENTERPRISE_TOKEN."
        )


class GitHubError(FlakebotError):
    """GitHub answered with an error after all tries, or not at all.

    Args:
        sentence: what happened, for a person.
        status: HTTP status; 0 when there was no answer.

    `passing` says that the same may go well another time.
    """

    def __init__(self, sentence: str, *, status: int = 0, passing: bool = False) -> None:
        self.status = status
        self.passing = passing
        super().__init__(sentence)


class DoubtfulWriteError(GitHubError):
    """A write was sent and no answer came: it may or may not have happened, so look before trying
    again.
    """


class PartialReadError(FlakebotError):
    """A list could not be read to its end, so nothing may be written that rests on it
    (golang/go#72731).
    """


class UnsafePlanError(FlakebotError):
    """A plan passes a limit that exists for safety, so none of it is applied."""


class WrongLoginError(FlakebotError):
    """What was just written stands under another login than expected, so that no later run would
    know it: nothing more may be written.
    """


class LedgerError(FlakebotError):
    """The ledger could not be read or written."""


class DownloadError(FlakebotError):
    """Hugging Face's client could not download something; says what helps."""
