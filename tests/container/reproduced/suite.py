"""Tests that fail in known iterations; run in a container."""

import os
import time
from pathlib import Path

NUMBER = int(os.environ["FLAKEBOT_ITERATION"])  # noqa: TID251  # no code of flakebot's


def test_the_container_is_fresh() -> None:
    """An earlier iteration's file would be seen."""
    mark = Path("/var/tmp/was-here")
    assert not mark.exists()
    mark.touch()


def test_what_was_passed_on_is_there() -> None:
    """The variable and the mounted folder."""
    assert os.environ["SECRET"] == "given"  # noqa: TID251  # as above
    assert Path("/given/file").read_text() == "mounted"


def test_crash() -> None:
    """Kills the process in the second iteration."""
    if NUMBER == 2:
        os.abort()


def test_hang() -> None:
    """Does not end in the third iteration."""
    if NUMBER == 3:
        time.sleep(600)  # noqa: TID251  # as above
