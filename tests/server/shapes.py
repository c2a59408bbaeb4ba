"""GitHub's JSON objects with every field its schemas require, made from the few that matter. Pure.

Each function makes a complete object; `merged` lays a saved object over it, so that what is saved
wins except addresses, which must lead back to the fake.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from tests.server.answers import Json
from tests.server.git_store import GitCommit

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


class Shapes:
    """Makes objects of one repository whose API is at `api`."""

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

    def run(self, run_id: int, moment: datetime, *, attempt: int = 1) -> Json:
        """A workflow run."""
        base = f"{self.base}/actions/runs/{run_id}"
        return {
            "id": run_id,
            "node_id": node("WorkflowRun", run_id),
            "name": "CI",
            "path": ".github/workflows/ci.yml",
            "display_title": "CI",
            "head_branch": "main",
            "head_sha": "0" * 40,
            "run_number": 1,
            "run_attempt": attempt,
            "event": "push",
            "status": "completed",
            "conclusion": "failure",
            "workflow_id": 1,
            "check_suite_id": run_id,
            "check_suite_node_id": node("CheckSuite", run_id),
            "url": base,
            "html_url": f"{self.html}/actions/runs/{run_id}",
            "pull_requests": [],
            **dict.fromkeys(("created_at", "updated_at", "run_started_at"), stamp(moment)),
            "actor": self.user("ada"),
            "triggering_actor": self.user("ada"),
            "jobs_url": f"{base}/jobs",
            "logs_url": f"{base}/logs",
            "check_suite_url": f"{self.base}/check-suites/{run_id}",
            "artifacts_url": f"{base}/artifacts",
            "cancel_url": f"{base}/cancel",
            "rerun_url": f"{base}/rerun",
            "previous_attempt_url": f"{base}/attempts/{attempt - 1}" if attempt > 1 else None,
            "workflow_url": f"{self.base}/actions/workflows/1",
            "head_commit": None,
            "repository": self.minimal_repository(),
            "head_repository": self.minimal_repository(),
        }

    def job(self, job_id: int, run_id: int, moment: datetime, *, attempt: int = 1) -> Json:
        """A job of a run."""
        return {
            "id": job_id,
            "run_id": run_id,
            "run_attempt": attempt,
            "node_id": node("CheckRun", job_id),
            "run_url": f"{self.base}/actions/runs/{run_id}",
            "workflow_name": "CI",
            "head_branch": "main",
            "head_sha": "0" * 40,
            "name": "tests",
            "url": f"{self.base}/actions/jobs/{job_id}",
            "html_url": f"{self.html}/actions/runs/{run_id}/job/{job_id}",
            "status": "completed",
            "conclusion": "success",
            **dict.fromkeys(("created_at", "started_at", "completed_at"), stamp(moment)),
            "steps": [],
            "check_run_url": f"{self.base}/check-runs/{job_id}",
            "labels": ["ubuntu-latest"],
            "runner_id": 1,
            "runner_name": "GitHub Actions 1",
            "runner_group_id": 0,
            "runner_group_name": "GitHub Actions",
        }

    def artifact(self, number: int, run_id: int, name: str, size: int, moment: datetime) -> Json:
        """An artifact of a run."""
        base = f"{self.base}/actions/artifacts/{number}"
        return {
            "id": number,
            "node_id": node("Artifact", number),
            "name": name,
            "size_in_bytes": size,
            "url": base,
            "archive_download_url": f"{base}/zip",
            "expired": False,
            **dict.fromkeys(("created_at", "updated_at", "expires_at"), stamp(moment)),
            "workflow_run": {"id": run_id, "head_branch": "main", "head_sha": "0" * 40},
        }

    def label(self, name: str, color: str = "ededed", description: str | None = None) -> Json:
        """A label."""
        number = sum(map(ord, name)) + 5000
        return {
            "id": number,
            "node_id": node("Label", number),
            "url": f"{self.base}/labels/{name}",
            "name": name,
            "color": color,
            "default": False,
            "description": description,
        }

    def issue(self, number: int, moment: datetime, *, author: str = BOT) -> Json:
        """An open issue without labels."""
        base = f"{self.base}/issues/{number}"
        return {
            "id": 900000 + number,
            "node_id": node("Issue", number),
            "number": number,
            "title": "",
            "body": None,
            "state": "open",
            "state_reason": None,
            "locked": False,
            "active_lock_reason": None,
            "user": self.user(author),
            "labels": [],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": 0,
            "author_association": "NONE",
            "performed_via_github_app": None,
            "closed_by": None,
            "closed_at": None,
            **dict.fromkeys(("created_at", "updated_at"), stamp(moment)),
            "url": base,
            "html_url": f"{self.html}/issues/{number}",
            "repository_url": self.base,
            "labels_url": f"{base}/labels{{/name}}",
            "comments_url": f"{base}/comments",
            "events_url": f"{base}/events",
            "timeline_url": f"{base}/timeline",
        }

    def pull_as_issue(self, pull: Json) -> Json:
        """A pull request as the list of issues shows it."""
        number = pull["number"]
        made = self.issue(number, datetime.fromisoformat(pull["created_at"]))
        links = {
            "url": f"{self.base}/pulls/{number}",
            "html_url": f"{self.html}/pull/{number}",
            "diff_url": f"{self.html}/pull/{number}.diff",
            "patch_url": f"{self.html}/pull/{number}.patch",
            "merged_at": pull["merged_at"],
        }
        kept = ("title", "body", "state", "locked", "user", "labels", "updated_at", "closed_at")
        return made | {key: pull[key] for key in kept} | {"pull_request": links}

    def comment(self, comment_id: int, number: int, moment: datetime, *, author: str = BOT) -> Json:
        """A comment on an issue or pull request."""
        return {
            "id": comment_id,
            "node_id": node("IssueComment", comment_id),
            "url": f"{self.base}/issues/comments/{comment_id}",
            "html_url": f"{self.html}/issues/{number}#issuecomment-{comment_id}",
            "issue_url": f"{self.base}/issues/{number}",
            "body": "",
            "user": self.user(author),
            **dict.fromkeys(("created_at", "updated_at"), stamp(moment)),
            "author_association": "NONE",
            "performed_via_github_app": None,
        }

    def event(
        self, event_id: int, name: str, moment: datetime, *, actor: str, **more: object
    ) -> Json:
        """An event of an issue, as `closed`."""
        return {
            "id": event_id,
            "node_id": node("Event", event_id),
            "url": f"{self.base}/issues/events/{event_id}",
            "actor": self.user(actor),
            "event": name,
            "commit_id": None,
            "commit_url": None,
            "created_at": stamp(moment),
            "performed_via_github_app": None,
            **more,
        }

    def branch(self, ref: str, sha: str, full_name: str = "") -> Json:
        """One end of a pull request."""
        repository = self.minimal_repository(full_name)
        login = repository["owner"]["login"]
        full = self.repository(datetime.fromisoformat("2026-01-01T00:00:00Z")) | repository
        return {
            "ref": ref,
            "sha": sha,
            "label": f"{login}:{ref}",
            "user": repository["owner"],
            "repo": full,
        }

    def pull(self, number: int, head: Json, base: Json, moment: datetime, *, author: str) -> Json:
        """An open pull request."""
        url, issue = f"{self.base}/pulls/{number}", f"{self.base}/issues/{number}"
        links = {
            "self": url,
            "html": f"{self.html}/pull/{number}",
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.base}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{self.base}/statuses/{head['sha']}",
        }
        made = self.issue(number, moment, author=author)
        for key in ("state_reason", "closed_by", "performed_via_github_app", "comments"):
            del made[key]
        for key in ("repository_url", "labels_url", "events_url", "timeline_url"):
            del made[key]
        return made | {
            "id": 700000 + number,
            "node_id": node("PullRequest", number),
            "url": url,
            "html_url": links["html"],
            "diff_url": f"{links['html']}.diff",
            "patch_url": f"{links['html']}.patch",
            "issue_url": issue,
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "comments_url": links["comments"],
            "statuses_url": links["statuses"],
            "head": head,
            "base": base,
            "_links": {name: {"href": address} for name, address in links.items()},
            "auto_merge": None,
            "draft": False,
            "merged_at": None,
            "merge_commit_sha": None,
            "requested_reviewers": [],
            "requested_teams": [],
        }

    def changed_file(self, filename: str, status: str = "modified") -> Json:
        """A file a pull request changes."""
        return {
            "sha": "0" * 40,
            "filename": filename,
            "status": status,
            **dict.fromkeys(("additions", "deletions"), 1),
            "changes": 2,
            "blob_url": f"{self.html}/blob/main/{filename}",
            "raw_url": f"{self.html}/raw/main/{filename}",
            "contents_url": f"{self.base}/contents/{filename}",
        }

    def commit(self, commit: GitCommit) -> Json:
        """A commit as lists and comparisons show it."""
        git = self.git_commit(commit)
        return {
            "sha": commit.sha,
            "node_id": git["node_id"],
            "url": f"{self.base}/commits/{commit.sha}",
            "html_url": git["html_url"],
            "comments_url": f"{self.base}/commits/{commit.sha}/comments",
            "commit": {key: git[key] for key in ("url", "author", "committer", "message", "tree")}
            | {"comment_count": 0},
            "author": self.user("ada"),
            "committer": self.user("ada"),
            "parents": git["parents"],
        }

    def git_commit(self, commit: GitCommit) -> Json:
        """A commit as the Git data API shows it."""
        person = {"name": commit.author, "email": commit.email, "date": stamp(commit.date)}
        return {
            "sha": commit.sha,
            "node_id": node("Commit", int(commit.sha[:8], 16)),
            "url": f"{self.base}/git/commits/{commit.sha}",
            "html_url": f"{self.html}/commit/{commit.sha}",
            "author": person,
            "committer": person,
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{self.base}/git/trees/{commit.tree}"},
            "parents": [
                {
                    "sha": sha,
                    "url": f"{self.base}/git/commits/{sha}",
                    "html_url": f"{self.html}/commit/{sha}",
                }
                for sha in commit.parents
            ],
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
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
