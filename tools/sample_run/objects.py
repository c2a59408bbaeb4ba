"""GitHub's JSON objects of the sample, with the fields its REST API documents. Pure."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from datetime import datetime

from tools.sample_run.envelope import Step
from tools.sample_run.jobs import Made
from tools.sample_run.story import (
    COMMITS,
    REPOSITORY,
    WORKFLOW,
    WORKFLOW_FILE,
    CommitPlan,
    PullPlan,
    RunPlan,
    sha,
)

Object = dict[str, object]

API = "https://api.github.com"
WEB = "https://github.com"
OURS = f"{API}/repos/{REPOSITORY}"
WORKFLOW_ID = 149872356
BOT = "copy-pr-bot[bot]"

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}

_REPOSITORY_LINKS = (
    "archive_url:/{archive_format}{/ref} assignees_url:/assignees{/user} "
    "blobs_url:/git/blobs{/sha} branches_url:/branches{/branch} "
    "collaborators_url:/collaborators{/collaborator} comments_url:/comments{/number} "
    "commits_url:/commits{/sha} compare_url:/compare/{base}...{head} "
    "contents_url:/contents/{+path} contributors_url:/contributors "
    "deployments_url:/deployments downloads_url:/downloads events_url:/events forks_url:/forks "
    "git_commits_url:/git/commits{/sha} git_refs_url:/git/refs{/sha} git_tags_url:/git/tags{/sha} "
    "hooks_url:/hooks issue_comment_url:/issues/comments{/number} "
    "issue_events_url:/issues/events{/number} issues_url:/issues{/number} keys_url:/keys{/key_id} "
    "labels_url:/labels{/name} languages_url:/languages merges_url:/merges "
    "milestones_url:/milestones{/number} "
    "notifications_url:/notifications{?since,all,participating} pulls_url:/pulls{/number} "
    "releases_url:/releases{/id} stargazers_url:/stargazers statuses_url:/statuses/{sha} "
    "subscribers_url:/subscribers subscription_url:/subscription tags_url:/tags teams_url:/teams "
    "trees_url:/git/trees{/sha}"
)


def moment(time: datetime) -> str:
    """A time as GitHub writes it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def number_of(text: str) -> int:
    """A stable id for a name."""
    return zlib.crc32(text.encode()) % 90_000_000 + 10_000_000


