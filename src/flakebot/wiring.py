"""Build the real readers and writers for a run on GitHub, or in a folder in its place.

Only what the first request needs is imported at once: most of flakebot is loaded while nothing
waits for it, after the settings have been read (`benchmarks/cold_start.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import msgspec

from flakebot import config, screen
from flakebot.address import (
    ENTERPRISE_PATH,
    IssueAddress,
    RepositoryAddress,
    RunAddress,
    api_of,
)
from flakebot.errors import InputError
from flakebot.forges.github import GitHubForge
from flakebot.github_api.api import Api
from flakebot.github_objects import Repository, Run, RunRef
from flakebot.model import value
from flakebot.retrying import Patience
from flakebot.settings import Limits, Settings

if TYPE_CHECKING:
    from flakebot import pipeline
    from flakebot.ports import Forge, Hub, Ledger

_T = TypeVar("_T")

SETTINGS_PATH = config.PATH
PUBLIC_API = "https://api.github.com"
PUBLIC_SERVER = "https://github.com"


@value
class Server:
    """A repository on a GitHub server, and the token for it.

    `event_repository` and `event_run` are what an event brought along, which saves requests.
    """

    repository: str
    token: str
    api_url: str = PUBLIC_API
    event_repository: Repository | None = None
    event_run: Run | None = None
    bot_login: str = ""

    def __repr__(self) -> str:
        """Leave the token out, so that no error report can hold it."""
        return f"Server(repository={self.repository!r}, api_url={self.api_url!r})"


def named_server(
    where: RunAddress | IssueAddress | RepositoryAddress, environ: Mapping[str, str]
) -> Server:
    """The server of an address that a person gave, with the token that the environment has for it;
    without one it says what GitHub will not show.

    The variables are those of GitHub's own client, so that a token of github.com or ghe.com goes to
    no GitHub Enterprise Server, and none of these goes to GitHub
    (https://cli.github.com/manual/gh_help_environment). In a workflow, GITHUB_TOKEN and
    GITHUB_API_URL are those of the server it runs on.
    """
    try:
        host = urlsplit(environ.get("GITHUB_SERVER_URL") or PUBLIC_SERVER).hostname
    except ValueError as error:
        raise InputError(f"GITHUB_SERVER_URL is no address: {error}.") from error
    at_home = where.api == api_of(host or "")
    public, enterprise = ["GH_TOKEN"], ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
    names = enterprise if where.api.endswith(ENTERPRISE_PATH) else public
    if at_home:
        names = ["GITHUB_TOKEN", *names]
    token = next(filter(None, map(environ.get, names)), "")
    if not token:
        screen.say(
            f"no token in {names[0]}: GitHub shows public things only, 60 an hour, and no logs"
        )
    return Server(
        repository=where.repository,
        token=token,
        api_url=environ.get("GITHUB_API_URL", where.api) if at_home else where.api,
    )


@contextmanager
def github_api(server: Server, patience: Patience | None = None) -> Iterator[Api]:
    """Open the connection to a server, and close it; raises `InputError` for what is no token: the
    library would show it in its error.
    """
    if not (server.token.isascii() and server.token.isprintable() and " " not in server.token):
        raise InputError("The API token holds a blank, a line end or a sign that no token has.")
    api = Api(server.token, base_url=server.api_url, patience=patience)
    try:
        yield api
    finally:
        api.close()


def github_forge(server: Server, api: Api) -> GitHubForge:
    """The repository behind a connection."""
    return GitHubForge(
        api,
        server.repository,
        bot_login=server.bot_login,
        repository=server.event_repository,
        run=server.event_run,
    )


@value
class Place:
    """A repository, on GitHub or in a folder, as its settings say that it is read and written;
    `text` is the settings file, None where there is none, and `path` where it is.
    """

    forge: Forge
    ledger: Ledger
    settings: Settings
    text: str | None
    path: str

    def tools(self, hub: Hub, say: Callable[[str], None]) -> pipeline.Tools:
        """What the pipeline needs, the project's rules included."""
        from flakebot import pipeline  # after the first request

        known = config.rules_from(self.text, path=self.path)
        return pipeline.Tools(
            forge=self.forge,
            ledger=self.ledger,
            hub=hub,
            rules=known.rules,
            faulty_rules=known.faults,
            say=say,
            watch=screen.watched,
        )


def on_github(
    api: Api,
    server: Server,
    *,
    given: Mapping[str, object] | None = None,
    config_path: str = SETTINGS_PATH,
    config_text: str | None = None,
) -> Place:
    """The repository behind a connection, with the settings of its default branch or `config_text`
    in their stead; from now on the connection keeps to their limits.

    Raises:
        FlakebotError: the settings cannot be read, or are broken.

    """
    forge = github_forge(server, api)
    text = forge.contents(config_path) if config_text is None else config_text
    if text is None and config_path != SETTINGS_PATH:
        raise InputError(
            f"The input `config` names {config_path}, which the default branch does not have "
            "or the token may not read."
        )
    settings = config.settings_from(given or {}, text, path=config_path)
    api.limits = settings.limits
    if settings.bot_login:
        forge = github_forge(dataclasses.replace(server, bot_login=settings.bot_login), api)
    name = forge.repository().full_name
    return Place(
        forge=forge,
        ledger=_ledger(settings.history, api, name),
        settings=settings,
        text=text,
        path=config_path,
    )


def in_folder(
    folder: Path,
    *,
    now: datetime,
    given: Mapping[str, object] | None = None,
    config_path: str = SETTINGS_PATH,
    config_text: str | None = None,
) -> Place:
    """A folder in place of GitHub; its ledger is below it.

    Raises:
        FlakebotError: as `on_github`.

    """
    from flakebot.forges.folder import FolderForge
    from flakebot.ledgers.folder import FolderLedger

    plain = FolderForge(folder, now=now, limits=Limits())
    text = plain.contents(config_path) if config_text is None else config_text
    settings = config.settings_from(given or {}, text, path=config_path)
    return Place(
        forge=FolderForge(folder, now=now, limits=settings.limits),
        ledger=FolderLedger(folder),
        settings=settings,
        text=text,
        path=config_path,
    )


def scripted(folder: Path, settings: Settings) -> Hub:
    """Hugging Face as a folder has it answer."""
    from flakebot.hugging_face.scripted import ScriptedHub

    return ScriptedHub(folder / "hugging_face.json", settings)


def run_on_github(  # noqa: PLR0913  # what a run depends on, all of it by keyword
    server: Server,
    ref: RunRef,
    *,
    given: Mapping[str, object],
    hf_token: str = "",
    config_path: str = SETTINGS_PATH,
    config_text: str | None = None,
    inside: bool = False,
    now: datetime,
    say: Callable[[str], None],
    patience: Patience | None = None,
    hub: Callable[[Settings], Hub] | None = None,
) -> tuple[pipeline.Result, Settings]:
    """Analyse a run on GitHub with the settings of its default branch.

    `patience` and `hub` stand in for real waiting and for Hugging Face where neither is wanted.

    Raises:
        FlakebotError: the settings are broken (before any write), or the run cannot be read.

    """
    with github_api(server, patience) as api:
        place = on_github(
            api, server, given=given, config_path=config_path, config_text=config_text
        )
        from flakebot import pipeline  # after the first request
        from flakebot.hugging_face.hub import HuggingFace

        settings = place.settings
        asked = hub(settings) if hub else HuggingFace(settings, token=hf_token)
        tools = place.tools(asked, say)
        return pipeline.run(ref, tools, settings=settings, now=now, inside=inside), settings


def run_in_folder(
    folder: Path,
    ref: RunRef,
    *,
    apply: bool,
    now: datetime,
    given: Mapping[str, object] | None = None,
    config_path: str = SETTINGS_PATH,
    config_text: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> pipeline.Result:
    """Analyse a run in a folder; the ledger and Hugging Face's answers are files there too.

    Raises:
        FlakebotError: as `run_on_github`.

    """
    from flakebot import pipeline

    given = {**(given or {}), "dry_run": not apply}
    place = in_folder(
        folder, now=now, given=given, config_path=config_path, config_text=config_text
    )
    tools = place.tools(scripted(folder, place.settings), say)
    return pipeline.run(ref, tools, settings=place.settings, now=now)


def from_event(payload: Mapping[str, object], name: str, kind: type[_T]) -> _T | None:
    """An object that an event brought along, when it is whole."""
    try:
        return msgspec.convert(payload.get(name), kind)
    except msgspec.ValidationError:
        return None


def saved_repository(target: str) -> Path | None:
    """The folder of a saved repository, None for all else: OWNER/REPO may lead to a clone here."""
    folder = Path(target)
    return folder if _is_folder(folder) and (folder / "repository.json").is_file() else None


def folder_target(target: str) -> tuple[Path, int]:
    """Split `FOLDER/runs/RUN_ID`.

    Raises:
        InputError: it has another shape, or is no folder.

    """
    path = Path(target)
    if path.parent.name != "runs" or not path.name.isdecimal():
        raise InputError(f"{target!r} is neither FOLDER/runs/RUN_ID nor the address of a run.")
    if not _is_folder(path):
        raise InputError(f"{target!r} is no folder.")
    return path.parent.parent, int(path.name)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # too long a name
        return False


def _ledger(history: str, api: Api, repository: str) -> Ledger:
    """Where the records are that a setting names."""
    from flakebot.ledgers.branch import BranchLedger
    from flakebot.ledgers.folder import FolderLedger
    from flakebot.ledgers.memory import MemoryLedger

    kind, _, rest = history.partition(":")
    if kind == "branch":
        return BranchLedger(api, repository, rest)
    return FolderLedger(Path(rest)) if kind == "dir" else MemoryLedger()
