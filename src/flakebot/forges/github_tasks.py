"""What GitHub is asked for in several places, and the permission it takes."""

from __future__ import annotations

from flakebot.github_api import Task

CODE = Task(doing="read the repository's files and commits", permission="contents: read")
PULLS = Task(doing="read pull requests", permission="pull-requests: read")
RUNS = Task(doing="read workflow runs", permission="actions: read")
