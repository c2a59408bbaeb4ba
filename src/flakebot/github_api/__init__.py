"""Requests to GitHub: what an answer means, JSON calls, and downloads behind redirects."""

from flakebot.github_api.answers import Task
from flakebot.github_api.api import Api
from flakebot.github_api.downloads import Download
from flakebot.github_api.names import is_full_name

__all__ = ["Api", "Download", "Task", "is_full_name"]