def node(kind: str, number: int) -> str:
    """An opaque id of the kind that GraphQL uses."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def account(login: str) -> Object:
    """A user, organisation or bot."""
    kind = "Organization" if login == "ai-dynamo" else "Bot" if login.endswith("[bot]") else "User"
    number, url = number_of(login), f"{API}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node("U", number),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/{login}",
        **{name: url + path for name, path in _USER_LINKS.items()},
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def repository(full_name: str = REPOSITORY) -> Object:
    """A repository inside another object; its forty links are left to `repository.json`."""
    owner, _, name = full_name.partition("/")
    number, url = number_of(full_name), f"{API}/repos/{full_name}"
    return {
        "id": number,
        "node_id": node("R", number),
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": account(owner),
        "html_url": f"{WEB}/{full_name}",
        "description": "A distributed inference serving framework",
        "fork": full_name != REPOSITORY,
        "url": url,
    }


def whole_repository() -> Object:
    """Our repository, as its own address gives it."""
    links = dict(link.split(":", 1) for link in _REPOSITORY_LINKS.split())
    return {
        **repository(),
        **{field: OURS + path for field, path in links.items()},
        "git_url": f"git://github.com/{REPOSITORY}.git",
        "ssh_url": f"git@github.com:{REPOSITORY}.git",
        "clone_url": f"{WEB}/{REPOSITORY}.git",
        "svn_url": f"{WEB}/{REPOSITORY}",
        "mirror_url": None,
        "homepage": "",
        "language": "Rust",
        "forks_count": 812,
        "forks": 812,
        "stargazers_count": 5904,
        "watchers_count": 5904,
        "watchers": 5904,
        "size": 148201,
        "default_branch": "main",
        "open_issues_count": 6,
        "open_issues": 6,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": True,
        "has_downloads": True,
        "has_discussions": True,
        "archived": False,
        "disabled": False,
        "visibility": "public",
        "license": {
            "key": "apache-2.0",
            "name": "Apache License 2.0",
            "spdx_id": "Apache-2.0",
            "url": f"{API}/licenses/apache-2.0",
            "node_id": "MDc6TGljZW5zZTI=",
        },
        "pushed_at": "2026-02-03T17:30:41Z",
        "created_at": "2025-03-04T22:17:23Z",
        "updated_at": "2026-02-03T17:28:12Z",
        "network_count": 812,
        "subscribers_count": 61,
    }


def commit_of(name: str) -> CommitPlan:
    """The commit with a short name."""
    return next(commit for commit in COMMITS if commit.name == name)


def head_commit(commit: CommitPlan) -> Object:
    """The commit as a run names it."""
    person = {"name": commit.author, "email": f"{commit.author}@users.noreply.github.com"}
    return {
        "id": commit.sha,
        "tree_id": sha(f"tree of {commit.name}"),
        "message": commit.message,
        "timestamp": moment(commit.date),
        "author": person,
        "committer": person,
    }


def run_object(
    run: RunPlan, attempt: int, *, conclusion: str, started: datetime, ended: datetime
) -> Object:
    """A workflow run at one attempt."""
    url = f"{OURS}/actions/runs/{run.id}"
    commit = commit_of(run.commit)
    actor = account(BOT if run.pull else commit.author)
    suite = number_of(f"suite {run.id}") * 503
    previous = f"{url}/attempts/{attempt - 1}" if attempt > 1 else None
    return {
        "id": run.id,
        "name": WORKFLOW,
        "node_id": node("WFR", run.id),
        "head_branch": run.branch,
        "head_sha": commit.sha,
        "path": WORKFLOW_FILE,
        "display_title": commit.message,
        "run_number": run.number,
        "event": "push",
        "status": "completed",
        "conclusion": conclusion,
        "workflow_id": WORKFLOW_ID,
        "check_suite_id": suite,
        "check_suite_node_id": node("CS", suite),
        "url": url,
        "html_url": f"{WEB}/{REPOSITORY}/actions/runs/{run.id}",
        "pull_requests": [],
        "created_at": moment(run.attempts[0].started_at),
        "updated_at": moment(ended),
        "actor": actor,
        "run_attempt": attempt,
        "referenced_workflows": [],
        "run_started_at": moment(started),
        "triggering_actor": actor,
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{OURS}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": previous,
        "workflow_url": f"{OURS}/actions/workflows/{WORKFLOW_ID}",
        "head_commit": head_commit(commit),
        "repository": repository(),
        "head_repository": repository(),
    }


def job_object(run: RunPlan, made: Made) -> Object:
    """A job; it keeps the attempt that ran it."""
    job = made.plan.id
    ran = bool(made.runner)
    return {
        "id": job,
        "run_id": run.id,
        "workflow_name": WORKFLOW,
        "head_branch": run.branch,
        "run_url": f"{OURS}/actions/runs/{run.id}",
        "run_attempt": made.attempt,
        "node_id": node("CR", job),
        "head_sha": commit_of(run.commit).sha,
        "url": f"{OURS}/actions/jobs/{job}",
        "html_url": f"{WEB}/{REPOSITORY}/actions/runs/{run.id}/job/{job}",
        "status": "completed",
        "conclusion": made.conclusion,
        "created_at": moment(made.started_at),
        "started_at": moment(made.started_at),
        "completed_at": moment(made.completed_at),
        "name": made.plan.name,
        "steps": [_step(step) for step in made.steps],
        "check_run_url": f"{OURS}/check-runs/{job}",
        "labels": list(made.labels),
        "runner_id": job % 100_000 if ran else None,
        "runner_name": made.runner or None,
        "runner_group_id": 1 if ran else None,
        "runner_group_name": "Default" if ran else None,
    }


def _step(step: Step) -> Object:
    ended = step.status == "completed"
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": step.number,
        "started_at": moment(step.started_at),
        "completed_at": moment(step.completed_at) if ended else None,
    }


def jobs_object(run: RunPlan, jobs: Sequence[Made]) -> Object:
    """The list of an attempt's jobs."""
    return {"total_count": len(jobs), "jobs": [job_object(run, made) for made in jobs]}


# ------------------------------------------------------------------------------------------
# Pull requests and issues


