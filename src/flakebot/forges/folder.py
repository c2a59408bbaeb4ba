"""A folder in place of GitHub: reads and writes the files of the contract, §8.

Only `repository.json` and one run are required; what is missing is empty. A listed job, run or pull
request has GitHub's own JSON object. One file more than the contract names is used here when it
stands there: `issues/NUMBER.events.json`, GitHub's events of an issue.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from flakebot import json_files
from flakebot.forges import folder_commits, pulls, texts
from flakebot.forges.folder_comments import FolderComments
from flakebot.forges.folder_commits import Commit
from flakebot.forges.folder_issues import FolderIssues
from flakebot.forges.folder_runs import FolderRuns
from flakebot.github_objects import ChangedFile, Issue, PullRequest, Run, RunPull, same
from flakebot.model import value


@value
class IssueEvent:
    """An event of an issue; `commit_id` is the commit that closed it."""

    event: str
    commit_id: str | None = None


class FolderForge(FolderRuns, FolderIssues, FolderComments):
    """A folder in place of GitHub, for offline runs, tests and saved data."""

    # -- pull requests and files -----------------------------------------------------------

    def pull_request(self, run: Run, *, as_named: bool = False) -> PullRequest | None:  # noqa: ARG002
        """The pull request a run belongs to; see `forges.pulls` for the rule."""

        def get(named: RunPull) -> PullRequest | None:
            return self._pull(named.number)

        return pulls.pull_request_of(
            run, self.repository(), get=get, named=get, heads=self._heads(run)
        )

    def _heads(self, run: Run) -> Iterator[PullRequest]:
        """The open ones of the run's branch, in the repository that the run came from."""
        source = run.source(self.repository())
        for pull in self._pulls():
            head = pull.head
            is_open = pull.state == "open" and head.ref == run.head_branch
            if is_open and head.repo and same(head.repo.full_name, source):
                yield pull

    def _pull(self, number: int) -> PullRequest | None:
        return self._read(f"pulls/{number}.json", PullRequest)

    def _pulls(self) -> Sequence[PullRequest]:
        found = (self._pull(number) for number in self._numbers("pulls"))
        return [pull for pull in found if pull]

    def changed_files(self, pull_request: int) -> Sequence[ChangedFile]:
        """The files of `pulls/NUMBER.files.json`."""
        return self._read(f"pulls/{pull_request}.files.json", tuple[ChangedFile, ...]) or ()

    def contents(self, path: str) -> str | None:
        """A file below `contents/`."""
        found = json_files.inside(self.root / "contents", path)
        if os.path.isdir(found):  # noqa: PTH112  # Path.is_dir raises on a name that is too long
            return None
        content = json_files.read_bytes(found)
        return None if content is None else texts.decoded(content, path)

    # -- commits ---------------------------------------------------------------------------

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Ancestry by `commits.json`; None when it does not reach that far."""
        return folder_commits.contains(self._commits(), commit, ancestor)

    def closing_commit(self, issue: Issue) -> str | None:
        """By the issue's saved events, else the newest commit when it was closed that is no pull
        request's head.
        """
        events = self._read(f"issues/{issue.number}.events.json", tuple[IssueEvent, ...]) or ()
        closings = [event.commit_id for event in events if event.event == "closed"]
        if closings and closings[-1]:
            return closings[-1]
        if issue.closed_at is None:
            return None
        heads = {pull.head.sha for pull in self._pulls()}
        return folder_commits.newest(self._commits(), issue.closed_at, heads)

    def _commits(self) -> Sequence[Commit]:
        return self._read("commits.json", tuple[Commit, ...]) or ()
