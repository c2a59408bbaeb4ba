"""Parse the address of a run, issue or repository as a person copies it from the browser, and find
the test that a person names. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flakebot.errors import InputError
from flakebot.model import value
from flakebot.wording import listing


@value
class RunAddress:
    """A run, perhaps one attempt or job of it, on one GitHub server.

    `api` is the address of the server's API, as `api_of` has it.
    """

    api: str
    repository: str
    run_id: int
    attempt: int | None = None
    job_id: int | None = None


_SHAPE = "https://github.com/OWNER/REPO/actions/runs/ID[/attempts/N][/job/ID]"
_ISSUE_SHAPE = "https://github.com/OWNER/REPO/issues/NUMBER"
_ISSUE_PARTS = 4
_RUN_PARTS = 5  # owner, repository, "actions", "runs", id
ENTERPRISE_PATH = "/api/v3"
"""Of the API on a GitHub Enterprise Server."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_DIGITS = 19  # of a 64-bit id


@value
class IssueAddress:
    """An issue on one GitHub server, as `RunAddress`."""

    api: str
    repository: str
    number: int


@value
class RepositoryAddress:
    """A repository on one GitHub server, as `RunAddress`."""

    api: str
    repository: str


def parse(text: str) -> RunAddress:
    """Read `…/OWNER/REPO/actions/runs/ID[/attempts/N][/job/ID]`.

    Raises:
        InputError: the text has another shape.

    """
    host, names = _parts(text)
    if not host or len(names) < _RUN_PARTS or names[2:4] != ["actions", "runs"]:
        raise InputError(f"{text!r} is no address of a run; it should look like {_SHAPE}.")
    rest = dict(zip(names[_RUN_PARTS::2], names[_RUN_PARTS + 1 :: 2], strict=False))
    if len(names[_RUN_PARTS:]) % 2 or not rest.keys() <= {"attempts", "job", "jobs"}:
        raise InputError(f"{text!r} is no address of a run; it should look like {_SHAPE}.")
    return RunAddress(
        api=api_of(host),
        repository=f"{names[0]}/{names[1]}",
        run_id=_number(names[4], text),
        attempt=_number(rest["attempts"], text) if "attempts" in rest else None,
        job_id=_number(rest.get("job", rest.get("jobs", "")), text)
        if rest.keys() - {"attempts"}
        else None,
    )


def parse_repository(text: str) -> RepositoryAddress:
    """Read `OWNER/REPO` or `https://HOST/OWNER/REPO`.

    Raises:
        InputError: the text has another shape.

    """
    host, names = _parts(text) if "://" in text else ("github.com", text.split("/"))
    plain = all(name and set(name) <= _NAME and name not in {".", ".."} for name in names)
    if not host or len(names) != len(("owner", "repository")) or not plain:
        raise InputError(
            f"{text!r} is neither a saved repository nor one on GitHub; "
            "it should look like FOLDER, OWNER/REPO or https://github.com/OWNER/REPO."
        )
    return RepositoryAddress(api=api_of(host), repository="/".join(names))


def parse_issue(text: str) -> IssueAddress:
    """Read `…/OWNER/REPO/issues/NUMBER`.

    Raises:
        InputError: the text has another shape.

    """
    host, names = _parts(text)
    if not host or len(names) != _ISSUE_PARTS or names[2] != "issues":
        raise InputError(f"{text!r} is no address of an issue; it should look like {_ISSUE_SHAPE}.")
    return IssueAddress(
        api=api_of(host), repository=f"{names[0]}/{names[1]}", number=_number(names[3], text)
    )


def named_test(name: str, ids: Sequence[str], nothing: str) -> str:
    """The test that a person means: the one of that id, or the only one whose id holds the name.

    Raises:
        InputError: `nothing`, or there are several.

    """
    close = [name] if name in ids else [each for each in ids if name in each]
    if len(close) > 1:
        raise InputError(f"{name!r} may be {listing(close)}: give more of the id.")
    if not close:
        raise InputError(nothing + (f"; there are {listing(ids)}." if ids else "; no test failed."))
    return close[0]


def api_of(host: str) -> str:
    """The address of the API of a GitHub server: GitHub's own, that of a tenant of ghe.com
    (https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency), or of a GitHub
    Enterprise Server (https://docs.github.com/en/enterprise-server/rest/quickstart).
    """
    is_own = host == "github.com" or host.endswith(".ghe.com")
    return f"https://api.{host}" if is_own else f"https://{host}{ENTERPRISE_PATH}"


def _parts(text: str) -> tuple[str, list[str]]:
    """The host of a plain https address, empty for any other, and the names of its path."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise InputError(f"{text!r} is no address: {error}.") from error
    plain = parts.scheme == "https" and parts.hostname and not parts.username and port is None
    return str(parts.hostname) if plain else "", [n for n in parts.path.split("/") if n]


def _number(text: str, address: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        return int(text)
    raise InputError(f"{address!r} is no address: {text!r} is no number.")
