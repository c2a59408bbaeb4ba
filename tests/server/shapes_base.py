"""Users and repositories as GitHub's JSON objects, and what all objects are made with. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from tests.server.answers import Json

SERVER = "https://github.com"
BOT = "github-actions[bot]"


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def node(kind: str, number: int) -> str:
    """A GraphQL node id."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def merged(made: Json, saved: Mapping[str, object]) -> Json:
    """A saved object laid over a made one: API addresses stay those of the fake."""
    result = dict(made)
    for key, value in saved.items():
        address = key == "url" or (key.endswith("_url") and key != "html_url")
        if not (address and key in made):
            result[key] = value
    return result


class BaseShapes:
    """Makes users and repositories for the repository whose API is at `api`."""

    def __init__(self, api: str, full_name: str) -> None:
        self.api = api
        self.full_name = full_name
        self.base = f"{api}/repos/{full_name}"
        self.html = f"{SERVER}/{full_name}"

    def user(self, login: str, kind: str = "") -> Json:
        """A simple user; a login that ends in `[bot]` is a bot."""
        base = f"{self.api}/users/{quote(login)}"
        number = 41898282 if login == BOT else sum(map(ord, login)) + 1000
        return {
            "login": login,
            "id": number,
            "node_id": node("User", number),
            "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
            "gravatar_id": "",
            "url": base,
            "html_url": f"{SERVER}/{quote(login)}",
            "followers_url": f"{base}/followers",
            "following_url": f"{base}/following{{/other_user}}",
            "gists_url": f"{base}/gists{{/gist_id}}",
            "starred_url": f"{base}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{base}/subscriptions",
            "organizations_url": f"{base}/orgs",
            "repos_url": f"{base}/repos",
            "events_url": f"{base}/events{{/privacy}}",
            "received_events_url": f"{base}/received_events",
            "type": kind or ("Bot" if login.endswith("[bot]") else "User"),
            "site_admin": False,
        }

    def minimal_repository(self, full_name: str = "") -> Json:
        """A repository as it stands inside other objects; a fork when it is not our own."""
        full_name = full_name or self.full_name
        owner, _, name = full_name.partition("/")
        base, number = f"{self.api}/repos/{full_name}", sum(map(ord, full_name))
        made: Json = {
            "id": number,
            "node_id": node("Repository", number),
            "name": name,
            "full_name": full_name,
            "owner": self.user(owner, "Organization" if full_name == self.full_name else "User"),
            "private": False,
            "html_url": f"{SERVER}/{full_name}",
            "description": None,
            "fork": full_name != self.full_name,
            "url": base,
        }
        return made | {f"{key}_url": base + path for key, path in _REPOSITORY_LINKS.items()}

    def repository(self, moment: datetime) -> Json:
        """Our repository in full."""
        return self.minimal_repository() | {
            "default_branch": "main",
            "clone_url": f"{self.html}.git",
            "git_url": f"git://github.com/{self.full_name}.git",
            "ssh_url": f"git@github.com:{self.full_name}.git",
            "svn_url": self.html,
            "mirror_url": None,
            "homepage": None,
            "language": "Python",
            "license": None,
            "visibility": "public",
            **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
            **dict.fromkeys(("has_pages", "has_discussions", "archived", "disabled"), False),
            **dict.fromkeys(_COUNTS, 0),
            **dict.fromkeys(("created_at", "updated_at", "pushed_at"), stamp(moment)),
        }


_COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "network_count",
    "subscribers_count",
)

_REPOSITORY_LINKS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