def pull_object(pull: PullPlan) -> Object:
    """An open pull request from a fork."""
    url, fork = f"{OURS}/pulls/{pull.number}", f"{pull.author}/dynamo"
    issue = f"{OURS}/issues/{pull.number}"
    head = commit_of(pull.head)
    links = {
        "self": url,
        "html": f"{WEB}/{REPOSITORY}/pull/{pull.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{OURS}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{OURS}/statuses/{head.sha}",
    }
    return {
        "url": url,
        "id": number_of(url) * 31,
        "node_id": node("PR", pull.number),
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "issue_url": issue,
        "number": pull.number,
        "state": "open",
        "locked": False,
        "title": pull.title,
        "user": account(pull.author),
        "body": "See the commits.",
        "created_at": moment(pull.created_at),
        "updated_at": moment(head.date),
        "closed_at": None,
        "merged_at": None,
        "merge_commit_sha": sha(f"merge of {pull.number}"),
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": None,
        "draft": False,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(fork, pull.branch, head.sha),
        "base": _end(REPOSITORY, "main", sha(pull.base)),
        "_links": {name: {"href": target} for name, target in links.items()},
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "active_lock_reason": None,
        "merged": False,
        "mergeable": True,
        "mergeable_state": "blocked",
        "changed_files": len(pull.files),
        "commits": 1,
        "comments": 1,
    }


def _end(full_name: str, branch: str, commit: str) -> Object:
    owner = full_name.partition("/")[0]
    return {
        "label": f"{owner}:{branch}",
        "ref": branch,
        "sha": commit,
        "user": account(owner),
        "repo": repository(full_name),
    }


def files_object(pull: PullPlan) -> list[Object]:
    """The files that a pull request changes."""
    commit = sha(pull.head)
    return [
        {
            "sha": sha(f"blob of {name} in {pull.number}"),
            "filename": name,
            "status": status,
            "additions": 10 + len(name) % 9,
            "deletions": len(name) % 7,
            "changes": 10 + len(name) % 9 + len(name) % 7,
            "blob_url": f"{WEB}/{REPOSITORY}/blob/{commit}/{name}",
            "raw_url": f"{WEB}/{REPOSITORY}/raw/{commit}/{name}",
            "contents_url": f"{OURS}/contents/{name}?ref={commit}",
        }
        for name, status in pull.files
    ]


def issue_object(
    number: int,
    title: str,
    body: str,
    *,
    author: str,
    at: datetime,
    labels: Sequence[Object] = (),
    pull: bool = False,
) -> Object:
    """An open issue; a pull request is listed among the issues too."""
    url, page = f"{OURS}/issues/{number}", "pull" if pull else "issues"
    html = f"{WEB}/{REPOSITORY}/{page}/{number}"
    marked = {
        "pull_request": {
            "url": f"{OURS}/pulls/{number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": None,
        }
    }
    return {
        "url": url,
        "repository_url": OURS,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html,
        "id": number_of(url) * 37,
        "node_id": node("I", number),
        "number": number,
        "title": title,
        "user": account(author),
        "labels": list(labels),
        "state": "open",
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": 1,
        "created_at": moment(at),
        "updated_at": moment(at),
        "closed_at": None,
        "author_association": "CONTRIBUTOR",
        "active_lock_reason": None,
        "body": body,
        "state_reason": None,
        **(marked if pull else {}),
    }


def comment_object(number: int, comment: int, body: str, *, author: str, at: datetime) -> Object:
    """A comment on an issue or a pull request."""
    return {
        "url": f"{OURS}/issues/comments/{comment}",
        "html_url": f"{WEB}/{REPOSITORY}/issues/{number}#issuecomment-{comment}",
        "issue_url": f"{OURS}/issues/{number}",
        "id": comment,
        "node_id": node("IC", comment),
        "user": account(author),
        "created_at": moment(at),
        "updated_at": moment(at),
        "author_association": "MEMBER",
        "body": body,
    }


def label_object(name: str, color: str, description: str) -> Object:
    """A label."""
    number = number_of(f"label {name}") * 41
    return {
        "id": number,
        "node_id": node("LA", number),
        "url": f"{OURS}/labels/{name}",
        "name": name,
        "color": color,
        "default": name == "bug",
        "description": description,
    }
