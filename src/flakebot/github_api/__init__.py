"""Requests to GitHub: what an answer means, JSON calls, and downloads behind redirects."""

from flakebot.github_api.answers import Task
from flakebot.github_api.api import Api, is_full_name
from flakebot.github_api.downloads import Download

__all__ = ["Api", "Download", "Task", "is_full_name"]
