"""Whether files can be loaded from the cache without a network: run in a process of its own with
`HF_HUB_OFFLINE=1`, as the tests will be, since the client reads it once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["model", "dataset", "space"]


class Question(msgspec.Struct, kw_only=True, frozen=True):
    """Which files of a repository must be there, each with its size in bytes, -1 when unknown."""

    repository: str
    revision: str
    kind: Kind
    cache: str
    files: dict[str, int]


def missing(question: Question) -> list[str]:
    """The files that cannot be loaded, or are cut."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    found = []
    for name, size in question.files.items():
        try:
            path = hf_hub_download(
                question.repository,
                name,
                revision=question.revision,
                repo_type=question.kind,
                cache_dir=question.cache,
            )
        except (LocalEntryNotFoundError, OfflineModeIsEnabled):
            found.append(name)
            continue
        if size not in {-1, Path(path).stat().st_size}:
            found.append(name)
    return found


def main() -> None:
    """Answer the question on standard input."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(missing(question)))


if __name__ == "__main__":
    main()
