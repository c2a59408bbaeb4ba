"""GitHub's JSON objects with every field its schemas require, made from the few that matter. Pure.

Each function makes a complete object; `merged` lays a saved object over it, so that what is saved
wins except addresses, which must lead back to the fake.
"""

from __future__ import annotations

from datetime import datetime

from tests.server.answers import Json
from tests.server.git_store import GitCommit
from tests.server.shapes_base import BOT, BaseShapes, merged, node, stamp

__all__ = ["BOT", "Shapes", "merged", "node", "stamp"]


class Shapes(BaseShapes):
    """Makes objects of one repository."""

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

    def reaction(self, number: int, content: str, moment: datetime, *, login: str) -> Json:
        """A reaction to a comment."""
        return {
            "id": number,
            "node_id": node("Reaction", number),
            "user": self.user(login),
            "content": content,
            "created_at": stamp(moment),
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
