"""Hugging Face out of a file, in place of the network."""

from __future__ import annotations

from pathlib import Path

from flakebot import json_files
from flakebot.hugging_face.head_requests import Answer, SettledError, again
from flakebot.hugging_face.hub import HuggingFace
from flakebot.retrying import Patience
from flakebot.settings import Settings


class ScriptedHub(HuggingFace):
    """Hugging Face as `hugging_face.json` has it, for offline use: the same code with answers from
    a file, which waits in numbers only.

    `{"HEAD https://…": [503, 503, 200]}`: the answers to one request after the other, the last of
    them for good; 0 is no answer. An address without a script is skipped.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        script = json_files.read(path.parent, path.name, dict[str, tuple[int, ...]]) or {}
        self._answers = {request: list(answers) for request, answers in script.items()}
        self._clock = 0.0
        super().__init__(
            settings,
            transport=self._scripted,
            patience=Patience(
                settings.retry_max_seconds,
                sleep=self._pretend,
                uniform=lambda low, high: (low + high) / 2,
                stopwatch=lambda: self._clock,
            ),
        )

    def _pretend(self, seconds: float) -> None:
        self._clock += seconds

    def _scripted(self, address: str, _token: str) -> Answer:
        answers = self._answers.get(f"HEAD {address}")
        if not answers:
            raise SettledError("skipped", "no answer is scripted")
        status = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == 0:
            raise again("no answer")
        return Answer(status=status)
